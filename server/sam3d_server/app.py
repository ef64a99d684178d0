# SPDX-License-Identifier: GPL-3.0-or-later
"""Puts the server together: data, workers, addresses, refusals."""

from __future__ import annotations

import logging
import sqlite3
import threading
from collections.abc import AsyncIterator, Mapping, Sequence
from contextlib import asynccontextmanager
from typing import Any

from fastapi import FastAPI, Request
from fastapi.exceptions import RequestValidationError
from fastapi.responses import JSONResponse
from starlette.concurrency import run_in_threadpool
from starlette.exceptions import HTTPException

from . import __version__, api, doctor
from .dispatcher import Dispatcher
from .engines.base import BODY, OBJECTS, Setup
from .errors import BadPicture
from .file_store import FULL, DiskFull, FileStore
from .guard import Guard
from .job_store import QUEUED, JobStore
from .metrics import Metrics
from .process_worker import Limits, ProcessWorker, Worker, lay_out_path
from .protocol import Gpu
from .settings import Settings
from .uploads import Uploads

LOG = logging.getLogger(__name__)
TIDY_SECONDS = 60.0
FULL_SENTENCE = "The server's disk is full: make room there, then try again."


def make_app(settings: Settings, port: int) -> FastAPI:
    """The application for a port that is bound already. Raises DataInUse, OSError, sqlite3.Error."""
    job_store = JobStore(settings.data)
    file_store = FileStore(settings.data, job_store, least_free=settings.least_free_mb * 1024**2)
    again, failed = job_store.recover()
    if again or failed:
        LOG.warning("after a crash %d jobs wait again and %d have failed", again, failed)
    gpus = [] if settings.engine == "draft" else doctor.find_gpus()
    missing_parts = {
        engine: [] if settings.engine == "draft" else doctor.missing(engine, settings, gpus)
        for engine in (OBJECTS, BODY)
    }
    engines = doctor.choose_engines(settings, missing_parts)
    metrics = Metrics()
    dispatcher = Dispatcher(job_store, file_store, make_workers(settings, gpus), metrics)
    metrics.watch("sam3d_jobs_waiting", "Jobs that wait", lambda: job_store.counts().get(QUEUED, 0))
    metrics.watch("sam3d_workers_busy", "Workers at work", lambda: dispatcher.busy)
    metrics.watch("sam3d_workers", "Workers", lambda: len(dispatcher.workers))
    metrics.watch("sam3d_bytes_kept", "Size of pictures and results", job_store.bytes_kept)
    ending = threading.Event()

    def tidy() -> None:
        while not ending.wait(TIDY_SECONDS):
            try:
                gone = file_store.tidy(
                    keep_seconds=settings.keep_hours * 3600, keep_bytes=int(settings.keep_gb * 1024**3)
                )
            except (sqlite3.Error, OSError) as error:
                LOG.error("old files cannot be removed: %s", error)
            else:
                if gone:
                    LOG.info("%d old files removed", gone)

    @asynccontextmanager
    async def life(_app: FastAPI) -> AsyncIterator[None]:
        app.state.server.listen()
        await run_in_threadpool(dispatcher.start, engines["sam-3d-objects"])
        threading.Thread(target=tidy, daemon=True).start()
        yield
        ending.set()
        await run_in_threadpool(dispatcher.close)
        job_store.close()

    app = FastAPI(
        title="SAM 3D server",
        version=__version__,
        description="WaveSpeed's protocol for SAM 3D Objects and SAM 3D Body, on a computer of your own.",
        lifespan=life,
        redoc_url=None,
    )
    app.state.server = api.Server(
        settings,
        job_store,
        file_store,
        Uploads(job_store, file_store, settings),
        dispatcher,
        metrics,
        engines,
        missing_parts,
        port,
    )
    app.include_router(api.open_router)
    app.include_router(api.router)
    _add_refusals(app)
    app.add_middleware(
        Guard,
        loopback_only=settings.is_loopback,
        upload_bytes=settings.upload_mb * 1024**2,
        silent_seconds=settings.silent_seconds,
        token=settings.token.get_secret_value(),
        metrics=metrics,
    )
    return app


def make_workers(settings: Settings, gpus: Sequence[Gpu]) -> list[Worker]:
    """The workers that the settings ask for."""
    setup = Setup(
        str(settings.objects_checkpoint.absolute()), str(settings.body_checkpoint.absolute()), settings.megapixels
    )
    limits = Limits(settings.load_seconds, settings.job_seconds)
    count = settings.workers or len(gpus) or 1
    path = lay_out_path(settings.data)
    if settings.executor == "ray":
        from .ray_worker import make_ray_workers

        return make_ray_workers(settings, setup, path, limits)
    pythons = doctor.pythons(settings)
    return [
        ProcessWorker(
            f"worker-{n}",
            gpu=str(gpus[n % len(gpus)].index) if gpus else None,
            setup=setup,
            pythons=pythons,
            path=path,
            limits=limits,
        )
        for n in range(count)
    ]


def _add_refusals(app: FastAPI) -> None:
    """Every refusal in the protocol's own form."""

    async def refused(_request: Request, error: Exception) -> JSONResponse:
        assert isinstance(error, HTTPException)
        return _refusal(error.status_code, str(error.detail), headers=error.headers)

    async def malformed(_request: Request, error: Exception) -> JSONResponse:
        assert isinstance(error, RequestValidationError)
        faults = [f"{'.'.join(map(str, fault['loc'][1:]))}: {fault['msg']}" for fault in error.errors()[:5]]
        return _refusal(422, "; ".join(faults)[:1000])

    async def bad_picture(_request: Request, error: Exception) -> JSONResponse:
        assert isinstance(error, BadPicture)
        return _refusal(400, str(error), code=int(error.code))

    async def disk_full(_request: Request, _error: Exception) -> JSONResponse:
        return _refusal(507, FULL_SENTENCE)

    async def of_system(_request: Request, error: Exception) -> JSONResponse:
        assert isinstance(error, OSError)
        if error.errno in FULL:
            return _refusal(507, FULL_SENTENCE)
        LOG.error("the disk refuses", exc_info=error)
        return _refusal(500, "The server cannot write to its folder: see its log.")

    async def of_database(_request: Request, error: Exception) -> JSONResponse:
        if "full" in str(error):
            return _refusal(507, FULL_SENTENCE)
        LOG.error("the database refuses: %s", error)
        return _refusal(503, "The server's database is busy: try again in a moment.", headers={"Retry-After": "2"})

    async def unforeseen(_request: Request, error: Exception) -> JSONResponse:
        LOG.error("unforeseen", exc_info=error)
        return _refusal(500, f"The server failed at this request ({type(error).__name__}): see its log.")

    app.add_exception_handler(HTTPException, refused)
    app.add_exception_handler(RequestValidationError, malformed)
    app.add_exception_handler(BadPicture, bad_picture)
    app.add_exception_handler(DiskFull, disk_full)
    app.add_exception_handler(OSError, of_system)
    app.add_exception_handler(sqlite3.Error, of_database)
    app.add_exception_handler(Exception, unforeseen)


def _refusal(status: int, sentence: str, *, code: int = 0, headers: Mapping[str, str] | None = None) -> JSONResponse:
    plain = sentence.encode("ascii", "backslashreplace").decode()  # what is quoted may be no text at all
    body: dict[str, Any] = {"code": code or status, "message": plain, "data": None}
    return JSONResponse(body, status, headers)
