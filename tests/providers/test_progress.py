# SPDX-License-Identifier: GPL-3.0-or-later
"""While a service works the artist reads how far it is, in words of one kind, at each of them."""

import re
from pathlib import Path

import pytest
from loopback import models
from loopback.runware import RunwareServer
from loopback.segmind import SegmindServer
from loopback.server import LoopbackServer
from loopback.wavespeed import WaveSpeedServer
from PIL import Image, ImageDraw

from sam3d.providers import SERVICES
from sam3d.providers.base import Credentials, ReconstructionOptions, Request

SERVERS: dict[str, type[LoopbackServer]] = {
    "WAVESPEED": WaveSpeedServer,
    "SEGMIND": SegmindServer,
    "RUNWARE": RunwareServer,
}
STAGE = re.compile(r"[A-Z][a-z]+( [a-z]+)*|\d+ of \d+ ready")
"""A word or a few, as on a button of Blender that reports."""


def request(folder: Path) -> Request:
    photo = folder / "photo.png"
    photo.write_bytes(models.png(64, 48))
    return Request("0123456789abcdef0123456789abcdef", photo, (), ReconstructionOptions(prompt="a mug"), folder)


def check(told: list[tuple[float, str]]) -> None:
    fractions = [fraction for fraction, _ in told]
    assert fractions == sorted(fractions)
    assert all(0.0 <= fraction <= 1.0 for fraction in fractions)
    assert [stage for _, stage in told if not STAGE.fullmatch(stage)] == []


@pytest.mark.parametrize("name", SERVERS)
def test_from_the_submit_to_the_model(name: str, tmp_path: Path) -> None:
    now = [0.0]
    with SERVERS[name]() as server:
        server.clock, server.job_seconds = (lambda: now[-1]), 10.0
        provider = SERVICES[name].create(Credentials(server.url, server.key))
        task = provider.submit(provider.prepare(request(tmp_path)))
        seen = []
        for moment in (0.0, 5.0, 9.0, 10.0):
            now.append(moment)
            seen.append(provider.poll(task))
        told: list[tuple[float, str]] = []
        provider.fetch(task, tmp_path, lambda fraction, stage: told.append((fraction, stage)))
    assert [progress.finished for progress in seen] == [False, False, False, True]
    check([(progress.fraction, progress.stage) for progress in seen])
    assert seen[-1].fraction == 1.0
    check(told)
    assert told and told[-1][0] == pytest.approx(1.0)


def test_a_draft(tmp_path: Path) -> None:
    made = request(tmp_path)
    picture = Image.new("RGB", (96, 96), "white")
    ImageDraw.Draw(picture).ellipse((20, 24, 76, 80), fill=(150, 60, 40))
    picture.save(made.photo)
    provider = SERVICES["DRAFT"].create(Credentials())
    task = provider.submit(provider.prepare(made))
    progress = provider.poll(task)
    assert progress.finished and STAGE.fullmatch(progress.stage)
    told: list[tuple[float, str]] = []
    provider.fetch(task, tmp_path, lambda fraction, stage: told.append((fraction, stage)))
    check(told)
    assert len({stage for _, stage in told}) > 3
    assert told[0][0] == 0.0 and told[-1][0] > 0.8


@pytest.mark.parametrize(("name", "way"), [("RUNWARE", {"sync": True}), ("SEGMIND", {"v2": 404})])
def test_an_answer_that_came_with_the_submit(name: str, way: dict[str, object], tmp_path: Path) -> None:
    with SERVERS[name]() as server:
        for setting, value in way.items():
            setattr(server, setting, value)
        provider = SERVICES[name].create(Credentials(server.url, server.key, settings=way))
        task = provider.submit(provider.prepare(request(tmp_path)))
        progress = provider.poll(task)
    assert task.response is not None
    assert progress.finished and progress.fraction == 1.0
    assert STAGE.fullmatch(progress.stage)
