# SPDX-License-Identifier: GPL-3.0-or-later
"""WaveSpeedAI as a provider: pictures are uploaded, a prediction is started, asked for, and its outputs downloaded.

Documented at https://wavespeed.ai/docs; what the pages leave open is read as the service's own clients read it.
"""

import re
from collections.abc import Callable, Mapping
from dataclasses import replace
from pathlib import Path
from typing import Any, Final
from urllib.parse import quote, urlsplit

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
from ..delivery import EXTENSIONS, DeliveredModel, Kind, kind_of, to_model
from ..downloads import download_result, numbered, share, still_at_work
from ..errors import Cancelled, InvalidInput, ProviderError, RemoteFailure, UnexpectedResponse, Unreachable
from ..http import Client
from ..image_encoding import media_type
from ..json_values import is_task_id, number
from ..response import NOT_HERE, Response
from ..settings import Setting, SettingKind
from ..several import all_or_incomplete, is_for_several, to_models, without_parts
from ..uploads import Uploads
from .errors import SYNC_TIMEOUT, error_of
from .responses import Prediction, read_address, read_data, read_envelope, read_prediction

NAME = "WaveSpeedAI"
MODELS: Final = {Subject.OBJECT: "wavespeed-ai/sam-3d-objects", Subject.BODY: "wavespeed-ai/sam-3d-body"}
LARGEST_UPLOAD = 200 * 1024**2
EXAMPLE = {"image": "https://example.com/your-input.jpg"}
"""What the service's pages ask a price for."""
MODEL_SUFFIXES: Final = {".glb": 0, ".zip": 1, ".ply": 2}
"""The files that may hold a model, the likeliest first."""
LIKE_A_GLB = ("", ".glb", ".bin")
"""How the address of a GLB may end."""


