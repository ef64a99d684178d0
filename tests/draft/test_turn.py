# SPDX-License-Identifier: GPL-3.0-or-later
"""How a thing is turned, and whether its edges run straight, in photos of models by cameras of all kinds."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest
import trimesh
from photos_of_models import PhotoOfModel, photographed
from test_shape import turned

from sam3d.engine.arrays import Single
from sam3d.engine.draft.camera import View, look
from sam3d.engine.draft.close_up import CloseUp, close_up
from sam3d.engine.draft.edges import inner_edges
from sam3d.engine.draft.input_photo import prepare
from sam3d.engine.draft.shape import build_shape
from sam3d.engine.draft.silhouette import from_mask
from sam3d.engine.draft.straight import straightness
from sam3d.engine.draft.symmetry import find_axis
from sam3d.engine.draft.turn import turn_of
from sam3d.engine.gltf.painted import PaintedPart

CAMERAS = [(28.0, 35.0, 50.0), (-35.0, 12.0, 50.0), (62.0, 25.0, 35.0), (4.0, 20.0, 70.0)]
BANDS = np.array([(0.8, 0.3, 0.2, 1.0), (0.9, 0.9, 0.8, 1.0)], np.float32)


def painted(mesh: Any, color: Single) -> PaintedPart:
    mesh = mesh.copy()
    mesh.unmerge_vertices()
    return PaintedPart(mesh.vertices, mesh.faces, mesh.vertex_normals, color)


def stack(layer: Any) -> list[PaintedPart]:
    """Layers of two colors upon each other."""
    layers = [layer.copy().apply_translation((0, 0.2 * number, 0)) for number in range(4)]
    return [painted(mesh, BANDS[number % 2]) for number, mesh in enumerate(layers)]


def seen(parts: list[PaintedPart], yaw: float, pitch: float, lens: float) -> tuple[PhotoOfModel, CloseUp]:
    made = photographed(parts, yaw, pitch, lens)
    photo = prepare(made.picture, made.mask)
    assert photo.mask is not None
    middle = np.array([made.camera.width, made.camera.height]) / 2
    return made, close_up(photo, photo.mask, View(made.camera.axes, made.camera.focal, middle))


def straight(near: CloseUp, turn: float) -> float:
    """How much straighter the edges of what is turned so run than around an axis."""
    silhouette, view = from_mask(near.coverage), look(near.camera, turn)
    return straightness(inner_edges(silhouette, near.picture), silhouette, view, find_axis(silhouette, view, 1))


@pytest.mark.parametrize(("yaw", "pitch", "lens"), CAMERAS)
def test_the_turn_of_a_box_and_its_straight_edges_are_found_under_any_camera(
    yaw: float, pitch: float, lens: float
) -> None:
    sides = np.array([1.0, 0.8, 0.6])
    _, near = seen(stack(trimesh.creation.box((sides[0], 0.2, sides[2]))), yaw, pitch, lens)
    found = turn_of(from_mask(near.coverage), near.camera, near.picture)
    assert abs((found - yaw + 45) % 90 - 45) < 5
    assert straight(near, found) > 0.25
    shape = build_shape(near.coverage, near.picture, near.camera)
    assert shape.kind == "box"
    size = np.ptp(shape.vertices, axis=0)
    swapped = abs((found - yaw + 90) % 180 - 90) > 45
    np.testing.assert_allclose(size, sides[[2, 1, 0]] if swapped else sides, atol=0.12)


@pytest.mark.parametrize(("yaw", "pitch", "lens"), CAMERAS)
def test_edges_around_a_drum_do_not_run_straight(yaw: float, pitch: float, lens: float) -> None:
    _, near = seen(stack(turned([(0, 0), (0.5, 0), (0.5, 0.2), (0, 0.2)])), yaw, pitch, lens)
    assert straight(near, turn_of(from_mask(near.coverage), near.camera, near.picture)) <= 0.25


def test_a_photo_of_a_model_is_what_its_camera_sees() -> None:
    box = painted(trimesh.creation.box((1.0, 0.5, 0.3)).apply_translation((0, 0.25, 0)), BANDS[0])
    photo = photographed([box], 25, 18, 35)
    points = box.points @ photo.place[:3, :3].T + photo.place[:3, 3]
    pixels, depth = photo.camera.project(points)
    assert (depth > 0).all()
    rows, columns = np.nonzero(photo.mask)
    np.testing.assert_allclose([columns.min(), rows.min()], pixels.min(0), atol=2)
    np.testing.assert_allclose([columns.max() + 1, rows.max() + 1], pixels.max(0), atol=2)
    front = photo.place[:3, :3] @ (0, 0, 1)  # the camera stands to the right of the front, which is turned to the left
    assert np.degrees(np.arctan2(-front[0], -front[1])) == pytest.approx(25, abs=1e-6)
