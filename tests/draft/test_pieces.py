# SPDX-License-Identifier: GPL-3.0-or-later
"""Masks that something in front has cut apart."""

from __future__ import annotations

import numpy as np
import pytest
import trimesh
from test_shape import build

from sam3d.engine.arrays import Mask
from sam3d.engine.draft.pieces import joined
from sam3d.engine.graph import components

ROW, COLUMN = np.mgrid[0:200, 0:200]
PLANK = (ROW > 80) & (ROW < 110) & (COLUMN > 10) & (COLUMN < 190)
BEAST = (np.hypot((ROW - 60) / 40, (COLUMN - 100) / 80) < 1) | (
    (ROW > 60) & (ROW < 180) & ((abs(COLUMN - 60) < 6) | (abs(COLUMN - 84) < 6) | (abs(COLUMN - 140) < 6))
)


def pole(slope: float, at: float = 100.0, half: float = 10.0) -> Mask:
    """A pole across the middle of the image, so many columns further right for each row."""
    return np.asarray(abs(COLUMN - at - slope * (ROW - 95)) < half)


@pytest.mark.parametrize("slope", [0.0, 0.8, -0.8])
def test_a_plank_behind_a_pole_is_whole(slope: float) -> None:
    cut = PLANK & ~pole(slope)
    assert len(components(cut)[1]) == 3
    found = joined(cut)
    assert (found & cut == cut).all()
    assert (found ^ PLANK).sum() < 0.03 * PLANK.sum()


def test_a_hoof_is_joined_to_its_own_leg() -> None:
    rail = (ROW > 130) & (ROW < 155)
    found = joined(BEAST & ~rail)
    assert (found ^ BEAST).sum() < 0.03 * BEAST.sum()


def test_what_is_whole_stays_as_it_is_and_specks_far_away_go() -> None:
    assert (joined(BEAST) == BEAST).all()
    speck = (ROW > 190) & (COLUMN > 190)
    assert (joined(PLANK | speck) == PLANK).all()


def test_large_pieces_that_are_far_apart_stay_apart() -> None:
    far = (np.hypot(ROW - 20, COLUMN - 20) < 10) | (np.hypot(ROW - 170, COLUMN - 170) < 15)
    assert (joined(far) == far).all()


def test_a_draft_of_two_pieces_is_one() -> None:
    shape = build(BEAST & ~((ROW > 130) & (ROW < 155)), kind="organic")
    assert len(trimesh.Trimesh(shape.vertices, shape.faces, process=False).split()) == 1
