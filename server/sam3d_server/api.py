# SPDX-License-Identifier: GPL-3.0-or-later
"""The addresses of the server: WaveSpeed's, and what is beyond them."""

from __future__ import annotations

import asyncio
import hashlib
import json
import secrets
import shutil
import threading
import time
from collections.abc import Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass, field
from datetime import UTC, datetime
from functools import partial
from pathlib import Path as FilePath
from typing import Annotated, Any

from fastapi import APIRouter, Depends, File, Header, HTTPException, Path, Query, Request, UploadFile
from fastapi.responses import FileResponse, Response
from fastapi.security import HTTPBearer
from starlette.concurrency import run_in_threadpool

from . import __version__, doctor, protocol
from . import job_store as states
from .connections import while_connected
from .dispatcher import Dispatcher
from .engines import Options
from .errors import Code
from .file_store import FileStore
from .guard import Rate
from .job_store import Job, JobStore, OtherJob
from .metrics import Metrics
from .protocol import Envelope, Error
from .settings import Settings
from .uploads import Uploads

SYNC_SECONDS = 90.0
"""How long the sync mode waits, as WaveSpeed's does."""
GPU_SECONDS = 5.0
"""How long what the driver said is believed."""
STATUSES = {states.QUEUED: "created", states.RUNNING: "processing"}
OWNER = "wavespeed-ai"


@dataclass
class Server:
    """What the addresses work with."""

    settings: Settings
    job_store: JobStore
    file_store: FileStore
    uploads: Uploads
    dispatcher: Dispatcher
    metrics: Metrics
    engines: Mapping[str, str]
    missing_parts: Mapping[str, Sequence[str]]
    port: int
    gpus: list[protocol.Gpu] = field(default_factory=list)
    gpus_until: float = 0.0
    awaited: dict[str, asyncio.Event] = field(default_factory=dict)
    """Set when a job has ended that somebody waits for."""

    def __post_init__(self) -> None:
        """The rate is counted from now."""
        self.rate = Rate(self.settings.submits_per_minute)

    def listen(self) -> None:
        """From now on, in the running event loop, who waits for a job is woken when it ends."""
        loop = asyncio.get_running_loop()

        def wake(job: str) -> None:
            if job in self.awaited and not loop.is_closed():
                loop.call_soon_threadsafe(self.awaited[job].set)

        self.dispatcher.on_end = wake


def _server(request: Request) -> Server:
    server = request.app.state.server
    assert isinstance(server, Server)
    return server


ServerDep = Annotated[Server, Depends(_server)]
bearer = HTTPBearer(auto_error=False, description="The token that the server was started with, if any")

"""For the documentation: the guard looks at it, before anything else."""


def _refusals(*statuses: int) -> dict[int | str, dict[str, Any]]:
    return {status: {"model": Error} for status in statuses}


COMMON = _refusals(400, 401, 403, 413, 422, 503, 507)
router = APIRouter(dependencies=[Depends(bearer)], responses=COMMON)
open_router = APIRouter(responses=_refusals(400, 403, 404, 413, 422, 503, 507))
"""For who knows a file's address, which nobody can guess: as with the service's own storage, no token is asked for."""
Id = Annotated[str, Path(max_length=100)]


# Pictures


@router.post("/api/v3/media/uploads", tags=["pictures"])
def announce_upload(options: protocol.UploadWish, request: Request, server: ServerDep) -> Envelope[protocol.Announced]:
    """Ask where to send a picture."""
    file = server.uploads.announce(options.filename, options.size, options.content_type)
    way = protocol.UploadWay(url=f"{_base(request)}/storage/{file.id}", headers={"Content-Type": options.content_type})
    told = _uploaded(request, file)
    return Envelope(data=protocol.Announced(**told.model_dump(), upload=way))


