# SPDX-License-Identifier: GPL-3.0-or-later
"""Segmind's own SDK completes its runs against our server: so the server speaks the real format."""

from __future__ import annotations

import base64
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest
import requests
from loopback import models
from loopback.segmind import SegmindServer
from segmind import SegmindClient  # type: ignore[import-untyped]
from segmind.exceptions import SegmindError  # type: ignore[import-untyped]
from segmind.files import Files  # type: ignore[import-untyped]
from segmind.v2 import InferenceFailed  # type: ignore[import-untyped]

PHOTO = base64.b64encode(models.png(16, 12)).decode()
MASK = base64.b64encode(models.png(16, 12, channels=1, fill=255)).decode()


@contextmanager
def sdk(server: SegmindServer) -> Iterator[SegmindClient]:
    """The SDK's client; it has no way to be closed but this."""
    client = SegmindClient(api_key=server.key, base_url=f"{server.url}/v1")
    try:
        yield client
    finally:
        client._client.close()


def test_object_by_v2() -> None:
    inputs: dict[str, Any] = {"image": PHOTO, "mask": MASK, "prompt": "car", "seed": 7, "include_artifacts": True}
    inputs |= {"point_coords": "[[3, 4]]", "bounding_box": "[1, 2, 10, 11]"}
    with SegmindServer(job_seconds=0.1) as server, sdk(server) as client:
        response = client.submit_async("sam-3d-objects", **inputs).wait(interval=0.02)
        assert response["status"] == "COMPLETED"
        assert response["metrics"]["cost"] == 0.065
        assert requests.get(response["model_glb"], timeout=10).content == server.result().content
        assert requests.get(response["artifacts_zip"], timeout=10).content.startswith(b"PK")
        assert server.of("submit")[0].json == inputs
        assert server.submits == 1
        assert server.polls > 1
        assert server.leaks == []


def test_body_by_v2() -> None:
    with SegmindServer(people=2) as server, sdk(server) as client:
        response = client.run("sam-3d-body", image=PHOTO, include_keypoints=True, return_individual_meshes=True)
        keypoints = requests.get(response["keypoints"], timeout=10).json()
        assert [len(person["keypoints_3d"]) for person in keypoints["people"]] == [70, 70]
        assert len(response["metadata"]["meshes"]) == 2


def test_failed_job_is_422() -> None:
    with SegmindServer(outcome="FAILED", error="No object found") as server, sdk(server) as client:
        job = client.submit_async("sam-3d-objects", image=PHOTO)
        with pytest.raises(InferenceFailed, match="No object found"):
            job.wait(interval=0.02)
        assert job.result()["status"] == "FAILED"
        assert server.charged == 0


@pytest.mark.parametrize(("kind", "start"), [("json", b"{"), ("glb", b"glTF"), ("zip", b"PK"), ("ply", b"ply")])
def test_v1(kind: str, start: bytes) -> None:
    with SegmindServer(v1_answer=kind) as server, sdk(server) as client:
        response = client.run_sync("sam-3d-objects", image=PHOTO, seed=1)
        assert response.content.startswith(start)
        assert response.headers["x-remaining-credits"] == "9.935"


def test_uploaded_photo(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    path = tmp_path / "photo.png"
    path.write_bytes(models.png(16, 12))
    with SegmindServer() as server, sdk(server) as client:
        monkeypatch.setattr(Files, "STORAGE_BASE_URL", server.url)
        (address,) = client.files.upload(path)["file_urls"]
        assert client.run("sam-3d-objects", image=address)["model_glb"]


@pytest.mark.parametrize(
    ("settings", "inputs", "status"),
    [
        ({"v2": 410}, {}, 410),
        ({"balance": 0.0}, {}, 406),
        ({"team_limit": True}, {}, 406),
        ({"rate_limit": 0}, {}, 429),
        ({}, {"seed": 1_000_001}, 400),
        ({}, {"point_coords": [[1, 2]]}, 400),
        ({}, {"mask": base64.b64encode(models.png(8, 8, channels=1)).decode()}, 400),
        ({"key": "SG_another"}, {}, 401),
    ],
)
def test_refusals(settings: dict[str, Any], inputs: dict[str, Any], status: int) -> None:
    with SegmindServer() as server, sdk(server) as client:
        for name, value in settings.items():
            setattr(server, name, value)
        with pytest.raises(SegmindError) as caught:
            client.submit_async("sam-3d-objects", image=PHOTO, **inputs)
        assert caught.value.status == status
        assert server.submits == 0


def test_expired_record() -> None:
    with SegmindServer() as server, sdk(server) as client:
        job = client.submit_async("sam-3d-objects", image=PHOTO)
        server.expired = True
        with pytest.raises(SegmindError) as caught:
            job.wait()
        assert caught.value.status == 404
