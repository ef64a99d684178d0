# SPDX-License-Identifier: GPL-3.0-or-later
"""Furniture and vehicles, told from the masks of models that are known exactly."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest
import trimesh
from test_shape import check, level, seen_again, silhouette

from sam3d.engine.arrays import Mask
from sam3d.engine.draft import kinds
from sam3d.engine.draft.camera import look
from sam3d.engine.draft.convex import comparison, frustum, together, upright_box, wheel
from sam3d.engine.draft.mask_features import MaskFeatures
from sam3d.engine.draft.shape import build_shape
from sam3d.engine.draft.silhouette import from_mask
from sam3d.engine.draft.solids import KINDS


def bar(sides: tuple[float, float, float], middle: tuple[float, float, float]) -> Any:
    return trimesh.creation.box(sides).apply_translation(middle)


def legs(width: float, depth: float, height: float, thick: float) -> list[Any]:
    return [
        bar((thick, height, thick), (x * (width - thick) / 2, height / 2, z * (depth - thick) / 2))
        for x in (-1, 1)
        for z in (-1, 1)
    ]


TABLE = trimesh.util.concatenate([*legs(1, 0.6, 0.6, 0.05), bar((1, 0.05, 0.6), (0, 0.625, 0))])
CHAIR = trimesh.util.concatenate(
    [
        *legs(0.45, 0.45, 0.45, 0.04),
        bar((0.45, 0.05, 0.45), (0, 0.475, 0)),
        bar((0.45, 0.5, 0.04), (0, 0.75, -0.205)),
    ]
)


def car() -> Any:
    """A car along x: a body, a cabin, and dark wheels."""
    corners = np.array(
        [
            (x, y, z * (0.36 if y > 0.7 else 0.42))
            for y, ends in ((0.62, (-0.5, 0.85)), (1.0, (-0.2, 0.7)))
            for x in ends
            for z in (-1, 1)
        ]
    )
    cabin = trimesh.convex.convex_hull(corners)
    wheels = [
        trimesh.creation.cylinder(0.22, 0.14, 24).apply_translation([x, 0.22, z])
        for x in (-0.75, 0.75)
        for z in (-0.35, 0.35)
    ]
    return trimesh.util.concatenate([bar((2.3, 0.52, 0.84), (0, 0.4, 0)), cabin, *wheels])


def photo(mask: Mask, dark_below: bool = False) -> Any:
    """A gray photo (H, W, 3), black along the lower outline where wheels are."""
    picture = np.full((*mask.shape, 3), 150, np.uint8)
    if dark_below:
        rows = np.flatnonzero(mask.any(1))
        lowest = mask.shape[0] - mask[::-1].argmax(0)
        picture[(np.arange(mask.shape[0])[:, None] > lowest - 0.2 * len(rows)) & mask] = 20
    return picture


@pytest.mark.parametrize("model", [TABLE, CHAIR], ids=["table", "chair"])
@pytest.mark.parametrize(("yaw", "pitch"), [(30, 15), (-40, 25)])
def test_furniture_has_its_sides_and_stands_on_four_legs(model: Any, yaw: float, pitch: float) -> None:
    mask = silhouette(model, yaw, pitch)
    shape = build_shape(mask, photo(mask), level(pitch))
    mesh = check(shape)
    assert shape.kind == "furniture"
    assert seen_again(shape, mask) > 0.85
    assert np.ptp(shape.vertices, axis=0) == pytest.approx(model.extents / model.extents.max(), abs=0.08)
    height = mesh.bounds[1, 1]
    lower = mesh.submesh([(mesh.vertices[mesh.faces][:, :, 1] < 0.3 * height).all(1)], append=True)
    found = [leg for leg in lower.split(only_watertight=False, repair=False) if leg.area > 0.01]
    corners = {tuple(np.sign(leg.bounds.mean(0)[[0, 2]] - mesh.bounds.mean(0)[[0, 2]])) for leg in found}
    assert corners == {(1, 1), (1, -1), (-1, 1), (-1, -1)}


def test_a_beast_is_no_furniture() -> None:
    from test_contact import beast

    mask = silhouette(beast(), 25, 20)
    assert build_shape(mask, photo(mask), level(20)).kind != "furniture"


@pytest.mark.parametrize(("yaw", "pitch"), [(15, 12), (-25, 20)])
def test_a_car_is_about_as_wide_as_cars_are(yaw: float, pitch: float) -> None:
    mask = silhouette(car(), yaw, pitch)
    shape = build_shape(mask, photo(mask, dark_below=True), level(pitch))
    check(shape)
    assert shape.kind == "vehicle"
    length, height, width = np.ptp(shape.vertices, axis=0)
    assert length == pytest.approx(1, abs=1e-4)
    assert width == pytest.approx(0.4, abs=0.12)
    assert height == pytest.approx(0.43, abs=0.12)
    assert seen_again(shape, mask) > 0.85


def test_what_has_no_tires_is_no_vehicle() -> None:
    mask = silhouette(car(), 15, 12)
    features = MaskFeatures(from_mask(mask), level(12), photo(mask))
    assert not features.is_vehicle


@pytest.mark.parametrize(("edges", "first"), [(0.5, "vehicle"), (0.3, "organic")])
def test_what_shows_no_edges_is_no_vehicle_whatever_its_outline(
    edges: float, first: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    mask = silhouette(car(), 15, 12)
    features = MaskFeatures(from_mask(mask), level(12), photo(mask, dark_below=True))
    assert features.is_vehicle
    likely = dict.fromkeys(KINDS, 0.0) | {"organic": 1 - edges, "carved": edges / 2, "box": edges / 2}
    monkeypatch.setattr(kinds, "likelihoods", lambda _: likely)
    assert kinds.rank(features)[0] == first


def test_pieces_cover_what_they_cover() -> None:
    view = look(level(15), 30)
    middle = 2.6 * view.axes[2]
    mask = silhouette(trimesh.creation.box((1, 0.6, 0.5)))
    overlap = comparison(from_mask(mask), view)
    half = np.array((0.5, 0.3, 0.25))
    whole = upright_box(middle - half, middle + half)
    assert overlap([whole]) > 0.97
    small = upright_box(middle - half, middle)
    assert overlap([small]) < 0.6
    assert overlap([whole, small]) == overlap([whole])
    mask[110:140, 110:140] = False  # a hole may be open or not
    assert comparison(from_mask(mask), view)([whole]) > 0.97


def test_the_fields_of_pieces_are_distances() -> None:
    low, high = np.array([-1.0, 0, -1]), np.array([1.0, 1, 1])
    roof = frustum(low, high, np.array([-0.5, -0.5]), np.array([0.5, 0.5]))
    points = np.array([(0, 0.5, 0), (0, 1.2, 0), (0.8, 0.9, 0), (0.4, 0.9, 0)])
    assert together([roof], 1e-6)(points) == pytest.approx([0.5, -0.2, -0.25 / np.sqrt(1.25), 0.1], abs=1e-3)
    disc = wheel(np.zeros(3), 1.0, 0.2, 0)
    rim = np.array([(0, 0.9, 0), (0, 1.1, 0), (0.3, 0, 0), (0, 0, 0)])
    assert together([disc], 1e-6)(rim) == pytest.approx([0.1, -0.1, -0.1, 0.2], abs=1e-3)
