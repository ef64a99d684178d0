# SPDX-License-Identifier: GPL-3.0-or-later
"""Light that is told from colors, and taken out of them."""

from __future__ import annotations

import numpy as np
import pytest
import trimesh
from numpy.typing import NDArray

from sam3d.engine.draft.shading import GAMMA, Shading, find_shading

BALL = trimesh.creation.icosphere(4)
NORMALS = np.asarray(BALL.vertices, np.float32)
LIGHT = np.array([0.6, 0.64, 0.48])
SEEN = (NORMALS[:, 2] > 0.1).astype(np.float32)


def lit(paint: NDArray[np.float64]) -> NDArray[np.float32]:
    """The sRGB levels of linear colors (V, 3) on the ball in a soft light from one side."""
    light = 0.45 + 0.4 * NORMALS @ LIGHT
    return np.asarray(255 * (paint * light[:, None]) ** (1 / GAMMA), np.float32)


def spread(colors: NDArray[np.float32]) -> float:
    """How much the brightness of what is seen varies, as a share of it."""
    brightness = (colors[SEEN > 0] / 255).mean(1) ** GAMMA
    return float(brightness.std() / brightness.mean())


def evened(colors: NDArray[np.float32]) -> NDArray[np.float32]:
    return find_shading(colors, SEEN, NORMALS, np.asarray(BALL.faces)).evened(colors, NORMALS)


def test_a_plain_ball_is_evenly_bright() -> None:
    colors = lit(np.full((len(NORMALS), 3), 0.5))
    assert spread(colors) > 0.3
    assert spread(evened(colors)) < 0.12
    assert evened(colors)[SEEN > 0].mean() == pytest.approx(colors[SEEN > 0].mean(), rel=0.1)


def test_paint_of_two_colors_keeps_its_contrast() -> None:
    upper = NORMALS[:, 1] > 0.2
    colors = lit(np.where(upper[:, None], 0.7, 0.12) * np.array([1.0, 0.9, 0.7]))
    even = evened(colors)
    bright, dark = (even[(SEEN > 0) & part] for part in (upper, ~upper))
    assert (bright.mean() / dark.mean()) ** GAMMA == pytest.approx(0.7 / 0.12, rel=0.2)
    assert all(
        part.std(0).max() / part.mean() < 0.35 * before.std(0).max() / before.mean()
        for part, before in ((bright, colors[(SEEN > 0) & upper]), (dark, colors[(SEEN > 0) & ~upper]))
    )
    ratio = even[SEEN > 0, 0] / even[SEEN > 0, 2]
    assert ratio == pytest.approx(colors[SEEN > 0, 0] / colors[SEEN > 0, 2], rel=0.01)


def test_even_light_is_left_alone() -> None:
    stripes = np.where(np.sin(12 * NORMALS[:, 1]) > 0, 200, 90)[:, None].repeat(3, 1).astype(np.float32)
    assert np.abs(evened(stripes) - stripes)[SEEN > 0].mean() < 6


def test_nothing_is_told_of_what_is_not_seen() -> None:
    found = find_shading(lit(np.full((len(NORMALS), 3), 0.5)), 0 * SEEN, NORMALS, np.asarray(BALL.faces))
    assert (found.coefficients == 0).all()


def test_light_is_not_taken_away_without_end() -> None:
    strong = Shading(np.array([9.0, 0, 0, 0, 0, 0, 0, 0]), 0.0)
    gray = np.full((2, 3), 100, np.float32)
    levels = strong.evened(gray, np.array([(1, 0, 0), (-1, 0, 0)], np.float32))[:, 0]
    assert levels == pytest.approx([100 / 2 ** (1 / GAMMA), 100 * 2 ** (1 / GAMMA)], rel=1e-4)
