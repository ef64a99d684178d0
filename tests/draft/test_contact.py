# SPDX-License-Identifier: GPL-3.0-or-later
"""Drafts of what stands: on the ground that its feet are seen on, and by itself."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest
import trimesh
from test_shape import build, level, seen_again, silhouette

from sam3d.engine.arrays import Mask
from sam3d.engine.draft.contact import balanced, feet, lower_ends
from sam3d.engine.draft.inflation import half_thickness
from sam3d.engine.draft.posed_shape import Shape
from sam3d.engine.draft.silhouette import from_mask

ROTATION: Any = trimesh.transformations.rotation_matrix
TOUCHES = 0.03  # of the height


def over_its_base(shape: Shape) -> bool:
    """Whether the center of mass lies over the hull of what touches the ground."""
    vertices = shape.vertices.astype(np.float64)
    mesh: Any = trimesh.Trimesh(vertices, shape.faces, process=False)
    base = vertices[vertices[:, 1] < TOUCHES * vertices[:, 1].max()][:, [0, 2]]
    away = base - mesh.center_mass[[0, 2]]
    angle = np.sort(np.arctan2(away[:, 1], away[:, 0]))
    return bool(np.diff(angle, append=angle[0] + 2 * np.pi).max() < np.pi)


def beast(step: float = 0.2) -> Any:
    """A barrel of a body with a head on four legs, of which two are further from the viewer."""
    body = trimesh.creation.capsule(0.7, 0.16).apply_transform(ROTATION(np.pi / 2, [0, 1, 0]))
    parts = [body.apply_translation([0, 0.6, 0]), trimesh.creation.icosphere(2, 0.16).apply_translation([0.5, 0.8, 0])]
    parts += [
        trimesh.creation.cylinder(0.05, 0.6, 16)
        .apply_transform(ROTATION(np.pi / 2, [1, 0, 0]))
        .apply_translation([x, 0.3, z])
        for x in (-0.35, 0.3)
        for z in (-step, step)
    ]
    return trimesh.util.concatenate(parts)


def test_feet_are_the_lowest_first_and_as_wide_as_they_are() -> None:
    mask = np.zeros((60, 100), bool)
    mask[10:30, 10:90] = True
    mask[30:50, 20:26] = True
    mask[30:44, 70:80] = True
    found = feet(mask)
    assert found == pytest.approx(np.array([(22.5, 49, 6), (74.5, 43, 10)]))


def test_what_hangs_high_is_no_foot() -> None:
    mask = np.zeros((100, 100), bool)
    mask[5:20, 10:90] = True
    mask[20:40, 12:16] = True
    mask[20:95, 50:60] = True
    assert feet(mask)[:, 0] == pytest.approx([54.5])


def test_a_straight_slanting_edge_ends_in_two_places_on_the_ground_and_a_round_one_does_not() -> None:
    row, column = np.mgrid[0:200, 0:200]
    slanting = (column >= 20) & (column < 180) & (row > 20) & (row < 180 - column // 4)
    assert sorted(lower_ends(slanting)[:, 0]) == pytest.approx([20, 179], abs=4)
    round_ = np.hypot(row - 100, column - 100) < 80
    assert len(lower_ends(round_)) == 1


@pytest.mark.parametrize("yaw", [28, -28])
def test_a_beast_stands(yaw: float) -> None:
    mask = silhouette(beast(), yaw, pitch=20)
    shape = build(mask, camera=level(20), kind="organic")
    assert over_its_base(shape)
    assert seen_again(shape, mask) > 0.9


def test_all_feet_that_are_seen_stand_on_the_ground() -> None:
    shape = build(silhouette(beast(), 28, pitch=20), camera=level(20), kind="organic")
    mesh: Any = trimesh.Trimesh(shape.vertices, shape.faces, process=False)
    low = (mesh.vertices[mesh.faces][:, :, 1] < 2 * TOUCHES * mesh.bounds[1, 1]).all(1)
    assert len(mesh.submesh([low], append=True).split(only_watertight=False, repair=False)) == 4


def leaning(shift: int) -> Mask:
    """A post, and a heavy head to one side of it."""
    mask = np.zeros((200, 200), bool)
    mask[60:190, 95:105] = True
    row, column = np.mgrid[0:200, 0:200]
    mask |= np.hypot(row - 50, column - 100 - shift) < 35
    return mask


@pytest.mark.parametrize("shift", [0, 15, -15])
def test_what_leans_to_one_side_stands(shift: int) -> None:
    mask = leaning(shift)
    shape = build(mask, kind="organic")
    assert over_its_base(shape)
    assert seen_again(shape, mask) > 0.93


def test_a_body_is_made_thicker_only_where_that_helps_it_to_stand() -> None:
    straight, crooked = (from_mask(leaning(shift)) for shift in (0, 30))
    thickness = half_thickness(straight)
    assert balanced(thickness, straight.inside) == pytest.approx(thickness, rel=0.1, abs=0.1)
    before, after = half_thickness(crooked), balanced(half_thickness(crooked), crooked.inside)
    columns = np.arange(before.shape[1])

    def middle(of: Any) -> float:
        mass = np.where(crooked.inside, of, 0).sum(0)
        return float(mass @ columns / mass.sum())

    assert middle(after) < middle(before) - 1  # towards the post


def test_a_thread_that_the_mask_connects_is_not_lost() -> None:
    mask = np.zeros((400, 400), bool)
    row, column = np.mgrid[0:400, 0:400]
    mask |= np.hypot(row - 100, column - 200) < 90
    mask[180:390, 199:201] = True
    shape = build(mask, kind="organic")
    assert len(trimesh.Trimesh(shape.vertices, shape.faces, process=False).split()) == 1
    pixels, _ = shape.camera.project(shape.vertices)
    assert pixels[:, 1].max() > 380
