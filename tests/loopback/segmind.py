# SPDX-License-Identifier: GPL-3.0-or-later
"""Segmind on this machine: sam-3d-objects and sam-3d-body by v2 (submit, status, result) and v1 (one call).

    POST /v2/{model}                   -> {request_id, status: "QUEUED", poll_url, status_url, response_url}
    GET  /v2/requests/{id}/status      -> {status: QUEUED | PROCESSING | COMPLETED | FAILED, request_id, metrics}
    GET  /v2/requests/{id}             -> {status, output, metrics, and keys of the model's own}
    POST /v1/{model}                   waits; -> JSON, or the raw file
    GET  /v1/get-user-credits          -> {"credits", "free-credits"}
    POST /upload-asset                 {data_urls} -> {file_urls, message}

The key goes into `x-api-key` only. A failed job is HTTP 422 with {status: "FAILED", error, metrics}.
"""

from __future__ import annotations

import json
import secrets
from typing import Any

from . import checks, models, pictures
from .server import Answer, File, Job, LoopbackServer, Record, Refusal

GLB, PLY, ZIP = "model/gltf-binary", "application/octet-stream", "application/zip"
PAGE = b"<!doctype html>\n<html lang=en>\n<title>405 Method Not Allowed</title>\n<h1>Method Not Allowed</h1>\n"


def _numbers(text: Any, rows: bool) -> bool:
    """Whether a text is a JSON list of four numbers, or of points (x, y)."""
    if not isinstance(text, str):
        return False
    try:
        values = json.loads(text)
    except ValueError:
        return False
    lists = values if rows else [values]
    length = 2 if rows else 4
    return (
        isinstance(values, list)
        and bool(values)
        and all(
            isinstance(items, list)
            and len(items) == length
            and all(isinstance(item, int | float) and not isinstance(item, bool) for item in items)
            for items in lists
        )
    )


def _picture(value: Any) -> bool:
    """An address, a data URI or bare base64."""
    return checks.address(value) or (isinstance(value, str) and pictures.from_text(value, bare=True) is not None)


FIELDS: dict[str, dict[str, checks.Check]] = {
    "sam-3d-objects": {
        "image": _picture,
        "prompt": checks.text,
        "mask": _picture,
        "point_coords": lambda value: _numbers(value, rows=True),
        "bounding_box": lambda value: _numbers(value, rows=False),
        "seed": checks.whole(0, 1_000_000),
        "include_artifacts": checks.boolean,
    },
    "sam-3d-body": {
        "image": _picture,
        "include_keypoints": checks.boolean,
        "return_individual_meshes": checks.boolean,
    },
}


