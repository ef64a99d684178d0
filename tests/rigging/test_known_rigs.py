# SPDX-License-Identifier: GPL-3.0-or-later
"""Joints and weights of bodies made of capsules, whose figures change only where that is meant."""

from __future__ import annotations

from pathlib import Path

import known_figures
import numpy as np
import pytest
from bodies import CLOTHES, POSES, make_person

from sam3d.engine.rigging import find_joints, find_weights

FIGURES = Path(__file__).with_name("known_rigs")


@pytest.mark.parametrize(("pose", "dress"), [*((pose, "plain") for pose in POSES), ("walks", "a backpack")])
def test_a_rig_is_as_it_was(pose: str, dress: str) -> None:
    person = make_person(POSES[pose], clothes=CLOTHES.get(dress, []))
    joints = find_joints(person.vertices, person.faces)
    weights = find_weights(person.vertices, person.faces, joints)
    share = weights / weights.sum(0).clip(1e-9)
    figures = {
        "joints": np.concatenate(list(joints.values())),
        "share of each bone": weights.mean(0),
        "middle of each bone": (share.T @ person.vertices).ravel(),
    }
    known_figures.hold(FIGURES / f"{pose}, {dress}.json", figures, tolerance=0.05)
