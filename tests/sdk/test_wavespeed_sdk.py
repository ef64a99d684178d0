# SPDX-License-Identifier: GPL-3.0-or-later
"""WaveSpeed's own SDK completes its runs against our server: so the server speaks the real format."""

from __future__ import annotations

from pathlib import Path

import pytest
import requests
from loopback import faults, models
from loopback.wavespeed import WaveSpeedServer
from wavespeed import Client  # type: ignore[import-untyped]

OBJECTS, BODY = "wavespeed-ai/sam-3d-objects", "wavespeed-ai/sam-3d-body"


@pytest.fixture
def photo(tmp_path: Path) -> str:
    path = tmp_path / "photo.png"
    path.write_bytes(models.png(16, 12))
    return str(path)


@pytest.fixture
def mask(tmp_path: Path) -> str:
    path = tmp_path / "mask.png"
    path.write_bytes(models.png(16, 12, channels=1, fill=255))
    return str(path)


def test_object_with_masks(photo: str, mask: str) -> None:
    with WaveSpeedServer(job_seconds=0.1) as server:
        client = Client(api_key=server.key, base_url=server.url)
        image, cut = client.upload(photo), client.upload(mask)
        response = client.run(OBJECTS, {"image": image, "prompt": "chair", "mask_images": [cut]}, poll_interval=0.02)
        assert requests.get(response["outputs"][0], timeout=10).content == server.result().content
        assert server.of("submit")[0].json == {"image": image, "prompt": "chair", "mask_images": [cut]}
        assert [server.count(kind) for kind in ("upload", "put", "submit", "download")] == [2, 2, 1, 1]
        assert server.submits == 1
        assert server.polls > 1
        assert server.leaks == []


def test_body_in_one_call(photo: str, mask: str) -> None:
    with WaveSpeedServer(job_seconds=0.05) as server:
        client = Client(api_key=server.key, base_url=server.url)
        inputs = {"image": client.upload(photo), "mask_image": client.upload(mask)}
        response = client.run(BODY, inputs, enable_sync_mode=True)
        assert len(response["outputs"]) == 1
        assert server.polls == 0


def test_waiting_in_one_call_ends_but_the_job_goes_on(photo: str) -> None:
    with WaveSpeedServer(sync_timeout=True) as server:
        client = Client(api_key=server.key, base_url=server.url)
        image = client.upload(photo)
        with pytest.raises(RuntimeError, match="Sync mode timed out"):
            client.run(BODY, {"image": image}, enable_sync_mode=True)
        (job,) = server.jobs
        assert client.get_result(job)["data"]["status"] == "completed"


@pytest.mark.parametrize("outcome", ["failed", "cancelled", "timeout", "deleted"])
def test_failed_job(photo: str, outcome: str) -> None:
    with WaveSpeedServer(outcome=outcome, error=(1200, "Not with this photo")) as server:
        client = Client(api_key=server.key, base_url=server.url)
        with pytest.raises(RuntimeError, match=f"Prediction {outcome} .*Not with this photo"):
            client.run(OBJECTS, {"image": client.upload(photo)}, poll_interval=0.02)
        assert server.charged == 0


def test_null_outputs_and_error_within_200(photo: str) -> None:
    with WaveSpeedServer(outputs="null", errors_in_200=True) as server:
        client = Client(api_key=server.key, base_url=server.url)
        image = client.upload(photo)
        assert client.run(OBJECTS, {"image": image}, poll_interval=0.02) == {"outputs": None}
        with pytest.raises(RuntimeError, match="No request ID"):
            client.run(BODY, {"image": image, "prompt": "not for bodies"})


def test_polls_are_repeated_and_submits_are_not(photo: str) -> None:
    with WaveSpeedServer() as server:
        client = Client(api_key=server.key, base_url=server.url, max_connection_retries=2, retry_interval=0.01)
        image = client.upload(photo)
        server.fault("poll", faults.refuse(429, {"Retry-After": "3"}), times=1)
        server.fault("poll", faults.CUT_BEFORE, times=1)
        client.run(OBJECTS, {"image": image}, poll_interval=0.02)
        assert server.polls == 3
        server.fault("submit", faults.CUT_AFTER, times=1)
        with pytest.raises(RuntimeError, match="may already have been created"):
            client.run(OBJECTS, {"image": image})
        assert server.submit_posts == server.submits == 2


def test_wrong_key(photo: str) -> None:
    with WaveSpeedServer() as server, pytest.raises(RuntimeError, match="HTTP 401"):
        Client(api_key="another", base_url=server.url).upload(photo)
