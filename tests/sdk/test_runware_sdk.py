# SPDX-License-Identifier: GPL-3.0-or-later
"""Runware's own SDK completes its runs against our server: so the server speaks the real format."""

from __future__ import annotations

import asyncio
import base64
import uuid
from collections.abc import Awaitable, Callable
from typing import Any, TypeVar

import pytest
import requests
from loopback import faults, models
from loopback.runware import RunwareServer
from runware import Runware, RunwareError


def data_uri(content: bytes) -> str:
    return "data:image/png;base64," + base64.b64encode(content).decode()


Result = TypeVar("Result")
TASK: dict[str, Any] = {
    "taskType": "3dInference",
    "model": "meta:sam@3d",
    "inputs": {
        "image": data_uri(models.png(16, 12)),
        "mask": data_uri(models.png(16, 12, channels=1, fill=255)),
    },
    "positivePrompt": "a robot",
    "seed": 5,
    "includeCost": True,
    "ttl": 3600,
}


def with_sdk(server: RunwareServer, use: Callable[[Runware], Awaitable[Result]], key: str = "") -> Result:
    """Runs `use` with the SDK's client, which tries again quickly."""

    async def run() -> Result:
        settings: dict[str, Any] = {"transport": "rest", "http_base_url": f"{server.url}/v1", "retry_delay": 1}
        async with Runware(api_key=key or server.key, **settings) as client:
            return await use(client)

    return asyncio.run(run())


def test_variations() -> None:
    with RunwareServer(job_seconds=0.1) as server:
        found = with_sdk(server, lambda client: client.run({**TASK, "numberResults": 3}))
        assert [item["seed"] for item in found] == [5, 6, 7]
        assert sum(item["cost"] for item in found) == pytest.approx(server.charged)
        files = [item["outputs"]["files"][0]["url"] for item in found]
        assert requests.get(files[0], timeout=10).content == server.result().content
        (sent,) = server.of("submit")[0].json
        assert sent.items() >= {**TASK, "deliveryMethod": "async"}.items()
        assert server.submits == 1
        assert server.polls >= 1
        assert server.leaks == []


def test_in_one_call() -> None:
    with RunwareServer(job_seconds=0.1) as server:
        found = with_sdk(server, lambda client: client.run({**TASK, "deliveryMethod": "sync"}))
        assert found[0]["outputs"]["files"]
        assert server.polls == 0


@pytest.mark.parametrize("shape", ["files", "modelURL", "modelBase64Data", "modelDataURI"])
def test_shapes_without_a_status(shape: str) -> None:
    with RunwareServer(shape=shape, statuses=False) as server:
        (found,) = with_sdk(server, lambda client: client.run(TASK))
        assert ("outputs" if shape == "files" else shape) in found


@pytest.mark.parametrize("settings", [{}, {"item_errors": False}, {"item_errors": False, "errors_in_200": True}])
def test_failed_task(settings: dict[str, Any]) -> None:
    error = ("taskFailed", "No object found")
    with RunwareServer(outcome="error", error=error, **settings) as server:
        with pytest.raises(RunwareError, match="No object found") as caught:
            with_sdk(server, lambda client: client.run(TASK))
        assert caught.value.code == "provider"
        assert server.charged == 0


@pytest.mark.parametrize("within_200", [False, True])
@pytest.mark.parametrize(
    ("settings", "changes", "code"),
    [
        ({"balance": 0.0}, {}, "quota"),
        ({}, {"seed": -1}, "validation"),
        ({}, {"numberResults": 5}, "validation"),
        ({}, {"positivePrompt": ""}, "validation"),
        ({}, {"inputs": {"image": TASK["inputs"]["image"]}}, "validation"),
        ({}, {"taskUUID": "not-a-uuid"}, "validation"),
    ],
)
def test_refusals(settings: dict[str, Any], changes: dict[str, Any], code: str, within_200: bool) -> None:
    with RunwareServer(errors_in_200=within_200, **settings) as server:
        with pytest.raises(RunwareError) as caught:
            with_sdk(server, lambda client: client.run({**TASK, **changes}))
        assert caught.value.code == code
        assert server.submits == 0


def test_wrong_key() -> None:
    with RunwareServer() as server, pytest.raises(RunwareError) as caught:
        with_sdk(server, lambda client: client.account_management({"operation": "getDetails"}), key="another")
    assert caught.value.code == "auth"


def test_a_submit_repeated_by_its_own_id_is_taken_once() -> None:
    with RunwareServer() as server:
        server.fault("submit", faults.lose(502), times=1)
        with pytest.raises(RunwareError, match="unique"):
            with_sdk(server, lambda client: client.run({**TASK, "taskUUID": str(uuid.uuid4())}))
        assert server.submit_posts == 2
        assert server.submits == 1


def test_unknown_task() -> None:
    with RunwareServer() as server, pytest.raises(RunwareError) as caught:
        with_sdk(server, lambda client: client.get_response({"taskUUID": str(uuid.uuid4())}))
    assert caught.value.code == "notFound"


def test_account_and_upload() -> None:
    with RunwareServer(balance=2.5) as server:
        (account,) = with_sdk(server, lambda client: client.account_management({"operation": "getDetails"}))
        assert account["balance"]["amount"] == 2.5
        sent = TASK["inputs"]
        (image,) = with_sdk(server, lambda client: client.image_upload({"image": sent["image"]}))
        (mask,) = with_sdk(server, lambda client: client.image_upload({"image": sent["mask"]}))
        inputs = {"image": image["imageUUID"], "mask": mask["imageUUID"]}
        (found,) = with_sdk(server, lambda client: client.run({**TASK, "inputs": inputs}))
        assert found["outputs"]["files"]


def test_a_task_can_be_looked_up_later() -> None:
    name = str(uuid.uuid4())
    with RunwareServer() as server:
        with_sdk(server, lambda client: client.run({**TASK, "taskUUID": name}))
        history: Any
        (history,) = with_sdk(server, lambda client: client.get_task_details({"taskUUID": name}))
        assert [task["taskUUID"] for task in history["request"]] == [name]
        assert history["response"]["data"][0]["outputs"]["files"]