class WaveSpeedProvider:
    """SAM 3D at WaveSpeedAI, or at any service that speaks its protocol."""

    def __init__(
        self,
        credentials: Credentials,
        name: str = NAME,
        models: Mapping[Subject, str] = MODELS,
        *,
        needs_key: bool = True,
        read: Callable[[Response], Prediction] = read_prediction,
    ) -> None:
        """`models` are the paths below /api/v3/, `read` understands what is said of a task.

        Raises WrongKey where a key is needed and there is none.
        """
        self._name, self._models, self._read = name, models, read
        header = {"Authorization": f"Bearer {credentials.key}"} if credentials.key or needs_key else {}
        self.client = Client(name, credentials, header)
        self._uploads = Uploads(self._upload)
        self._completed: dict[str, Prediction] = {}

    def prepare(self, request: Request) -> PreparedRequest:
        """Upload the pictures that are not there yet; may be repeated."""
        options, address = request.options, self._uploads.address
        body: dict[str, Any] = {"image": address(request.photo)}
        if options.subject is Subject.BODY:
            if request.masks:
                body["mask_image"] = address(request.masks[0])
            return PreparedRequest(request, body)
        if options.prompt.strip():
            body["prompt"] = options.prompt.strip()
        if request.masks:
            body["mask_images"] = [address(mask) for mask in request.masks]
        return PreparedRequest(request, body)

    def submit(self, prepared: PreparedRequest) -> Task:
        """Start the prediction."""
        try:
            return self._submit(prepared)
        except ProviderError:
            self._forget_uploads(prepared.request)
            raise

    def _submit(self, prepared: PreparedRequest) -> Task:
        response = self.client.post(f"/api/v3/{self._models[prepared.request.options.subject]}", prepared.body)
        code, data = read_envelope(response)
        if code in NOT_HERE:
            sentence = f"{self._name} has no such model at this address: check the address in the preferences."
            raise Unreachable(sentence, sent=False, raw=response.raw)
        if code not in (200, SYNC_TIMEOUT):
            raise error_of(response, code)
        task_id = data.get("id")
        if not is_task_id(task_id):
            raise response.unexpected()
        return Task(task_id, prepared.request)

    def recover(self, request: Request) -> Task | None:
        """WaveSpeed alone knows a task's id, and says it once."""
        return None

    def poll(self, task: Task) -> Progress:
        """Ask for the prediction's status."""
        try:
            prediction = self._ask(task)
        except RemoteFailure:
            self._forget_uploads(task.request)
            raise
        if prediction.progress is not None:
            return prediction.progress
        self._completed[task.id] = prediction
        return Progress(1.0, "Ready", finished=True)

    def fetch(self, task: Task, folder: Path, report: Report) -> list[Result]:
        """Download every output into `folder`; the models among them are the results, the rest their extras."""
        # what the last poll was told is good for one try: then the addresses may have expired
        prediction = self._completed.pop(task.id, None) or self._ask(task)
        if prediction.progress is not None:
            raise still_at_work(self._name, prediction.raw)
        outputs = prediction.outputs
        if not outputs:
            sentence = f"{self._name} says that the job is done, but names no model: press Retry to ask once more."
            raise UnexpectedResponse(sentence, raw=prediction.raw)
        several = is_for_several(task.request)
        files: list[Path] = []
        missing: dict[Path, ProviderError] = {}
        for index, url in enumerate(outputs):
            file = folder / numbered("output", index)
            part = share(report, index, len(outputs))
            try:
                download_result(self.client, url, file, part, raw=prediction.raw, kept="for 7 days")
                if several and _suffix(url) == ".glb" and kind_of(file) not in EXTENSIONS:
                    to_model(file, self._name)  # raises what came in its place
            except Cancelled:
                raise
            except ProviderError as error:
                if not several or _suffix(url) not in LIKE_A_GLB:
                    raise
                files.append(_place(folder, files, Kind.GLB, url))  # or the next would have another name at a retry
                missing[files[-1]] = error
                continue
            files.append(file.replace(_place(folder, files, kind_of(file), url)))
        model_name = prediction.model or self._models[task.request.options.subject]
        results = self._results(files, missing, several)
        # a model without its pose, or a pose too many: none could be told whose it is
        poses = prediction.poses if len(prediction.poses) == len(results) else (None,) * len(results)
        return all_or_incomplete(
            [
                replace(one, model_name=model_name, frontal=prediction.frontal, pose=pose)
                if isinstance(one, Result)
                else one
                for one, pose in zip(results, poses, strict=True)
            ]
        )

    def cancel(self, task: Task) -> None:
        """The service knows no way to stop a prediction."""

    def account(self) -> Account:
        """Ask for the balance, and for the prices where the service tells them."""
        response = self.client.get("/api/v3/balance")
        balance = number(read_data(response).get("balance"))
        if balance is None:
            raise response.unexpected()
        note = "" if balance > 0 else f"{self._name} takes no jobs before the account is topped up."
        prices = {subject: self._price(model) for subject, model in self._models.items()}
        return Account(balance, {subject: price for subject, price in prices.items() if price is not None}, note)

    def _forget_uploads(self, request: Request) -> None:
        """The pictures may be what was wrong: a job that is run again uploads them anew."""
        self._uploads.forget((request.photo, *request.masks))

    def _upload(self, file: Path) -> str:
        """Bring a picture to the service's storage; returns its address for the service."""
        size = file.stat().st_size
        if size > LARGEST_UPLOAD:
            limit = LARGEST_UPLOAD // 1024**2
            sentence = f"{self._name} takes pictures of at most {limit} MB: lower the longest edge in the preferences."
            raise InvalidInput(sentence)
        kind = media_type(file)
        wanted = {"filename": file.name, "size": size, "content_type": kind}
        response = self.client.post("/api/v3/media/uploads", wanted)
        if read_envelope(response)[0] in NOT_HERE:
            response = self.client.post_file("/api/v3/media/upload/binary", "file", file, kind)
            return read_address(response, read_data(response).get("download_url"))
        data = read_data(response)
        address, upload = read_address(response, data.get("download_url")), data.get("upload")
        if not isinstance(upload, dict) or upload.get("method") != "PUT":
            raise response.unexpected()
        headers = upload.get("headers") or {}
        if not isinstance(headers, dict) or not all(isinstance(value, str) for value in headers.values()):
            raise response.unexpected()
        stored = self.client.put_file(read_address(response, upload.get("url")), file, headers)
        if not stored.ok:
            sentence = f"{self._name}'s storage did not take the picture (HTTP {stored.status}): try again in a while."
            raise Unreachable(sentence, sent=False, raw=stored.raw)
        return address

    def _ask(self, task: Task) -> Prediction:
        return self._read(self.client.get(f"/api/v3/predictions/{quote(task.id, safe='')}/result"))

    def _results(
        self, files: list[Path], missing: Mapping[Path, ProviderError], several: bool
    ) -> list[Result | ProviderError]:
        """Tell the models from the rest: GLBs first; with `several` each of the chosen kind is a result of its own.

        The error of one that cannot be had stands in its place; `missing` are those that could not be downloaded.
        """
        entries: list[tuple[str, DeliveredModel | ProviderError]] = []
        extras: list[Path] = []
        chosen = ""
        for file in sorted(files, key=lambda file: MODEL_SUFFIXES.get(file.suffix, len(MODEL_SUFFIXES))):
            if chosen and not (several and file.suffix == chosen):
                extras.append(file)
            elif file in missing:
                entries.append((file.suffix, missing[file]))
            else:
                try:
                    models = to_models(file, self._name) if several else [to_model(file, self._name)]
                    chosen = file.suffix
                    entries += [(chosen, model) for model in models]
                except UnexpectedResponse as fault:
                    extras.append(file)
                    entries.append((file.suffix, fault))
        deliveries = [entry for _, entry in entries if isinstance(entry, DeliveredModel)]
        faults = [(suffix, entry) for suffix, entry in entries if isinstance(entry, ProviderError)]
        if not deliveries:
            raise faults[0][1]
        notes = tuple(str(fault) for suffix, fault in faults if not several or suffix != chosen)
        kept = [entry for suffix, entry in entries if suffix == chosen and (several or entry in deliveries)]
        results = [
            entry if isinstance(entry, ProviderError) else Result(entry.model, entry.extras, notes=entry.notes)
            for entry in (without_parts(deliveries) if kept == deliveries else kept)
        ]
        number, first = next((number, each) for number, each in enumerate(results) if isinstance(each, Result))
        results[number] = replace(first, extras=(*first.extras, *extras), notes=(*first.notes, *notes))
        return results

    def _price(self, model: str) -> float | None:
        """The price of a run in US dollars; None where the service does not tell."""
        wanted = {"model_id": model, "inputs": EXAMPLE}
        try:
            response = self.client.post("/api/v3/model/price", wanted)
            if read_envelope(response)[0] in NOT_HERE:
                response = self.client.post("/api/v3/model/pricing", wanted)
            data = read_data(response)
        except ProviderError:  # only a convenience: the pages' price is known
            return None
        prices = (number(data.get(name)) for name in ("discounted_price", "price", "unit_price"))
        return next((price for price in prices if price is not None), None)


