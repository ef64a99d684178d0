# SPDX-License-Identifier: GPL-3.0-or-later
"""The network goes while a job is asked for, and comes back: the job goes on, at once or when it is next looked for."""

import contextlib
import math
import socket
import threading
from pathlib import Path
from typing import Self
from urllib.parse import urlsplit

import pytest
from crash import JOB, SERVERS, NextBlender, check_trust, check_whole, make_new_job, price, serving

from sam3d.jobs.model import State
from sam3d.jobs.retry import RetryPolicy


class Road:
    """A way to a port of this machine that can be closed and opened again."""

    def __init__(self, url: str) -> None:
        self._target = urlsplit(url).port
        self._port = 0
        self._sockets: list[socket.socket] = []

    def __enter__(self) -> Self:
        self.open()
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    @property
    def url(self) -> str:
        """Where it begins: always the same address."""
        return f"http://127.0.0.1:{self._port}"

    def open(self) -> None:
        """Let all through."""
        listener = socket.create_server(("127.0.0.1", self._port))
        self._port = listener.getsockname()[1]
        self._sockets = [listener]
        threading.Thread(target=self._accept, args=(listener,), daemon=True).start()

    def close(self) -> None:
        """Break off what is open, and refuse what comes."""
        for one in self._sockets:
            with contextlib.suppress(OSError):  # it has ended already
                one.shutdown(socket.SHUT_RDWR)
            one.close()

    def _accept(self, listener: socket.socket) -> None:
        try:
            while True:
                near = listener.accept()[0]
                far = socket.create_connection(("127.0.0.1", self._target))
                self._sockets += [near, far]
                for source, target in ((near, far), (far, near)):
                    threading.Thread(target=_pour, args=(source, target), daemon=True).start()
        except OSError:
            pass  # it was closed


def _pour(source: socket.socket, target: socket.socket) -> None:
    try:
        while piece := source.recv(1 << 16):
            target.sendall(piece)
        target.shutdown(socket.SHUT_WR)
    except OSError:
        pass  # it was closed


@pytest.mark.parametrize("provider", SERVERS)
def test_a_network_that_comes_back(tmp_path: Path, provider: str) -> None:
    endless = RetryPolicy(tries=10_000, first=0.01, longest=0.05)
    with serving(provider) as server, Road(server.url) as road:
        server.job_seconds = math.inf
        with NextBlender(tmp_path, provider, road.url, endless) as blender:
            blender.queue.start(make_new_job(tmp_path, provider))
            blender.until(lambda: server.polls >= 1)
            road.close()
            blender.until(lambda: "cannot be reached" in blender.queue.jobs[JOB].stage)
            server.job_seconds = 0.0
            road.open()
            job = blender.follow()
            assert job.state is State.READY
            check_whole(job)
            blender.check_spent(price(provider))
        assert server.submits == server.submit_posts == 1
        check_trust(server, tmp_path)


@pytest.mark.parametrize("provider", SERVERS)
def test_a_network_that_comes_back_later(tmp_path: Path, provider: str) -> None:
    """Later than a job waits for it: the artist, or the next Blender, goes on."""
    with serving(provider) as server, Road(server.url) as road:
        server.job_seconds = math.inf
        with NextBlender(tmp_path, provider, road.url) as blender:
            blender.queue.start(make_new_job(tmp_path, provider))
            blender.until(lambda: server.polls >= 1)
            road.close()
            job = blender.follow()
            assert job.state is State.FAILED
            assert "cannot be reached" in job.message
            assert "at no cost" in job.message
            assert job.fetchable
            blender.check_spent(price(provider))
        with NextBlender(tmp_path, provider, road.url) as without_network:
            assert without_network.follow().state is State.FAILED
        road.open()
        server.job_seconds = 0.0
        with NextBlender(tmp_path, provider, road.url) as later:
            job = later.follow()
            assert job.state is State.READY
            check_whole(job)
            later.check_spent(price(provider))
        assert server.submits == server.submit_posts == 1
        check_trust(server, tmp_path)
