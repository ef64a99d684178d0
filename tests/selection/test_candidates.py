# SPDX-License-Identifier: GPL-3.0-or-later
"""What a click may mean, told as several candidates with an honest confidence."""

from __future__ import annotations

from itertools import combinations

import busy
import numpy as np
import pytest

from sam3d.engine.selection import PixelPrompts, SelectionError, Selector


@pytest.fixture(scope="module")
def selector() -> Selector:
    return Selector(knobbed()[0])


def knobbed() -> tuple[np.ndarray, np.ndarray]:
    """A red disc with a green knob at its right, before a wall."""
    y, x = np.mgrid[0:160, 0:240] + 0.5
    disc = np.hypot(x - 80, y - 80) < 45
    knob = (y > 60) & (y < 100) & (x > 122) & (x < 170) & ~disc
    photo = np.full((160, 240, 3), (50.0, 90, 160))
    photo[disc], photo[knob] = (200, 60, 40), (40, 150, 60)
    grain = np.random.default_rng(1).normal(0, 3, photo.shape)
    return np.clip(photo + grain, 0, 255).astype(np.uint8), disc | knob


@pytest.mark.parametrize("prompts", [PixelPrompts(positive=((80.5, 80.5),)), PixelPrompts(box=(30, 30, 175, 130))])
def test_the_first_candidate_is_what_is_selected(selector: Selector, prompts: PixelPrompts) -> None:
    candidates = selector.candidates(prompts)
    assert (candidates[0].mask == selector.select(prompts)).all()
    assert all(0 <= one.confidence <= 1 and one.mask.any() and one.logits is None for one in candidates)


def test_candidates_are_few_and_different(selector: Selector) -> None:
    point = 146.5, 80.5
    candidates = selector.candidates(PixelPrompts(positive=(point,)))
    assert 1 < len(candidates) <= 3
    assert all(one.mask[80, 146] for one in candidates)
    assert all(busy.overlap(one.mask, other.mask) < 0.85 for one, other in combinations(candidates, 2))


def test_what_stands_out_is_found_without_prompts() -> None:
    photo, mask = knobbed()
    found = Selector(photo).standing_out(mask[::4, ::4])
    assert busy.overlap(found.mask, mask) > 0.5
    assert 0 <= found.confidence <= 1


def test_in_a_photo_of_one_color_nothing_stands_out() -> None:
    with pytest.raises(SelectionError):
        Selector(np.full((90, 120, 3), 90, np.uint8)).standing_out(np.ones((9, 12), bool))


def test_noise_is_no_confident_selection() -> None:
    noise = np.random.default_rng(5).integers(0, 255, (120, 160, 3), np.uint8)
    candidates = Selector(noise).candidates(PixelPrompts(box=(40, 30, 120, 90)))
    assert candidates[0].confidence < 0.75
