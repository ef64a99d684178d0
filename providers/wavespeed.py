# SPDX-License-Identifier: GPL-3.0-or-later
"""WaveSpeedAI as a provider: pictures are uploaded, a prediction is started, asked for, and its outputs downloaded.

Every answer is an envelope `{code, message, data}`, and an error may sit inside an HTTP 200. Documented at
https://wavespeed.ai/docs; what the pages leave open is read as the service's own clients read it.
"""

import math
import re
from collections.abc import Mapping
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any, Final
from urllib.parse import quote, urlsplit

from .answer import Answer, quoted, without
from .base import Access, Account, Offer, Parcel, Progress, Report, Request, Result, Service, Subject, Task
from .errors import Busy, FailedThere, NoCredit, ProviderError, RefusedInput, Unexpected, Unreachable, WrongKey
from .files import Delivery, Kind, kind_of, to_model
from .http import Client

NAME = "WaveSpeedAI"
MODELS: Final = {Subject.OBJECT: "wavespeed-ai/sam-3d-objects", Subject.BODY: "wavespeed-ai/sam-3d-body"}
LARGEST_UPLOAD = 200 * 1024**2
MOST_OUTPUTS = 64
NOT_HERE = (404, 405, 410)
"""Statuses of an address that a service does not have (any more)."""
EXAMPLE = {"image": "https://example.com/your-input.jpg"}
"""What the service's pages ask a price for."""
MODEL_SUFFIXES: Final = {".glb": 0, ".zip": 1, ".ply": 2}
"""The files that may hold a model, the likeliest first."""

COMPLETED = "completed"
STAGES: Final = {"created": Progress(0.0, "Waiting"), "processing": Progress(0.1, "Reconstructing")}
FAILURES: Final = {
    "failed": "The reconstruction failed at {name}{said}: try another photo, prompt or mask.",
    "timeout": "{name} gave the job up because it took too long{said}: start it again.",
    "cancelled": "The job was cancelled at {name}{said}.",
    "canceled": "The job was cancelled at {name}{said}.",
    "deleted": "The job was deleted at {name}{said}.",
}
SYNC_TIMEOUT = 5004
"""With the status "processing" it only says that the service has stopped waiting for its own job."""
TASK_CODES: Final = {
    1200: "{name} refuses this photo or prompt for what it shows or says{said}: try another.",
    1400: "{name} misses something in the job{said}: see the job's log file.",
    1401: "{name} does not accept one of the job's settings{said}: change the prompt, photo or mask.",
    1402: "{name} could not read the pictures that were uploaded to it{said}: start the job again.",
    1403: FAILURES["failed"],
    1405: FAILURES["failed"],
    5000: "{name} had trouble of its own with the job{said}: start it again in a while.",
    5003: "{name} could not run the job at the moment{said}: start it again in a while.",
    SYNC_TIMEOUT: FAILURES["timeout"],
}
OUTAGES = (5000, 5003, SYNC_TIMEOUT)
"""The codes of the service's own trouble: as a task's they are final, as a whole answer's they may pass."""
REFUSALS = (1200, 1400, 1401, 1402)
"""The codes that say that a job cannot be taken as it is."""

TASK_ID = re.compile(r"[A-Za-z0-9][A-Za-z0-9_.:-]{0,199}")
NO_CREDIT = re.compile(
    r"(insufficient|not enough|too low|too little|no (more|remaining)) .{0,30}(balance|credit|fund)"
    r"|(balance|credits?|funds) .{0,30}(insufficient|not enough|too low|exhausted|used up)",
    re.IGNORECASE,
)
NOT_ACTIVE = re.compile(r"inactive|not (yet )?active|activat|top[ -]?(ped )?up|recharge", re.IGNORECASE)


@dataclass(frozen=True)
class Prediction:
    """What the service tells of a task; `progress` is None once it is completed. `raw` is its answer for the log."""

    progress: Progress | None
    outputs: tuple[str, ...]
    model: str
    raw: str


