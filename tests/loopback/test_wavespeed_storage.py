# SPDX-License-Identifier: GPL-3.0-or-later
"""The storage takes a file once, from who sends exactly what was agreed, and never sees the key."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest
import requests

from . import models
from .wavespeed import WaveSpeedServer

PHOTO = models.png()


@pytest.fixture
def server() -> Iterator[WaveSpeedServer]:
    with WaveSpeedServer() as running:
        yield running


def promise(server: WaveSpeedServer) -> dict[str, Any]:
    answer = requests.post(
        f"{server.url}/api/v3/media/uploads",
        json={"filename": "photo.png", "size": len(PHOTO), "content_type": "image/png"},
        headers={"Authorization": f"Bearer {server.key}"},
        timeout=10,
    )
    found: dict[str, Any] = answer.json()["data"]
    return found


def put(upload: dict[str, Any], data: bytes = PHOTO, **headers: str) -> int:
    return requests.put(upload["url"], data=data, headers=upload["headers"] | headers, timeout=10).status_code


def test_once(server: WaveSpeedServer) -> None:
    place = promise(server)
    assert requests.get(place["download_url"], timeout=10).status_code == 404
    assert [put(place["upload"]) for _ in range(2)] == [200, 412]
    assert requests.get(place["download_url"], timeout=10).content == PHOTO
    assert server.leaks == []


def test_with_the_key(server: WaveSpeedServer) -> None:
    assert put(promise(server)["upload"], Authorization=f"Bearer {server.key}") == 403
    assert len(server.leaks) == 1


def test_with_other_headers_or_another_size(server: WaveSpeedServer) -> None:
    upload = promise(server)["upload"]
    odd: list[dict[str, str]] = [{}, upload["headers"] | {"Content-Type": "image/jpeg"}]
    for headers in odd:
        assert put({**upload, "headers": headers}) == 403
    assert put(upload, PHOTO[:-1]) == 400


def test_older_way(server: WaveSpeedServer) -> None:
    server.uploads = "old"
    headers = {"Authorization": f"Bearer {server.key}"}
    assert requests.post(f"{server.url}/api/v3/media/uploads", json={}, headers=headers, timeout=10).status_code == 404
    address = f"{server.url}/api/v3/media/upload/binary"
    answer = requests.post(address, files={"file": ("photo.png", PHOTO)}, headers=headers, timeout=10)
    assert requests.get(answer.json()["data"]["download_url"], timeout=10).content == PHOTO
    assert requests.post(address, files={"image": PHOTO}, headers=headers, timeout=10).status_code == 400
