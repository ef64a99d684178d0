# SPDX-License-Identifier: GPL-3.0-or-later
"""The command `sam3d-server`: starts the server; with `doctor` it says what is missing."""

from __future__ import annotations

import asyncio
import socket
import sys
from collections.abc import Sequence
from contextlib import suppress

import uvicorn
from pydantic import ValidationError
from pydantic_settings import CliApp, SettingsError

from . import __version__, doctor, logs
from .app import make_app
from .connections import bounded_handshake, bounded_head
from .dispatcher import Dispatcher
from .job_store import DataInUse
from .listening import BACKLOG, listen
from .settings import Settings


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
        listening = listen(
            settings.host,
            settings.port,
            settings.connections,
            settings.connections_each,
            tls=settings.certificate is not None,
        )
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
    server = Server(config, app.state.server.dispatcher)
    # at its end uvicorn raises the signal anew that has ended it
    with suppress(KeyboardInterrupt), asyncio.Runner(loop_factory=bounded_handshake(settings.silent_seconds)) as runner:
        runner.run(server.serve(sockets=[listening]))
    return 0


class Server(uvicorn.Server):
    """Ends the workers also where uvicorn does not wait for anything, when it is told twice to end."""

    def __init__(self, config: uvicorn.Config, dispatcher: Dispatcher) -> None:
        """Of one server."""
        super().__init__(config)
        self._dispatcher = dispatcher

    async def shutdown(self, sockets: list[socket.socket] | None = None) -> None:
        """What a job has in hand waits for the next start."""
        await super().shutdown(sockets)
        await asyncio.to_thread(self._dispatcher.close)
