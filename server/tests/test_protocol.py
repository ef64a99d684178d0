# SPDX-License-Identifier: GPL-3.0-or-later
"""WaveSpeed's protocol, spoken by WaveSpeed's own SDK and by hand, and what is beyond it."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
import requests
from talking import LONG, Talk, disc_mask, picture
from wavespeed import Client

OBJECTS, BODY = "wavespeed-ai/sam-3d-objects", "wavespeed-ai/sam-3d-body"


@pytest.fixture
def photo(tmp_path: Path) -> str:
    path = tmp_path / "photo.png"
    path.write_bytes(picture())
    return str(path)


@pytest.fixture
def mask(tmp_path: Path) -> str:
    path = tmp_path / "mask.png"
    path.write_bytes(disc_mask())
    return str(path)


@pytest.fixture
def client(talk: Talk) -> Client:
    return Client(api_key="any", base_url=talk.url)


def test_the_sdk_makes_objects(client: Client, photo: str, mask: str) -> None:
    image, cut = client.upload(photo), client.upload(mask)
    answer = client.run(OBJECTS, {"image": image, "prompt": "ball", "mask_images": [cut, cut]}, poll_interval=0.05)
    models = [requests.get(url, timeout=10).content for url in answer["outputs"]]
    assert [model[:4] for model in models] == [b"glTF", b"glTF"]


def test_the_sdk_makes_a_body_in_one_call(client: Client, photo: str, mask: str) -> None:
    inputs = {"image": client.upload(photo), "mask_image": client.upload(mask)}
    answer = client.run(BODY, inputs, enable_sync_mode=True)
    assert requests.get(answer["outputs"][0], timeout=10).content[:4] == b"glTF"


def test_the_sdk_is_told_of_failure(client: Client, photo: str, tmp_path: Path) -> None:
    small = tmp_path / "small.png"
    small.write_bytes(disc_mask(20, 20))
    inputs = {"image": client.upload(photo), "mask_images": [client.upload(str(small))]}
    with pytest.raises(RuntimeError, match="does not have the photo's size"):
        client.run(OBJECTS, inputs, poll_interval=0.05)


def test_both_ways_of_upload(talk: Talk) -> None:
    content = picture()
    options = {"filename": "../../etc/passwd", "size": len(content), "content_type": "image/png"}
    told = talk.post("/api/v3/media/uploads", options).json()["data"]
    assert requests.get(told["download_url"], timeout=10).status_code == 404
    sent = requests.put(told["upload"]["url"], content, headers=told["upload"]["headers"], timeout=10)
    assert sent.status_code == 200
    again = requests.put(told["upload"]["url"], content, headers=told["upload"]["headers"], timeout=10)
    assert again.status_code == 409
    for address in (told["download_url"], talk.upload(content)):
        answer = requests.get(address, timeout=10)
        assert answer.content == content
        assert answer.headers["Content-Type"] == "image/png"


def test_what_is_beyond(talk: Talk) -> None:
    prediction = talk.submit(talk.upload(LONG.read_bytes()), seed=5, details=True)
    talk.wait_for_work(prediction["id"])
    working = talk.prediction(prediction["id"])
    assert working["stage"]
    assert working["engine"] == "draft"
    waiting = talk.submit(talk.upload(picture()))
    assert waiting["queue_position"] == 0
    done = talk.result(prediction["id"])
    model, details = done["outputs"]
    assert model.endswith(".glb")
    assert json.loads(requests.get(details, timeout=10).content)["engine"] == "draft"
    assert done["details"]["seed"] == 5
    assert done["timings"]["inference"] > 0
    assert talk.result(waiting["id"])["status"] == "completed"


def test_a_seed_is_drawn_where_there_is_none(talk: Talk) -> None:
    image = talk.upload(picture())
    seeds = {talk.submit(image)["details"]["seed"] for _ in range(3)}
    assert len(seeds) == 3


def test_the_server_tells_of_itself(talk: Talk) -> None:
    health = talk.get("/health").json()
    assert health["engines"] == {"sam-3d-objects": "draft", "sam-3d-body": "draft"}
    assert health["queue"]["most"] == 2000
    assert talk.get("/api/v3/balance").json()["data"]["free"] is True
    price = talk.post("/api/v3/model/price", {"model_id": OBJECTS, "inputs": {}}).json()
    assert price["data"]["price"] == 0
    assert {model["model_id"] for model in talk.get("/api/v3/models").json()["data"]} == {OBJECTS, BODY}
    talk.result(talk.submit(talk.upload(picture()))["id"])
    metrics = talk.get("/metrics").text
    assert 'sam3d_tries_total{end="completed",engine="draft"}' in metrics
    assert "sam3d_jobs_waiting 0.0" in metrics


def test_logs_are_lines_of_json(talk: Talk) -> None:
    talk.get("/health")
    lines = [json.loads(line) for line in talk.server.log.read_text().splitlines()]
    assert any(line.get("path") == "/health" and line["status"] == 200 for line in lines)


@pytest.mark.parametrize("path", ["/api/v3/predictions/none/result", "/files/none", "/elsewhere"])
def test_what_is_not_there(talk: Talk, path: str) -> None:
    answer = talk.get(path)
    assert answer.status_code == 404
    assert answer.json()["data"] is None