@open_router.put(
    "/storage/{id}",
    tags=["pictures"],
    responses=_refusals(408, 409),
    openapi_extra={"requestBody": {"required": True, "content": {"application/octet-stream": {"schema": {}}}}},
)
async def send_upload(id: Id, request: Request, server: ServerDep) -> Response:
    """Send the bytes of an announced picture."""
    file = await run_in_threadpool(server.job_store.file, id)
    if file is None:
        raise HTTPException(404, "No picture was announced for this address.")
    if file.there:
        raise HTTPException(409, "The picture is there already.")
    await server.uploads.receive(file, request.stream())
    return Response(status_code=200)


@router.post("/api/v3/media/upload/binary", tags=["pictures"])
def upload(file: Annotated[UploadFile, File()], request: Request, server: ServerDep) -> Envelope[protocol.Uploaded]:
    """Send a picture as a form's `file`."""
    return Envelope(data=_uploaded(request, server.uploads.take((file.filename or "picture")[:500], file.file)))


@open_router.get(
    "/files/{id}",
    tags=["pictures"],
    response_class=FileResponse,
    responses={200: {"content": {"application/octet-stream": {}}}, 206: {"content": {"application/octet-stream": {}}}},
)
def download(id: Id, server: ServerDep) -> FileResponse:
    """A picture or a result. What follows a point after the id is for people."""
    file = server.job_store.file(id.partition(".")[0])
    if file is None or not file.there or not server.file_store.path(file.id).is_file():
        raise HTTPException(404, "There is no such file (any more).")
    return FileResponse(
        server.file_store.path(file.id),
        media_type=file.type,
        headers={"Content-Disposition": "attachment", "Cache-Control": "private"},
    )


# Jobs


@router.post(f"/api/v3/{OWNER}/sam-3d-objects", tags=["jobs"], responses=_refusals(409, 429))
async def submit_objects(
    inputs: protocol.ObjectInputs,
    request: Request,
    server: ServerDep,
    idempotency_key: Annotated[protocol.Key | None, Header()] = None,
) -> Envelope[protocol.Prediction]:
    """Objects of a photo, one for each mask."""
    options = Options(texture=inputs.texture, gaussian=inputs.gaussian)
    return await _submit(
        server,
        request,
        model="sam-3d-objects",
        inputs=inputs,
        masks=inputs.mask_images,
        options=options,
        key=idempotency_key,
    )


@router.post(f"/api/v3/{OWNER}/sam-3d-body", tags=["jobs"], responses=_refusals(409, 429))
async def submit_body(
    inputs: protocol.BodyInputs,
    request: Request,
    server: ServerDep,
    idempotency_key: Annotated[protocol.Key | None, Header()] = None,
) -> Envelope[protocol.Prediction]:
    """The people of a photo, one for each mask or box, or all that are found."""
    masks = [*([inputs.mask_image] if inputs.mask_image else []), *inputs.mask_images]
    boxes = tuple((box[0], box[1], box[2], box[3]) for box in inputs.boxes)
    options = Options(boxes=boxes, people=True)
    return await _submit(
        server, request, model="sam-3d-body", inputs=inputs, masks=masks, options=options, key=idempotency_key
    )


@router.get("/api/v3/predictions/{id}/result", tags=["jobs"], responses=_refusals(404))
def prediction(id: Id, request: Request, server: ServerDep) -> Envelope[protocol.Prediction]:
    """How far a job is, and its results."""
    return Envelope(data=_prediction(server, request, _known(server, id)))


@router.get("/api/v3/predictions", tags=["jobs"], responses=_refusals(404))
def prediction_by_key(
    idempotency_key: Annotated[protocol.Key, Query()], request: Request, server: ServerDep
) -> Envelope[protocol.Prediction]:
    """The job that was submitted with a key: for a submit whose answer got lost."""
    job = server.job_store.job_of_key(idempotency_key)
    if job is None:
        raise HTTPException(404, "No job was submitted with this key.")
    return Envelope(data=_prediction(server, request, job))


