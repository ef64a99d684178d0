# SPDX-License-Identifier: GPL-3.0-or-later
"""Runware's `meta:sam@3d` as a provider.

Everything is one address that takes a list of tasks. A task's UUID is ours and follows from the request alone, so the
service can be asked for a task whose acceptance never reached us.
"""

import base64
import hashlib
import uuid
from dataclasses import replace
from pathlib import Path
from typing import Any

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
from ..delivery import to_model
from ..downloads import download_result, numbered, share, still_at_work
from ..errors import Cancelled, ProviderError, UnexpectedResponse, Unreachable
from ..http import LARGEST_RESPONSE, Client
from ..image_encoding import as_data_uri, white_mask
from ..json_values import number
from ..response import NOT_HERE, Response, redact
from ..settings import Setting, SettingKind
from ..several import all_or_incomplete
from .errors import Meaning, at_question, at_submit, error_text_of
from .responses import Reply, past_reply, read_envelope, read_reply

NAME = "Runware"
MODEL = "meta:sam@3d"
PATH = "/v1"
SYNC_SECONDS = 300.0
"""How long the service may be silent while it works and we wait for the result itself."""
SECONDS_PER_HOUR = 3600
QUESTIONS_IN_DOUBT = 4
"""How often a task whose submit got lost may be unknown before it is taken for one that never arrived."""
WORDLESS_PROMPT = "the object"


