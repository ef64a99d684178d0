# SPDX-License-Identifier: GPL-3.0-or-later
"""Workers as processes of this computer, one for each GPU and engine; they stay, for models take long to load."""

from __future__ import annotations

import importlib.util
import json
import os
import queue
import shutil
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any, Protocol

from . import errors
from .engines import Options, Setup
from .errors import JobError, OutOfMemory, Stopped, TookTooLong, WorkerLost

Tell = Callable[[float, str], None]
LOOK_SECONDS = 0.2
"""Between two looks whether the job is still wanted."""
STOP_SECONDS = 10.0
"""How long a worker may take to end a job by itself before it is killed."""
LOST = "The worker was ended in the middle of the job, by the system or by hand. It may have had too little memory."


@dataclass(frozen=True)
class RunTask:
    """One try of a job: files to read, and the folder to write to."""

    engine: str
    image: Path
    masks: tuple[Path, ...]
    options: Options
    folder: Path


class Worker(Protocol):
    """Who does one job after the other. It is used by one thread, but for `close`."""

    name: str

    def warm(self, engine: str) -> None:
        """Load an engine before there is a job for it."""

    def run(self, task: RunTask, tell: Tell, stop: threading.Event) -> Mapping[str, Any]:
        """Leave the files of a job in its folder; gives the details, with their names, in order, as `files`.

        Raises JobError, and Stopped after `stop` was set.
        """

    def close(self) -> None:
        """End at once, also in the middle of a job."""


@dataclass(frozen=True)
class Limits:
    """Seconds that an engine may take to load, and for one try of a job."""

    load: float
    job: float


class ProcessWorker:
    """A GPU, or the CPU, with a process for each engine that was needed so far; one of them is at work at a time."""

    def __init__(
        self, name: str, *, gpu: str | None, setup: Setup, pythons: Mapping[str, Path], path: Path, limits: Limits
    ) -> None:
        """`gpu` is the device's index as CUDA_VISIBLE_DEVICES has it, None for all that there are.

        `pythons` are the interpreters by engine, `path` the folder of `lay_out_path`.
        """
        self.name = name
        self._gpu, self._setup, self._pythons, self._path, self._limits = gpu, setup, pythons, path, limits
        self._processes: dict[str, _Process] = {}
        self._closed = False

    def warm(self, engine: str) -> None:
        """See `Worker.warm`; a failure shows with the first job."""
        self._process(engine)

    def run(self, task: RunTask, tell: Tell, stop: threading.Event) -> Mapping[str, Any]:
        """See `Worker.run`. After anything but a refusal the next job gets a new process."""
        process = self._process(task.engine)
        try:
            return process.run(task, tell, stop)
        except errors.Refused:
            raise
        except OutOfMemory:
            self._end_all()  # another engine's process may hold what this one needs
            raise
        except JobError:
            self._processes.pop(task.engine, None)  # `close` may have taken it
            process.kill()
            raise
        finally:
            if self._processes.get(task.engine) is process and not process.alive:
                del self._processes[task.engine]

    def close(self) -> None:
        """See `Worker.close`."""
        self._closed = True
        self._end_all()

    def _end_all(self) -> None:
        for engine in list(self._processes):
            process = self._processes.pop(engine, None)
            if process is not None:
                process.kill()

    def _process(self, engine: str) -> _Process:
        process = self._processes.get(engine)
        if process is None or not process.alive:
            python = self._pythons.get(engine, Path(sys.executable))
            command = [str(python), "-m", "sam3d_server.worker_process", engine, json.dumps(asdict(self._setup))]
            process = self._processes[engine] = _Process(command, self._path, self._gpu, self._limits)
        if self._closed:
            process.kill()
        return process


