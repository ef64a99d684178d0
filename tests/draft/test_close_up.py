# SPDX-License-Identifier: GPL-3.0-or-later
"""A subject is seen by a camera that looks at it, and its draft knows where the photo's camera has it."""

from __future__ import annotations

import numpy as np
import pytest
from solids import box, read

from sam3d.engine.arrays import Mask
from sam3d.engine.draft import reconstruct
from sam3d.engine.draft.camera import View
from sam3d.engine.draft.close_up import close_up
from sam3d.engine.draft.input_photo import LARGEST, WORKING_SIZE, prepare
from sam3d.engine.matching.camera import PhotoCamera, focal_of_lens
from sam3d.engine.raster import scan


@pytest.mark.parametrize("size", [(300, 400), (3000, 2000), (500, 9000)])
def test_the_close_up_shows_the_same_place_in_the_same_direction(size: tuple[int, int]) -> None:
    height, width = size
    y, x = np.indices(size)
    image = np.stack([x * 255 // width, y * 255 // height, 0 * x], 2).astype(np.uint8)
    mask = np.zeros(size, bool)
    mask[height // 4 : height // 2, width // 8 : width // 4] = True
    photo = prepare(image, mask)
    assert photo.mask is not None
    assert max(photo.work.shape) <= WORKING_SIZE
    assert max(photo.full.shape) <= LARGEST
    whole = PhotoCamera(photo.work.shape[1], photo.work.shape[0], 0.8 * max(photo.work.shape), 0.3, 0.1)
    near = close_up(photo, photo.mask, View(whole.axes, whole.focal, np.array([whole.width, whole.height]) / 2))
    assert near.picture.shape[:2] == near.mask.shape == (near.camera.height, near.camera.width)
    assert max(near.mask.shape) <= WORKING_SIZE
    assert 0.4 < near.mask.mean() <= 1
    np.testing.assert_allclose(near.turn @ near.turn.T, np.eye(3), atol=1e-9)
    rows, columns = np.nonzero(near.mask)
    middle = (columns.min() + columns.max() + 1) / 2, (rows.min() + rows.max() + 1) / 2
    np.testing.assert_allclose(middle, (near.camera.width / 2, near.camera.height / 2), atol=1.5)
    for row, column in ((rows[len(rows) // 3], columns[len(rows) // 3]), (rows[-9], columns[-9])):
        way = np.array([column + 0.5 - near.camera.width / 2, near.camera.height / 2 - row - 0.5, near.camera.focal])
        at, _ = whole.project((whole.axes.T @ near.turn @ way)[None] + (0, 0, 1))
        assert np.abs(near.picture[row, column, :2] - 255 * at[0] / photo.work.shape[1::-1]).max() < 3


def mask_of_a_box(camera: PhotoCamera, place: tuple[float, float], turn: float) -> Mask:
    """The mask of a box that stands on the ground."""
    shape = box(4, (0.4, 0.3, 0.2))
    x, y, z = shape.vertices.T.astype(float) * 0.4
    c, s = np.cos(turn), np.sin(turn)
    points = np.stack([c * x + s * z + place[0], s * x - c * z + place[1], y], 1)
    pixels, depth = camera.project(points)
    assert (depth > 0).all()
    mask = np.zeros((camera.height, camera.width), bool)
    _, column, row = scan(pixels[shape.faces], camera.width, camera.height)
    mask[row, column] = True
    return mask


@pytest.mark.parametrize("kind", [None, "organic", "box"])
@pytest.mark.parametrize(
    ("lens", "pitch", "roll", "place"),
    [
        (50, 15, 0, (0.0, 3.6)),
        (24, 20, 3, (-1.2, 2.4)),
        (28, 40, -4, (0.5, 1.3)),
        (85, 4, 1, (0.4, 8.0)),
    ],
)
def test_a_draft_stands_where_the_photos_camera_has_it(
    lens: float, pitch: float, roll: float, place: tuple[float, float], kind: str | None
) -> None:
    camera = PhotoCamera(1200, 800, focal_of_lens(lens, 1200, 800), np.radians(pitch), np.radians(roll))
    mask = mask_of_a_box(camera, place, 0.6)
    photo = np.where(mask[..., None], np.uint8(90), np.uint8(220)).repeat(3, 2)
    draft = reconstruct(photo, mask, camera=camera.resized(600, 400), kind=kind)
    assert draft.pose.focal == pytest.approx(lens / 36)
    mesh = read(draft.glb)
    x, y, z = mesh.vertices.T
    seen = np.stack([x, -z, y], 1) @ draft.pose.matrix[:3, :3].T + draft.pose.matrix[:3, 3]
    there = seen * (1, 1, -1) @ camera.axes + (0, 0, 1)  # in the photo's frame
    pixels, _ = camera.project(there)
    again = np.zeros_like(mask)
    _, column, row = scan(pixels[mesh.faces], camera.width, camera.height)
    again[row, column] = True
    assert (again & mask).sum() / (again | mask).sum() > 0.93
    np.testing.assert_allclose(there[:, 2].min(), 0, atol=0.01)  # it stands on the ground, upright
    up = draft.pose.matrix[:3, 2] * (1, 1, -1) @ camera.axes
    np.testing.assert_allclose(up / np.linalg.norm(up), (0, 0, 1), atol=1e-6)
    if kind != "organic":
        middle = (there[:, :2].min(0) + there[:, :2].max(0)) / 2
        assert np.linalg.norm(middle - place) < 0.05 * np.linalg.norm(place)
