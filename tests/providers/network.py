# SPDX-License-Identifier: GPL-3.0-or-later
"""What may stand between the add-on and a service, on this machine: a bare host, a forward proxy, certificates."""

from __future__ import annotations

import contextlib
import http.client
import shutil
import socket
import ssl
import subprocess
import threading
import time
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any, Self
from urllib.parse import urlsplit

import pytest

BOUND = 120.0
"""Seconds after which a condition that does not come true fails a test."""
SERVICE_HOST = "service.invalid"
"""A host that no name server knows: only a proxy leads there."""


def until(condition: Callable[[], bool]) -> None:
    end = time.monotonic() + BOUND
    while not condition():
        assert time.monotonic() < end, "never came true"
        time.sleep(0.005)


@dataclass(frozen=True)
class Seen:
    """A request as it came in; `headers` by lower-case names."""

    method: str
    path: str
    headers: Mapping[str, str]
    body: bytes


@dataclass(frozen=True)
class Told:
    """An answer; without a Content-Length among the headers it ends with the connection. `way` "cut" sends nothing."""

    content: bytes | Iterable[bytes] = b"{}"
    status: int = 200
    headers: Mapping[str, str] = field(default_factory=dict)
    way: str = "whole"


class _Server(ThreadingHTTPServer):
    daemon_threads = True
    block_on_close = False
    owner: Any

    def handle_error(self, request: Any, client_address: Any) -> None:
        """Callers may hang up whenever they like."""


class _Serving:
    def __init__(self, handler: type[BaseHTTPRequestHandler], context: ssl.SSLContext | None = None) -> None:
        self.seen: list[Seen] = []
        self._server = _Server(("127.0.0.1", 0), handler)
        self._server.owner = self
        self.port = self._server.server_port
        if context:
            self._server.socket = context.wrap_socket(
                self._server.socket, server_side=True, do_handshake_on_connect=False
            )

    def __enter__(self) -> Self:
        threading.Thread(target=self._server.serve_forever, args=(0.02,), daemon=True).start()
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def close(self) -> None:
        """Listen no more; may be repeated."""
        self._server.shutdown()
        self._server.server_close()