class WaveSpeedProvider:
    """SAM 3D at WaveSpeedAI, or at any service that speaks its protocol."""

    def __init__(self, access: Access, name: str = NAME, models: Mapping[Subject, str] = MODELS) -> None:
        """`models` are the paths below /api/v3/. Raises WrongKey without a key."""
        self._name, self._models, self._key = name, models, access.key
        self._client = Client(name, access, {"Authorization": f"Bearer {access.key}"})

    def pack(self, request: Request) -> Parcel:
        """Upload the pictures; may be repeated."""
        wish = request.wish
        body: dict[str, Any] = {"image": self._upload(request.photo)}
        if wish.subject is Subject.BODY:
            if request.masks:
                body["mask_image"] = self._upload(request.masks[0])
            return Parcel(request, body)
        if wish.prompt.strip():
            body["prompt"] = wish.prompt.strip()
        if request.masks:
            body["mask_images"] = [self._upload(mask) for mask in request.masks]
        return Parcel(request, body)

    def submit(self, parcel: Parcel) -> Task:
        """Start the prediction."""
        answer = self._client.post(f"/api/v3/{self._models[parcel.request.wish.subject]}", parcel.body)
        code, data = _open(answer)
        if code in NOT_HERE:
            sentence = f"{self._name} has no such model at this address: check the address in the preferences."
            raise Unreachable(sentence, sent=False, raw=answer.raw)
        if code not in (200, SYNC_TIMEOUT):
            raise self._error(answer, code)
        task_id = data.get("id")
        if not isinstance(task_id, str) or not TASK_ID.fullmatch(task_id):
            raise answer.unexpected()
        return Task(task_id, parcel.request)

    def recover(self, request: Request) -> Task | None:
        """WaveSpeed alone knows a task's id, and says it once."""
        return None

    def poll(self, task: Task) -> Progress:
        """Ask for the prediction's status."""
        return self._ask(task).progress or Progress(1.0, "Ready", finished=True)

    def fetch(self, task: Task, folder: Path, report: Report) -> list[Result]:
        """Download every output into `folder`; the models among them are the results, the rest their extras."""
        prediction = self._ask(task)
        if prediction.progress is not None:
            raise Busy(f"{self._name} is still at work on this job: try again in a while.", raw=prediction.raw)
        outputs = prediction.outputs
        if not outputs:
            sentence = f"{self._name} says that the job is done, but delivered nothing: start it again, or ask them."
            raise FailedThere(sentence, raw=prediction.raw)
        files: list[Path] = []
        for number, url in enumerate(outputs):

            def share(fraction: float, stage: str, done: int = number) -> None:
                report((done + fraction) / len(outputs), stage)

            file = folder / f"output-{number + 1}"
            try:
                self._client.download(url, file, share)
            except FileNotFoundError as error:
                sentence = (
                    f"The result is no longer at {self._name} where it was said to be: try again in a while. "
                    "Results are kept there for 7 days."
                )
                raise Unexpected(sentence, raw=prediction.raw) from error
            files.append(file.replace(_place(folder, files, kind_of(file), url)))
        wish = task.request.wish
        several = len(task.request.masks) > 1 or wish.results > 1
        return self._results(files, several, prediction.model or self._models[wish.subject])

    def cancel(self, task: Task) -> None:
        """The service knows no way to stop a prediction."""

    def account(self) -> Account:
        """Ask for the balance, and for the prices where the service tells them."""
        answer = self._client.get("/api/v3/balance")
        balance = _number(self._data(answer), "balance")
        if balance is None:
            raise answer.unexpected()
        note = "" if balance > 0 else f"{self._name} takes no jobs before the account is topped up."
        prices = {subject: self._price(model) for subject, model in self._models.items()}
        return Account(balance, {subject: price for subject, price in prices.items() if price is not None}, note)

    def _upload(self, file: Path) -> str:
        """Bring a picture to the service's storage; returns its address for the service."""
        size = file.stat().st_size
        if size > LARGEST_UPLOAD:
            limit = LARGEST_UPLOAD // 1024**2
            raise RefusedInput(f"{self._name} takes pictures of at most {limit} MB: lower the longest edge.")
        kind = "image/png" if file.suffix.lower() == ".png" else "image/jpeg"
        wanted = {"filename": file.name, "size": size, "content_type": kind}
        answer = self._client.post("/api/v3/media/uploads", wanted)
        if _open(answer)[0] in NOT_HERE:
            answer = self._client.post_file("/api/v3/media/upload/binary", "file", file, kind)
            return _address(answer, self._data(answer).get("download_url"))
        data = self._data(answer)
        address, upload = _address(answer, data.get("download_url")), data.get("upload")
        if not isinstance(upload, dict) or upload.get("method") != "PUT":
            raise answer.unexpected()
        headers = upload.get("headers") or {}
        if not isinstance(headers, dict) or not all(isinstance(value, str) for value in headers.values()):
            raise answer.unexpected()
        stored = self._client.put_file(_address(answer, upload.get("url")), file, headers)
        if not stored.ok:
            sentence = f"{self._name}'s storage did not take the picture (HTTP {stored.status}): try again in a while."
            raise Unreachable(sentence, sent=False, raw=stored.raw)
        return address

    def _ask(self, task: Task) -> Prediction:
        """What has become of a task; raises FailedThere once it has failed for good."""
        answer = self._client.get(f"/api/v3/predictions/{quote(task.id, safe='')}/result")
        code, data = _open(answer)
        if code in (404, 410):
            answer.object()  # only the service itself can say so: anything else comes from something on the way
            sentence = f"{self._name} no longer knows this job: results are kept there for 7 days."
            raise FailedThere(sentence, raw=answer.raw)
        status = data.get("status")
        task_code = _task_code(data) or (code if code in TASK_CODES and code not in OUTAGES else None)
        goes_on = status == COMPLETED or (status == "processing" and task_code == SYNC_TIMEOUT)
        if task_code and not goes_on:
            raise FailedThere(self._sentence(TASK_CODES[task_code], self._reason(answer, data)), raw=answer.raw)
        if not isinstance(status, str):
            raise answer.unexpected() if code == 200 else self._error(answer, code)
        if status in FAILURES:
            raise FailedThere(self._sentence(FAILURES[status], self._reason(answer, data)), raw=answer.raw)
        if status == COMPLETED:
            try:
                addresses = _addresses(data.get("outputs"))
            except ValueError as error:
                raise answer.unexpected() from error
            model = data.get("model")
            name = quoted(model) if isinstance(model, str) else ""
            return Prediction(None, addresses, name, answer.raw)
        if status in STAGES:
            return Prediction(STAGES[status], (), "", answer.raw)
        raise answer.unexpected()

    def _reason(self, answer: Answer, data: Mapping[str, Any]) -> str:
        """What a prediction that failed says of it; an envelope of success says nothing of its own."""
        error = data.get("error") if data else answer.words()
        return quoted(without(self._key, error)) if isinstance(error, str) else ""

    def _results(self, files: list[Path], several: bool, model_name: str) -> list[Result]:
        """Tell the models from the rest: GLBs first; with `several` each of the chosen kind is a result of its own."""
        deliveries: list[Delivery] = []
        extras: list[Path] = []
        faults: list[Unexpected] = []
        chosen = ""
        for file in sorted(files, key=lambda file: MODEL_SUFFIXES.get(file.suffix, len(MODEL_SUFFIXES))):
            if deliveries and not (several and file.suffix == chosen):
                extras.append(file)
                continue
            try:
                deliveries.append(to_model(file, self._name))
                chosen = file.suffix
            except Unexpected as fault:
                extras.append(file)
                faults.append(fault)
        if not deliveries:
            raise faults[0]
        results = [Result(one.model, one.extras, model_name, notes=one.notes) for one in deliveries]
        notes = tuple(str(fault) for fault in faults)
        first = results[0]
        results[0] = replace(first, extras=(*first.extras, *extras), notes=(*first.notes, *notes))
        return results

    def _data(self, answer: Answer) -> dict[str, Any]:
        """The data of an envelope of success; raises the error that is in it, which may come with HTTP 200."""
        code, data = _open(answer)
        if code != 200:
            raise self._error(answer, code)
        return data

    def _error(self, answer: Answer, code: int) -> ProviderError:
        """The error of the family for an answer and the code that counts in it."""
        name, words, raw = self._name, answer.words(), answer.raw
        if code == 402 or (400 <= code < 500 and code != 429 and NO_CREDIT.search(words)):
            return NoCredit(f"There is too little credit at {name}: top up the account, then try again.", raw=raw)
        if code == 403 or (code in (400, 401) and NOT_ACTIVE.search(words)):
            sentence = (
                f"The key is not active yet: {name}'s keys work only after the account's first top-up. "
                "Top up, then make a new key and copy it into the preferences."
            )
            return WrongKey(sentence, raw=raw)
        if code == 401:
            sentence = (
                f"{name} does not accept the key: copy it anew from wavespeed.ai/accesskey into the preferences. "
                "A key that was made before the account's first top-up never works: make a new one."
            )
            return WrongKey(sentence, raw=raw)
        if code in REFUSALS:
            return RefusedInput(self._sentence(TASK_CODES[code], words), raw=raw)
        if code in TASK_CODES and code not in OUTAGES:
            return FailedThere(self._sentence(TASK_CODES[code], words), raw=raw)
        return replace(answer, status=500 if code in OUTAGES else code).error()

    def _sentence(self, sentence: str, words: str) -> str:
        return sentence.format(name=self._name, said=f" ({words.rstrip('.')})" if words else "")

    def _price(self, model: str) -> float | None:
        """The price of a run in US dollars; None where the service does not tell."""
        wanted = {"model_id": model, "inputs": EXAMPLE}
        try:
            answer = self._client.post("/api/v3/model/price", wanted)
            if _open(answer)[0] in NOT_HERE:
                answer = self._client.post("/api/v3/model/pricing", wanted)
            return _number(self._data(answer), "discounted_price", "price", "unit_price")
        except ProviderError:  # only a convenience: the pages' price is known
            return None


