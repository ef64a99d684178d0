# SPDX-License-Identifier: GPL-3.0-or-later
"""Segmind: SAM 3D Objects and SAM 3D Body.

Version 2 of its interface takes a job and is asked for it; version 1, for where that is not to be had, blocks until the
job is done and answers with the result itself. The addresses that a reply names for polling are not used, but built
from our own, so that the key stays with the service. Only successful jobs are charged, says Segmind.
"""

import json
from dataclasses import replace
from pathlib import Path
from typing import Any
from urllib.parse import quote

from ...engine.atomic_write import write_atomic
from ..base import (
    Account,
    Capabilities,
    Credentials,
    PreparedRequest,
    Progress,
    Report,
    Request,
    Result,
    Service,
    Subject,
    Task,
)
from ..delivery import EXTENSIONS, DeliveredModel, kind_of_head
from ..downloads import still_at_work
from ..errors import InvalidInput, ProviderError, UnexpectedResponse, Unreachable
from ..http import Client
from ..image_encoding import as_base64
from ..json_values import is_task_id
from ..response import GONE, Response
from ..settings import Setting, SettingKind
from ..several import all_or_incomplete
from .errors import KEYS_PAGE, error_of
from .parts import parts_of
from .results import ACCOUNTING, Accounting, ResultDownloader, number

NAME = "Segmind"
MODELS = {Subject.OBJECT: "sam-3d-objects", Subject.BODY: "sam-3d-body"}
LARGEST_SEED = 1_000_000
LARGEST_BODY = 32 * 1024**2
"""Most characters of pictures in a submit. Segmind names no limit; this is far above what is sent by default."""
LONGEST_SILENCE = 180.0
"""How many seconds version 1 may work without a word; about 33 are usual."""
ANSWER = "answer"
"""The file in the job's folder that version 1's answer goes to."""
UNUSABLE = "answer.unusable"
"""And the one for an answer of which nothing can be made."""
RECORD_GONE = (
    f"{NAME} no longer knows this job: it keeps the record of a job for an hour. "
    "If it was finished, look for the result under Generations on its web site."
)


