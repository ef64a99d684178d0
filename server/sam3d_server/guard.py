# SPDX-License-Identifier: GPL-3.0-or-later
"""What every request passes first: who may ask, from where, how much and how slowly."""

from __future__ import annotations

import asyncio
import ipaddress
import json
import logging
import re
import secrets
import time
from collections import OrderedDict
from urllib.parse import urlsplit

from starlette.exceptions import HTTPException
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from .metrics import Metrics

LOG = logging.getLogger(__name__)
JSON_BYTES = 1024**2
FORM_BYTES = 64 * 1024  # what a multipart form has around its file
UPLOADS = ("/storage/", "/api/v3/media/upload/binary")
MOST_CLIENTS = 10_000


class Rate:
    """So many a minute from each client, evenly or in one burst (a token bucket)."""

    def __init__(self, per_minute: int) -> None:
        """0 for no limit."""
        self._most = per_minute
        self._clients: OrderedDict[str, tuple[float, float]] = OrderedDict()

    def wait(self, client: str, now: float) -> float:
        """Count one more of a client; gives the seconds after which to come again, 0 where it may go on."""
        if not self._most:
            return 0.0
        left, since = self._clients.pop(client, (float(self._most), now))
        left = min(float(self._most), left + (now - since) * self._most / 60)
        wait = 0.0 if left >= 1 else (1 - left) * 60 / self._most
        self._clients[client] = (left - 1 if left >= 1 else left, now)
        while len(self._clients) > MOST_CLIENTS:
            self._clients.popitem(last=False)
        return wait


HOST = re.compile(r"([A-Za-z0-9_.-]+|\[[0-9A-Fa-f:.]+\])(:\d{1,5})?")
CLOSE = {"Connection": "close"}
"""The rest of a body that is refused is not wanted."""
OPEN = ("/storage/", "/files/", "/docs", "/openapi.json")
"""No token is asked for: a file's address is known to nobody who was not told it; the rest tells nothing."""
SLOWEST = 8 * 1024
"""Bytes a second of a body, on the average, below which it counts as held up on purpose."""


class Guard:
    """ASGI middleware: hosts and origins, sizes and silence of bodies, one line of log for each request."""

    def __init__(
        self,
        app: ASGIApp,
        *,
        loopback_only: bool,
        upload_bytes: int,
        silent_seconds: float,
        token: str,
        metrics: Metrics,
    ) -> None:
        """`loopback_only`: the server listens on this computer's own addresses alone. `token` is asked for where it is
        not empty.
        """
        self._token = token
        self._app, self._loopback_only = app, loopback_only
        self._upload_bytes, self._silent_seconds, self._metrics = upload_bytes, silent_seconds, metrics

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """See ASGI."""
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return
        began, status = time.monotonic(), 0

        async def watched(message: Message) -> None:
            nonlocal status
            if message["type"] == "http.response.start":
                status = message["status"]
                message["headers"] = [*message.get("headers", []), (b"x-content-type-options", b"nosniff")]
            await send(message)

        try:
            refusal = self._refusal(scope)
            if refusal:
                await answer(watched, *refusal)
            else:
                await self._app(scope, self._bounded(scope, receive), watched)
        finally:
            self._metrics.answered(scope["method"], status)
            LOG.info(
                "request",
                extra={
                    "method": scope["method"],
                    "path": scope["path"],
                    "status": status,
                    "ms": round((time.monotonic() - began) * 1000, 1),
                    "client": (scope.get("client") or ("",))[0],
                },
            )

    def _bounded(self, scope: Scope, receive: Receive) -> Receive:
        """`receive` with limits, which raises as the application's own refusals do."""
        limit = self._upload_bytes + FORM_BYTES if scope["path"].startswith(UPLOADS) else JSON_BYTES
        size, ended, began = 0, False, time.monotonic()

        async def bounded() -> Message:
            nonlocal size, ended
            if ended:
                return await receive()  # waits for the end of the connection
            left = began + self._silent_seconds + size / SLOWEST - time.monotonic()
            try:
                message = await asyncio.wait_for(receive(), max(0.0, min(left, self._silent_seconds)))
            except TimeoutError as error:
                raise HTTPException(408, "The rest of the request did not come in time: try again.", CLOSE) from error
            size += len(message.get("body", b""))
            ended = not message.get("more_body", False)
            if size > limit:
                most = limit // 1024**2
                raise HTTPException(413, f"The server takes at most {most} MB here: send a smaller one.", CLOSE)
            return message

        return bounded

    def _refusal(self, scope: Scope) -> tuple[int, str] | None:
        headers = dict(scope["headers"])
        host = headers.get(b"host", b"").decode("latin-1")
        if not HOST.fullmatch(host):
            return 400, "The request does not name a host."
        # a page of the web may have its name lead to 127.0.0.1 (DNS rebinding)
        if self._loopback_only and not _is_loopback(host):
            return 421, "This server answers to 127.0.0.1 and localhost only."
        origin = headers.get(b"origin")
        if origin is not None and origin.decode("latin-1").partition("://")[2] != host:
            return 403, "Web pages of other servers may not use this one."
        length = headers.get(b"content-length", b"0")
        if not length.isdigit():
            return 400, "The Content-Length is not a number."
        if not self._is_authorised(scope["path"], headers.get(b"authorization", b"")):
            return 401, "The token is missing or wrong."
        return None

    def _is_authorised(self, path: str, given: bytes) -> bool:
        """Whether the token is there where one is asked for: looked at before a byte of the body is."""
        if not self._token or path.startswith(OPEN):
            return True
        scheme, _, credentials = given.partition(b" ")
        matches = secrets.compare_digest(credentials.strip(), self._token.encode())
        return matches and scheme.lower() == b"bearer"


async def answer(send: Send, status: int, sentence: str) -> None:
    """Refuse a request in the protocol's way, and close the connection: the rest of its body is not wanted."""
    body = json.dumps({"code": status, "message": sentence, "data": None}).encode()
    headers = [
        (b"content-type", b"application/json"),
        (b"content-length", str(len(body)).encode()),
        (b"connection", b"close"),
    ]
    if status == 401:
        headers.append((b"www-authenticate", b"Bearer"))
    await send({"type": "http.response.start", "status": status, "headers": headers})
    await send({"type": "http.response.body", "body": body})


def _is_loopback(host: str) -> bool:
    try:
        name = urlsplit(f"//{host}").hostname or ""
        return name == "localhost" or ipaddress.ip_address(name).is_loopback
    except ValueError:
        return False