class RunwareProvider:
    """SAM 3D Objects at Runware."""

    def __init__(self, credentials: Credentials) -> None:
        """Raises WrongKey where there is no key."""
        self._credentials = credentials
        self._client = Client(NAME, credentials, {"Authorization": f"Bearer {credentials.key}"})
        self._doubts: dict[str, int] = {}

    def prepare(self, request: Request) -> PreparedRequest:
        """Put photo and mask into the task itself, as data URIs."""
        options, settings = request.options, self._credentials.settings
        body: dict[str, Any] = {
            "taskType": "3dInference",
            "taskUUID": task_uuid(request.id),
            "model": MODEL,
            # The page calls the mask required and leaves it out in examples; the same with the prompt in the service's
            # own SDK. Both are always sent.
            "inputs": {
                "image": as_data_uri(request.photo),
                "mask": as_data_uri(request.masks[0]) if request.masks else white_mask(request.photo),
            },
            "positivePrompt": options.prompt.strip() or WORDLESS_PROMPT,
            "seed": options.seed,
            "numberResults": options.results,
            "outputType": "URL",
            "outputFormat": "GLB",
            "includeCost": True,
            "deliveryMethod": "sync" if settings.get("sync") else "async",
        }
        if settings.get("keep_hours"):
            body["ttl"] = SECONDS_PER_HOUR * int(settings["keep_hours"])
        for option, name in (("upload_endpoint", "uploadEndpoint"), ("webhook_url", "webhookURL")):
            address = str(settings.get(option) or "").strip()
            if address:
                body[name] = address
        return PreparedRequest(request, body)

    def submit(self, prepared: PreparedRequest) -> Task:
        """Start the task; in sync mode, wait for its results, whose answer is kept in the job's folder."""
        request, body = prepared.request, dict(prepared.body)
        sync = body["deliveryMethod"] == "sync"
        response = self._client.post(PATH, [body], silent=SYNC_SECONDS if sync else 0.0)
        if response.status in NOT_HERE and not response.error_text():  # nothing of the service itself
            sentence = f"{NAME} takes no jobs here (HTTP {response.status}): check the address in the preferences."
            raise Unreachable(sentence, sent=False, raw=response.raw)
        reply = read_reply(response, body["taskUUID"])
        if sync and response.ok and reply.done and not reply.running:
            write_atomic(file := _answer_file(request), response.body)
            return Task(request.id, request, file)
        if reply.done or reply.running or any(reported.meaning is Meaning.TAKEN for reported in reply.reported_errors):
            return Task(request.id, request)
        raise (
            at_submit(reply.response, reply.reported_errors[0])
            if reply.reported_errors
            else reply.response.unexpected()
        )

    def recover(self, request: Request) -> Task:
        """The task under the name that it was given, with the answer that arrived unseen."""
        self._doubts[request.id] = QUESTIONS_IN_DOUBT
        file = _answer_file(request)
        return Task(request.id, request, file if file.exists() else None)

    def poll(self, task: Task) -> Progress:
        """Ask how many of the results are ready; they come one by one."""
        if _is_kept(task):
            return Progress(1.0, "Ready", finished=True)
        reply, wanted = self._ask(task), task.request.options.results
        done, running = len(reply.done), reply.running
        if reply.reported_errors and not reply.done and not running:
            raise self._failure(task, reply)
        files = sum(len(item.addresses) for item in reply.done)  # one item may hold all results
        if done >= wanted or (done and not running and (reply.reported_errors or files >= wanted)):
            return Progress(1.0, "Ready", finished=True)
        fraction = min((done + sum(item.fraction for item in running)) / wanted, 1.0)
        if done:
            return Progress(fraction, f"{done} of {wanted} ready")
        return Progress(fraction, "Building" if fraction else "Waiting")

    def fetch(self, task: Task, folder: Path, report: Report) -> list[Result]:
        """Bring the models into `folder` as model.glb, model-2.glb and so on.

        One that is broken is told in a note as long as another is not; one that could not be downloaded can be later.
        """
        reply = self._ask(task)
        if not reply.done:
            if reply.reported_errors and not reply.running:
                raise self._failure(task, reply)
            raise still_at_work(NAME, reply.response.raw)
        sources = [(item, address) for item in reply.done for address in item.addresses]
        if not sources:
            raise self._without_address(reply.response)
        entries: list[Result | ProviderError] = []
        missing: list[str] = []
        for index, (item, address) in enumerate(sources):
            file = folder / numbered("model", index, ".glb")
            try:
                self._bring(address, file, share(report, index, len(sources)))
            except Cancelled:
                raise
            except ProviderError as error:  # it is there, and can be fetched
                entries.append(error)
                continue
            try:
                delivery = to_model(file, NAME)
            except UnexpectedResponse as error:
                if len(sources) == 1:
                    raise
                missing.append(str(error))
                continue
            entries.append(Result(delivery.model, delivery.extras, MODEL, item.seed, notes=delivery.notes))
        if not entries:
            raise UnexpectedResponse(missing[0], raw=reply.response.raw)
        # all were paid for, and what did not arrive too
        costs = [item.cost for item in reply.items if item.cost is not None]
        arrived = sum(isinstance(entry, Result) for entry in entries)
        cost = sum(costs) / arrived if costs and arrived else None
        wanted = max(task.request.options.results, len(sources))
        reasons = missing + [error_text_of(reported, reply.response) for reported in reply.reported_errors]
        notes: tuple[str, ...] = ()
        if len(entries) < wanted:
            because = f": {reasons[0]}" if reasons else "."
            notes = (f"{NAME} delivered {len(entries)} of {wanted} variations{because}",)
        return all_or_incomplete(
            [
                replace(entry, cost=cost, notes=entry.notes + notes) if isinstance(entry, Result) else entry
                for entry in entries
            ]
        )

    def cancel(self, task: Task) -> None:
        """The service has no way to stop a task."""

    def account(self) -> Account:
        """Ask for the account's details: they tell the balance."""
        question = {"taskType": "accountManagement", "taskUUID": str(uuid.uuid4()), "operation": "getDetails"}
        response = self._client.post(PATH, [question])
        data, reported_errors = read_envelope(response)
        if not data:
            raise at_question(response, reported_errors[0]) if reported_errors else response.unexpected()
        balance = data[0].get("balance")
        if isinstance(balance, dict):
            balance = balance.get("amount")
        if number(balance) is None:
            raise response.unexpected()
        return Account(number(balance))

    def _ask(self, task: Task) -> Reply:
        """What the service says of the task now, or said when it was submitted."""
        name = task_uuid(task.id)
        if task.response and _is_kept(task):
            return read_reply(Response(NAME, 200, {}, _read(task.response), self._credentials.key), name)
        reply = read_reply(self._question("getResponse", name), name)
        if reply.knows_nothing:  # any more: the records of past tasks may
            reply = past_reply(self._question("getTaskDetails", name), name) or reply
        if not reply.response.ok and not reply.items:
            raise self._failure(task, reply)
        return reply

    def _question(self, task_type: str, name: str) -> Response:
        return self._client.post(PATH, [{"taskType": task_type, "taskUUID": name}])

    def _failure(self, task: Task, reply: Reply) -> ProviderError:
        """The error of a reply without results; a task in doubt may only be late."""
        reported = reply.reported_errors[0]
        if reported.meaning is not Meaning.UNKNOWN_TASK or self._doubts.get(task.id) == 0:
            return at_question(reply.response, reported)
        if task.id in self._doubts:
            self._doubts[task.id] -= 1
        # what was taken is paid for: not given up
        sentence = f"{NAME} does not know this job, so far or any more: try again in a minute."
        return Unreachable(sentence, raw=reply.response.raw)

    def _bring(self, address: str, file: Path, report: Report) -> None:
        if not address.startswith("data:"):
            download_result(self._client, address, file, report, raw=redact(self._credentials.key, address))
            return
        try:
            content = base64.b64decode("".join(address.partition(",")[2].split()), validate=True)
        except ValueError as error:
            sentence = f"The model that {NAME} delivered is broken: press Retry to fetch it again."
            raise UnexpectedResponse(sentence) from error
        write_atomic(file, content)

    def _without_address(self, response: Response) -> ProviderError:
        if self._credentials.settings.get("upload_endpoint"):
            sentence = (
                f"{NAME} sent the model to the upload endpoint in the preferences and named no address of its own: "
                "take it from there and import it by hand."
            )
            return UnexpectedResponse(sentence, raw=response.raw)
        return UnexpectedResponse(
            f"{NAME} finished the job but named no model: press Retry to ask once more.", raw=response.raw
        )