class SegmindProvider:
    """Sends jobs to Segmind and brings the results."""

    def __init__(self, credentials: Credentials) -> None:
        """Raises WrongKey where there is no key."""
        self._client = Client(NAME, credentials, {"x-api-key": credentials.key})

    def prepare(self, request: Request) -> PreparedRequest:
        """The request in Segmind's words, the pictures as base64; raises InvalidInput where they are too large."""
        options = request.options
        body: dict[str, Any] = {"image": as_base64(request.photo)}
        if options.subject is Subject.BODY:
            body |= {"include_keypoints": True, "return_individual_meshes": True}
        else:
            if request.masks:
                body["mask"] = as_base64(request.masks[0])
            if options.prompt.strip():
                body["prompt"] = options.prompt.strip()
            # Segmind wants both as texts that hold lists
            if options.points:
                body["point_coords"] = json.dumps([[int(x), int(y)] for x, y in options.points])
            if options.box:
                body["bounding_box"] = json.dumps(list(options.box))
            # always said: its pages disagree about what it is otherwise
            body |= {"seed": options.seed % (LARGEST_SEED + 1), "include_artifacts": options.artifacts}
        if len(body["image"]) + len(body.get("mask", "")) > LARGEST_BODY:
            raise InvalidInput(f"The photo is too large for {NAME}: lower the longest edge in the preferences.")
        return PreparedRequest(request, body)

    def submit(self, prepared: PreparedRequest) -> Task:
        """Start the job; by version 1 where version 2 says that it does not have the model."""
        model = MODELS[prepared.request.options.subject]
        response = self._client.post(f"/v2/{model}", dict(prepared.body))
        if response.status in GONE:
            return self._submit_and_wait(model, prepared)
        task_id = _object(response, at_submit=True).get("request_id")
        if not is_task_id(task_id):
            raise response.unexpected()
        return Task(task_id, prepared.request)

    def recover(self, request: Request) -> Task | None:
        """Version 1's answer may have arrived whole before its task was recorded."""
        file = request.folder / ANSWER
        return Task(request.id, request, file) if file.exists() else None

    def poll(self, task: Task) -> Progress:
        """Ask for the job's status."""
        if task.response:
            return Progress(1.0, "Finished", finished=True)
        response = self._client.get(f"/v2/requests/{_id(task)}/status")
        if _is_forgotten(response):
            raise Unreachable(RECORD_GONE, raw=response.raw)  # or so far: it was paid for, so it is not given up
        match _object(response).get("status"):
            case "QUEUED":
                return Progress(0.0, "Waiting in line")
            case "PROCESSING":
                return Progress(0.0, "Reconstructing")
            case "COMPLETED":
                return Progress(1.0, "Finished", finished=True)
        raise response.unexpected()

    def fetch(self, task: Task, folder: Path, report: Report) -> list[Result]:
        """Bring the model and what belongs to it."""
        options = task.request.options
        downloader = ResultDownloader(self._client, options, folder, report)
        accounting = Accounting(seed=options.seed % (LARGEST_SEED + 1) if options.subject is Subject.OBJECT else None)
        if task.response:
            accounting = accounting.told_by_headers(task.response.with_name(ACCOUNTING))
            entries = downloader.from_file(task.response, task.request.photo)
        else:
            record = self._record(task)
            accounting = accounting.told_by_metrics(record)
            entries = downloader.from_record(record)
        arrived = sum(isinstance(entry, DeliveredModel) for entry in entries)
        cost = accounting.cost / arrived if accounting.cost is not None and arrived else None
        return all_or_incomplete(
            [
                Result(
                    entry.model,
                    entry.extras,
                    MODELS[options.subject],
                    accounting.seed,
                    cost,
                    accounting.balance,
                    entry.notes,
                )
                if isinstance(entry, DeliveredModel)
                else entry
                for entry in entries
            ]
        )

    def cancel(self, task: Task) -> None:
        """Segmind has no way to stop a job."""

    def account(self) -> Account:
        """The credits that are left, bought and free together."""
        response = self._client.get("/v1/get-user-credits")
        if response.status == 404 and "no credits" in response.error_text().lower():
            return Account(balance=0.0, note=f"{NAME} accepts the key, but the account has no credits yet.")
        credits = _object(response)
        bought, free = number(credits.get("credits")), number(credits.get("free-credits", 0.0))
        if bought is None or free is None:
            raise response.unexpected()
        return Account(balance=bought + free)

    def _submit_and_wait(self, model: str, prepared: PreparedRequest) -> Task:
        request = prepared.request
        file = request.folder / ANSWER
        file.unlink(missing_ok=True)  # of an earlier run in the same folder
        response = self._client.post_for_file(
            f"/v1/{model}",
            dict(prepared.body),
            file,
            silent=LONGEST_SILENCE,
            is_file=lambda head: kind_of_head(head) in EXTENSIONS,
        )
        if response.status in GONE:
            sentence = (
                f"{NAME} does not offer {model} at this address (HTTP {response.status}): "
                "check the address in the preferences, or choose another service."
            )
            raise Unreachable(sentence, sent=False, raw=response.raw)
        if response.status != 200:
            _object(response, at_submit=True)
            raise response.unexpected()
        if not file.exists():
            self._keep_record(response, file)
        Accounting.keep_headers(response.headers, file.with_name(ACCOUNTING))
        task_id = response.headers.get("x-request-id", "")
        return Task(task_id if is_task_id(task_id) else request.id, request, file)

    def _keep_record(self, response: Response, file: Path) -> None:
        """An answer that names the result becomes the task's; what is none is kept beside, but never asked again."""
        try:
            record = _object(response, at_submit=True)
            if not (parts_of(record) or record.get("error")):
                raise response.unexpected()
        except ProviderError:
            write_atomic(file.with_name(UNUSABLE), response.body)
            raise
        write_atomic(file, response.body)

    def _record(self, task: Task) -> dict[str, Any]:
        """What Segmind says of a finished job. Kept, for its files outlive the record by days."""
        response = self._client.get(f"/v2/requests/{_id(task)}")
        kept = task.request.folder / f"record-{_id(task)}.json"
        if _is_forgotten(response):
            if not kept.exists():
                raise Unreachable(RECORD_GONE, raw=response.raw)
            return replace(response, status=200, body=kept.read_bytes()).object()
        record = _object(response)
        status = record.get("status", "COMPLETED")
        if status in ("QUEUED", "PROCESSING"):
            raise still_at_work(NAME, response.raw)
        if status != "COMPLETED":
            raise response.unexpected()
        if not parts_of(record):
            sentence = f"{NAME} says that the job is done, but names no model: press Retry to ask once more."
            raise UnexpectedResponse(sentence, raw=response.raw)
        write_atomic(kept, response.body)
        return record


def _id(task: Task) -> str:
    """The task's id, fit for an address and for a file's name."""
    if not is_task_id(task.id):
        raise UnexpectedResponse(f"The job's id is not one of {NAME}'s: press Reconstruct to start the job anew.")
    return quote(task.id, safe="")


def _is_forgotten(response: Response) -> bool:
    """Whether Segmind itself says so: a bare 404 may be a wrong address, and is no reason to give up a job."""
    return response.status in GONE and bool(response.error_text())


def _object(response: Response, *, at_submit: bool = False) -> dict[str, Any]:
    """The JSON object of an answer; raises what its status means."""
    if error := error_of(response, at_submit=at_submit):
        raise error
    return response.object()


SERVICE = Service(
    id="SEGMIND",
    name=NAME,
    description="SAM 3D at Segmind: objects by prompt, mask, points or box, and bodies with keypoints",
    capabilities={
        Subject.OBJECT: Capabilities(
            expected_seconds=33.0,
            price=0.065,
            prompt=True,
            points=True,
            box=True,
            largest_seed=LARGEST_SEED,
            artifacts=True,
        ),
        # its pages name no price for a body; that of an object is the careful guess
        Subject.BODY: Capabilities(expected_seconds=12.0, price=0.065, masks=0, close_ups=False, finds_subject=True),
    },
    parallel=2,  # its pages name no limit
    create=SegmindProvider,
    settings=(
        Setting(
            "api_key",
            SettingKind.KEY,
            "Segmind Key",
            variable="SEGMIND_API_KEY",
            key_page=f"https://{KEYS_PAGE}",
        ),
        Setting("url", SettingKind.ADDRESS, "Segmind Address", default="https://api.segmind.com", advanced=True),
    ),
)
