# SPDX-License-Identifier: GPL-3.0-or-later
"""The faults do what they say, and a job is made exactly where they say so."""

from __future__ import annotations

import base64
import io
import zipfile
from collections.abc import Iterator

import pytest
import requests

from . import faults, models
from .segmind import SegmindServer

CUT = (requests.ConnectionError, requests.exceptions.ChunkedEncodingError)


@pytest.fixture
def server() -> Iterator[SegmindServer]:
    with SegmindServer() as running:
        yield running


def submit(server: SegmindServer) -> requests.Response:
    image = "data:image/png;base64," + base64.b64encode(models.png()).decode()
    headers = {"x-api-key": server.key}
    return requests.post(f"{server.url}/v2/sam-3d-objects", json={"image": image}, headers=headers, timeout=10)


def download(server: SegmindServer) -> requests.Response:
    return requests.get(server.keep(server.result()), timeout=10)


@pytest.mark.parametrize(("fault", "jobs"), [(faults.CUT_BEFORE, 0), (faults.CUT_AFTER, 1), (faults.HALF, 1)])
def test_cuts(server: SegmindServer, fault: faults.Fault, jobs: int) -> None:
    server.fault("submit", fault, times=1)
    with pytest.raises(CUT):
        submit(server)
    assert (server.submits, server.submit_posts) == (jobs, 1)
    assert submit(server).status_code == 200


@pytest.mark.parametrize(("fault", "jobs"), [(faults.refuse(502), 0), (faults.lose(502), 1)])
def test_statuses(server: SegmindServer, fault: faults.Fault, jobs: int) -> None:
    server.fault("submit", fault)
    assert submit(server).json() == {"error": "Something went wrong"}
    assert server.submits == jobs


def test_headers_of_a_refusal_and_faults_in_turn(server: SegmindServer) -> None:
    server.fault("submit", faults.refuse(429, {"Retry-After": "3"}), times=1, after=1)
    answers = [submit(server) for _ in range(3)]
    assert [answer.status_code for answer in answers] == [200, 429, 200]
    assert answers[1].headers["Retry-After"] == "3"


@pytest.mark.parametrize("fault", [faults.HTML, faults.TRUNCATED, faults.EMPTY])
def test_not_json(server: SegmindServer, fault: faults.Fault) -> None:
    server.fault("submit", fault)
    answer = submit(server)
    assert answer.status_code == 200
    with pytest.raises(requests.JSONDecodeError):
        answer.json()


def test_odd_json(server: SegmindServer) -> None:
    for fault in (faults.WRONG_TYPES, faults.WRONG_SHAPE, faults.NULL_RESPONSE):
        server.fault("submit", fault, times=1)
    assert submit(server).json()["request_id"] == 12345
    assert submit(server).json()[0]["status"] == "QUEUED"
    assert submit(server).json() is None


def test_stalled_and_endless(server: SegmindServer) -> None:
    stalled = server.fault("download", faults.stall(), times=1)
    with requests.get(server.keep(server.result()), stream=True, timeout=10) as answer:
        half = len(server.result().content) // 2
        assert len(answer.raw.read(half)) == half
        stalled.release.set()
        assert len(answer.raw.read()) == half
    server.fault("download", faults.ENDLESS, times=1)
    with requests.get(server.keep(server.result()), stream=True, timeout=10) as answer:
        assert len(answer.raw.read(20_000_000)) == 20_000_000


def test_redirects_carry_the_body_elsewhere(server: SegmindServer) -> None:
    server.fault("submit", faults.redirect(f"{server.storage_url}/elsewhere"))
    submit(server)
    # requests takes only Authorization off along the way: this is what a careless client does
    assert [record.path for record in server.leaks] == ["/elsewhere"]
    assert server.submits == 0


def test_wrong_files(server: SegmindServer) -> None:
    for fault in (faults.PLY_FOR_GLB, faults.zip_bomb(), faults.ZIP_OUTSIDE, faults.EXPIRED, faults.GONE):
        server.fault("download", fault, times=1)
    assert download(server).content.startswith(b"ply")
    (bomb,) = zipfile.ZipFile(io.BytesIO(download(server).content)).infolist()
    assert bomb.file_size == models.BOMB_BYTES > 500 * bomb.compress_size
    assert any(name.startswith("../") for name in zipfile.ZipFile(io.BytesIO(download(server).content)).namelist())
    assert [download(server).status_code for _ in range(3)] == [403, 410, 200]
