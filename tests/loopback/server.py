# SPDX-License-Identifier: GPL-3.0-or-later
"""What the services on this machine share: two listeners, a log of requests, jobs with a clock, files, faults.

One listener is the service itself (`url`), the other is the storage that its answers name (`storage_url`): another host
as far as a key is concerned. Both write into the same log.
"""

from __future__ import annotations

import contextlib
import json
import math
import secrets
import sys
import threading
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, replace
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any, Self
from urllib.parse import parse_qs, urlsplit

from . import models
from .faults import Fault

KINDS = ("upload", "put", "submit", "poll", "result", "download", "account")
BLOCK = 1 << 16


@dataclass(frozen=True)
class Record:
    """A request as it came in.

    `kinds` of KINDS; `headers` by lower-case names; `json` is None where the body is not JSON; `arrived` is of
    time.monotonic; `storage` tells the listener.
    """

    method: str
    path: str
    query: Mapping[str, str]
    headers: Mapping[str, str]
    body: bytes
    json: Any
    host: str
    arrived: float
    storage: bool
    kinds: tuple[str, ...] = ()

    def holds(self, secret: str) -> bool:
        """Whether a text occurs anywhere in it."""
        parts = [self.path, *self.query.values(), *self.headers.values()]
        return any(secret in part for part in parts) or secret.encode() in self.body


@dataclass(frozen=True)
class Answer:
    """An answer: `content` as bytes, or anything else as JSON."""

    content: Any
    status: int = 200
    headers: Mapping[str, str] = field(default_factory=dict)
    type: str = "application/json"

    def body(self) -> bytes:
        """What goes over the wire."""
        return self.content if isinstance(self.content, bytes) else json.dumps(self.content).encode()


class Refusal(Exception):
    """The server does not accept a request; every service has its own words for it."""

    def __init__(self, status: int, message: str, **details: Any) -> None:
        super().__init__(message)
        self.status, self.message, self.details = status, message, details


@dataclass(frozen=True)
class File:
    """A file that a server delivers."""

    name: str
    content: bytes
    type: str = "application/octet-stream"


@dataclass
class Job:
    """A job that a server has taken, and charged for; `outcome` is fixed when it starts, in the service's own word."""

    id: str
    model: str
    inputs: Mapping[str, Any]
    started: float
    outcome: str
    charged: float = 0.0
    urls: dict[str, str] = field(default_factory=dict)


@dataclass
class _PlannedFault:
    kind: str
    fault: Fault
    times: float
    after: int


