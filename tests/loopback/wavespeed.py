# SPDX-License-Identifier: GPL-3.0-or-later
"""WaveSpeedAI on this machine: sam-3d-objects and sam-3d-body, uploads of both generations, balance and price.

    POST /api/v3/media/uploads                  {filename, size, content_type?} -> {data: {download_url, upload: {...}}}
    PUT  <storage>/bucket/...                   the bytes, with exactly the headers that were told, never the key
    POST /api/v3/media/upload/binary            multipart field `file` -> {data: {download_url}}
    POST /api/v3/wavespeed-ai/sam-3d-objects    {image, prompt?, mask_images?: [address]}
    POST /api/v3/wavespeed-ai/sam-3d-body       {image, mask_image?: address}
    GET  /api/v3/predictions/{id}/result
    GET  /api/v3/balance
    POST /api/v3/model/price                    {model_id, inputs}

Every answer is {code, message, data}; an error may come as HTTP 200 with another code.
"""

from __future__ import annotations

import email
import email.policy
import secrets
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from . import checks, pictures
from .server import Answer, File, Job, LoopbackServer, Record, Refusal

API = "/api/v3"
MODELS = f"{API}/wavespeed-ai/"
LARGEST_UPLOAD = 200 << 20
COMMON = {"image": checks.address, "enable_sync_mode": checks.boolean}
FIELDS: dict[str, dict[str, checks.Check]] = {
    "sam-3d-objects": {
        **COMMON,
        "prompt": checks.text,
        "mask_images": lambda value: isinstance(value, list) and all(checks.address(item) for item in value),
    },
    "sam-3d-body": {**COMMON, "mask_image": checks.address},
}
# Headers that every HTTP client sends by itself.
TRANSPORT = {"host", "user-agent", "accept", "accept-encoding", "connection", "content-length"}


@dataclass
class Upload:
    """A place in the storage that was promised to a file."""

    name: str
    size: int
    headers: Mapping[str, str]
    filled: bool = False