def task_uuid(request_id: str) -> str:
    """The UUID v4 that the service knows a request by; one made by uuid4 is kept as it is."""
    try:
        known = uuid.UUID(request_id)
    except ValueError:
        known = uuid.UUID(bytes=hashlib.sha256(request_id.encode()).digest()[:16])
    return str(uuid.UUID(int=known.int, version=4))


def _answer_file(request: Request) -> Path:
    """Where the answer with the results lies in sync mode."""
    return request.folder / f"answer-{task_uuid(request.id)}.json"


def _is_kept(task: Task) -> bool:
    """Whether the answer to the submit is at hand; where its file was taken away, the service can be asked."""
    return task.response is not None and task.response.exists()


def _read(file: Path) -> bytes:
    if file.stat().st_size > LARGEST_RESPONSE:
        limit = LARGEST_RESPONSE // 1024**2
        raise UnexpectedResponse(f"{NAME}'s answer is larger than {limit} MB: it is kept in the job's folder.")
    return file.read_bytes()


SERVICE = Service(
    id="RUNWARE",
    name=NAME,
    description="SAM 3D Objects at runware.ai: paid for by the run, up to four variations in one",
    capabilities={
        Subject.OBJECT: Capabilities(
            expected_seconds=30.0,  # no page tells: the jobs learn it from their own past
            price=0.0038,  # of a result in the page's examples
            prompt=True,
            largest_seed=2**63 - 1,
            results=4,
        )
    },
    parallel=4,  # the service names no limit of its own: it queues
    create=RunwareProvider,
    settings=(
        Setting(
            "api_key", SettingKind.KEY, "Runware Key", variable="RUNWARE_API_KEY", key_page="https://my.runware.ai/keys"
        ),
        Setting("url", SettingKind.ADDRESS, "Runware Address", default="https://api.runware.ai", advanced=True),
        Setting(
            "sync",
            SettingKind.SWITCH,
            "Wait for the Answer",
            "Keep the connection to Runware open until the result is there, instead of asking for it",
            default=False,
            advanced=True,
        ),
        Setting(
            "keep_hours",
            SettingKind.NUMBER,
            "Keep Results (Hours)",
            "How long Runware keeps a result for download; 0 for as long as it likes",
            default=0,
            largest=24 * 30,
            zero="As long as Runware likes",
            advanced=True,
        ),
        Setting(
            "upload_endpoint",
            SettingKind.TEXT,
            "Upload Endpoint",
            "An address to which Runware sends each result as well, by HTTP PUT",
            advanced=True,
        ),
        Setting(
            "webhook_url",
            SettingKind.TEXT,
            "Webhook",
            "An address that Runware tells when a result is there, by HTTP POST",
            advanced=True,
        ),
    ),
)
