# SPDX-License-Identifier: GPL-3.0-or-later
"""Drafts of a thing that several photos show."""

from __future__ import annotations

from functools import cache

import numpy as np
import pytest
import trimesh
from photos_of_models import PhotoOfModel, photographed
from solids import read
from test_turn import painted

from sam3d.engine.arrays import Floats
from sam3d.engine.draft import AddedView, DraftError, look_at, look_at_views, reconstruct
from sam3d.engine.draft.views.cameras import covered, space_around
from sam3d.engine.draft.views.fused import Fused, fuse
from sam3d.engine.gltf.painted import PaintedPart

YAWS = (30.0, -40.0)  # degrees
SIDES = np.array([1.0, 0.5, 0.6])


def block() -> list[PaintedPart]:
    """A low block, its left half red and its right half green."""
    red, green = (np.array(color, np.float32) for color in ((0.8, 0.2, 0.1, 1), (0.2, 0.6, 0.2, 1)))
    one = trimesh.creation.box((0.5, 0.5, 0.6)).apply_translation((-0.25, 0.25, 0))
    other = trimesh.creation.box((0.5, 0.5, 0.6)).apply_translation((0.25, 0.25, 0))
    return [painted(one, red), painted(other, green)]


@cache
def photos() -> tuple[PhotoOfModel, ...]:
    return tuple(photographed(block(), yaw, 15.0, 50.0) for yaw in YAWS)


@cache
def fused() -> Fused:
    subjects = [look_at(photo.picture, photo.mask) for photo in photos()]
    found = fuse(subjects, ["box"] * len(subjects), closed=False)
    assert found is not None
    return found


def test_the_other_camera_is_found_and_the_shape_is_within_both_masks() -> None:
    found = fused()
    assert [view.number for view in found.views] == [0, 1]
    around = [float(np.degrees(np.arctan2(view.eye[0], view.eye[2]))) for view in found.views]
    assert (around[1] - around[0]) % 360 == pytest.approx((YAWS[1] - YAWS[0]) % 360, abs=8)
    vertices: Floats = found.shape.vertices.astype(np.float64)
    for view in found.views:
        assert view.overlap(vertices, found.shape.faces.astype(np.int64)) > 0.9
        pixels, _ = found.shape.camera.project(vertices) if view.number == 0 else view.project(vertices)
        assert np.quantile(view.seen.features.silhouette.sample(pixels), 0.01) > -4
    np.testing.assert_allclose(np.sort(np.ptp(vertices, axis=0)), np.sort(SIDES), atol=0.1)
    assert vertices[:, 1].min() == pytest.approx(0, abs=1e-5)


def test_masks_cover_each_other_only_from_the_right_places() -> None:
    first, second = fused().views
    low, high = np.array([-0.7, 0.0, -0.7]), np.array([0.7, 0.7, 0.7])
    points = space_around(low, high)
    assert min(covered((first, second), points)) > 0.97
    half = np.diag([-1.0, 1.0, -1.0])
    shifted = second.moved(half, np.array([0.0, 0.3, 0.0]), 1.0)
    assert min(covered((first, shifted), points)) < 0.9


def test_the_draft_has_the_colors_of_the_photos_that_fit_and_a_note_of_the_one_that_does_not() -> None:
    photo, other = photos()
    blue = np.where(other.mask[..., None], np.array([20, 40, 220], np.uint8), other.picture)
    y, x = np.mgrid[0:200, 0:200]
    pole = (abs(x - 100) < 5) & (abs(y - 100) < 90)
    views = [AddedView(blue, other.mask), AddedView(np.full((200, 200, 3), 90, np.uint8), pole)]
    draft = reconstruct(photo.picture, photo.mask, kind="box", views=views)
    mesh = read(draft.glb)
    assert draft.kind == "box"
    assert draft.notes == (
        "Photo 3 does not fit the first: no place of its camera makes their masks agree, so it was left out.",
    )
    texture = np.asarray(mesh.visual.material.baseColorTexture.convert("RGB")).astype(int)
    assert (texture[..., 2] > 150).mean() > 0.1  # what the second photo alone shows
    assert (texture[..., :2].max(2) > texture[..., 2]).mean() > 0.1
    mesh.merge_vertices(merge_tex=True, merge_norm=True)
    assert mesh.is_watertight


def test_an_empty_mask_is_answered_with_one_sentence() -> None:
    photo, other = photos()
    views = [AddedView(other.picture, other.mask), AddedView(photo.picture, np.zeros_like(photo.mask))]
    with pytest.raises(
        DraftError, match=r"^The mask of photo 3 is empty: mark the subject there, or remove the photo\.$"
    ):
        look_at_views(views)