class WaveSpeedServer(LoopbackServer):
    """Further settings:

    `uploads` "new", or "old" where only the binary upload is there; `errors_in_200` sends errors with HTTP 200;
    `outputs` "strings", "objects" or "null"; `outcome` also "failed", "cancelled", "timeout", "deleted", with `error`
    (code, text); `sync_timeout` gives up waiting in the sync mode; `prices` tells whether /model/price is there;
    `active` is False before the account's first top-up.
    """

    good = "completed"

    def __init__(self, **settings: Any) -> None:
        self.uploads = "new"
        self.errors_in_200 = False
        self.outputs = "strings"
        self.error = (1403, "The task failed")
        self.sync_timeout = False
        self.prices = True
        self.active = True
        self.promised: dict[str, Upload] = {}
        super().__init__(**settings)

    def kinds(self, record: Record) -> tuple[str, ...]:
        path = record.path
        if path.startswith(f"{API}/media/"):
            return ("upload",)
        if path.startswith(MODELS):
            return ("submit",)
        if path.startswith(f"{API}/predictions/"):
            job = self.jobs.get(path.split("/")[4])
            return ("poll", "result") if job and self.done(job) else ("poll",)
        return ("account",) if path in (f"{API}/balance", f"{API}/model/price", f"{API}/models") else ()

    def refused(self, refusal: Refusal) -> Answer:
        body = {"code": refusal.details.get("code", refusal.status), "message": refusal.message}
        hidden = self.errors_in_200 and refusal.status not in (401, 404, 405)
        return Answer(body, 200 if hidden else refusal.status)

    def serve(self, record: Record) -> Answer:
        if checks.bearer(record) != self.key:
            raise Refusal(401, "Unauthorized: invalid API key")
        if not self.active:
            raise Refusal(403, "Access forbidden: this API key is not active, please top up your account first")
        path = record.path
        model = path.removeprefix(MODELS)
        if path == f"{API}/media/uploads" and self.uploads == "new":
            return self._promise(record)
        if path == f"{API}/media/upload/binary":
            return self._take_binary(record)
        if path.startswith(MODELS) and model in FIELDS:
            return self._submit(record, model)
        if path.startswith(f"{API}/predictions/") and path.endswith("/result"):
            return self._poll(record, path.split("/")[4])
        return self._account(record)

    def serve_storage(self, record: Record) -> Answer:
        return self._put(record) if record.path.startswith("/bucket/") else super().serve_storage(record)

    # uploads

    def _promise(self, record: Record) -> Answer:
        checks.method(record, "POST")
        checks.content_type(record)
        known: dict[str, checks.Check] = {
            "filename": checks.some_text,
            "size": checks.whole(1, LARGEST_UPLOAD),
            "content_type": checks.some_text,
        }
        body = checks.fields(record.json, known, {"filename", "size"})
        kind = body.get("content_type", "application/octet-stream")
        place = f"/bucket/{secrets.token_hex(8)}"
        headers = {"Content-Type": kind, "If-None-Match": "*"}
        self.promised[place] = Upload(body["filename"], body["size"], headers)
        address = f"{self.storage_url}{place}"
        return _well(
            {
                "type": kind.partition("/")[0],
                "download_url": address,
                "filename": body["filename"],
                "size": body["size"],
                "upload": {"method": "PUT", "url": f"{address}?signature=abc", "headers": headers},
            }
        )

    def _put(self, record: Record) -> Answer:
        if record.method == "GET":
            return self._file(record)
        checks.method(record, "PUT")
        promised = self.promised.get(record.path)
        if promised is None or record.query != {"signature": "abc"}:
            raise Refusal(403, "SignatureDoesNotMatch")
        told = {name.lower(): value for name, value in promised.headers.items()}
        sent = {name: value for name, value in record.headers.items() if name not in TRANSPORT}
        if sent != told:
            raise Refusal(403, f"SignatureDoesNotMatch: {sorted(sent.keys() ^ told.keys())}")
        if len(record.body) != promised.size:
            raise Refusal(400, "EntitySizeMismatch")
        if promised.filled:
            raise Refusal(412, "PreconditionFailed")
        promised.filled = True
        self.files[record.path] = File(promised.name, record.body, promised.headers["Content-Type"])
        return Answer(b"", type="text/plain")

    def _take_binary(self, record: Record) -> Answer:
        checks.method(record, "POST")
        checks.content_type(record, "multipart/form-data")
        head = f"Content-Type: {record.headers['content-type']}\r\n\r\n".encode()
        message = email.message_from_bytes(head + record.body, policy=email.policy.HTTP)
        found = list(message.iter_parts())
        if len(found) != 1 or found[0].get_param("name", header="content-disposition") != "file":
            raise Refusal(400, "Missing form field: file")
        name, content = found[0].get_filename(), found[0].get_payload(decode=True)
        if not name or not isinstance(content, bytes) or not content:
            raise Refusal(400, "The form field `file` must be a file")
        address = self.keep(File(name, content, found[0].get_content_type()))
        return _well({"type": "image", "download_url": address, "filename": name, "size": len(content)})

    # jobs

    def _submit(self, record: Record, model: str) -> Answer:
        checks.method(record, "POST")
        checks.content_type(record)
        if not record.query.keys() <= {"webhook"}:
            raise Refusal(400, "Unknown query parameter")
        inputs = checks.fields(record.json, FIELDS[model], {"image"})
        photo = self._picture("image", inputs["image"])
        mask = inputs.get("mask_image")
        for address in inputs.get("mask_images", [mask] if mask else []):
            if self._picture("mask", address).size != photo.size:
                raise Refusal(400, "The mask must have the size of the image", code=1401)
        if self.balance < self.price:
            raise Refusal(402, "Insufficient credits. Please top up your account.")
        self.admit()
        job = self.start(f"pred_{secrets.token_hex(8)}", model, inputs)
        if not inputs.get("enable_sync_mode"):
            return _well(self._prediction(job, "created"))
        if self.sync_timeout:
            error = "Sync mode timed out after 90 seconds. The prediction goes on."
            return _well(self._prediction(job, "processing") | {"code": 5004, "error": error})
        self.wait_for(job)
        return _well(self._prediction(job))

    def _picture(self, name: str, address: str) -> pictures.Picture:
        """The uploaded picture at an address, as the service's own machines would fetch it."""
        file = self.files.get(address.removeprefix(self.storage_url)) if address.startswith(self.storage_url) else None
        if file is None:
            raise Refusal(400, f"Failed to fetch media: {name}", code=1402)
        picture = pictures.look(file.content)
        if picture is None:
            raise Refusal(400, f"Not a picture: {name}", code=1401)
        return picture

    def _poll(self, record: Record, id: str) -> Answer:
        checks.method(record, "GET")
        job = self.jobs.get(id)
        if job is None:
            raise Refusal(404, "Prediction not found")
        return _well(self._prediction(job))

    def _prediction(self, job: Job, status: str = "") -> dict[str, Any]:
        if not status:
            status = job.outcome if self.done(job) else "processing"
        data: dict[str, Any] = {
            "id": job.id,
            "model": f"wavespeed-ai/{job.model}",
            "status": status,
            "outputs": self._outputs(job) if status == "completed" else [],
            "urls": {"get": f"{self.url}{API}/predictions/{job.id}/result"},
            "has_nsfw_contents": [],
            "created_at": "2026-01-01T00:00:00Z",
            "error": "",
            "timings": {"inference": 0},
        }
        if status in ("failed", "cancelled", "timeout", "deleted"):
            data["code"], data["error"] = self.error
        return data

    def _outputs(self, job: Job) -> list[Any] | None:
        if self.outputs == "null":
            return None
        with self.lock:
            for file in self.results:
                if file.name not in job.urls:
                    job.urls[file.name] = self.keep(file)
        addresses = list(job.urls.values())
        return [{"url": address} for address in addresses] if self.outputs == "objects" else addresses

    # the account

    def _account(self, record: Record) -> Answer:
        if record.path == f"{API}/model/price" and self.prices:
            return self._price(record)
        if record.path not in (f"{API}/balance", f"{API}/models"):
            raise Refusal(404, "Not found")
        checks.method(record, "GET")
        if record.path == f"{API}/balance":
            return _well({"balance": round(self.balance, 6)})
        return _well([{"model_id": f"wavespeed-ai/{model}", "base_price": self.price} for model in FIELDS])

    def _price(self, record: Record) -> Answer:
        checks.method(record, "POST")
        checks.content_type(record)
        known: dict[str, checks.Check] = {
            "model_id": checks.one_of(*(f"wavespeed-ai/{model}" for model in FIELDS)),
            "inputs": lambda value: isinstance(value, dict),
        }
        body = checks.fields(record.json, known, {"model_id", "inputs"})
        return _well({"model_id": body["model_id"], "price": self.price, "currency": "USD"})


def _well(data: Any) -> Answer:
    return Answer({"code": 200, "message": "success", "data": data})