class _Handler(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    server: _Server

    def read(self) -> Seen:
        headers = {name.lower(): value for name, value in self.headers.items()}
        seen = Seen(self.command, self.path, headers, self.rfile.read(int(headers.get("content-length", 0))))
        self.server.owner.seen.append(seen)
        return seen

    def log_message(self, format: str, *args: Any) -> None:
        pass


class _HostHandler(_Handler):
    def do_GET(self) -> None:
        told = self.server.owner.responses.get(self.read().path, self.server.owner.told)
        self.close_connection = True
        if told.way == "cut":
            return
        self.send_response(told.status)
        self.send_header("Connection", "close")
        for name, value in told.headers.items():
            self.send_header(name, value)
        self.end_headers()
        for piece in [told.content] if isinstance(told.content, bytes) else told.content:
            self.wfile.write(piece)

    do_POST = do_PUT = do_GET  # noqa: N815


class Host(_Serving):
    """Answers each path of `responses` as it is told there, and all others with `told`; notes what it has seen.

    With `context` it speaks TLS.
    """

    def __init__(self, context: ssl.SSLContext | None = None, told: Told | None = None) -> None:
        super().__init__(_HostHandler, context)
        self.responses: dict[str, Told] = {}
        self.told = told or Told()
        self.url = f"{'https' if context else 'http'}://127.0.0.1:{self.port}"


class Raw:
    """Reads the head of each request, answers with `said` as it is, piece by piece `pause` seconds apart, and hangs up.

    `sent` counts the bytes that left.
    """

    def __init__(self, said: bytes | Callable[[], Iterable[bytes]], pause: float = 0.0) -> None:
        self.said, self.pause = said, pause
        self.sent = 0
        self.closing = threading.Event()
        self._listener = socket.create_server(("127.0.0.1", 0), backlog=64)
        self.url = f"http://127.0.0.1:{self._listener.getsockname()[1]}"

    def __enter__(self) -> Self:
        threading.Thread(target=self._listen, daemon=True).start()
        return self

    def __exit__(self, *_: object) -> None:
        self.closing.set()
        with contextlib.suppress(OSError):
            self._listener.shutdown(socket.SHUT_RDWR)
        self._listener.close()

    def _listen(self) -> None:
        with contextlib.suppress(OSError):
            while True:
                threading.Thread(target=self._serve, args=(self._listener.accept()[0],), daemon=True).start()

    def _serve(self, connection: socket.socket) -> None:
        with connection, contextlib.suppress(OSError):
            head = b""
            while b"\r\n\r\n" not in head and (piece := connection.recv(1 << 16)):
                head += piece
            for piece in [self.said] if isinstance(self.said, bytes) else self.said():
                connection.sendall(piece)
                self.sent += len(piece)
                if self.closing.wait(self.pause):
                    return
            connection.shutdown(socket.SHUT_WR)
            connection.settimeout(BOUND)
            while connection.recv(1 << 16):  # what was not read would reset the connection
                pass


class _ProxyHandler(_Handler):
    def do_GET(self) -> None:
        proxy, seen = self.server.owner, self.read()
        if proxy.status:
            self.send_error(proxy.status)
            return
        parts = urlsplit(seen.path)
        headers = {name: value for name, value in seen.headers.items() if not name.startswith("proxy-")}
        with contextlib.closing(http.client.HTTPConnection("127.0.0.1", proxy.target)) as onward:
            onward.request(seen.method, parts.path, seen.body, headers)
            response = onward.getresponse()
            content = response.read()
        self.close_connection = True
        if proxy.cut:
            return
        self.send_response(response.status)
        self.send_header("Connection", "close")
        self.send_header("Content-Length", str(len(content)))
        self.end_headers()
        self.wfile.write(content)

    do_POST = do_PUT = do_GET  # noqa: N815

    def do_CONNECT(self) -> None:
        proxy = self.server.owner
        self.read()
        if proxy.status:
            self.send_error(proxy.status)
            return
        with socket.create_connection(("127.0.0.1", proxy.target)) as onward:
            self.send_response(200)
            self.end_headers()
            back = threading.Thread(target=_pour, args=(onward, self.connection), daemon=True)
            back.start()
            _pour(self.connection, onward)
            back.join(BOUND)


def _pour(source: socket.socket, target: socket.socket) -> None:
    try:
        while piece := source.recv(1 << 16):
            target.sendall(piece)
        target.shutdown(socket.SHUT_WR)
    except OSError:
        pass


class Proxy(_Serving):
    """A forward proxy that leads to one port of this machine, whichever host is asked for.

    `status` refuses all with it; `cut` passes a request on and hangs up without the answer.
    """

    def __init__(self, target: int) -> None:
        super().__init__(_ProxyHandler)
        self.target, self.status, self.cut = target, 0, False
        self.url = f"http://127.0.0.1:{self.port}"


def closed_port() -> int:
    """A port at which nobody listens."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


@dataclass(frozen=True)
class Authority:
    """Somebody's own certificates: `file` is to be trusted, `context` serves as this machine and as SERVICE_HOST."""

    file: Path
    context: ssl.SSLContext


def make_authority(folder: Path) -> Authority:
    """Make an authority of our own and a certificate of it."""
    openssl = shutil.which("openssl")
    if openssl is None:
        pytest.skip("openssl is not on this machine: no certificates can be made")
    trusted, key, cert, options = (folder / name for name in ("ca.pem", "key.pem", "cert.pem", "request.cnf"))
    (folder / "names").write_text(f"subjectAltName=IP:127.0.0.1,DNS:localhost,DNS:{SERVICE_HOST}\n")
    new = "-newkey ec -pkeyopt ec_paramgen_curve:prime256v1 -nodes -batch".split()
    commands: list[list[str | Path]] = [
        ["req", "-x509", *new, "-keyout", folder / "ca.key", "-out", trusted, "-days", "2", "-subj", "/CN=Our own"],
        ["req", *new, "-keyout", key, "-out", options, "-subj", "/CN=service"],
        ["x509", "-req", "-in", options, "-out", cert, "-days", "2", "-extfile", folder / "names"],
    ]
    for command in commands:
        if command[0] == "x509":
            command += ["-CA", trusted, "-CAkey", folder / "ca.key", "-CAcreateserial"]
        subprocess.run([openssl, *command], check=True, capture_output=True, timeout=BOUND)
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(cert, key)
    return Authority(trusted, context)


def without_proxies(monkeypatch: pytest.MonkeyPatch) -> None:
    """Take away what the environment of this machine says of proxies and certificates."""
    for name in ("HTTP_PROXY", "HTTPS_PROXY", "ALL_PROXY", "NO_PROXY", "REQUESTS_CA_BUNDLE", "CURL_CA_BUNDLE"):
        monkeypatch.delenv(name, raising=False)
        monkeypatch.delenv(name.lower(), raising=False)