class _Process:
    """One worker process and the talk with it."""

    def __init__(self, command: Sequence[str], path: Path, gpu: str | None, limits: Limits) -> None:
        self._limits, self._ready = limits, False
        environment = {**os.environ, "PYTHONPATH": str(path)}
        if gpu is not None:
            environment["CUDA_VISIBLE_DEVICES"] = gpu
        try:
            self._process = subprocess.Popen(
                command,
                stdin=subprocess.PIPE,
                stdout=subprocess.PIPE,
                env=environment,
                text=True,
                encoding="utf-8",
                start_new_session=True,  # Ctrl+C is for the server alone
            )
        except OSError as error:
            raise JobError(f"The worker cannot be started ({error.strerror}: {command[0]}).") from error
        self._started = time.monotonic()
        self._words: queue.Queue[dict[str, Any] | None] = queue.Queue()
        threading.Thread(target=self._listen, daemon=True).start()

    @property
    def alive(self) -> bool:
        return self._process.poll() is None

    def kill(self) -> None:
        self._process.kill()
        self._process.wait()

    def run(self, task: RunTask, tell: Tell, stop: threading.Event) -> Mapping[str, Any]:
        order = {
            "image": str(task.image),
            "masks": [str(mask) for mask in task.masks],
            "options": asdict(task.options),
            "folder": str(task.folder),
        }
        if not self._ready:
            tell(0.0, "Loading the model")
            self._wait_until_ready(stop)
        end, stop_by = time.monotonic() + self._limits.job, 0.0
        self._say(order)
        while True:
            words = self._next()
            now = time.monotonic()
            if words is None:
                if now > end or (stop_by and now > stop_by):
                    self.kill()
                    if stop_by:
                        raise Stopped
                    minutes = self._limits.job / 60
                    raise TookTooLong(f"The job was given up because it took more than {minutes:.3g} minutes.")
                if stop.is_set() and not stop_by:
                    stop_by = now + STOP_SECONDS
                    self._say({"stop": True})
            elif "stage" in words:
                tell(words["fraction"], words["stage"])
            elif "made" in words:
                return {**words["details"], "files": words["made"]}
            elif "stopped" in words:
                raise Stopped
            else:
                raise _error(words)

    def _wait_until_ready(self, stop: threading.Event) -> None:
        while True:
            words = self._next()
            if words is not None and "ready" in words:
                self._ready = True
                return
            if words is not None:
                raise _error(words)
            if stop.is_set():
                raise Stopped  # it goes on loading, for the next job
            if time.monotonic() - self._started > self._limits.load:
                self.kill()
                raise TookTooLong(f"The model was not loaded within {self._limits.load / 60:.3g} minutes.")

    def _next(self) -> dict[str, Any] | None:
        """What the worker says next; None where it says nothing for a moment. Raises WorkerLost."""
        try:
            words = self._words.get(timeout=LOOK_SECONDS)
        except queue.Empty:
            return None
        if words is None:
            self._process.wait()
            raise WorkerLost(LOST)
        return words

    def _say(self, words: Mapping[str, Any]) -> None:
        assert self._process.stdin is not None
        try:
            self._process.stdin.write(json.dumps(words) + "\n")
            self._process.stdin.flush()
        except OSError as error:
            raise WorkerLost(LOST) from error

    def _listen(self) -> None:
        assert self._process.stdout is not None
        for line in self._process.stdout:
            self._words.put(json.loads(line))
        self._words.put(None)


def lay_out_path(folder: Path) -> Path:
    """Copies of this package and of the engine, in a folder that the workers' Pythons are to look into.

    The engines' environments have neither, and are not to see the server's other packages, for they have their own.
    """
    path = folder / "python"
    shutil.rmtree(path, ignore_errors=True)
    for package in ("sam3d_server", "sam3d_engine"):
        found = importlib.util.find_spec(package)
        assert found is not None and found.submodule_search_locations is not None
        shutil.copytree(
            found.submodule_search_locations[0], path / package, ignore=shutil.ignore_patterns("__pycache__", "*.pyc")
        )
    return path


def _error(words: Mapping[str, Any]) -> JobError:
    kind = getattr(errors, words["error"])
    error = kind(words["sentence"])
    assert isinstance(error, JobError)
    return error
