# SPDX-License-Identifier: GPL-3.0-or-later
"""Runware's `meta:sam@3d` as a provider.

Everything is one address that takes a list of tasks. A task's UUID is ours and follows from the request alone, so the
service can be asked for a task whose acceptance never reached us.
"""

import base64
import hashlib
import io
import re
import uuid
from dataclasses import dataclass, replace
from enum import Enum, auto
from pathlib import Path
from typing import Any, Final

from PIL import Image

from .answer import Answer, quoted, retry_after, without
from .base import Access, Account, Offer, Parcel, Progress, Report, Request, Result, Service, Subject, Task
from .errors import Busy, FailedThere, NoCredit, ProviderError, RefusedInput, Unexpected, Unreachable, WrongKey
from .files import to_model
from .http import LARGEST_ANSWER, Client

NAME = "Runware"
MODEL = "meta:sam@3d"
PATH = "/v1"
SYNC_SECONDS = 300.0
"""How long the service may be silent while it works and we wait for the result itself."""
SHORTEST_TTL = 60
QUESTIONS_IN_DOUBT = 4
"""How often a task whose submit got lost may be unknown before it is taken for one that never arrived."""
LARGEST_NUMBER = 1e12
"""Beyond it, or not a number at all, is no cost, balance or progress."""
WORDLESS_PROMPT = "the object"


class Meaning(Enum):
    """What an error code says, as far as it matters."""

    TAKEN = auto()
    KEY = auto()
    CREDIT = auto()
    BUSY = auto()
    UNKNOWN_TASK = auto()
    SERVICE_TROUBLE = auto()
    REFUSED = auto()
    FAILED = auto()
    OTHER = auto()


STATUSES: Final = {401: Meaning.KEY, 402: Meaning.CREDIT, 403: Meaning.OTHER, 429: Meaning.BUSY}
"""The statuses that say more than the codes beside them."""
CODES: Final = tuple(
    (re.compile(pattern, re.IGNORECASE), meaning)
    for pattern, meaning in (
        (r"^(conflict|duplicate)TaskUUID", Meaning.TAKEN),
        # trouble between the service and those who compute for it: the task was taken
        (r"^(provider|thirdParty)|provider$", Meaning.FAILED),
        (r"api_?key|^auth|unauthori[sz]ed|tokenExpired|suspended|organizationDisabled", Meaning.KEY),
        (r"credits?$|balance|quota|payment|funds", Meaning.CREDIT),
        (r"rate_?limit|requestLimit|tooManyRequests|concurren|noAvailableServer", Meaning.BUSY),
        (r"task.*(notFound|expired)|unknownTask", Meaning.UNKNOWN_TASK),
        (r"(internal|server|service|unavailable|standard|unknown|undefined|default)Error|Unavailable$|timeout",
         Meaning.SERVICE_TROUBLE),
        (r"^(invalid|missing|unsupported|unknown|incompatible|mismatch|duplicate|(value|array)Too)|validation",
         Meaning.REFUSED),
        (r"failed|inferenceError", Meaning.FAILED),
    )
)  # fmt: skip
"""The codes in use, the first that fits: the service's pages warn that they change."""


@dataclass(frozen=True)
class Trouble:
    """An error as the service tells it.

    `parameter` is what it is about, `task_type` what it happened to; `named` tells that it names the task itself.
    """

    code: str
    message: str
    parameter: str
    task_type: str
    named: bool

    @property
    def meaning(self) -> Meaning:
        """What the code says."""
        return next((meaning for pattern, meaning in CODES if pattern.search(self.code)), Meaning.OTHER)


@dataclass(frozen=True)
class Item:
    """One of a task's results, ready or not.

    `addresses` are where its files lie; data URIs hold them. `fraction` is 0..1, `cost` in US dollars.
    """

    done: bool
    failed: bool
    addresses: tuple[str, ...]
    fraction: float
    seed: int | None
    cost: float | None


@dataclass(frozen=True)
class Reply:
    """What the service says of one task."""

    answer: Answer
    items: tuple[Item, ...]
    troubles: tuple[Trouble, ...]

    @property
    def done(self) -> list[Item]:
        """The results that can be fetched."""
        return [item for item in self.items if item.done]

    @property
    def running(self) -> list[Item]:
        """The results that are still to come."""
        return [item for item in self.items if not item.done and not item.failed]