class LoopbackServer:
    """The base of the services; used as a context manager.

    Settings, which a test may change at any time:
    `key` is the one that is accepted; `balance` in US dollars, `price` of a job; `job_seconds` is how long a job takes
    (math.inf: until it is set to something else); `results` are the models, of which the n-th variation gets the n-th;
    `outcome` of the jobs to come; `rate_limit` submits a minute; `parallel` jobs at a time; `clock` in seconds.
    """

    price = 0.02
    good = ""  # the service's own word for a job that came out well

    def __init__(self, **settings: Any) -> None:
        self.key = "sk-loopback-0123456789abcdef"
        self.balance = 10.0
        self.job_seconds = 0.0
        self.results = [File("model.glb", models.glb(), "model/gltf-binary")]
        self.outcome = self.good
        self.rate_limit = math.inf
        self.parallel = math.inf
        self.clock: Callable[[], float] = time.monotonic
        self.requests: list[Record] = []
        self.jobs: dict[str, Job] = {}
        self.files: dict[str, File] = {}
        self.charged = 0.0
        self.closing = threading.Event()
        self.lock = threading.RLock()
        self._faults: list[_PlannedFault] = []
        for name, value in settings.items():
            if not hasattr(self, name):
                raise AttributeError(name)
            setattr(self, name, value)

    def __enter__(self) -> Self:
        self._listeners = [_Listener(self, storage) for storage in (False, True)]
        for listener in self._listeners:
            threading.Thread(target=listener.serve_forever, args=(0.02,), daemon=True).start()
        self.url, self.storage_url = (f"http://127.0.0.1:{listener.server_port}" for listener in self._listeners)
        return self

    def __exit__(self, *_: object) -> None:
        self.closing.set()
        for listener in self._listeners:
            listener.shutdown()
            listener.server_close()

    # what a test asks

    def fault(self, kind: str, fault: Fault, times: float = math.inf, after: int = 0) -> Fault:
        """Spoils the answers to calls of a kind, `times` in all, once `after` of them have gone well."""
        assert kind in KINDS, kind
        with self.lock:
            self._faults.append(_PlannedFault(kind, fault, times, after))
        return fault

    def mend(self) -> None:
        """Ends all faults."""
        with self.lock:
            self._faults.clear()

    def count(self, kind: str) -> int:
        """How many requests of a kind came in, whatever became of them."""
        return len(self.of(kind))

    def of(self, kind: str) -> list[Record]:
        """The requests of a kind, in order."""
        with self.lock:
            return [record for record in self.requests if kind in record.kinds]

    @property
    def submits(self) -> int:
        """How many jobs were taken and charged for."""
        return len(self.jobs)

    @property
    def submit_posts(self) -> int:
        return self.count("submit")

    @property
    def polls(self) -> int:
        return self.count("poll")

    @property
    def leaks(self) -> list[Record]:
        """Requests to the storage that carried the key, or any header that is there to prove who asks."""
        names = ("authorization", "x-api-key", "cookie", "proxy-authorization")
        with self.lock:
            seen = [record for record in self.requests if record.storage]
        return [record for record in seen if record.holds(self.key) or any(name in record.headers for name in names)]

    # what a service says

    def kinds(self, record: Record) -> tuple[str, ...]:
        """Of which kinds a request to the service is."""
        raise NotImplementedError

    def serve(self, record: Record) -> Answer:
        """The answer of the service. May raise Refusal."""
        raise NotImplementedError

    def serve_storage(self, record: Record) -> Answer:
        """The answer of the storage: the files. May raise Refusal."""
        return self._file(record)

    def refused(self, refusal: Refusal) -> Answer:
        """A refusal in the service's own form."""
        return Answer({"error": refusal.message}, refusal.status)

    # what a service needs for it

    def keep(self, file: File) -> str:
        """Puts a file into the storage; its address, which nobody can guess."""
        path = f"/files/{secrets.token_hex(8)}/{file.name}"
        self.files[path] = file
        return self.storage_url + path

    def admit(self) -> None:
        """Refuses a submit with 429 beyond the limits."""
        now = self.clock()
        with self.lock:
            recent = sum(now - job.started < 60 for job in self.jobs.values())
            running = sum(not self.done(job) for job in self.jobs.values())
        if recent >= self.rate_limit:
            raise Refusal(429, "Rate limit exceeded")
        if running >= self.parallel:
            raise Refusal(429, "Too many concurrent tasks")

    def start(self, id: str, model: str, inputs: Mapping[str, Any], price: float | None = None) -> Job:
        """Takes a job and charges for it."""
        price = self.price if price is None else price
        with self.lock:
            job = Job(id, model, inputs, self.clock(), self.outcome, price if self.outcome == self.good else 0.0)
            self.jobs[id] = job
            self.balance -= job.charged
            self.charged += job.charged
        return job

    def progress(self, job: Job) -> float:
        """How far a job is, 0..1."""
        elapsed = self.clock() - job.started
        return 1.0 if elapsed >= self.job_seconds else elapsed / self.job_seconds

    def done(self, job: Job) -> bool:
        return self.progress(job) >= 1

    def wait_for(self, job: Job) -> None:
        """Blocks until a job is done, for answers that wait for it."""
        while not self.done(job) and not self.closing.wait(0.005):
            pass

    def result(self, index: int = 0) -> File:
        """The model of a variation."""
        return self.results[index % len(self.results)]

    def answer(self, record: Record) -> tuple[Answer, Fault]:
        """The answer to a request and how it is to be spoilt."""
        fault = self._next_fault(record)
        answer = Answer(b"")
        if fault.taken:
            try:
                answer = self.serve_storage(record) if record.storage else self.serve(record)
            except Refusal as refusal:
                answer = self.refused(refusal)
        if fault.status:
            words = self.refused(Refusal(fault.status, "Something went wrong")).content
            content = words if fault.body is None else fault.body
            answer = Answer(content, fault.status, fault.headers, fault.headers.get("Content-Type", answer.type))
        elif fault.change and not isinstance(answer.content, bytes):
            answer = Answer(fault.change(answer.content), answer.status, answer.headers)
        return answer, fault

    def _next_fault(self, record: Record) -> Fault:
        with self.lock:
            for planned in self._faults:
                if planned.kind in record.kinds and planned.times > 0:
                    if planned.after > 0:
                        planned.after -= 1
                    else:
                        planned.times -= 1
                        return planned.fault
        return WELL

    def _file(self, record: Record) -> Answer:
        file = self.files.get(record.path)
        if record.method not in ("GET", "HEAD"):
            raise Refusal(405, "Method not allowed")
        if file is None:
            raise Refusal(404, "No such file")
        return Answer(file.content, type=file.type)

    def record(self, handler: BaseHTTPRequestHandler, storage: bool) -> Record:
        """Reads a request and writes it into the log."""
        arrived = time.monotonic()
        parts = urlsplit(handler.path)
        headers = {name.lower(): value for name, value in handler.headers.items()}
        body = handler.rfile.read(int(headers.get("content-length", 0)))
        parsed = None
        with contextlib.suppress(ValueError):
            parsed = json.loads(body)
        query = {name: values[-1] for name, values in parse_qs(parts.query, keep_blank_values=True).items()}
        host = headers.get("host", "")
        record = Record(handler.command, parts.path, query, headers, body, parsed, host, arrived, storage)
        stored = ("put",) if record.method == "PUT" else ("download",)
        record = replace(record, kinds=stored if storage else self.kinds(record))
        with self.lock:
            self.requests.append(record)
        return record


