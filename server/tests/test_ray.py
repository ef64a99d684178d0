# SPDX-License-Identifier: GPL-3.0-or-later
"""A Ray cluster of several nodes on this machine: jobs spread over them, and a lost node loses no job."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
from ray.cluster_utils import Cluster
from server_process import ServerProcess, wait_until
from talking import Talk, picture

NODES = 3
MEMORY = 100 * 2**20


@pytest.fixture(scope="module")
def cluster() -> Iterator[Cluster]:
    """A head without processors for actors, and nodes with one each."""
    found = Cluster(
        initialize_head=True,
        head_node_args={"num_cpus": 0, "object_store_memory": MEMORY, "include_dashboard": False},
    )
    for _ in range(NODES - 1):
        found.add_node(num_cpus=1, object_store_memory=MEMORY)
    yield found
    found.shutdown()


def test_jobs_spread_and_a_lost_node_loses_none(cluster: Cluster, tmp_path: Path) -> None:
    options = ("--executor", "ray", "--ray-address", cluster.address, "--workers", "2")
    with ServerProcess(tmp_path, *options) as server:
        talk = Talk(server)
        image = talk.upload(picture())
        jobs = [talk.submit(image)["id"] for _ in range(6)]
        wait_until(lambda: sum(talk.prediction(id)["status"] == "processing" for id in jobs) == 2, "two at work")
        for id in [id for id in jobs if talk.prediction(id)["status"] == "processing"]:
            talk.wait_for_work(id)
        cluster.remove_node(cluster.list_all_nodes()[1], allow_graceful=False)
        cluster.add_node(num_cpus=1, object_store_memory=MEMORY)
        done = [talk.result(id, 120) for id in jobs]
        assert all(talk.glb(one) for one in done)
        assert sum(one["tries"] for one in done) > len(jobs)  # what the lost node had in its hands
        assert "ray-1" in server.log.read_text()
