# SPDX-License-Identifier: GPL-3.0-or-later
"""A worker process: one engine, loaded once, doing one job after the other.

It is spoken to in lines of JSON. Standard input: {"image", "masks", "options", "folder"} starts a job, {"stop": true}
asks to end it. Standard output: {"ready"}, {"fraction", "stage"}, {"made": [names], "details"}, {"error": class,
"sentence"}, {"stopped"}. When the input ends, the server is gone, and so is the worker. Needs numpy and Pillow only,
beside what its engine needs: it may run in an environment that knows nothing of servers.
"""

from __future__ import annotations

import argparse
import json
import os
import queue
import signal
import sys
import threading
from pathlib import Path
from typing import Any, TextIO

from .engines import Options, Setup
from .errors import JobError, Stopped
from .job_run import EngineRunner


class Channel:
    """Both directions of the talk with the server."""

    def __init__(self, reading: TextIO, writing: TextIO) -> None:
        self._reading, self._writing = reading, writing
        self.orders: queue.Queue[dict[str, Any]] = queue.Queue()
        self.stop = threading.Event()
        threading.Thread(target=self._listen, daemon=True).start()

    def say(self, **words: Any) -> None:
        """Tell the server."""
        self._writing.write(json.dumps(words) + "\n")
        self._writing.flush()

    def report(self, fraction: float, stage: str) -> None:
        """Tell how far the job is; raises Stopped where it is to end."""
        if self.stop.is_set():
            raise Stopped
        self.say(fraction=fraction, stage=stage)

    def _listen(self) -> None:
        for line in self._reading:
            words = json.loads(line)
            if "stop" in words:
                self.stop.set()
            else:
                self.orders.put(words)
        os._exit(0)  # also out of the middle of a job that nobody waits for any more


def main() -> int:
    """Serve until the server is gone."""
    # Ctrl+C, and what ends a service, reach the whole group; when the server ends, it ends its workers itself
    for number in (signal.SIGINT, signal.SIGTERM):
        signal.signal(number, signal.SIG_IGN)
    parser = argparse.ArgumentParser()
    parser.add_argument("engine")
    parser.add_argument("setup")
    arguments = parser.parse_args()
    # engines print what they like: the talk with the server goes by a copy of its own
    writing = os.fdopen(os.dup(1), "w", encoding="utf-8")
    os.dup2(2, 1)
    channel = Channel(sys.stdin, writing)
    runner = EngineRunner(arguments.engine, Setup(**json.loads(arguments.setup)))
    try:
        runner.load()
    except JobError as error:
        channel.say(error=type(error).__name__, sentence=str(error))
        return 1
    channel.say(ready=True)
    while True:
        order = channel.orders.get()
        channel.stop.clear()
        if not _serve(channel, runner, order):
            return 1


def _serve(channel: Channel, runner: EngineRunner, order: dict[str, Any]) -> bool:
    """Do one job; whether the worker is still fit for another."""
    try:
        masks = [Path(mask).read_bytes() for mask in order["masks"]]
        image = Path(order["image"]).read_bytes()
        made = runner.run(image, masks, Options(**order["options"]), channel.report)
        folder = Path(order["folder"])
        for name, content in made.files.items():
            (folder / name).write_bytes(content)
    except Stopped:
        channel.say(stopped=True)
    except OSError as error:
        channel.say(error="JobError", sentence=f"The server's disk refuses a file of this job ({error.strerror}).")
    except JobError as error:
        channel.say(error=type(error).__name__, sentence=str(error))
        return not error.again
    else:
        channel.say(made=list(made.files), details=made.details)
    return True


if __name__ == "__main__":
    sys.exit(main())