class RunwareProvider:
    """SAM 3D Objects at Runware."""

    def __init__(self, access: Access) -> None:
        """Raises WrongKey where there is no key."""
        self._access = access
        self._client = Client(NAME, access, {"Authorization": f"Bearer {access.key}"})
        self._doubts: dict[str, int] = {}

    def pack(self, request: Request) -> Parcel:
        """Put photo and mask into the task itself, as data URIs."""
        wish, options = request.wish, self._access.options
        body: dict[str, Any] = {
            "taskType": "3dInference",
            "taskUUID": task_uuid(request.id),
            "model": MODEL,
            # The page calls the mask required and leaves it out in examples; the same with the prompt in the service's
            # own SDK. Both are always sent.
            "inputs": {
                "image": _data_uri(request.photo),
                "mask": _data_uri(request.masks[0]) if request.masks else _white(request.photo),
            },
            "positivePrompt": wish.prompt.strip() or WORDLESS_PROMPT,
            "seed": wish.seed,
            "numberResults": wish.results,
            "outputType": "URL",
            "outputFormat": "GLB",
            "includeCost": True,
            "deliveryMethod": "sync" if options.get("sync") else "async",
        }
        if options.get("ttl"):
            body["ttl"] = max(SHORTEST_TTL, int(options["ttl"]))
        for option, name in (("upload_endpoint", "uploadEndpoint"), ("webhook_url", "webhookURL")):
            address = str(options.get(option) or "").strip()
            if address:
                body[name] = address
        return Parcel(request, body)

    def submit(self, parcel: Parcel) -> Task:
        """Start the task; in sync mode, wait for its results, whose answer is kept in the job's folder."""
        request, body = parcel.request, dict(parcel.body)
        file = _answer_file(request)
        sync = body["deliveryMethod"] == "sync"
        if sync:
            answer = self._client.post_for_file(PATH, [body], file, silent=SYNC_SECONDS)
        else:
            answer = self._client.post(PATH, [body])
        kept = sync and answer.status == 200
        if kept:
            answer = replace(answer, body=_read(file))
        complete = False
        try:
            reply = _reply(answer, body["taskUUID"])
            complete = kept and bool(reply.done) and not reply.running
        finally:
            if kept and not complete:
                file.unlink()  # so that where there is a file, there are results
        if complete:
            return Task(request.id, request, file)
        if reply.done or reply.running or any(trouble.meaning is Meaning.TAKEN for trouble in reply.troubles):
            return Task(request.id, request)
        raise _refused(reply.answer, reply.troubles[0]) if reply.troubles else reply.answer.unexpected()

    def recover(self, request: Request) -> Task:
        """The task under the name that it was given, with the answer that arrived unseen."""
        self._doubts[request.id] = QUESTIONS_IN_DOUBT
        file = _answer_file(request)
        return Task(request.id, request, file if file.exists() else None)

    def poll(self, task: Task) -> Progress:
        """Ask how many of the results are ready; they come one by one."""
        if task.answer:
            return Progress(1.0, "Ready", finished=True)
        reply, wanted = self._ask(task), task.request.wish.results
        done, running = len(reply.done), reply.running
        if reply.troubles and not reply.done and not running:
            raise self._failure(task, reply)
        files = sum(len(item.addresses) for item in reply.done)  # one item may hold all results
        if done >= wanted or (done and not running and (reply.troubles or files >= wanted)):
            return Progress(1.0, "Ready", finished=True)
        fraction = min((done + sum(item.fraction for item in running)) / wanted, 1.0)
        if done:
            return Progress(fraction, f"{done} of {wanted} ready")
        return Progress(fraction, "Building" if fraction else "Waiting")

    def fetch(self, task: Task, folder: Path, report: Report) -> list[Result]:
        """Bring the models into `folder` as model.glb, model-2.glb and so on.

        One that cannot be had is told in a note as long as another can.
        """
        reply = self._ask(task)
        if not reply.done:
            if reply.troubles and not reply.running:
                raise self._failure(task, reply)
            raise Busy(f"{NAME} is still at work on the job: try again in a minute.", raw=reply.answer.raw)
        sources = [(item, address) for item in reply.done for address in item.addresses]
        if not sources:
            raise self._without_address(reply.answer)
        results: list[Result] = []
        missing: list[str] = []
        for index, (item, address) in enumerate(sources):

            def part(fraction: float, stage: str, before: int = index) -> None:
                report((before + fraction) / len(sources), stage)

            file = folder / (f"model-{index + 1}.glb" if index else "model.glb")
            try:
                self._bring(address, file, part)
                delivery = to_model(file, NAME)
            except Unexpected as error:
                if len(sources) == 1:
                    raise
                missing.append(str(error))
                continue
            results.append(Result(delivery.model, delivery.extras, MODEL, item.seed, notes=delivery.notes))
        if not results:
            raise Unexpected(missing[0], raw=reply.answer.raw)
        # all were paid for, and what did not arrive too
        costs = [item.cost for item in reply.items if item.cost is not None]
        cost = sum(costs) / len(results) if costs else None
        wanted = max(task.request.wish.results, len(sources))
        reasons = missing + [_words(trouble, reply.answer) for trouble in reply.troubles]
        notes: tuple[str, ...] = ()
        if len(results) < wanted:
            because = f": {reasons[0]}" if reasons else "."
            notes = (f"{NAME} delivered {len(results)} of {wanted} variations{because}",)
        return [replace(result, cost=cost, notes=result.notes + notes) for result in results]

    def cancel(self, task: Task) -> None:
        """The service has no way to stop a task."""

    def account(self) -> Account:
        """Ask for the account's details: they tell the balance."""
        question = {"taskType": "accountManagement", "taskUUID": str(uuid.uuid4()), "operation": "getDetails"}
        answer = self._client.post(PATH, [question])
        data, troubles = _open(answer)
        if not data:
            raise _failed(answer, troubles[0]) if troubles else answer.unexpected()
        balance = data[0].get("balance")
        if isinstance(balance, dict):
            balance = balance.get("amount")
        if _number(balance) is None:
            raise answer.unexpected()
        return Account(_number(balance))

    def _ask(self, task: Task) -> Reply:
        """What the service says of the task now, or said when it was submitted."""
        name = task_uuid(task.id)
        if task.answer:
            return _reply(Answer(NAME, 200, {}, _read(task.answer), self._access.key), name)
        reply = _reply(self._client.post(PATH, [{"taskType": "getResponse", "taskUUID": name}]), name)
        if not reply.answer.ok and not reply.items:
            raise self._failure(task, reply)
        return reply

    def _failure(self, task: Task, reply: Reply) -> ProviderError:
        """The error of a reply without results; a task in doubt may only be late."""
        trouble = reply.troubles[0]
        if trouble.meaning is Meaning.UNKNOWN_TASK and self._doubts.get(task.id):
            self._doubts[task.id] -= 1
            sentence = f"{NAME} does not know this job so far: try again in a minute."
            return Unreachable(sentence, raw=reply.answer.raw)
        return _failed(reply.answer, trouble)

    def _bring(self, address: str, file: Path, report: Report) -> None:
        if not address.startswith("data:"):
            try:
                self._client.download(address, file, report)
            except FileNotFoundError as error:
                raise Unexpected(
                    f"{NAME} no longer has the model at the address that it named: press Retry Job to ask once more.",
                    raw=without(self._access.key, address),
                ) from error
            return
        try:
            content = base64.b64decode("".join(address.partition(",")[2].split()), validate=True)
        except ValueError as error:
            sentence = f"The model that {NAME} delivered is broken: press Retry Job to fetch it again."
            raise Unexpected(sentence) from error
        part = file.with_name(file.name + ".part")
        part.write_bytes(content)
        part.replace(file)

    def _without_address(self, answer: Answer) -> ProviderError:
        if self._access.options.get("upload_endpoint"):
            sentence = (
                f"{NAME} sent the model to the upload endpoint in the preferences and named no address of its own: "
                "take it from there and import it by hand."
            )
            return Unexpected(sentence, raw=answer.raw)
        return Unexpected(
            f"{NAME} finished the job but named no model: press Retry Job to ask once more.", raw=answer.raw
        )