def _open(answer: Answer) -> tuple[int, dict[str, Any]]:
    """The code that counts and the data of an envelope; 200 comes with data only.

    Raises Unreachable where a success is not JSON, and Unexpected where it is not an envelope.
    """
    if not answer.ok:
        try:
            body = answer.object()
        except ProviderError:  # a gateway's page, say: the status is all there is
            body = {}
        return _task_code(body) or answer.status, {}
    body = answer.object()
    code, data = body.get("code", 200), body.get("data")
    if not isinstance(code, int) or isinstance(code, bool) or (code == 200 and not isinstance(data, dict)):
        raise answer.unexpected()
    return code, data if isinstance(data, dict) else {}


def _task_code(body: Mapping[str, Any]) -> int | None:
    """One of `TASK_CODES`, wherever it stands."""
    for name in ("code", "error_code"):
        code = body.get(name)
        if isinstance(code, int) and code in TASK_CODES:
            return code
    return None


def _addresses(outputs: Any) -> tuple[str, ...]:
    """The addresses in a prediction's outputs, each once; raises ValueError for what is none.

    Outputs are addresses, or objects that hold them as `url` or under names of their own; or null.
    """
    found: list[Any] = []
    for item in outputs if isinstance(outputs, list) else [outputs]:
        if isinstance(item, dict):
            values = [item["url"]] if "url" in item else item.values()
            found += [value for value in values if "url" in item or _is_address(value)]
        elif item is not None:
            found.append(item)
    if len(found) > MOST_OUTPUTS or not all(map(_is_address, found)):
        raise ValueError("not a list of addresses")
    return tuple(dict.fromkeys(found))


