# SPDX-License-Identifier: GPL-3.0-or-later
"""Real servers for the tests, and BLAS on one thread."""

from __future__ import annotations

import os

# Before numpy is imported, which reads them once: the tests themselves run beside each other.
os.environ |= {"OPENBLAS_NUM_THREADS": "1", "OMP_NUM_THREADS": "1"}

from collections.abc import Iterator
from pathlib import Path

import pytest
from server_process import ServerProcess
from talking import Start, Talk


@pytest.fixture
def start(tmp_path: Path) -> Iterator[Start]:
    """Starts servers on the test's own data folder, and ends them."""
    servers: list[ServerProcess] = []

    def start_server(*options: str, token: str = "", env: dict[str, str] | None = None) -> Talk:
        environment = {**(env or {}), **({"SAM3D_SERVER_TOKEN": token} if token else {})}
        server = ServerProcess(tmp_path, *options, env=environment)
        servers.append(server)
        return Talk(server, token)

    yield start_server
    for server in servers:
        server.stop()


@pytest.fixture(scope="module")
def talk(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Talk]:
    """One server for the tests of a module that leave it as it was."""
    with ServerProcess(tmp_path_factory.mktemp("server")) as server:
        yield Talk(server)