class SegmindServer(LoopbackServer):
    """Further settings:

    `v2` True, or the status with which it is gone (404, 410); `v1_answer` "json", "glb", "zip" or "ply"; `output` tells
    where a result stands: "keys" of the model, or under `output` as "object", "list" or "string"; `outcome` also
    "FAILED" with `error`; `metrics` False leaves them out; `expired` forgets all records; `people` in a body's photo,
    `person_models` the GLB of each, where they have any; `team_limit` refuses with 406; `credits_known` False answers
    404; `free_credits` beside the balance.
    """

    price = 0.065
    good = "COMPLETED"

    def __init__(self, **settings: Any) -> None:
        self.v2: bool | int = True
        self.v1_answer = "json"
        self.output = "keys"
        self.error = "Inference failed"
        self.metrics = True
        self.expired = False
        self.people = 1
        self.person_models: list[File] = []
        self.team_limit = False
        self.credits_known = True
        self.free_credits = 0.018
        super().__init__(**{"key": "SG_0123456789abcdef", **settings})

    def kinds(self, record: Record) -> tuple[str, ...]:
        path = record.path
        if path.startswith("/v2/requests/"):
            return ("poll",) if path.endswith("/status") else ("result",)
        if path == "/v1/get-user-credits":
            return ("account",)
        if path == "/upload-asset":
            return ("upload",)
        return ("submit",) if path.startswith(("/v1/", "/v2/")) else ()

    def refused(self, refusal: Refusal) -> Answer:
        if refusal.status == 405:
            return Answer(PAGE, 405, {"Allow": "POST"}, "text/html; charset=utf-8")
        body: dict[str, Any] = {"error": refusal.message}
        headers = {}
        if refusal.status == 401:
            body |= {"error_description": "Invalid or missing API key", "status_code": 401}
        if refusal.status == 429:
            headers["x-rate-limit-reset-at-utc"] = "2030-01-01 00:00:00"
        return Answer(body, refusal.status, headers)

    def serve(self, record: Record) -> Answer:
        if "authorization" in record.headers or record.headers.get("x-api-key") != self.key:
            raise Refusal(401, "Unauthorized")
        path = record.path
        if path == "/v1/get-user-credits":
            return self._credits(record)
        if path == "/upload-asset":
            return self._upload(record)
        if path.startswith("/v2/"):
            if self.v2 is not True:
                raise Refusal(self.v2, "Gone" if self.v2 == 410 else "Not found")
            if path.startswith("/v2/requests/"):
                return self._ask(record)
        version, _, model = path[1:].partition("/")
        if version not in ("v1", "v2") or model not in FIELDS:
            raise Refusal(404, "Model not found")
        job = self._take(record, model)
        return self._queued(job) if version == "v2" else self._wait(job)

    def _take(self, record: Record, model: str) -> Job:
        checks.method(record, "POST")
        checks.content_type(record, status=406)
        inputs = checks.fields(record.json, FIELDS[model], {"image"})
        photo, mask = (pictures.from_text(inputs.get(name, ""), bare=True) for name in ("image", "mask"))
        if photo and mask and photo.size != mask.size:
            raise Refusal(400, "The mask must have the size of the image")
        if self.team_limit:
            raise Refusal(406, "Team spending limit reached")
        if self.balance + self.free_credits < self.price:
            raise Refusal(406, "Insufficient credits")
        self.admit()
        return self.start(secrets.token_hex(12), model, inputs)

    # v2

    def _queued(self, job: Job) -> Answer:
        address = f"{self.url}/v2/requests/{job.id}"
        return Answer(
            {
                "request_id": job.id,
                "status": "QUEUED",
                "poll_url": f"{address}/status",
                "status_url": f"{address}/status",
                "response_url": address,
            },
            headers={"x-request-id": job.id},
        )

    def _ask(self, record: Record) -> Answer:
        checks.method(record, "GET")
        parts = record.path.split("/")
        job = self.jobs.get(parts[3])
        if job is None or self.expired or parts[4:] not in ([], ["status"]):
            raise Refusal(404, "Request not found")
        state: dict[str, Any] = {"request_id": job.id}
        if not self.done(job):
            return Answer(state | {"status": "PROCESSING" if self.progress(job) > 0.1 else "QUEUED", "metrics": {}})
        state |= {"status": job.outcome, "metrics": self._metrics(job)}
        if job.outcome != self.good:
            return Answer(state | {"error": self.error}, 422, self._headers(job))
        return Answer(state if parts[4:] else state | self._output(job), headers=self._headers(job))

    def _output(self, job: Job) -> dict[str, Any]:
        """What a finished job made, where the setting wants it."""
        keys = self._keys(job)
        if self.output == "keys":
            return keys | {"output": None}
        if self.output == "object":
            return {"output": keys}
        return {"output": keys["model_glb"] if self.output == "string" else [keys["model_glb"]]}

    # v1

    def _wait(self, job: Job) -> Answer:
        self.wait_for(job)
        headers = self._headers(job)
        if job.outcome != self.good:
            return Answer({"error": self.error, "status": "FAILED"}, 500, headers)
        match self.v1_answer:
            case "glb":
                return Answer(self.result().content, headers=headers, type=GLB)
            case "ply":
                return Answer(models.mesh_ply(), headers=headers, type=PLY)
            case "zip":
                return Answer(models.archive(), headers=headers, type=ZIP)
        words = {"status": "Success", "inference_time": self.job_seconds, "error": None}
        return Answer(self._keys(job) | words, headers=headers)

    # both

    def _headers(self, job: Job) -> dict[str, str]:
        return {
            "x-request-id": job.id,
            "x-cost": str(job.charged),
            "x-remaining-credits": str(round(self.balance, 6)),
            "x-generation-time": str(self.job_seconds),
        }

    def _metrics(self, job: Job) -> dict[str, Any]:
        if not self.metrics:
            return {}
        return {
            "inference_time": self.job_seconds,
            "queue_time": 0.0,
            "total_time": self.job_seconds,
            "cost": job.charged,
            "remaining_credits": round(self.balance, 6),
            "retry_count": 0,
        }

    def _url(self, job: Job, file: File) -> str:
        """The address of a job's file, always the same."""
        with self.lock:
            if file.name not in job.urls:
                job.urls[file.name] = self.keep(file)
            return job.urls[file.name]

    def _keys(self, job: Job) -> dict[str, Any]:
        """The keys of the model's own, with addresses of its files."""
        found: dict[str, Any] = {"model_glb": self._url(job, self.result())}
        if job.model == "sam-3d-objects":
            mesh = File("object_0.glb", self.result().content, GLB)
            found["gaussian_splat"] = self._url(job, File("splat.ply", models.gaussian_ply(), PLY))
            found["individual_meshes"] = [
                {
                    "url": self._url(job, mesh),
                    "file_name": mesh.name,
                    "file_size": len(mesh.content),
                    "content_type": mesh.type,
                }
            ]
            # True by default on one of the service's pages, False on the other: whoever wants to know sends it.
            if job.inputs.get("include_artifacts", True):
                found["artifacts_zip"] = self._url(job, File("artifacts.zip", models.archive(), ZIP))
            return found
        if job.inputs.get("include_keypoints"):
            kind = "application/json"
            whole = File("keypoints.json", models.keypoints(self.people), kind)
            found["keypoints"] = found["keypoints_3d"] = self._url(job, whole)
            found["individual_keypoints"] = [
                self._url(job, File(f"keypoints_{person}.json", models.keypoints(), kind))
                for person in range(self.people)
            ]
        if self.person_models:
            found["individual_glbs"] = [self._url(job, model) for model in self.person_models]
        elif job.inputs.get("return_individual_meshes"):
            meshes = [File(f"person_{person}.ply", models.mesh_ply(), PLY) for person in range(self.people)]
            found["metadata"] = {"meshes": [{"mesh_ply": self._url(job, mesh)} for mesh in meshes]}
        return found

    # the rest

    def _credits(self, record: Record) -> Answer:
        checks.method(record, "GET")
        if not self.credits_known:
            raise Refusal(404, "No credits found for the user")
        return Answer({"credits": round(self.balance, 6), "free-credits": self.free_credits})

    def _upload(self, record: Record) -> Answer:
        checks.method(record, "POST")
        checks.content_type(record, status=406)

        def uris(value: Any) -> bool:
            return isinstance(value, list) and all(isinstance(uri, str) for uri in value)

        body = checks.fields(record.json, {"data_urls": uris}, {"data_urls"})
        found = [pictures.from_text(uri, bare=False) for uri in body["data_urls"]]
        if not found or None in found:
            raise Refusal(400, "data_urls must be data URIs of pictures")
        files = [File(f"asset.{each.kind}", each.content, f"image/{each.kind}") for each in found if each]
        return Answer({"file_urls": [self.keep(file) for file in files], "message": "Uploaded"})
