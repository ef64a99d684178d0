# SPDX-License-Identifier: GPL-3.0-or-later
"""What a Blender does with its jobs, as a process of its own that can be killed: run by `crash.Child`.

Arguments: the folder, the service, its address, `start` or `resume`, and the provider's method at which to stand still:
`NAME` before the call, `NAME+` after it. The key and the service's options come from the
environment. What happens is told line by line.
"""

import json
import os
import sys
import threading
from dataclasses import replace
from pathlib import Path
from typing import Any

from crash import RETRY_POLICY, make_new_job

from sam3d.jobs.queue import JobQueue
from sam3d.providers import SERVICES
from sam3d.providers.base import Credentials


def tell(*words: str) -> None:
    """Say a line to the test, whole even where two threads speak at once."""
    os.write(sys.stdout.fileno(), f"{' '.join(words)}\n".encode())


class Held:
    """A provider that stands still for ever at one of its methods."""

    def __init__(self, provider: Any, place: str) -> None:
        self._provider, self._place = provider, place

    def __getattr__(self, name: str) -> Any:
        method = getattr(self._provider, name)
        if name != self._place.removesuffix("+"):
            return method

        def stand_still(*arguments: Any) -> None:
            if self._place.endswith("+"):
                method(*arguments)
            tell("held")
            threading.Event().wait()

        return stand_still


def main(folder: Path, provider: str, url: str, mode: str, place: str = "") -> None:
    """Start a job, or go on with what others have left, and follow the jobs until the process is killed."""
    service = SERVICES[provider]
    create = service.create
    assert create is not None
    services = {provider: replace(service, create=lambda credentials: Held(create(credentials), place))}
    if mode == "resume":
        tell("about to look")
        sys.stdin.readline()
    queue = JobQueue(services, folder / "user" / "journal.sqlite3", RETRY_POLICY)
    options = json.loads(os.environ["CRASH_OPTIONS"])
    queue.allow({provider: Credentials(url, os.environ["CRASH_KEY"], settings=options)}, 0.0)
    if mode == "start":
        queue.start(make_new_job(folder, provider))
    else:
        queue.wait_for_journal()
        queue.resume()
        tell("found", *queue.jobs)
    told = ""
    while True:
        queue.drain()
        said = " ".join(job.state for job in queue.jobs.values())
        if said != told:
            tell("states", said)
            told = said
        threading.Event().wait(0.005)


if __name__ == "__main__":
    main(Path(sys.argv[1]), *sys.argv[2:])