@router.post("/api/v3/predictions/{id}/cancel", tags=["jobs"], responses=_refusals(404))
def cancel(id: Id, request: Request, server: ServerDep) -> Envelope[protocol.Prediction]:
    """End a job; one that has ended before stays as it is."""
    job = _known(server, id)
    if server.job_store.cancel(job.id):
        server.dispatcher.stop(job.id)
        server.dispatcher.on_end(job.id)
    return Envelope(data=_prediction(server, request, _known(server, id)))


# The server


@router.get("/api/v3/balance", tags=["server"])
def balance() -> Envelope[protocol.Balance]:
    """It costs nothing."""
    return Envelope(data=protocol.Balance())


@router.post("/api/v3/model/price", tags=["server"])
def price(options: protocol.PriceWish) -> Envelope[protocol.Price]:
    """It costs nothing."""
    return Envelope(data=protocol.Price(model_id=options.model_id))


@router.get("/api/v3/models", tags=["server"])
def models(server: ServerDep) -> Envelope[list[protocol.Model]]:
    """The models."""
    found = [protocol.Model(model_id=f"{OWNER}/{model}", engine=engine) for model, engine in server.engines.items()]
    return Envelope(data=found)


@router.get("/health", tags=["server"])
def health(server: ServerDep) -> protocol.Health:
    """Version, engines, GPUs, queue."""
    if time.monotonic() > server.gpus_until:
        server.gpus, server.gpus_until = doctor.find_gpus(), time.monotonic() + GPU_SECONDS
    counts = server.job_store.counts()
    return protocol.Health(
        version=__version__,
        engines=dict(server.engines),
        missing={engine: list(missing_parts) for engine, missing_parts in server.missing_parts.items()},
        executor=server.settings.executor,
        workers=[worker.name for worker in server.dispatcher.workers],
        busy=server.dispatcher.busy,
        gpus=server.gpus,
        queue=protocol.Queue(
            waiting=counts.get(states.QUEUED, 0),
            running=counts.get(states.RUNNING, 0),
            most=server.settings.queue_length,
        ),
        disk_free_mb=shutil.disk_usage(server.settings.data).free // 1024**2,
    )


@router.get("/metrics", tags=["server"], response_class=Response, responses={200: {"content": {"text/plain": {}}}})
def metrics(server: ServerDep) -> Response:
    """For Prometheus."""
    return Response(server.metrics.text(), media_type="text/plain; version=0.0.4")


# What they share


async def _submit(
    server: Server,
    request: Request,
    *,
    model: str,
    inputs: protocol.ObjectInputs | protocol.BodyInputs,
    masks: Sequence[str],
    options: Options,
    key: str | None,
) -> Envelope[protocol.Prediction]:
    if "webhook" in request.query_params:
        raise HTTPException(400, "This server calls nobody back: ask for the result.")
    wait = server.rate.wait(request.client.host if request.client else "", time.monotonic())
    if wait:
        raise HTTPException(429, "Too many jobs in a minute: wait a little.", {"Retry-After": str(int(wait) + 1)})
    stop = threading.Event()
    key = inputs.idempotency_key or key
    record = partial(_record, server, stop, model=model, inputs=inputs, masks=masks, options=options, key=key)
    job = await while_connected(request, record, stop)
    if inputs.enable_sync_mode:
        return Envelope(data=await _ended(server, request, job))
    return Envelope(data=await run_in_threadpool(_prediction, server, request, job))


