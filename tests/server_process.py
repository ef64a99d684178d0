# SPDX-License-Identifier: GPL-3.0-or-later
"""The GPU server as a real process of its own environment, with the draft engine."""

from __future__ import annotations

import os
import re
import signal
import subprocess
import time
from collections.abc import Callable
from pathlib import Path
from types import TracebackType

from environments import package_root, prepare

ROOT = Path(__file__).resolve().parent.parent
START_SECONDS = 60.0


class ServerProcess:
    """`sam3d-server`, started from the sources; its data and its log lie in `folder`.

    url: where it listens. log: what it wrote to standard error.
    """

    def __init__(self, folder: Path, *options: str, env: dict[str, str] | None = None) -> None:
        """Starts it on a free port and waits until it listens."""
        self.folder, self.log = folder, folder / "server.log"
        self.data = folder / "data"
        environment = {name: value for name, value in os.environ.items() if not name.startswith("SAM3D_")}
        environment |= {
            "PYTHONPATH": os.pathsep.join([str(ROOT / "server"), str(package_root())]),
            "OPENBLAS_NUM_THREADS": "1",
            **(env or {}),
        }
        words = ["--port", "0", "--data", str(self.data), "--engine", "draft", "--submits-per-minute", "0", *options]
        command = [str(prepare("server")), "-m", "sam3d_server", *words]
        with self.log.open("ab") as log:
            self.process = subprocess.Popen(
                command,
                env=environment,
                cwd=folder,
                stdin=subprocess.DEVNULL,
                stdout=subprocess.PIPE,
                stderr=log,
                text=True,
            )
        assert self.process.stdout is not None
        line = self.process.stdout.readline()
        found = re.search(r"https?://\S+", line)
        assert found, f"{line}\n{self.log.read_text()}"
        self.url = found[0]

    def __enter__(self) -> ServerProcess:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.stop()

    def stop(self) -> None:
        """Ask it to end, and wait."""
        if self.process.poll() is None:
            self.process.send_signal(signal.SIGTERM)
            try:
                self.process.wait(START_SECONDS)
            except subprocess.TimeoutExpired:
                self.kill()
        assert self.process.stdout is not None
        self.process.stdout.close()

    def kill(self) -> None:
        """End it as a power cut would."""
        self.process.kill()
        self.process.wait()

    def workers(self) -> list[int]:
        """The process ids of its workers."""
        children = Path(f"/proc/{self.process.pid}/task").glob("*/children")
        ids = [int(id) for file in children for id in read_if_there(file).split()]
        return [id for id in ids if b"sam3d_server.worker_process" in read_if_there(Path(f"/proc/{id}/cmdline"))]


def read_if_there(path: Path) -> bytes:
    """What the system tells of a process or thread; nothing if it has ended since it was listed."""
    try:
        return path.read_bytes()
    except (FileNotFoundError, ProcessLookupError):
        return b""


def wait_until(condition: Callable[[], object], what: str, seconds: float = START_SECONDS) -> None:
    """Look until something is true; fails after `seconds`."""
    end = time.monotonic() + seconds
    while not condition():
        assert time.monotonic() < end, f"not within {seconds} s: {what}"
        time.sleep(0.02)
