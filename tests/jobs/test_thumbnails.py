# SPDX-License-Identifier: GPL-3.0-or-later
"""Pictures of results are made when they are wanted, and kept beside the models."""

import os
import time
from collections.abc import Iterator
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from sam3d.engine.gltf.writer import vertex_normals, write_glb
from sam3d.jobs.thumbnails import Thumbnail, Thumbnails, thumbnail_file

BOUND = 60.0
CORNERS = np.array([[0, 0, 0], [1, 0, 0], [0, 1, 0], [0, 0, 1]], np.float32)
FACES = np.array([[0, 2, 1], [0, 1, 3], [0, 3, 2], [1, 2, 3]])


@pytest.fixture
def thumbnails() -> Iterator[Thumbnails]:
    made = Thumbnails()
    yield made
    made.close()


def model(folder: Path, name: str = "model.glb") -> Path:
    folder.mkdir(parents=True, exist_ok=True)
    file = folder / name
    file.write_bytes(write_glb(CORNERS, vertex_normals(CORNERS, FACES), CORNERS[:, :2], FACES, b""))
    return file


def all_found(thumbnails: Thumbnails) -> list[Thumbnail]:
    found, end = thumbnails.drain(), time.monotonic() + BOUND
    while thumbnails.busy:
        assert time.monotonic() < end
        time.sleep(0.01)
        found += thumbnails.drain()
    return found


def test_a_picture_is_made_beside_the_model(thumbnails: Thumbnails, tmp_path: Path) -> None:
    file = model(tmp_path)
    thumbnails.want([file])
    (found,) = all_found(thumbnails)
    assert found == thumbnails.known[file]
    assert (found.file, found.faces, found.size) == (tmp_path / "thumbnail.png", 4, file.stat().st_size)
    with Image.open(tmp_path / "thumbnail.png") as picture:
        assert (picture.size, picture.mode) == ((256, 256), "RGBA")
    assert sorted(each.name for each in tmp_path.iterdir()) == ["model.glb", "thumbnail.png"]


def test_results_of_one_task_have_pictures_of_their_own(thumbnails: Thumbnails, tmp_path: Path) -> None:
    files = [model(tmp_path), model(tmp_path, "model-2.glb")]
    thumbnails.want(files)
    assert len({found.file for found in all_found(thumbnails)}) == 2


def test_a_picture_is_made_once_and_anew_for_another_model(thumbnails: Thumbnails, tmp_path: Path) -> None:
    file = model(tmp_path)
    thumbnails.want([file])
    all_found(thumbnails)
    thumbnail_file(file).write_bytes(b"as it was")
    thumbnails.want([file])
    all_found(thumbnails)
    assert thumbnail_file(file).read_bytes() == b"as it was"
    later = file.stat().st_mtime_ns + 10**10
    os.utime(file, ns=(later, later))
    thumbnails.want([file])
    (found,) = all_found(thumbnails)
    assert found.written == later
    assert thumbnail_file(file).stat().st_size > 1000


def test_what_cannot_be_drawn_keeps_nobody_waiting(thumbnails: Thumbnails, tmp_path: Path) -> None:
    broken, missing, whole = tmp_path / "broken.glb", tmp_path / "missing.glb", model(tmp_path / "whole")
    broken.write_bytes(b"glTF and no more")
    thumbnails.want([broken, missing, whole])
    assert [found.file is None for found in all_found(thumbnails)] == [True, True, False]


def test_only_what_was_wanted_last_is_made(thumbnails: Thumbnails, tmp_path: Path) -> None:
    """Turning pages quickly leaves no work behind."""
    pages = [[model(tmp_path / f"{page}-{number}") for number in range(10)] for page in range(5)]
    for page in pages:
        thumbnails.want(page)
    found = {found.model for found in all_found(thumbnails)}
    assert set(pages[-1]) <= found
    assert len(found) < 25, "at most what was begun meanwhile"
