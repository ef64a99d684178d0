# SPDX-License-Identifier: GPL-3.0-or-later
"""A host on this machine that gives out one file, whole or in parts, as those do that give out weights of models."""

from __future__ import annotations

import threading
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any, Self


class ModelHost:
    """Answers each request for any path with `content`, from where the request wants it.

    `cut_after` bytes of an answer the connection ends; `gives_parts` off: the whole is always sent; `status` replaces
    that of the answers, `shift` moves the parts that are sent. `held` bytes of an answer are sent, and the rest when
    `release` is set. `begins` notes where each request wanted its part to begin.
    """

    def __init__(self, content: bytes) -> None:
        self.content = content
        self.cut_after: int | None = None
        self.held: int | None = None
        self.release = threading.Event()
        self.gives_parts, self.status, self.shift = True, 0, 0
        self.begins: list[int] = []
        self._server = _Server(("127.0.0.1", 0), _Handler)
        self._server.owner = self
        self.url = f"http://127.0.0.1:{self._server.server_port}/weights.pt"

    def __enter__(self) -> Self:
        threading.Thread(target=self._server.serve_forever, args=(0.02,), daemon=True).start()
        return self

    def __exit__(self, *_: object) -> None:
        self.release.set()
        self._server.shutdown()
        self._server.server_close()


class _Server(ThreadingHTTPServer):
    daemon_threads = True
    block_on_close = False
    owner: Any

    def handle_error(self, request: Any, client_address: Any) -> None:
        """Callers may hang up whenever they like."""


class _Handler(BaseHTTPRequestHandler):
    server: _Server

    def do_GET(self) -> None:
        host = self.server.owner
        begin = int(self.headers.get("Range", "bytes=0-").removeprefix("bytes=").removesuffix("-"))
        host.begins.append(begin)
        begin = begin + host.shift if host.gives_parts else 0
        content = host.content[begin:]
        self.send_response(host.status or (206 if host.gives_parts else 200))
        if host.gives_parts:
            self.send_header("Content-Range", f"bytes {begin}-{len(host.content) - 1}/{len(host.content)}")
        self.send_header("Content-Length", str(len(content)))
        self.end_headers()
        content = content[: host.cut_after]
        if host.held is not None:
            self.wfile.write(content[: host.held])
            self.wfile.flush()
            host.release.wait()
            content = content[host.held :]
        self.wfile.write(content)

    def log_message(self, format: str, *args: Any) -> None:
        """Nothing is told."""
