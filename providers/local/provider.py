# SPDX-License-Identifier: GPL-3.0-or-later
"""SAM 3D on a GPU server of one's own, which speaks WaveSpeedAI's protocol and tells more (see server/)."""

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path
from typing import Any, Final
from urllib.parse import quote

import requests

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
from ..errors import BehindProxy, RemoteFailure, Unreachable, WrongKey
from ..response import Response, one_line
from ..settings import Setting, SettingKind
from ..wavespeed.provider import WaveSpeedProvider
from ..wavespeed.responses import Prediction, read_envelope, read_prediction
from .poses import read_poses

NAME = "SAM 3D Server"
DRAFT: Final = "draft"
ENGINES: Final = {"sam3d_objects": "SAM 3D Objects", "sam3d_body": "SAM 3D Body", DRAFT: "rough drafts"}
MODELS: Final = {"sam-3d-objects": Subject.OBJECT, "sam-3d-body": Subject.BODY}
WORDS: Final = {Subject.OBJECT: "Objects", Subject.BODY: "People"}
LARGEST_SEED = 2**31 - 1


@contextmanager
def _own_words() -> Iterator[None]:
    """What a wrong key and a missing network mean for a server of one's own."""
    try:
        yield
    except WrongKey as error:
        sentence = f"{NAME} does not accept the token: enter the one that it was started with in the preferences."
        raise WrongKey(sentence, raw=error.raw) from error
    except Unreachable as error:
        if not _is_not_running(error):
            raise
        sentence = f"{NAME} is not running at this address: start it with sam3d-server, or check the address."
        raise Unreachable(sentence, sent=False, raw=error.raw) from error


def _is_not_running(error: Unreachable) -> bool:
    cause = error.__cause__
    return (
        not error.sent
        and not isinstance(error, BehindProxy)
        and isinstance(cause, requests.ConnectionError)
        and not isinstance(cause, requests.exceptions.SSLError | requests.exceptions.ProxyError)
    )


class LocalProvider:
    """A server of the artist's own. It asks for no money, and for a token only where it was started with one."""

    def __init__(self, credentials: Credentials) -> None:
        """Nobody is reached yet."""
        self._server = WaveSpeedProvider(credentials, NAME, needs_key=False, read=_read)

    @_own_words()
    def prepare(self, request: Request) -> PreparedRequest:
        """As for WaveSpeedAI, with what only the own server understands."""
        prepared, options = self._server.prepare(request), request.options
        body: dict[str, Any] = {
            **prepared.body,
            "seed": options.seed,
            "alternative": options.alternative,
            "idempotency_key": request.id,
        }
        if options.artifacts:
            body["details"] = True
            if options.subject is Subject.OBJECT:
                body["gaussian"] = True
        return replace(prepared, body=body)

    @_own_words()
    def submit(self, prepared: PreparedRequest) -> Task:
        """Start the job; sent twice under its name, it is one job."""
        return self._server.submit(prepared)

    @_own_words()
    def recover(self, request: Request) -> Task | None:
        """The job that the server has under the request's name."""
        response = self._server.client.get(f"/api/v3/predictions?idempotency_key={quote(request.id, safe='')}")
        code, data = read_envelope(response)
        task = data.get("id")
        return Task(task, request) if code == 200 and isinstance(task, str) else None

    @_own_words()
    def poll(self, task: Task) -> Progress:
        """Ask how far the job is, and at what."""
        return self._server.poll(task)

    @_own_words()
    def fetch(self, task: Task, folder: Path, report: Report) -> list[Result]:
        """Download the models and what came with them."""
        return self._server.fetch(task, folder, report)

    @_own_words()
    def cancel(self, task: Task) -> None:
        """The server ends the job."""
        self._server.client.post(f"/api/v3/predictions/{quote(task.id, safe='')}/cancel", {})

    @_own_words()
    def account(self) -> Account:
        """Ask for the server's version and engines; there is no account."""
        response = self._server.client.get("/health")
        if not response.ok:
            raise response.error()
        health = response.object()
        version, engines = health.get("version"), health.get("engines")
        if not isinstance(version, str) or not isinstance(engines, dict):
            sentence = f"What answers at this address is no {NAME}: check the address in the preferences."
            raise Unreachable(sentence, raw=response.raw)
        found = {subject: ENGINES.get(str(engines.get(model))) for model, subject in MODELS.items()}
        parts = [f"{words}: {found[subject] or 'not there'}." for subject, words in WORDS.items()]
        drafts = DRAFT in engines.values()
        advice = " For Meta's models run sam3d-server doctor on the server." if drafts else ""
        makers = {subject: engine for subject, engine in found.items() if engine}
        return Account(note=f"It runs version {one_line(version)}. {' '.join(parts)}{advice}", makers=makers)


def _read(response: Response) -> Prediction:
    """What has become of a job; the server says in a sentence of its own why one has failed."""
    code, data = read_envelope(response)
    if code == 404:
        response.object()
        raise RemoteFailure(f"{NAME} does not know this job any more: press Retry to run it again.", raw=response.raw)
    if code == 200 and data.get("status") in ("failed", "cancelled") and isinstance(data.get("error"), str):
        raise RemoteFailure(f"{NAME}: {one_line(data['error'])}", raw=response.raw)
    prediction, engine = read_prediction(response), data.get("engine")
    # the model's name alone would not tell a draft from the real thing
    name = one_line(engine) if isinstance(engine, str) else prediction.model
    return replace(prediction, model=name, frontal=engine == DRAFT, poses=read_poses(data.get("details")))


SERVICE = Service(
    id="LOCAL",
    name=NAME,
    description="SAM 3D on a computer of your own: free, and nothing leaves your network",
    capabilities={
        Subject.OBJECT: Capabilities(expected_seconds=30.0, largest_seed=LARGEST_SEED, artifacts=True, poses=True),
        Subject.BODY: Capabilities(
            expected_seconds=15.0, largest_seed=LARGEST_SEED, artifacts=True, close_ups=False, finds_subject=True
        ),
    },
    parallel=4,
    online=False,
    create=LocalProvider,
    settings=(
        Setting("url", SettingKind.ADDRESS, "Address", default="http://127.0.0.1:8777"),
        Setting("token", SettingKind.KEY, "Token", variable="SAM3D_LOCAL_TOKEN"),
    ),
)