def task_uuid(request_id: str) -> str:
    """The UUID v4 that the service knows a request by; one made by uuid4 is kept as it is."""
    try:
        number = uuid.UUID(request_id)
    except ValueError:
        number = uuid.UUID(bytes=hashlib.sha256(request_id.encode()).digest()[:16])
    return str(uuid.UUID(int=number.int, version=4))


# Pictures


def _data_uri(file: Path) -> str:
    content = file.read_bytes()
    kind = "png" if content.startswith(b"\x89PNG") else "jpeg"
    return f"data:image/{kind};base64,{base64.b64encode(content).decode()}"


def _white(photo: Path) -> str:
    """A mask of the photo's size that selects everything."""
    with Image.open(photo) as image:
        size = image.size
    memory = io.BytesIO()
    Image.new("L", size, 255).save(memory, "PNG")
    return f"data:image/png;base64,{base64.b64encode(memory.getvalue()).decode()}"


# Answers


def _answer_file(request: Request) -> Path:
    """Where the answer with the results lies in sync mode."""
    return request.folder / f"answer-{task_uuid(request.id)}.json"


def _read(file: Path) -> bytes:
    if file.stat().st_size > LARGEST_ANSWER:
        limit = LARGEST_ANSWER // 1024**2
        raise Unexpected(f"{NAME}'s answer is larger than {limit} MB: it is kept in the job's folder.")
    return file.read_bytes()