def _place(folder: Path, files: list[Path], kind: Kind, url: str) -> Path:
    """Where an output is kept, by what it is: model.glb, model-2.ply, ...; extra.png, ... for what is no model."""
    suffix = f".{kind.lower()}"
    stem = "model" if suffix in MODEL_SUFFIXES else "extra"
    if kind is Kind.OTHER:
        named = _suffix(url)
        suffix = named if re.fullmatch(r"\.[a-z0-9]{1,5}", named) and named not in MODEL_SUFFIXES else ".bin"
    before = sum(file.stem.partition("-")[0] == stem for file in files)
    return folder / numbered(stem, before, suffix)


def _suffix(url: str) -> str:
    return Path(urlsplit(url).path).suffix.lower()


SERVICE = Service(
    id="WAVESPEED",
    name=NAME,
    description="SAM 3D Objects and SAM 3D Body as an online service, paid by the run",
    capabilities={
        Subject.OBJECT: Capabilities(expected_seconds=33.0, price=0.02, prompt=True, masks=16),
        Subject.BODY: Capabilities(expected_seconds=15.0, price=0.02, close_ups=False, finds_subject=True),
    },
    parallel=2,  # the service's lowest level of accounts
    create=WaveSpeedProvider,
    settings=(
        Setting(
            "api_key",
            SettingKind.KEY,
            "WaveSpeed Key",
            variable="WAVESPEED_API_KEY",
            key_page="https://wavespeed.ai/accesskey",
        ),
        Setting("url", SettingKind.ADDRESS, "WaveSpeed Address", default="https://api.wavespeed.ai", advanced=True),
    ),
)
