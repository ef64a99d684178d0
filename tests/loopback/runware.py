# SPDX-License-Identifier: GPL-3.0-or-later
"""Runware on this machine: meta:sam@3d by REST.

Everything is POST /v1 with a JSON array of tasks: `authentication` (or the key as Bearer), `3dInference`,
`getResponse`, `getTaskDetails`, `accountManagement` (getDetails) and `imageUpload`. Answers are {data: [...]}, errors
{errors: [...]} on a 4xx or on 200. A task has the UUID that its sender chose.
"""

from __future__ import annotations

import base64
import math
import uuid
from typing import Any

from . import checks, pictures
from .server import Answer, File, Job, LoopbackServer, Record, Refusal

LARGEST_SEED = 9223372036854776000
MODEL = "meta:sam@3d"
CODES = {
    401: "invalidApiKey",
    402: "insufficientCredits",
    429: "rateLimitExceeded",
    500: "internalServerError",
    503: "serviceUnavailable",
}


def _picture(value: Any) -> bool:
    """An address, the UUID of an upload, a data URI or bare base64."""
    known = checks.address(value) or checks.uuid4(value)
    return known or (isinstance(value, str) and pictures.from_text(value, bare=True) is not None)


COMMON: dict[str, checks.Check] = {"taskType": checks.text, "taskUUID": checks.uuid4}
FIELDS: dict[str, dict[str, checks.Check]] = {
    "authentication": {"taskType": checks.text, "apiKey": checks.text, "connectionSessionUUID": checks.text},
    "3dInference": {
        **COMMON,
        "model": checks.one_of(MODEL),
        "inputs": lambda value: isinstance(value, dict),
        "positivePrompt": checks.some_text,
        "seed": checks.whole(0, LARGEST_SEED),
        "numberResults": checks.whole(1, 4),
        "outputType": checks.one_of("URL"),
        "outputFormat": checks.one_of("GLB"),
        "includeCost": checks.boolean,
        "deliveryMethod": checks.one_of("sync", "async"),
        "ttl": checks.whole(60, math.inf),
        "uploadEndpoint": checks.address,
        "webhookURL": checks.address,
    },
    "getResponse": COMMON,
    "getTaskDetails": COMMON,
    "accountManagement": {**COMMON, "operation": checks.one_of("getDetails")},
    "imageUpload": {**COMMON, "image": _picture},
}
REQUIRED = {
    "authentication": {"taskType", "apiKey"},
    "3dInference": {"taskType", "taskUUID", "model", "inputs", "positivePrompt"},
    "getResponse": {"taskType", "taskUUID"},
    "getTaskDetails": {"taskType", "taskUUID"},
    "accountManagement": {"taskType", "taskUUID", "operation"},
    "imageUpload": {"taskType", "taskUUID", "image"},
}
KIND = {
    "3dInference": "submit",
    "getResponse": "poll",
    "getTaskDetails": "result",
    "accountManagement": "account",
    "imageUpload": "upload",
}


