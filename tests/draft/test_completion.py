# SPDX-License-Identifier: GPL-3.0-or-later
"""Subjects that the photo's border cuts off."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest
import trimesh
from test_contact import beast
from test_shape import silhouette, turned

from sam3d.engine.draft import Seen, look_at
from sam3d.engine.draft.silhouette import Silhouette, from_mask

BOTTLE = turned([(0, 0), (0.2, 0), (0.2, 0.55), (0.08, 0.75), (0.08, 1.0), (0, 1)])


def seen(model: Any, right: float, yaw: float = 30) -> Seen:
    """What is seen of a model so far to the right of the middle of the photo."""
    mask = silhouette(model, yaw, right=right)
    return look_at(np.full((*mask.shape, 3), 128, np.uint8), mask)


def width(of: Silhouette) -> float:
    """The width of a mask, in its height."""
    return float(of.inside.any(0).sum() / of.inside.any(1).sum())


@pytest.mark.parametrize("right", [0.84, -0.84])
def test_a_bottle_that_the_border_cuts_is_whole(right: float) -> None:
    whole, cut = seen(BOTTLE, 0).features.silhouette, seen(BOTTLE, right)
    found = cut.features.silhouette
    assert width(from_mask(cut.near.coverage)) < 0.9 * width(found)
    assert width(found) == pytest.approx(width(whole), rel=0.1)
    reflected = found.inside[:, ::-1]
    assert (found.inside & reflected).sum() / (found.inside | reflected).sum() > 0.95


@pytest.mark.parametrize(
    ("model", "yaw"), [(beast(), 20), (trimesh.creation.box((1, 0.6, 0.5)), 0)], ids=["a beast", "a box straight on"]
)
def test_what_does_not_tell_its_other_half_stays_as_it_is(model: Any, yaw: float) -> None:
    found = seen(model, 0.7, yaw)
    assert (found.features.silhouette.inside == from_mask(found.near.coverage).inside).all()
