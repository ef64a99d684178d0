# SPDX-License-Identifier: GPL-3.0-or-later
"""Workers as actors of a Ray cluster, one for each GPU, wherever Ray finds room.

An actor does what a worker process does, on a machine of the cluster: bytes go there, files come back. A dead actor or
machine is noticed at once; the job gets its second try from a new actor, on another machine if need be. This package
goes along to the machines; they need numpy, Pillow, and what their engine needs.
"""

from __future__ import annotations

import threading
import time
from collections.abc import Mapping, Sequence
from dataclasses import asdict
from pathlib import Path
from typing import TYPE_CHECKING, Any

import ray
from ray.exceptions import RayActorError, RayError

from . import errors
from .engines import DRAFT, EngineResult, Options, Setup
from .errors import JobError, Stopped, TookTooLong, WorkerLost
from .job_run import EngineRunner
from .process_worker import LOOK_SECONDS, STOP_SECONDS, Limits, RunTask, Tell, Worker

if TYPE_CHECKING:  # the machines of the cluster need not have what settings are made of
    from .settings import Settings

THREADS = 2
"""One for the job, one for questions about it."""
LOST = "The machine or the process that worked on the job was lost."
PLACE_SECONDS = 120.0
"""How long Ray may take to find room for an actor, beside the loading of its engine."""

PLACING_PAUSES = (1.0, 2.0, 4.0, 8.0, 0.0)
"""Seconds after each loss of an actor that was not at work yet."""


class Actor:
    """An engine on a machine of the cluster."""

    def __init__(self, engine: str, setup: Mapping[str, Any]) -> None:
        """Loads the engine with the first job."""
        self._runner = EngineRunner(engine, Setup(**setup))
        self._told = (0.0, "Starting")
        self._stop = threading.Event()

    def where(self) -> str:
        """The node that it is on, when its engine is loaded."""
        self._runner.load()
        return str(ray.get_runtime_context().get_node_id())

    def told(self) -> tuple[float, str]:
        """How far the job is, and at what."""
        return self._told

    def stop(self) -> None:
        """End the job at its next report."""
        self._stop.set()

    def run(self, image: bytes, masks: Sequence[bytes], options: Mapping[str, Any]) -> Any:
        """Do a job; gives what was made, or ("class of error", "sentence")."""
        self._stop.clear()

        def report(fraction: float, stage: str) -> None:
            if self._stop.is_set():
                raise Stopped
            self._told = fraction, stage

        try:
            return self._runner.run(image, masks, Options(**options), report)
        except Stopped:
            return "Stopped", ""
        except JobError as error:
            return type(error).__name__, str(error)


class RayWorker:
    """A place in the cluster, held by the actor of the engine that was asked for last."""

    def __init__(self, name: str, setup: Setup, limits: Limits, gpus: float) -> None:
        """`gpus` are those that an actor of Meta's engines holds."""
        self.name = name
        self._setup, self._limits, self._gpus = setup, limits, gpus
        self._engine = ""
        self._actor: Any = None
        self._closed = False

    def warm(self, engine: str) -> None:
        """See `Worker.warm`."""
        self._actor_for(engine).where.remote()

    def run(self, task: RunTask, tell: Tell, stop: threading.Event) -> Mapping[str, Any]:
        """See `Worker.run`."""
        try:
            made = self._made(task, tell, stop)
        except errors.Refused:
            raise
        except (JobError, RayActorError) as error:
            self._end()
            if isinstance(error, RayActorError):
                raise WorkerLost(LOST) from error
            raise
        except RayError as error:
            self._end()
            raise WorkerLost("Ray could not do the job: see the cluster's own page.") from error
        for name, content in made.files.items():
            (task.folder / name).write_bytes(content)
        return {**made.details, "files": list(made.files)}

    def close(self) -> None:
        """See `Worker.close`."""
        self._closed = True
        self._end()

    def _made(self, task: RunTask, tell: Tell, stop: threading.Event) -> EngineResult:
        tell(0.0, "Waiting for a machine")
        actor = self._placed_actor(task.engine, stop)
        masks = [mask.read_bytes() for mask in task.masks]
        done = actor.run.remote(task.image.read_bytes(), masks, asdict(task.options))
        end, stop_by = time.monotonic() + self._limits.job, 0.0
        while True:
            ready, _ = ray.wait([done], timeout=LOOK_SECONDS)
            if ready:
                break
            now = time.monotonic()
            if now > end or (stop_by and now > stop_by):
                self._end()
                if stop_by:
                    raise Stopped
                raise TookTooLong(
                    f"The job was given up because it took more than {self._limits.job / 60:.3g} minutes."
                )
            if stop.is_set() and not stop_by:
                stop_by = now + STOP_SECONDS
                actor.stop.remote()
            tell(*ray.get(actor.told.remote(), timeout=STOP_SECONDS))
        made = ray.get(done)
        if isinstance(made, EngineResult):
            return made
        kind, sentence = made
        if kind == "Stopped":
            raise Stopped
        error = getattr(errors, kind)(sentence)
        assert isinstance(error, JobError)
        raise error

    def _placed_actor(self, engine: str, stop: threading.Event) -> Any:
        """An actor whose engine is loaded. One that is lost before is no try of the job's.

        For a moment Ray may place actors on a machine that is lost already: so there are pauses.
        """
        for pause in PLACING_PAUSES:
            actor = self._actor_for(engine)
            try:
                self._wait(actor.where.remote(), self._limits.load + PLACE_SECONDS, stop)
            except RayActorError:
                self._end()
                stop.wait(pause)
            else:
                return actor
        raise WorkerLost("The cluster loses its machines, or they end the loading of the model: see Ray's own page.")

    def _wait(self, ready: Any, seconds: float, stop: threading.Event) -> None:
        end = time.monotonic() + seconds
        while not ray.wait([ready], timeout=LOOK_SECONDS)[0]:
            if stop.is_set():
                raise Stopped
            if time.monotonic() > end:
                raise TookTooLong("The cluster has no free machine, or loads the model too slowly: see Ray's own page.")
        ray.get(ready)

    def _actor_for(self, engine: str) -> Any:
        if self._actor is None or self._engine != engine:
            self._end()
            options: dict[str, Any] = {"num_cpus": 1, "max_concurrency": THREADS, "scheduling_strategy": "SPREAD"}
            if engine != DRAFT:
                options["num_gpus"] = self._gpus
            remote = ray.remote(Actor).options(**options)
            self._engine, self._actor = engine, remote.remote(engine, asdict(self._setup))
        if self._closed:
            self._end()
            raise WorkerLost(LOST)
        return self._actor

    def _end(self) -> None:
        if self._actor is not None:
            ray.kill(self._actor)
            self._actor = None


def make_ray_workers(settings: Settings, setup: Setup, path: Path, limits: Limits) -> list[Worker]:
    """As many workers as the settings say, or one for each GPU of the cluster, or one for each machine without any.

    `path` is the folder of `lay_out_path`.
    """
    modules = [str(path / package) for package in ("sam3d_server", "sam3d_engine")]
    ray.init(address=settings.ray_address, log_to_driver=False, namespace="sam3d", runtime_env={"py_modules": modules})
    cluster: Any = ray
    count = settings.workers or int(cluster.cluster_resources().get("GPU", 0)) or len(cluster.nodes())
    return [RayWorker(f"ray-{number}", setup, limits, 1.0) for number in range(count)]
