# SPDX-License-Identifier: GPL-3.0-or-later
"""Shapes from the silhouettes of solids that are known exactly."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest
import trimesh

from sam3d.engine.arrays import Mask
from sam3d.engine.draft.camera import LENS, look, usual_camera
from sam3d.engine.draft.kinds import plausible
from sam3d.engine.draft.mask_features import MaskFeatures
from sam3d.engine.draft.posed_shape import Shape
from sam3d.engine.draft.shape import build_shape
from sam3d.engine.draft.silhouette import from_mask
from sam3d.engine.draft.solids import KINDS
from sam3d.engine.matching.camera import PhotoCamera
from sam3d.engine.raster import scan

SIZE = 256


def level(pitch: float = 15, width: int = SIZE, height: int = SIZE) -> PhotoCamera:
    """A camera with a normal lens that looks down by `pitch` degrees."""
    return PhotoCamera(width, height, LENS * max(width, height), np.radians(pitch))


def silhouette(mesh: Any, yaw: float = 30, pitch: float = 15, distance: float = 2.6, right: float = 0.0) -> Mask:
    """The mask (SIZE, SIZE) of a mesh of longest side 1 in the middle of the photo, or so far to the right of it."""
    view = look(level(pitch), yaw)
    middle = distance * view.axes[2] + right * view.axes[0]
    vertices = (mesh.vertices - mesh.bounds.mean(0)) / mesh.extents.max() + middle
    pixels, _ = view.project(vertices)
    y, x = np.mgrid[0:SIZE, 0:SIZE] + 0.5
    mask = np.zeros((SIZE, SIZE), bool)
    for a, b, c in pixels[mesh.faces]:
        low = np.maximum(np.floor(np.minimum(np.minimum(a, b), c)).astype(int), 0)
        high = np.ceil(np.maximum(np.maximum(a, b), c)).astype(int) + 1
        part = np.s_[low[1] : high[1], low[0] : high[0]]
        side = [
            (q[0] - p[0]) * (y[part] - p[1]) - (q[1] - p[1]) * (x[part] - p[0]) for p, q in ((a, b), (b, c), (c, a))
        ]
        mask[part] |= (np.minimum.reduce(side) >= 0) | (np.maximum.reduce(side) <= 0)
    return mask


def seen_with(part: Any, whole: Any) -> Mask:
    """The pixels (SIZE, SIZE) of a part of a mesh where `silhouette` shows the whole."""
    pixels, _ = look(level(), 30).project(
        (part.vertices - whole.bounds.mean(0)) / whole.extents.max() + 2.6 * look(level(), 30).axes[2]
    )
    shown = np.zeros((SIZE, SIZE), bool)
    _, column, row = scan(pixels[part.faces], SIZE, SIZE)
    shown[row, column] = True
    return shown


def build(mask: Mask, **options: Any) -> Shape:
    """The shape of a mask on a plain gray photo, checked for what holds for every shape."""
    shape = build_shape(mask, np.full((*mask.shape, 3), 128, np.uint8), **options)
    check(shape)
    return shape


def check(shape: Shape) -> Any:
    mesh = trimesh.Trimesh(shape.vertices, shape.faces, process=False)
    assert np.isfinite(shape.vertices).all()
    assert mesh.is_watertight
    assert mesh.is_winding_consistent
    assert all(piece.volume > 0 for piece in mesh.split(only_watertight=False, repair=False))
    assert 500 <= len(shape.faces) <= 20_000
    assert mesh.area_faces.min() > 0
    corners = np.unique(shape.faces, axis=0)
    assert len(corners) == len(shape.faces)
    around = np.bincount(shape.faces.ravel(), minlength=len(shape.vertices))
    assert around.min() >= 3
    assert mesh.extents.max() == pytest.approx(1, abs=1e-4)
    assert mesh.bounds[0, 1] == pytest.approx(0, abs=1e-4)
    assert shape.kind in KINDS
    return mesh


def seen_again(shape: Shape, mask: Mask) -> float:
    """Intersection over union of a mask and the shape's silhouette under the shape's camera."""
    pixels, depth = shape.camera.project(shape.vertices)
    assert (depth > 0).all()
    again = np.zeros(mask.shape, bool)
    _, columns, rows = scan(pixels[shape.faces], mask.shape[1], mask.shape[0])
    again[rows, columns] = True
    return float((again & mask).sum() / (again | mask).sum())


def turned(profile: list[tuple[float, float]]) -> Any:
    """The body that a profile of (radius, height) makes about the vertical axis."""
    mesh = trimesh.creation.revolve(np.array(profile, float), sections=48)
    return mesh.apply_transform([[1, 0, 0, 0], [0, 0, 1, 0], [0, -1, 0, 0], [0, 0, 0, 1]])


def test_a_ball_is_round() -> None:
    mask = silhouette(trimesh.creation.icosphere(3))
    shape = build(mask)
    assert shape.kind == "revolution"
    assert np.ptp(shape.vertices, axis=0) == pytest.approx([1, 1, 1], abs=0.12)
    assert seen_again(shape, mask) > 0.95


def test_a_bottle_from_above_stands_on_a_flat_base() -> None:
    radius, height = np.array([(0.2, 0), (0.2, 0.6), (0.07, 0.75), (0.07, 1.0)]).T
    mask = silhouette(turned([(0, 0), *zip(radius, height, strict=True), (0, 1)]))
    shape = build(mask)
    assert shape.kind == "revolution"
    assert shape.axis is not None
    assert shape.axis[1] == pytest.approx([0, 1, 0])
    out = np.hypot(*(shape.vertices - shape.axis[0])[:, [0, 2]].T)
    side = (shape.vertices[:, 1] > 0.08) & (shape.vertices[:, 1] < 0.92)
    true = np.interp(shape.vertices[side, 1], height, radius)
    assert np.abs(out[side] - true).mean() < 0.015
    base = out[shape.vertices[:, 1] < 0.02]
    assert base.max() > 0.15
    assert seen_again(shape, mask) > 0.95


def test_a_lying_drum_is_turned_about_a_level_axis() -> None:
    drum = trimesh.creation.cylinder(0.3, 1, 48).apply_transform(
        [[0, 0, 1, 0], [0, 1, 0, 0], [-1, 0, 0, 0], [0, 0, 0, 1]]
    )
    shape = build(silhouette(drum))
    assert shape.kind == "revolution"
    assert np.ptp(shape.vertices, axis=0) == pytest.approx([1, 0.6, 0.6], abs=0.06)


@pytest.mark.parametrize("sides", [(1.0, 0.4, 0.6), (0.5, 1.0, 0.3), (0.4, 0.5, 1.0)])
@pytest.mark.parametrize("yaw", [30, -30])
def test_a_box_from_an_angle_has_its_sides(sides: tuple[float, float, float], yaw: float) -> None:
    mask = silhouette(trimesh.creation.box(sides), yaw)
    shape = build(mask)
    assert shape.kind == "box"
    assert np.ptp(shape.vertices, axis=0) == pytest.approx(sides, abs=0.07)
    assert seen_again(shape, mask) > 0.95


def test_a_box_straight_on_is_a_box() -> None:
    shape = build(silhouette(trimesh.creation.box((1.0, 0.7, 0.5)), yaw=0))
    assert shape.kind == "box"
    assert np.ptp(shape.vertices, axis=0)[:2] == pytest.approx([1, 0.7], abs=0.1)


def test_a_ring_keeps_its_hole() -> None:
    mask = silhouette(trimesh.creation.torus(0.4, 0.1))
    shape = build(mask)
    assert trimesh.Trimesh(shape.vertices, shape.faces, process=False).euler_number == 0
    assert seen_again(shape, mask) > 0.9


def test_a_cup_has_a_handle_and_an_inside_where_the_photo_shows_one() -> None:
    cup = trimesh.util.concatenate(
        [
            turned([(0, 0), (0.3, 0), (0.3, 0.7), (0, 0.7)]),
            trimesh.creation.torus(0.18, 0.035).apply_translation([0.33, 0.35, 0]),
        ]
    )
    mask = silhouette(cup)
    closed = build(mask)
    assert closed.kind == "revolution"
    mesh: Any = trimesh.Trimesh(closed.vertices, closed.faces, process=False)
    body, handle = sorted(mesh.split(), key=lambda piece: -piece.volume)
    assert body.euler_number == handle.euler_number == 2
    assert closed.axis is not None
    out = np.hypot(*(handle.triangles_center - closed.axis[0])[:, [0, 2]].T)
    within = handle.submesh([out < np.hypot(*(body.vertices - closed.axis[0])[:, [0, 2]].T).max()], append=True)
    ends = within.split(only_watertight=False, repair=False)
    assert len(ends) == 2  # the handle leaves one hole
    assert np.ptp([end.bounds.mean(0)[1] for end in ends]) > 0.25
    photo = np.full((SIZE, SIZE, 3), 160, np.uint8)
    opening = turned([(0, 0.69), (0.27, 0.69), (0.27, 0.7), (0, 0.7)])
    photo[seen_with(opening, cup)] = 80  # the bottom, in the dark
    x, _, z = look(level(), 30).axes[2]
    far = opening.submesh([opening.triangles_center @ (x, 0, z) > 0], append=True)
    photo[seen_with(far, cup)] = 40  # the inner wall
    shape = build_shape(mask, photo)
    check(shape)
    assert trimesh.Trimesh(shape.vertices, shape.faces).volume < 0.6 * mesh.volume
    known = build_shape(mask, np.broadcast_to(photo, (SIZE, SIZE, 3)).astype(np.uint8), closed=True)
    assert trimesh.Trimesh(known.vertices, known.faces).volume == pytest.approx(mesh.volume)


def test_a_table_stands_on_four_legs() -> None:
    parts = [trimesh.creation.box((1, 0.06, 0.6)).apply_translation([0, 0.6, 0])]
    parts += [
        trimesh.creation.box((0.06, 0.6, 0.06)).apply_translation([x, 0.3, z])
        for x in (-0.45, 0.45)
        for z in (-0.25, 0.25)
    ]
    shape = build(silhouette(trimesh.util.concatenate(parts)))
    mesh: Any = trimesh.Trimesh(shape.vertices, shape.faces, process=False)
    lower = mesh.submesh([(mesh.vertices[mesh.faces][:, :, 1] < 0.3).all(1)], append=True)
    legs = sorted(lower.split(only_watertight=False, repair=False), key=lambda leg: -leg.area)[:4]
    corners = {tuple(np.sign(leg.bounds.mean(0)[[0, 2]])) for leg in legs}
    assert corners == {(1, 1), (1, -1), (-1, 1), (-1, -1)}
    assert np.ptp(shape.vertices, axis=0) == pytest.approx([1, 0.63, 0.6], abs=0.12)


def test_a_thin_rod_stays_thin_and_whole() -> None:
    mask = np.zeros((400, 400), bool)
    mask[20:380, 198:202] = True
    shape = build(mask)
    assert len(trimesh.Trimesh(shape.vertices, shape.faces, process=False).split()) == 1
    assert np.ptp(shape.vertices, axis=0)[[0, 2]] == pytest.approx([0.011, 0.011], abs=0.03)


def test_pieces_stay_apart() -> None:
    y, x = np.mgrid[0:SIZE, 0:SIZE]
    mask = (np.hypot(x - 70, y - 120) < 45) | (np.hypot(x - 190, y - 140) < 40)
    mask[5, 5] = True  # a speck
    shape = build(mask)
    pieces = trimesh.Trimesh(shape.vertices, shape.faces, process=False).split()
    assert len(pieces) == 2
    assert min(piece.volume for piece in pieces) > 0.3 * max(piece.volume for piece in pieces)


@pytest.mark.parametrize("edge", ["left", "bottom", "all"])
def test_a_mask_may_touch_the_border(edge: str) -> None:
    mask = np.zeros((120, 160), bool)
    part = {"left": np.s_[30:90, :70], "bottom": np.s_[40:, 50:100], "all": np.s_[:, :]}
    mask[part[edge]] = True
    assert seen_again(build(mask), mask) > 0.85


def test_a_mask_of_twenty_pixels() -> None:
    mask = np.zeros((64, 64), bool)
    mask[30:34, 28:33] = True
    build(mask)


@pytest.mark.parametrize("count", [0, 1])
def test_next_to_nothing(count: int) -> None:
    mask = np.zeros((64, 64), bool)
    mask.ravel()[:count] = True
    if count:
        build(mask)
    else:
        with pytest.raises(ValueError, match="mask is empty"):
            build(mask)


def test_soft_edges_do_not_matter() -> None:
    hard = silhouette(trimesh.creation.icosphere(3)).astype(np.float32)
    soft = (hard + np.roll(hard, 1, 0) + np.roll(hard, 1, 1) + np.roll(hard, (1, 1), (0, 1))) / 4
    shape = build_shape(soft, np.zeros((SIZE, SIZE, 3), np.uint8))
    assert np.ptp(shape.vertices, axis=0) == pytest.approx([1, 1, 1], abs=0.12)


def test_other_plausible_readings_are_offered_in_turn() -> None:
    mask = silhouette(trimesh.creation.box((0.6, 1.0, 0.5)))
    found = [build(mask, alternative=number).kind for number in range(3)]
    assert found[0] == "box"
    assert len(set(found)) == 3


def test_an_absurd_reading_is_not_offered() -> None:
    mask = silhouette(trimesh.creation.torus(0.4, 0.05))
    gray = np.full((*mask.shape, 3), 128, np.uint8)
    found = plausible(MaskFeatures(from_mask(mask), usual_camera(mask.shape[1], mask.shape[0]), gray))
    assert found and "revolution" not in found


@pytest.mark.parametrize("kind", KINDS)
def test_a_kind_can_be_forced(kind: str) -> None:
    assert build(silhouette(trimesh.creation.icosphere(2)), kind=kind).kind == kind


def test_an_unknown_kind_is_refused() -> None:
    with pytest.raises(ValueError, match="no kind of shape"):
        build(silhouette(trimesh.creation.icosphere(2)), kind="cube")


def test_the_mirror_plane_is_in_the_frame_of_the_shape() -> None:
    shape = build(silhouette(trimesh.creation.box((1.0, 0.4, 0.6))))
    assert shape.mirror is not None
    assert shape.mirror == pytest.approx((1, 0, 0, 0), abs=0.02)