def _reply(answer: Answer, name: str) -> Reply:
    """What an answer says of the task `name`; raises the error of its status where it says nothing more."""
    data, troubles = _open(answer, name)
    items = []
    for raw in data:
        item, trouble = _item(raw, answer)
        items.append(item)
        if trouble:
            troubles.append(trouble)
    return Reply(answer, tuple(items), tuple(troubles))


def _open(answer: Answer, name: str = "") -> tuple[list[dict[str, Any]], list[Trouble]]:
    """The items and the errors of an answer that are about the task `name`, or about none in particular."""
    if not answer.ok and (answer.status < 400 or answer.status >= 500):
        raise answer.error()
    try:
        envelope = answer.object()
    except ProviderError as error:
        if answer.ok:
            raise
        raise answer.error() from error
    data, errors = (_objects(envelope.get(key), answer) for key in ("data", "errors"))
    troubles = [
        _trouble(error, named="taskUUID" in error and bool(name)) for error in errors if _concerns(error, name, answer)
    ]
    if not answer.ok and not troubles:
        raise answer.error()
    return [item for item in data if _concerns(item, name, answer)], troubles


def _concerns(raw: dict[str, Any], name: str, answer: Answer) -> bool:
    own = raw.get("taskUUID")
    if own is not None and not isinstance(own, str):
        raise answer.unexpected()
    return not name or not own or own.lower() == name


def _objects(value: Any, answer: Answer) -> list[dict[str, Any]]:
    if value is None:
        return []
    if not isinstance(value, list) or not all(isinstance(one, dict) for one in value):
        raise answer.unexpected()
    return value


def _trouble(raw: dict[str, Any], *, named: bool) -> Trouble:
    parameter = raw.get("parameter")
    names = parameter if isinstance(parameter, list) else [parameter]
    code, message, task_type = (_text(raw.get(key)) for key in ("code", "message", "taskType"))
    return Trouble(code, message, ", ".join(filter(None, map(_text, names))), task_type, named)


def _item(raw: dict[str, Any], answer: Answer) -> tuple[Item, Trouble | None]:
    status, error, seed, progress = (raw.get(key) for key in ("status", "error", "seed", "progress"))
    if status is not None and not isinstance(status, str):
        raise answer.unexpected()
    failed = status == "error" or isinstance(error, dict)
    addresses = _addresses(raw, answer)
    # the page's own examples of finished results have no status
    done = not failed and (status == "success" or (status is None and bool(addresses)))
    item = Item(
        done=done,
        failed=failed,
        addresses=addresses,
        fraction=_fraction(progress),
        seed=seed if isinstance(seed, int) and not isinstance(seed, bool) else None,
        cost=_number(raw.get("cost")),
    )
    if not failed:
        return item, None
    return item, _trouble(error if isinstance(error, dict) else raw, named=True)


def _addresses(raw: dict[str, Any], answer: Answer) -> tuple[str, ...]:
    """Where an item's files are. The page shows them in `outputs.files` and lists flat keys beside."""
    outputs = raw.get("outputs")
    if outputs is not None and not isinstance(outputs, dict):
        raise answer.unexpected()
    named = [file.get("url") for file in _objects((outputs or {}).get("files"), answer)]
    found = [*named, raw.get("modelURL"), raw.get("modelDataURI"), raw.get("modelBase64Data")]
    if not all(one is None or isinstance(one, str) for one in found):
        raise answer.unexpected()
    if any(named):
        return tuple(filter(None, named))
    if raw.get("modelBase64Data"):
        found[-1] = "data:;base64," + raw["modelBase64Data"]
    return tuple(filter(None, found))[:1]


