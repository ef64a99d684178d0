# SPDX-License-Identifier: GPL-3.0-or-later
"""How the template's points move with the parameters of a body, against what happens when each changes a little."""

from copy import deepcopy

import numpy as np
import pytest

from sam3d.engine.arrays import Floats
from sam3d.engine.rigging.posable_template import COUNT, GROUPS, Body, SkinnedTemplate
from sam3d.engine.rigging.rotation import rotation
from sam3d.engine.rigging.skeleton import PARENT
from sam3d.engine.rigging.template import load_template

STEP = 1e-6
FIRST_GROWTH = 4 + 3 * COUNT


@pytest.fixture(scope="module")
def skinned() -> SkinnedTemplate:
    return SkinnedTemplate(load_template(), step=10)


@pytest.fixture(scope="module")
def body(skinned: SkinnedTemplate) -> Body:
    """Somebody in an odd pose, of an odd build."""
    random = np.random.default_rng(0)
    turn = np.stack([rotation(0.4 * axis) for axis in random.standard_normal((COUNT, 3))])
    return Body(np.array([0.1, 0.2, 0.3]), turn, 0.2, 0.2 * random.standard_normal((len(GROUPS), 2)))


def changed(skinned: SkinnedTemplate, body: Body, parameter: int) -> Body:
    """The body with one parameter a step further."""
    other = deepcopy(body)
    if parameter < 3:
        other.place[parameter] += STEP
    elif parameter < 3 + 3 * COUNT:
        bone, axis = divmod(parameter - 3, 3)
        world = skinned.place(body).world
        turned = rotation(STEP * np.eye(3)[axis]) @ world[bone]
        other.turn[bone] = turned if PARENT[bone] < 0 else world[PARENT[bone]].T @ turned
    elif parameter < FIRST_GROWTH:
        other.size += STEP
    else:
        kind, group = divmod(parameter - FIRST_GROWTH, len(GROUPS))
        other.stretch[group, kind] += STEP
    return other


def test_the_points_move_as_the_jacobian_tells(skinned: SkinnedTemplate, body: Body) -> None:
    placed = skinned.place(body)
    told: Floats = skinned.jacobian(placed)
    assert told.shape == (len(placed.points), 3, FIRST_GROWTH + 2 * len(GROUPS))
    for parameter in range(told.shape[2]):
        moved = skinned.place(changed(skinned, body, parameter)).points
        assert np.allclose((moved - placed.points) / STEP, told[:, :, parameter], atol=1e-4), parameter
