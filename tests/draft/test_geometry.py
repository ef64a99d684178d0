# SPDX-License-Identifier: GPL-3.0-or-later
"""The geometry that drafts are made from, against scipy, Pillow and solids that are known exactly."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest
import trimesh
from PIL import Image
from scipy import ndimage
from test_shape import build, level, silhouette, turned

from sam3d.engine.arrays import Mask
from sam3d.engine.draft.box import Box, enclose, fit
from sam3d.engine.draft.camera import LENS, View, look, place
from sam3d.engine.draft.explained import explained
from sam3d.engine.draft.inflation import half_thickness, inflate
from sam3d.engine.draft.mask_features import MaskFeatures
from sam3d.engine.draft.sdf import Solid, block, cone, intersection, mirrored, smooth_min, union
from sam3d.engine.draft.silhouette import (
    Silhouette,
    blur,
    distance_to,
    from_mask,
    opened,
    resample,
    signed_distance,
    without_thin_parts,
)
from sam3d.engine.draft.symmetry import find_axis

POINTS = np.random.default_rng(2).uniform(-1, 1, (200, 3))
VIEWS = [(30.0, 15.0), (0.0, 15.0), (-40.0, 25.0)]


def blob(seed: int = 1, height: int = 40, width: int = 56) -> Mask:
    """Some smooth pieces, none at the border."""
    noise = ndimage.gaussian_filter(np.random.default_rng(seed).normal(0, 1, (height, width)), 4)
    mask: Mask = noise > 0.02
    mask[:3] = mask[-3:] = False
    mask[:, :3] = mask[:, -3:] = False
    return mask


@pytest.mark.parametrize(("yaw", "pitch"), VIEWS)
def test_a_view_looks_from_where_it_is_said(yaw: float, pitch: float) -> None:
    view = look(level(pitch, 300, 200), yaw)
    np.testing.assert_allclose(view.axes @ view.axes.T, np.eye(3), atol=1e-12)
    right, up, forward = view.axes
    assert right[1] == pytest.approx(0) and up[1] > 0.8
    assert np.degrees(np.arcsin(-forward[1])) == pytest.approx(pitch)
    assert np.degrees(np.arctan2(-forward[0], -forward[2])) == pytest.approx(yaw)
    np.testing.assert_allclose(np.cross(right, up), -forward, atol=1e-12)
    assert view.focal == pytest.approx(300 * LENS)
    pixels, depth = view.project(forward[None] * 3)
    np.testing.assert_allclose(pixels, [(150, 100)])
    assert depth == pytest.approx(3)
    beside, _ = view.project((3 * forward + 0.3 * right + 0.1 * up)[None])
    np.testing.assert_allclose(beside - pixels, [(0.1 * view.focal, -0.1 / 3 * view.focal)])


def test_rays_and_the_matrix_undo_and_repeat_a_projection() -> None:
    view = look(level(15, 300, 200))
    points = POINTS + 4 * view.axes[2]
    pixels, depth = view.project(points)
    np.testing.assert_allclose(view.rays(pixels) * depth[:, None], points, atol=1e-9)
    homogeneous = points @ view.matrix().T
    np.testing.assert_allclose(homogeneous[:, :2] / homogeneous[:, 2:], pixels, atol=1e-9)


def test_a_shape_is_placed_on_the_ground_and_seen_the_same() -> None:
    view = look(level(15, 300, 200))
    points = POINTS * (1, 2, 0.5) + 6 * view.axes[2]
    placed, camera, origin, scale = place(points, view)
    np.testing.assert_allclose(placed, (points - origin) * scale)
    assert np.ptp(placed, axis=0).max() == pytest.approx(1)
    assert placed[:, 1].min() == pytest.approx(0)
    np.testing.assert_allclose((placed.min(0) + placed.max(0))[[0, 2]], 0, atol=1e-12)
    pixels, depth = camera.project(placed)
    np.testing.assert_allclose(pixels, view.project(points)[0], atol=1e-6)
    assert (depth > 0).all()
    np.testing.assert_allclose(camera.position, -origin * scale)


@pytest.mark.parametrize("seed", range(3))
def test_distances_are_exact(seed: int) -> None:
    mask = blob(seed)
    np.testing.assert_allclose(distance_to(~mask), ndimage.distance_transform_edt(mask), atol=1e-5)
    signed = signed_distance(mask.astype(np.float32))
    inside, outside = ndimage.distance_transform_edt(mask), ndimage.distance_transform_edt(~mask)
    np.testing.assert_allclose(signed, np.where(mask, inside - 0.5, 0.5 - outside), atol=0.75)
    assert ((signed > 0) == mask)[np.maximum(inside, outside) > 1.5].all()


def test_soft_edges_place_the_outline_between_the_pixels() -> None:
    for share in (0.55, 0.7, 0.95):
        coverage = np.zeros((9, 20), np.float32)
        coverage[:, :8], coverage[:, 8] = 1, share
        row = signed_distance(coverage)[4]
        zero = np.interp(0, -row[5:12], np.arange(5, 12))
        assert zero == pytest.approx(7.5 + share, abs=0.3)


def test_blur_is_the_binomial_filter() -> None:
    image = np.random.default_rng(3).random((11, 17)).astype(np.float32)
    kernel = np.outer([1, 2, 1], [1, 2, 1]) / 16
    once = ndimage.convolve(image, kernel, mode="nearest")
    np.testing.assert_allclose(blur(image, 1), once, atol=1e-6)
    np.testing.assert_allclose(blur(image, 2), ndimage.convolve(once, kernel, mode="nearest"), atol=1e-6)
    np.testing.assert_array_equal(blur(image, 0), image)


@pytest.mark.parametrize("size", [(30, 44), (60, 88), (10, 11), (6, 100), (15, 22)])
def test_resampling_is_bilinear_or_the_mean(size: tuple[int, int]) -> None:
    image = np.random.default_rng(4).random((30, 44)).astype(np.float32)
    found = resample(image, *size)
    assert found.shape == size
    picture = Image.fromarray(image)
    for axis, (old, new) in enumerate(zip(image.shape, size, strict=True)):
        method = Image.Resampling.BOX if new < old else Image.Resampling.BILINEAR
        picture = picture.resize((picture.width, new) if axis == 0 else (new, picture.height), method)
    np.testing.assert_allclose(found, np.asarray(picture), atol=1e-5)
    assert found.mean() == pytest.approx(image.mean(), abs=0.01)


def test_a_silhouette_is_cut_out_and_knows_its_way_back() -> None:
    mask = np.zeros((90, 120), bool)
    mask[20:60, 30:110] = True
    mask[5:7, 5:7] = True  # a speck
    made = from_mask(mask, 160)
    assert made.scale == pytest.approx(160 / 105)
    assert made.inside[6:-6, 6:-6].any() and not made.inside[:6].any() and not made.inside[:, :6].any()
    pixels = made.pixels()
    assert pixels[:, 0].min() >= 29.5 and pixels[:, 0].max() <= 110.5
    assert pixels[:, 1].min() >= 19.5 and pixels[:, 1].max() <= 60.5  # without the speck
    np.testing.assert_allclose(made.to_photo(made.to_work(pixels)), pixels)
    middle = np.array([[70.0, 40.0], [70.0, 25.0], [70.0, 10.0], [70.0, -40.0], [200.0, 40.0]])
    np.testing.assert_allclose(made.sample(middle), [20, 5, -10, -60, -90], atol=1.0)
    around = np.random.default_rng(5).uniform((20, 10), (120, 70), (500, 2))
    np.testing.assert_array_equal(made.covers(around), made.sample(around) > 0)
    rows = np.unique(pixels[:, 1])
    expected = [(pixels[pixels[:, 1] == row, 0].min(), row) for row in rows]
    expected += [(pixels[pixels[:, 1] == row, 0].max(), row) for row in rows]
    np.testing.assert_array_equal(made.ends(), expected)
    with pytest.raises(ValueError, match="empty"):
        from_mask(np.zeros((9, 9)))
    assert from_mask(np.full((9, 9), 0.51)).inside.any()


def test_thin_parts_are_taken_away() -> None:
    mask = np.zeros((120, 200), bool)
    mask[30:90, 30:110] = True
    mask[56:64, 110:180] = True  # a handle
    whole = from_mask(mask)
    body = without_thin_parts(whole)
    rod = whole.to_work(np.array([[170.0, 60.0]])).astype(int)[0]
    middle = whole.to_work(np.array([[70.0, 60.0]])).astype(int)[0]
    assert whole.inside[rod[1], rod[0]] and not body.inside[rod[1], rod[0]]
    assert body.inside[middle[1], middle[0]] and (body.inside <= whole.inside).all()
    assert (body.scale, body.corner.tolist()) == (whole.scale, whole.corner.tolist())
    part = opened(mask, 10.0)
    assert part[60, 70] and not part[60, 170]
    assert not opened(mask, 40.0).any()
    assert opened(mask, 3.0)[60, 170]


def test_fields_are_combined() -> None:
    low, high = np.array([-0.5, -0.3, -0.2]), np.array([0.4, 0.6, 0.3])
    inside = ((low < POINTS) & (high > POINTS)).all(1)
    sharp = block(low, high, 1e-9)
    np.testing.assert_array_equal(sharp(POINTS) > 0, inside)
    np.testing.assert_allclose(sharp(np.array([[0.0, 0.5, 0.0]])), 0.1, atol=1e-6)
    moved = block(low + 0.3, high + 0.3, 1e-9)
    also = ((low + 0.3 < POINTS) & (high + 0.3 > POINTS)).all(1)
    np.testing.assert_array_equal(union(sharp, moved)(POINTS) > 0, inside | also)
    np.testing.assert_array_equal(intersection([sharp, moved], 1e-9)(POINTS) > 0, inside & also)
    for axis in range(3):
        image = POINTS.copy()
        image[:, axis] = 0.2 - image[:, axis]
        np.testing.assert_allclose(mirrored(sharp, axis, 0.1)(POINTS), sharp(image))


def test_a_smooth_minimum_rounds_where_two_meet() -> None:
    one, other = np.array([0.0, 1.0, 0.3, 0.5]), np.array([2.0, 1.0, 0.4, 0.0])
    np.testing.assert_allclose(smooth_min(one, other, 0.2), [0.0, 1.0 - 0.05, 0.3 - 0.0125, 0.0])
    np.testing.assert_allclose(smooth_min(one, other, 0.2), smooth_min(other, one, 0.2))


def test_a_cone_holds_what_the_photo_shows_within_the_mask() -> None:
    mask = silhouette(trimesh.creation.icosphere(3))
    made, view = from_mask(mask), look(level())
    field = cone(made, view)
    pixels = made.pixels()[::50]
    rays = view.rays(pixels)
    for depth in (1.0, 3.0):
        np.testing.assert_allclose(field(rays * depth), made.sample(pixels) * depth / view.focal)
    assert field(view.rays(np.array([[2.0, 2.0]])))[0] < 0


@pytest.mark.parametrize(("yaw", "pitch"), VIEWS)
@pytest.mark.parametrize("sides", [(1.0, 0.6, 0.7), (0.5, 1.0, 0.6)])
def test_the_box_around_a_box_is_that_box(yaw: float, pitch: float, sides: tuple[float, float, float]) -> None:
    mask = silhouette(trimesh.creation.box(sides), yaw, pitch)
    made, view = from_mask(mask), look(level(pitch), yaw)
    found = enclose(made, view)
    if yaw:
        size = (found.high - found.low) / (found.high - found.low).max()
        np.testing.assert_allclose(size, np.array(sides) / max(sides), atol=0.06)
    best = fit(made, view, found)
    assert best.overlap >= found.overlap > 0.85
    assert best.overlap > 0.93
    assert best.low[1] == pytest.approx(found.low[1])


@pytest.mark.parametrize("share", [(0.75, 0.8, 0.75), (1.3, 1.2, 1.3)])
def test_a_box_that_is_wrong_is_mended(share: tuple[float, float, float]) -> None:
    mask = silhouette(trimesh.creation.box((1.0, 0.6, 0.7)))
    made, view = from_mask(mask), look(level())
    right = enclose(made, view)
    wrong = Box(right.low, right.low + (right.high - right.low) * share, 0.0)
    mended = fit(made, view, wrong)
    assert mended.overlap > 0.93
    size = (mended.high - mended.low) / (mended.high - mended.low).max()
    np.testing.assert_allclose(size, (1.0, 0.6, 0.7), atol=0.12)


def test_the_axis_of_a_turned_body_is_found() -> None:
    vase = turned([(0, 0), (0.3, 0), (0.45, 0.5), (0.2, 0.9), (0.25, 1.2), (0, 1.2)])
    made, view = from_mask(silhouette(vase)), look(level())
    upright, lying = find_axis(made, view, 1), find_axis(made, view, 0)
    assert upright.overlap > 0.97 > lying.overlap
    np.testing.assert_array_equal(upright.direction, (0, 1, 0))
    assert upright.point @ view.axes[2] == pytest.approx(1)
    for normal in (upright.direction, upright.toward):
        assert upright.side @ normal == pytest.approx(0, abs=1e-9)
    assert np.linalg.norm(upright.side) == pytest.approx(1)
    pixels, _ = view.project(upright.point[None])
    assert pixels[0, 0] == pytest.approx(128, abs=1.5)  # the vase stands in the middle


@pytest.mark.parametrize("seed", [1, 2])
def test_a_mask_is_as_thick_as_the_balls_in_it(seed: int) -> None:
    mask = blob(seed)
    made = Silhouette(mask, signed_distance(mask.astype(np.float32)), 1.0, np.zeros(2))
    found = half_thickness(made)
    y, x = np.nonzero(mask)
    radius = made.distance[y, x]
    square = radius[:, None] ** 2 - (y[:, None] - y) ** 2 - (x[:, None] - x) ** 2
    expected = np.zeros(mask.shape)
    expected[y, x] = np.sqrt(np.maximum(square[radius > 0].max(0), 0))
    inner = ndimage.binary_erosion(mask, iterations=3)
    assert inner.any()
    np.testing.assert_allclose(found[inner], blur(expected.astype(np.float32), 2)[inner], atol=0.1)
    np.testing.assert_array_equal(found[made.distance <= 0], made.distance[made.distance <= 0])


def test_an_inflated_disc_is_a_ball() -> None:
    mask = silhouette(trimesh.creation.icosphere(3), 0, 0)
    made, view = from_mask(mask), look(level(0), 0)
    normal = np.array([0.0, 0.0, 1.0])
    solid = inflate(made, view, normal)
    center = view.rays(made.pixels()).mean(0)
    radius = np.sqrt(mask.sum() / np.pi) / view.focal * np.linalg.norm(center)
    for share in (-0.7, 0.0, 0.7):
        inside = center + share * radius * np.array([0.0, 0.0, 1.0])
        assert solid.field(inside[None])[0] > 0
    assert solid.field((center + 1.15 * radius * normal)[None])[0] < 0
    assert solid.mirror is not None
    np.testing.assert_allclose(solid.mirror, (0, 0, 1, center[2]))
    assert (solid.low < center - radius).all() and (solid.high > center + radius).all()


def test_a_solid_explains_what_its_rays_meet() -> None:
    mask = silhouette(trimesh.creation.box((1.0, 0.6, 0.7)))
    made, view = from_mask(mask), look(level())
    box = enclose(made, view)
    room = 0.1 * (box.high - box.low)
    whole = Solid(block(box.low - room, box.high + room, 0.01), box.low - room, box.high + room)
    assert explained(whole, made, view) > 0.99
    half = box.high - (box.high - box.low) * (0.5, 0, 0)
    assert 0.3 < explained(Solid(block(box.low, half, 0.01), box.low, half), made, view) < 0.8


def stool(length: float, width: float) -> Any:
    """A thick board on four thin legs, `length` along x and `width` along z."""
    parts = [trimesh.creation.box((length, 0.25, width))]
    parts[0].apply_translation((0, 0.92, 0))
    for x in (-1, 1):
        for z in (-1, 1):
            leg = trimesh.creation.box((0.06, 0.8, 0.06))
            leg.apply_translation((x * (length / 2 - 0.05), 0.4, z * (width / 2 - 0.05)))
            parts.append(leg)
    return trimesh.util.concatenate(parts)


def features(mesh: Any) -> MaskFeatures:
    return MaskFeatures(from_mask(silhouette(mesh)), level(), np.full((256, 256, 3), 128, np.uint8))


def test_legs_tell_which_way_an_animal_faces() -> None:
    along_x, along_z = stool(1.0, 0.35), stool(0.35, 1.0)
    for mesh, longer in ((along_x, 0), (along_z, 1)):
        found = features(mesh)
        assert found.legged
        assert found.stands_along[longer] > 1.5 * found.stands_along[1 - longer]
    faces_front = build(silhouette(along_x), kind="organic").mirror
    faces_side = build(silhouette(along_z), kind="organic").mirror
    assert faces_front is not None and faces_side is not None
    np.testing.assert_allclose(faces_front[:3], (0, 0, 1), atol=1e-9)
    np.testing.assert_allclose(faces_side[:3], (1, 0, 0), atol=1e-9)
    halfway = build(silhouette(trimesh.creation.icosphere(3)), kind="organic").mirror
    assert halfway is not None and 0.01 < halfway[0] < halfway[2]


def test_features_of_plain_solids() -> None:
    ball, box = features(trimesh.creation.icosphere(3)), features(trimesh.creation.box((1.0, 0.6, 0.7)))
    assert ball.solidity > 0.97 and box.solidity > 0.97
    assert box.box.overlap > 0.93 > ball.box.overlap
    assert box.topped > 0.95 and ball.topped < 0.6
    assert not ball.legged and not box.legged
    assert features(stool(1.0, 0.6)).solidity < 0.8


def test_what_lies_behind_the_eye_is_not_divided_by_nothing() -> None:
    view = View(np.eye(3), 100.0, np.array([50.0, 40.0]))
    pixels, depth = view.project(np.array([[0.0, 0.0, 2.0], [1.0, 1.0, 2.0], [0.0, 0.0, -1.0]]))
    np.testing.assert_allclose(pixels[:2], [(50, 40), (100, -10)])
    assert depth[2] > 0  # behind the eye nothing is divided by zero
