# SPDX-License-Identifier: GPL-3.0-or-later
"""A way to talk to a server in the plainest HTTP, and pictures to send to it."""

from __future__ import annotations

import io
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import requests
from PIL import Image, ImageDraw
from server_process import ServerProcess, wait_until

Start = Callable[..., "Talk"]
PHOTOS = Path(__file__).resolve().parents[2] / "examples" / "photos"


def picture(width: int = 64, height: int = 48) -> bytes:
    """A PNG of a dark disc on white; larger ones keep the draft engine busy for longer."""
    image = Image.new("RGB", (width, height), "white")
    ImageDraw.Draw(image).ellipse((width * 0.2, height * 0.2, width * 0.8, height * 0.8), (60, 40, 120))
    return png(image)


def disc_mask(width: int = 64, height: int = 48) -> bytes:
    """The disc of `picture`, white."""
    image = Image.new("L", (width, height), 0)
    ImageDraw.Draw(image).ellipse((width * 0.2, height * 0.2, width * 0.8, height * 0.8), 255)
    return png(image)


def png(image: Image.Image) -> bytes:
    """A picture's bytes."""
    memory = io.BytesIO()
    image.save(memory, "PNG")
    return memory.getvalue()


def noise(width: int, height: int) -> bytes:
    """A PNG that does not get smaller by packing."""
    return png(Image.fromarray(np.random.default_rng(1).integers(0, 255, (height, width, 3), np.uint8)))


LONG = PHOTOS / "mug.jpg"
"""A photo that keeps the draft engine busy for some seconds."""


class Talk:
    """A client of a server's process, in the plainest HTTP."""

    def __init__(self, server: ServerProcess, token: str = "") -> None:
        self.server, self.url = server, server.url
        self.session = requests.Session()
        if token:
            self.session.headers["Authorization"] = f"Bearer {token}"

    def get(self, path: str, **more: Any) -> requests.Response:
        return self.session.get(self.url + path, timeout=60, **more)

    def post(self, path: str, body: Any = None, **more: Any) -> requests.Response:
        return self.session.post(self.url + path, json=body, timeout=120, **more)

    def upload(self, content: bytes) -> str:
        """Upload a picture; gives its address."""
        answer = self.post("/api/v3/media/upload/binary", files={"file": ("photo.png", content)})
        assert answer.status_code == 200, answer.text
        return str(answer.json()["data"]["download_url"])

    def submit(self, image: str, model: str = "sam-3d-objects", **inputs: Any) -> dict[str, Any]:
        """Submit a job; gives its prediction."""
        answer = self.post(f"/api/v3/wavespeed-ai/{model}", {"image": image, **inputs})
        assert answer.status_code == 200, answer.text
        return dict(answer.json()["data"])

    def prediction(self, id: str) -> dict[str, Any]:
        """What has become of a job."""
        answer = self.get(f"/api/v3/predictions/{id}/result")
        assert answer.status_code == 200, answer.text
        return dict(answer.json()["data"])

    def result(self, id: str, seconds: float = 60.0) -> dict[str, Any]:
        """The prediction of a job when it has ended."""
        wait_until(lambda: self.prediction(id)["status"] not in ("created", "processing"), f"job {id}", seconds)
        return self.prediction(id)

    def wait_for_work(self, id: str) -> None:
        """Until a job is in the engine's hands."""
        wait_until(lambda: self.prediction(id)["progress"] > 0.02, f"work on {id}")

    def glb(self, prediction: dict[str, Any]) -> bytes:
        """The first result of a job that has succeeded."""
        assert prediction["status"] == "completed", prediction
        content = requests.get(prediction["outputs"][0], timeout=60).content
        assert content[:4] == b"glTF"
        return content
