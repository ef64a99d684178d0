# SPDX-License-Identifier: GPL-3.0-or-later
"""The command `sam3d-server`: starts the server; with `doctor` it says what is missing."""

from __future__ import annotations

import os
import socket
import sys
from collections.abc import Sequence

import uvicorn
from pydantic import ValidationError
from pydantic_settings import CliApp, SettingsError

from . import __version__, doctor, logs
from .app import make_app
from .connections import bounded_head
from .job_store import DataInUse
from .settings import Settings

BACKLOG = 2048


def main(arguments: Sequence[str] | None = None) -> int:
    """The command line; the exit status is 0, or 1 with a sentence on standard error."""
    words = list(sys.argv[1:] if arguments is None else arguments)
    if words == ["--version"]:
        print(f"sam3d-server {__version__}")
        return 0
    examine = words[:1] == ["doctor"]
    try:
        settings = CliApp.run(Settings, cli_args=words[1:] if examine else words)
    except ValidationError as error:
        for fault in error.errors():
            where = "--" + "-".join(str(part) for part in fault["loc"]).replace("_", "-") + ": " if fault["loc"] else ""
            print(where + fault["msg"].removeprefix("Value error, "), file=sys.stderr)
        return 1
    except SettingsError as error:
        print(error, file=sys.stderr)
        return 1
    return doctor.report(settings) if examine else serve(settings)


def serve(settings: Settings) -> int:
    """Serve until asked to end."""
    logs.set_up()
    try:
        listening = _listen(settings)
    except OSError as error:
        where = f"Port {settings.port} of {settings.host} cannot be used ({error.strerror})"
        print(f"{where}: is a server running already? Choose another with --port.", file=sys.stderr)
        return 1
    port = listening.getsockname()[1]
    try:
        settings.data.mkdir(parents=True, exist_ok=True)
        app = make_app(settings, port)
    except DataInUse:
        print(
            f"Another server works with {settings.data}: end it, or name another folder with --data.", file=sys.stderr
        )
        return 1
    except OSError as error:
        print(
            f"The folder {settings.data} cannot be used ({error.strerror}): name another with --data.", file=sys.stderr
        )
        return 1
    scheme = "https" if settings.certificate else "http"
    host = f"[{settings.host}]" if ":" in settings.host else settings.host
    print(f"SAM 3D server {__version__} at {scheme}://{host}:{port}  (end with Ctrl+C)", flush=True)
    config = uvicorn.Config(
        app,
        log_config=None,
        access_log=False,
        server_header=False,
        proxy_headers=False,
        timeout_graceful_shutdown=5,
        backlog=BACKLOG,
        http=bounded_head(settings.silent_seconds),
        ssl_certfile=settings.certificate,
        ssl_keyfile=settings.certificate_key,
    )
    uvicorn.Server(config).run(sockets=[listening])
    return 0


def _listen(settings: Settings) -> socket.socket:
    family = socket.AF_INET6 if ":" in settings.host else socket.AF_INET
    # the protocol is named, for only then asyncio switches Nagle's algorithm off, which costs 40 ms an answer
    listening = socket.socket(family, socket.SOCK_STREAM, socket.IPPROTO_TCP)
    if os.name == "posix":  # on Windows it would let two servers share the port
        listening.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    listening.bind((settings.host, settings.port))
    listening.listen(BACKLOG)
    return listening