def _record(
    server: Server,
    stop: threading.Event,
    *,
    model: str,
    inputs: protocol.ObjectInputs | protocol.BodyInputs,
    masks: Sequence[str],
    options: Options,
    key: str | None,
) -> Job:
    """Put a job on record, and tell the workers; its pictures are not fetched any more once `stop` is set."""
    known = server.job_store.job_of_key(key) if key is not None else None
    if known is None:
        server.file_store.check_room()
        if server.job_store.counts().get(states.QUEUED, 0) >= server.settings.queue_length:
            raise HTTPException(429, "The queue is full: wait until some jobs are done.", {"Retry-After": "10"})
    image, *cuts = [server.uploads.find(address, stop) for address in (inputs.image, *masks)]
    wanted = inputs.model_dump(exclude={"image", "mask_image", "mask_images", "enable_sync_mode", "idempotency_key"})
    content = [model, wanted, image.digest, *(cut.digest for cut in cuts)]
    all_options = {
        **vars(options),
        "seed": secrets.randbelow(2**32) if inputs.seed is None else inputs.seed,
        "faces": inputs.face_count,
        "alternative": inputs.alternative,
        "details": inputs.details,
    }
    try:
        job = server.job_store.submit(
            server.file_store.new_id(),
            key=key,
            fingerprint=hashlib.sha256(json.dumps(content, sort_keys=True).encode()).hexdigest(),
            model=model,
            engine=server.engines[model],
            options=all_options,
            image=image.id,
            masks=[cut.id for cut in cuts],
        )
    except OtherJob as error:
        raise HTTPException(409, "This idempotency key was used for another job.") from error
    server.dispatcher.wake()
    return job


async def _ended(server: Server, request: Request, job: Job) -> protocol.Prediction:
    """The job when it has ended; as it is after `SYNC_SECONDS`."""
    ended = server.awaited.setdefault(job.id, asyncio.Event())
    now = await run_in_threadpool(_known, server, job.id)  # it may have ended before anybody waited
    if now.finished is None:
        with suppress(TimeoutError):
            await asyncio.wait_for(ended.wait(), SYNC_SECONDS)
    server.awaited.pop(job.id, None)
    told = await run_in_threadpool(lambda: _prediction(server, request, _known(server, job.id)))
    if told.status in STATUSES.values():
        seconds = round(SYNC_SECONDS)
        changes = {
            "status": "processing",
            "code": int(Code.TIMEOUT),
            "error": f"Sync mode timed out after {seconds} seconds. The job goes on: ask for its result.",
        }
        return told.model_copy(update=changes)
    return told


def _known(server: Server, id: str) -> Job:
    job = server.job_store.job(id)
    if job is None:
        raise HTTPException(404, "The server does not know this job (any more).")
    return job


def _prediction(server: Server, request: Request, job: Job) -> protocol.Prediction:
    fraction, stage = server.dispatcher.progress(job.id) or (0.0, "Starting")
    ahead = None
    if job.state == states.QUEUED:
        ahead = server.job_store.ahead(job)
        fraction, stage = 0.0, f"Waiting behind {ahead}" if ahead else "Waiting"
    elif job.state != states.RUNNING:
        fraction, stage = float(job.state == states.COMPLETED), ""
    inference = job.finished - job.started if job.finished and job.started else 0.0
    waiting = (job.started or job.finished or time.time()) - job.created
    base = _base(request)
    return protocol.Prediction.model_validate(
        {
            "id": job.id,
            "model": f"{OWNER}/{job.model}",
            "status": STATUSES.get(job.state, job.state),
            "outputs": [f"{base}/files/{id}{FilePath(name).suffix}" for id, name in job.outputs],
            "urls": {
                "get": f"{base}/api/v3/predictions/{job.id}/result",
                "cancel": f"{base}/api/v3/predictions/{job.id}/cancel",
            },
            "created_at": datetime.fromtimestamp(job.created, UTC).isoformat(timespec="milliseconds"),
            "error": job.error,
            "timings": {"inference": round(inference * 1000), "waiting": round(waiting * 1000)},
            "code": job.code,
            "progress": min(max(fraction, 0.0), 1.0),
            "stage": stage,
            "queue_position": ahead,
            "engine": job.engine,
            "tries": job.tries,
            "details": {**job.details, "seed": job.options["seed"]},
        }
    )


def _base(request: Request) -> str:
    server = _server(request)
    return (server.settings.public_url or str(request.base_url)).rstrip("/")


def _uploaded(request: Request, file: states.File) -> protocol.Uploaded:
    return protocol.Uploaded(
        type=file.type.partition("/")[0],
        download_url=f"{_base(request)}/files/{file.id}",
        filename=file.name,
        size=file.size,
    )
