# SPDX-License-Identifier: GPL-3.0-or-later
"""Half sections, and what is turned from them."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest
import trimesh

from sam3d.engine.arrays import Floats
from sam3d.engine.draft.lathe import ROWS, SEGMENTS, Lathe, section, smoothed
from sam3d.engine.draft.meshing import mesh
from sam3d.engine.draft.sdf import Function, Solid, block, union

PLACE = np.linspace(0, 1, 60)
CAN = np.full(60, 0.4)
ROUND = np.sqrt(np.maximum(0.25 - (PLACE - 0.5) ** 2, 0))


def lathe(line: Floats) -> Lathe:
    return Lathe(np.array([0.1, 0.2, 3.0]), np.array([0.0, 1.0, 0.0]), np.array([1.0, 0.0, 0.0]), line)


def solid_of(vertices: Floats, faces: Any) -> Any:
    return trimesh.Trimesh(vertices, faces, process=False)


@pytest.mark.parametrize(("radius", "wall"), [(CAN, None), (CAN, 0.06), (ROUND, None), (0.2 + 0.3 * PLACE, 0.05)])
def test_a_turned_body_is_closed_and_has_its_volume(radius: Floats, wall: float | None) -> None:
    made = solid_of(*lathe(section(PLACE, radius, rounding=0.03, wall=wall)).mesh())
    assert made.is_watertight
    assert made.is_winding_consistent
    assert made.euler_number == 2
    assert len(made.split()) == 1
    inner = np.maximum(radius - wall, 0) * (wall < PLACE) if wall else 0 * radius
    assert made.volume == pytest.approx(np.pi * np.trapezoid(radius**2 - inner**2, PLACE), rel=0.06)
    assert made.area_faces.min() > 1e-7


def test_it_is_made_of_even_rings_of_quads() -> None:
    vertices, faces = lathe(section(PLACE, CAN, rounding=0.03)).mesh()
    number = SEGMENTS[1]
    rings = vertices[:-2].reshape(-1, number, 3)
    assert ROWS[0] <= len(rings) <= ROWS[1]
    assert np.ptp(rings[:, :, 1], axis=1).max() < 1e-9
    quads = faces[number:-number].reshape(-1, 2, 3)
    shared = [len(np.intersect1d(*quad)) for quad in quads]
    assert set(shared) == {2}
    side = (rings[:, 0, 1] > 0.4) & (rings[:, 0, 1] < 1.0)
    steps = np.diff(rings[side, 0, 1])
    assert steps.max() < 1.3 * steps.min()


def test_a_rim_is_rounded_and_as_thick_as_its_wall() -> None:
    vertices, _ = lathe(section(PLACE, CAN, rounding=0.05, wall=0.06)).mesh()
    rings = vertices[:-2].reshape(-1, SEGMENTS[1], 3) - [0.1, 0.2, 3.0]
    radius, height = np.hypot(rings[:, 0, 0], rings[:, 0, 2]), rings[:, 0, 1]
    crest = radius[height > 0.985]
    assert len(crest) >= 3
    middle = (height > 0.3) & (height < 0.7)
    assert radius[middle & (radius > 0.37)] == pytest.approx(0.4, abs=0.003)
    assert radius[middle & (radius < 0.37)] == pytest.approx(0.34, abs=0.003)


def test_a_rod_has_fewer_sides() -> None:
    vertices, faces = lathe(section(PLACE, 0 * PLACE + 0.004, rounding=0.001)).mesh()
    assert len(faces) < 5000
    assert solid_of(vertices, faces).is_watertight


def test_noise_goes_and_corners_stay() -> None:
    steps = np.arange(80.0)
    true = np.where(steps < 40, 1.0, 1.0 - 0.02 * (steps - 40))
    true[20:28] += 0.3
    noisy = true + np.random.default_rng(1).normal(0, 0.004, 80)
    noisy[60] += 0.1  # a spike
    found = smoothed(noisy, 0.005)
    assert np.abs(found - true).mean() < 0.6 * np.abs(noisy - true).mean()
    assert np.abs(found - true).max() < 0.03


def test_what_lies_within_is_told() -> None:
    made = lathe(section(PLACE, CAN, rounding=0.03, wall=0.06))
    points = np.array([(0.0, 0.5, 0.0), (0.38, 0.5, 0), (0.42, 0.5, 0), (0, 1.1, 0), (0, -0.1, 0)])
    assert made.holds(points + made.point).tolist() == [True, True, False, False, False]


def test_a_handle_is_a_shell_of_its_own_and_specks_are_none() -> None:
    middle = np.array([0.1, 0.2, 3.0])

    def part(low: tuple[float, float, float], high: tuple[float, float, float]) -> Function:
        return block(middle + low, middle + high, 0.01)

    grip = part((0.35, 0.3, -0.05), (0.7, 0.6, 0.05))
    afar = part((0.8, 0.3, -0.1), (0.9, 0.9, 0.1))
    speck = part((-0.42, 0.5, -0.01), (-0.38, 0.53, 0.01))
    everything = union(grip, afar, speck)
    beside = Solid(everything, middle - 1.2, middle + 1.2)
    body = lathe(section(PLACE, CAN, rounding=0.03))
    vertices, faces = mesh(Solid(everything, middle - 1.2, middle + 1.2, lathe=body, beside=beside))
    made = solid_of(vertices, faces)
    pieces = sorted(made.split(), key=lambda piece: -piece.volume)
    assert made.is_watertight
    assert len(pieces) == 2
    assert pieces[1].bounds - middle == pytest.approx(np.array([[0.35, 0.3, -0.05], [0.7, 0.6, 0.05]]), abs=0.02)


def test_a_body_that_is_too_thin_to_be_hollow_is_solid() -> None:
    made = solid_of(*lathe(section(PLACE, 0 * PLACE + 0.05, rounding=0.01, wall=0.06)).mesh())
    assert made.is_watertight
    assert made.volume == pytest.approx(np.pi * 0.05**2, rel=0.06)