def _place(folder: Path, files: list[Path], kind: Kind, url: str) -> Path:
    """Where an output is kept, by what it is: model.glb, model-2.ply, ...; extra.png, ... for what is no model."""
    suffix = f".{kind.lower()}"
    stem = "model" if suffix in MODEL_SUFFIXES else "extra"
    if kind is Kind.OTHER:
        named = Path(urlsplit(url).path).suffix.lower()
        suffix = named if re.fullmatch(r"\.[a-z0-9]{1,5}", named) and named not in MODEL_SUFFIXES else ".bin"
    before = sum(file.stem.partition("-")[0] == stem for file in files)
    return folder / (f"{stem}-{before + 1}{suffix}" if before else f"{stem}{suffix}")


def _is_address(value: Any) -> bool:
    try:
        return isinstance(value, str) and urlsplit(value).scheme in ("http", "https")
    except ValueError:  # brackets that hold no address
        return False


def _address(answer: Answer, value: Any) -> str:
    if not _is_address(value):
        raise answer.unexpected()
    return str(value)


def _number(data: Mapping[str, Any], *names: str) -> float | None:
    """The first finite number under one of the names."""
    for name in names:
        value = data.get(name)
        if isinstance(value, int | float) and not isinstance(value, bool) and math.isfinite(value):
            return float(value)
    return None


SERVICE = Service(
    id="WAVESPEED",
    name=NAME,
    description="SAM 3D Objects and SAM 3D Body as an online service, paid by the run",
    offers={
        Subject.OBJECT: Offer(expected_seconds=33.0, price=0.02, prompt=True, masks=16),
        Subject.BODY: Offer(expected_seconds=15.0, price=0.02),
    },
    parallel=2,  # the service's lowest level of accounts
    create=WaveSpeedProvider,
)