def _text(value: Any) -> str:
    return value if isinstance(value, str) else ""


def _number(value: Any) -> float | None:
    known = isinstance(value, int | float) and not isinstance(value, bool) and abs(value) < LARGEST_NUMBER
    return float(value) if known else None


def _fraction(progress: Any) -> float:
    """0..1 of what is a fraction or a percentage: the page shows no example."""
    number = max(_number(progress) or 0.0, 0.0)
    return min(number if number <= 1 else number / 100, 1.0)


# Errors


def _words(trouble: Trouble, answer: Answer) -> str:
    about = f" ({trouble.parameter})" if trouble.parameter and trouble.parameter not in trouble.message else ""
    return quoted(without(answer.key, (trouble.message or trouble.code) + about))


def _sentence(start: str, trouble: Trouble, answer: Answer) -> str:
    words = _words(trouble, answer)
    return f"{start}: {words}" if words else f"{start} and does not say why: see the job's log file."


def _general(answer: Answer, trouble: Trouble, meaning: Meaning) -> ProviderError | None:
    """The error for what concerns the account or the service, whatever was asked; else None."""
    if meaning is Meaning.KEY:
        sentence = f"{NAME} does not accept the key: copy it anew from my.runware.ai/keys into the preferences."
        return WrongKey(sentence, raw=answer.raw)
    if meaning is Meaning.CREDIT:
        sentence = f"There is too little credit at {NAME}: top up the account, then try again."
        return NoCredit(sentence, raw=answer.raw)
    if meaning is Meaning.BUSY:
        sentence = f"{NAME} is busy and takes no more jobs for the moment: try again in a minute."
        return Busy(sentence, retry_after(answer.headers), raw=answer.raw)
    if meaning is Meaning.SERVICE_TROUBLE:
        return Unreachable(_sentence(f"{NAME} has trouble of its own", trouble, answer), raw=answer.raw)
    return None


def _refused(answer: Answer, trouble: Trouble) -> ProviderError:
    """The error for a task that was not accepted, or that failed while we waited for it."""
    meaning = STATUSES.get(answer.status, trouble.meaning)
    general = _general(answer, trouble, meaning)
    if general:
        return general
    if meaning is Meaning.REFUSED:
        return RefusedInput(_sentence(f"{NAME} refused the job", trouble, answer), raw=answer.raw)
    if meaning is Meaning.OTHER and not answer.ok:
        return answer.error()
    return FailedThere(_sentence(f"{NAME} failed at the job", trouble, answer), raw=answer.raw)


def _failed(answer: Answer, trouble: Trouble) -> ProviderError:
    """The error of an answer to a question: the task's own for good, or the question's, which may be asked again."""
    meaning = STATUSES.get(answer.status, trouble.meaning)
    if meaning is Meaning.UNKNOWN_TASK:
        sentence = (
            f"{NAME} does not know this job: most likely it never arrived there and cost nothing, or its result has "
            "been deleted since."
        )
        return FailedThere(sentence, raw=answer.raw)
    of_question = trouble.task_type == "getResponse" or not trouble.named
    if meaning is Meaning.KEY or answer.status in STATUSES or (of_question and meaning is not Meaning.FAILED):
        general = _general(answer, trouble, meaning)
        if general or not answer.ok:
            return general or answer.error()
        return Unexpected(_sentence(f"{NAME} answers with an error", trouble, answer), raw=answer.raw)
    return FailedThere(_sentence(f"{NAME} failed at the job", trouble, answer), raw=answer.raw)


SERVICE = Service(
    id="RUNWARE",
    name=NAME,
    description="SAM 3D Objects at runware.ai: paid for by the run, up to four variations in one",
    offers={
        Subject.OBJECT: Offer(
            expected_seconds=30.0,  # no page tells: the jobs learn it from their own past
            price=0.0038,  # of a result in the page's examples
            prompt=True,
            largest_seed=2**63 - 1,
            results=4,
        )
    },
    parallel=4,  # the service names no limit of its own: it queues
    create=RunwareProvider,
)