class RunwareServer(LoopbackServer):
    """Further settings:

    `shape` of a result: "files" (outputs.files), "one item" (all results of a task in one such list), or the flat
    "modelURL", "modelBase64Data" or "modelDataURI"; `indexed` numbers the items, without which the service's own SDK
    waits in vain for a second result; `one_by_one` lets the results of a task arrive one after another; `failing` are
    the numbers of results that fail while others of the task come; `statuses` False leaves the status out, as the
    pages' examples do; `progressing` False leaves the progress out; `errors_in_200` sends errors with HTTP 200;
    `empty_errors` puts an empty list of errors beside all data; `outcome` also "error", with `error` (code, message),
    told by an item as the SDK reads it or, with `item_errors` False, by the list of errors as the page says;
    `balance_shape` "object" as in the SDK or "number" as on the page; `prompt_required` and `mask_required`, as the
    pages and the SDK say.
    """

    price = 0.0038
    good = "success"

    def __init__(self, **settings: Any) -> None:
        self.shape = "files"
        self.indexed = True
        self.one_by_one = False
        self.failing: set[int] = set()
        self.statuses = True
        self.progressing = True
        self.errors_in_200 = False
        self.empty_errors = False
        self.error = ("taskFailed", "The reconstruction failed")
        self.item_errors = True
        self.balance_shape = "object"
        self.prompt_required = True
        self.mask_required = True
        self.images: dict[str, pictures.Picture] = {}
        super().__init__(**settings)

    def kinds(self, record: Record) -> tuple[str, ...]:
        tasks = record.json if isinstance(record.json, list) else []
        kinds = [KIND.get(str(task.get("taskType")), "") for task in tasks if isinstance(task, dict)]
        if "poll" in kinds:
            jobs = [self.jobs.get(str(task.get("taskUUID"))) for task in tasks if isinstance(task, dict)]
            if all(job is None or self.done(job) for job in jobs):
                kinds.append("result")
        return tuple(kind for kind in dict.fromkeys(kinds) if kind)

    def refused(self, refusal: Refusal) -> Answer:
        error = {"code": CODES.get(refusal.status, "invalidRequest"), "message": refusal.message, **refusal.details}
        hidden = self.errors_in_200 and refusal.status not in (404, 405)
        return Answer({"errors": [error]}, 200 if hidden else refusal.status)

    def serve(self, record: Record) -> Answer:
        if record.path != "/v1":
            raise Refusal(404, "Not found")
        checks.method(record, "POST")
        checks.content_type(record)
        tasks = record.json
        if not isinstance(tasks, list) or not tasks:
            raise Refusal(400, "The body must be an array of tasks")
        key, data = checks.bearer(record), []
        # All are looked at before any is done.
        for task in tasks:
            kind = task.get("taskType") if isinstance(task, dict) else None
            if not isinstance(kind, str) or kind not in FIELDS:
                raise Refusal(400, "Unknown taskType", code="invalidTaskType", parameter="taskType")
            self._check(kind, task)
            key = task["apiKey"] if kind == "authentication" else key
        if key != self.key:
            raise Refusal(401, "Invalid API key")
        for task in tasks:
            data += self._do(task)
        failed = [item["error"] | {"taskUUID": item["taskUUID"]} for item in data if "error" in item]
        if failed and not self.item_errors:
            good = [item for item in data if "error" not in item]
            return Answer({"data": good, "errors": failed} if good else {"errors": failed})
        return Answer({"data": data} | ({"errors": []} if self.empty_errors else {}))

    def _check(self, kind: str, task: dict[str, Any]) -> None:
        """Refuses a task with unknown, missing or mistyped fields."""
        required = REQUIRED[kind] - (set() if self.prompt_required else {"positivePrompt"})
        try:
            checks.fields(task, FIELDS[kind], required)
            if kind == "3dInference":
                masks = {"mask"} if self.mask_required else set()
                checks.fields(task["inputs"], {"image": _picture, "mask": _picture}, {"image", *masks})
        except Refusal as refusal:
            name = refusal.details.get("parameter", "")
            details = {"parameter": name, "taskType": kind, "taskUUID": task.get("taskUUID")}
            code = f"{refusal.message.partition(' ')[0].lower()}Parameter"
            raise Refusal(400, refusal.message, code=code, **details) from None

    def _do(self, task: dict[str, Any]) -> list[dict[str, Any]]:
        """What one task gives: items of `data`."""
        head: dict[str, Any] = {name: task[name] for name in ("taskType", "taskUUID") if name in task}
        match task["taskType"]:
            case "authentication":
                return [{"taskType": "authentication", "connectionSessionUUID": str(uuid.uuid4())}]
            case "accountManagement":
                return [head | self._details()]
            case "imageUpload":
                return [head | self._upload(task)]
            case "getResponse" | "getTaskDetails" as kind:
                job = self.jobs.get(task["taskUUID"])
                if job is None or (kind == "getTaskDetails" and not self.done(job)):
                    raise Refusal(400, "Unknown task", code="taskFailedOrNotFound", parameter="taskUUID", **head)
                items = self._items(job)
                return items if kind == "getResponse" else [self._history(job, head, items)]
        return self._infer(task, head)

    def _infer(self, task: dict[str, Any], head: dict[str, Any]) -> list[dict[str, Any]]:
        if task["taskUUID"] in self.jobs:
            raise Refusal(400, "taskUUID must be unique", code="duplicateTaskUUID", parameter="taskUUID", **head)
        photo, mask = (self._picture(task["inputs"].get(name)) for name in ("image", "mask"))
        if photo and mask and photo.size != mask.size:
            words = "The mask must have the size of the image"
            raise Refusal(400, words, code="invalidMask", parameter="inputs.mask", **head)
        price = self.price * task.get("numberResults", 1)
        if self.balance < price:
            raise Refusal(402, "Insufficient credits", **head)
        self.admit()
        job = self.start(task["taskUUID"], MODEL, task, price)
        if task.get("deliveryMethod", "async") == "async":
            return [head]
        self.wait_for(job)
        return self._items(job)

    def _items(self, job: Job) -> list[dict[str, Any]]:
        """The state of each result of a task: made, failed, or on its way."""
        count = job.inputs.get("numberResults", 1)
        made = count if self.done(job) else int(self.progress(job) * count) if self.one_by_one else 0
        if self.shape == "one item" and made == count:
            files = [file for number in range(count) for file in self._model(job, number)["outputs"]["files"]]
            return [self._item(job, 0, 1) | {"outputs": {"files": files}}]
        items = [self._item(job, number, count) for number in range(made)]
        waiting: dict[str, Any] = {"taskType": "3dInference", "taskUUID": job.id, "status": "processing"}
        if self.progressing:
            waiting["progress"] = int(100 * self.progress(job))
        return items + [waiting] * (count - made)

    def _item(self, job: Job, number: int, count: int) -> dict[str, Any]:
        item: dict[str, Any] = {"taskType": "3dInference", "taskUUID": job.id}
        if self.indexed:
            item["resultIndex"] = number
        if job.outcome != self.good or number in self.failing:
            code, message = self.error
            return item | {"status": "error", "error": {"code": code, "message": message}}
        if self.statuses:
            item["status"] = "success"
        item["seed"] = job.inputs.get("seed", 1234) + number
        if job.inputs.get("includeCost"):
            item["cost"] = job.charged / count
        return item | self._model(job, number)

    def _history(self, job: Job, head: dict[str, Any], items: list[dict[str, Any]]) -> dict[str, Any]:
        """A task that has ended, as it was sent and answered."""
        errors = [item["error"] | {"taskUUID": job.id} for item in items if "error" in item]
        response = {"errors": errors} if errors else {"data": items}
        return head | {"request": [dict(job.inputs)], "response": response}

    def _model(self, job: Job, number: int) -> dict[str, Any]:
        """A result as the setting wants it."""
        file = self.result(number)
        name = str(uuid.uuid5(uuid.UUID(job.id), str(number)))
        with self.lock:
            if name not in job.urls:
                job.urls[name] = self.keep(File(f"{name}.glb", file.content, file.type))
        if self.shape in ("files", "one item"):
            return {"outputs": {"files": [{"uuid": name, "url": job.urls[name]}]}}
        packed = base64.b64encode(file.content).decode()
        flat = {
            "modelURL": job.urls[name],
            "modelBase64Data": packed,
            "modelDataURI": f"data:model/gltf-binary;base64,{packed}",
        }
        return {"modelUUID": name, self.shape: flat[self.shape]}

    def _picture(self, value: str | None) -> pictures.Picture | None:
        """A picture that was sent or uploaded; None for one elsewhere."""
        if value is None or checks.address(value):
            return None
        if checks.uuid4(value):
            if value not in self.images:
                raise Refusal(400, "Unknown image", code="invalidImage", parameter="inputs.image")
            return self.images[value]
        return pictures.from_text(value, bare=True)

    def _details(self) -> dict[str, Any]:
        amount = round(self.balance, 6)
        return {
            "operation": "getDetails",
            "organizationUUID": str(uuid.UUID(int=1)),
            "organizationName": "Loopback",
            "AIRSource": "loopback",
            "balance": amount if self.balance_shape == "number" else {"amount": amount, "currency": "USD"},
            "team": [],
            "apiKeys": [],
            "usage": {},
        }

    def _upload(self, task: dict[str, Any]) -> dict[str, Any]:
        picture = self._picture(task["image"])
        if picture is None:
            raise Refusal(400, "The image must be a data URI", code="invalidImage", parameter="image")
        name = str(uuid.uuid4())
        self.images[name] = picture
        address = self.keep(File(f"{name}.{picture.kind}", picture.content, f"image/{picture.kind}"))
        return {"imageUUID": name, "imageURL": address}
