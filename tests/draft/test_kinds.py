# SPDX-License-Identifier: GPL-3.0-or-later
"""What tells the kind of shape: words, and what mask and picture show together."""

from __future__ import annotations

import numpy as np
import pytest

from sam3d.engine.draft.appearance import appearance_about
from sam3d.engine.draft.camera import usual_camera
from sam3d.engine.draft.kinds import likelihoods, rank
from sam3d.engine.draft.mask_features import MaskFeatures
from sam3d.engine.draft.outline_shape import bends, straight_sides
from sam3d.engine.draft.silhouette import from_mask
from sam3d.engine.draft.solids import KINDS
from sam3d.engine.draft.words import NOUNS, kind_told

SIZE = 160
Y, X = np.mgrid[:SIZE, :SIZE] + 0.5 - SIZE / 2
DISC = np.hypot(X, Y) < 0.4 * SIZE
GRAY = np.full((SIZE, SIZE, 3), 128, np.uint8)


@pytest.mark.parametrize(
    ("prompt", "kind"),
    [
        ("a red mug on a table", "revolution"),
        ("Toy car", "vehicle"),
        ("two boxes", "box"),
        ("the dog of the house", "organic"),
        ("wooden chair", "furniture"),
        ("barn", "carved"),
        ("", ""),
        ("something else", ""),
    ],
)
def test_a_word_tells_the_kind(prompt: str, kind: str) -> None:
    assert kind_told(prompt) == kind


def test_each_word_tells_one_kind_that_there_is() -> None:
    words = [word for known in NOUNS.values() for word in known.split()]
    assert len(words) == len(set(words)) and set(NOUNS) == set(KINDS)


def test_a_word_that_is_known_comes_first() -> None:
    ball = MaskFeatures(from_mask(DISC), usual_camera(SIZE, SIZE), GRAY)
    assert rank(ball)[0] == "revolution"
    for prompt in ("crate", "dog", "mug"):
        kinds = rank(ball, prompt)
        assert kinds[0] == kind_told(prompt) and sorted(kinds) == sorted(KINDS)
    assert sum(likelihoods(ball).values()) == pytest.approx(1)


def test_a_face_speaks_against_a_turn_and_bands_for_it() -> None:
    features = MaskFeatures(from_mask(DISC), usual_camera(SIZE, SIZE), GRAY)
    bands = np.where((Y // 12 % 2)[..., None] > 0, 60, 200) * np.ones(3)
    rng = np.random.default_rng(0)
    spots = np.repeat(np.repeat(rng.integers(40, 220, (20, 20, 1)), 8, 0), 8, 1) * np.ones(3)
    banded, spotted = (
        appearance_about(features.upright, features.silhouette, features.view, picture.astype(np.uint8))
        for picture in (bands, spots)
    )
    assert banded[0] > spotted[0] + 0.2 and banded[3] < spotted[3]


def test_a_disc_bends_and_a_square_on_its_corner_does_not() -> None:
    corner = np.abs(X) + np.abs(Y) < 0.4 * SIZE
    assert min(bends(DISC)) > 0.5 > -0.5 > max(bends(corner))


def test_a_square_has_four_sides() -> None:
    square = np.array([(0, 0), (5, 0), (10, 0), (10, 10), (0, 10)], float)
    assert straight_sides(square) == pytest.approx((0.5, 1, 1))
    turn = np.linspace(0, 2 * np.pi, 60, endpoint=False)
    assert straight_sides(np.stack([np.cos(turn), np.sin(turn)], 1))[2] < 0.3
