# SPDX-License-Identifier: GPL-3.0-or-later
"""What Prometheus may know."""

from __future__ import annotations

from collections.abc import Callable

from prometheus_client import CollectorRegistry, Counter, Gauge, Histogram, generate_latest

SECONDS = (0.1, 0.25, 0.5, 1, 2.5, 5, 10, 20, 40, 80, 160, 320, 640)


class Metrics:
    """The numbers of one server."""

    def __init__(self) -> None:
        self._registry = CollectorRegistry()
        self._jobs = Counter(
            "sam3d_tries", "Tries of jobs, by how they ended", ["engine", "end"], registry=self._registry
        )
        self._seconds = Histogram(
            "sam3d_try_seconds", "Duration of tries", ["engine"], buckets=SECONDS, registry=self._registry
        )
        self._requests = Counter("sam3d_requests", "Answers, by status", ["method", "status"], registry=self._registry)

    def watch(self, name: str, words: str, value: Callable[[], float]) -> None:
        """A number that is looked up when it is asked for."""
        Gauge(name, words, registry=self._registry).set_function(value)

    def ended(self, engine: str, end: str, seconds: float) -> None:
        """A try of a job has ended."""
        self._jobs.labels(engine, end).inc()
        self._seconds.labels(engine).observe(seconds)

    def answered(self, method: str, status: int) -> None:
        """A request was answered."""
        self._requests.labels(method if method in ("GET", "POST", "PUT") else "other", str(status)).inc()

    def text(self) -> bytes:
        """All of it, as Prometheus reads it."""
        return generate_latest(self._registry)