WELL = Fault(taken=True)


class _Listener(ThreadingHTTPServer):
    daemon_threads = True
    block_on_close = False
    request_queue_size = 256

    def __init__(self, owner: LoopbackServer, storage: bool) -> None:
        super().__init__(("127.0.0.1", 0), _Handler)
        self.owner, self.storage = owner, storage

    def handle_error(self, request: Any, client_address: Any) -> None:
        """Callers may hang up whenever they like; anything else is a mistake here and is printed."""
        if not isinstance(sys.exception(), ConnectionError):
            super().handle_error(request, client_address)


class _Handler(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    disable_nagle_algorithm = True
    server: _Listener

    def do_GET(self) -> None:
        owner = self.server.owner
        if "transfer-encoding" in self.headers:
            self.close_connection = True
            self.send_error(411)
            return
        answer, fault = owner.answer(owner.record(self, self.server.storage))
        if fault.way == "cut":
            self.close_connection = True
            return
        body = answer.body()
        if fault.way == "stall" and not body:  # of nothing, the first half would be all
            self._hold(fault)
        self.send_response(answer.status)
        for name, value in answer.headers.items():
            if name.lower() != "content-type":
                self.send_header(name, value)
        self.send_header("Content-Type", answer.type)
        if fault.way == "endless":
            self.close_connection = True
            self.end_headers()
            self._pour(body)
            return
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        if self.command == "HEAD":
            return
        if fault.way == "whole":
            self.wfile.write(body)
            return
        self.wfile.write(body[: len(body) // 2])
        if fault.way == "half":
            self.close_connection = True
            return
        self._hold(fault)
        self.wfile.write(body[len(body) // 2 :])

    do_POST = do_PUT = do_PATCH = do_DELETE = do_HEAD = do_GET  # noqa: N815

    def _hold(self, fault: Fault) -> None:
        """Until the fault is released, or the server closes."""
        while not fault.release.wait(0.01) and not self.server.owner.closing.is_set():
            pass

    def _pour(self, body: bytes) -> None:
        """The answer and blanks after it, until the caller has had enough."""
        self.wfile.write(body[:-1])
        while not self.server.owner.closing.is_set():
            self.wfile.write(b" " * BLOCK)

    def log_message(self, format: str, *args: Any) -> None:
        pass
