# SPDX-License-Identifier: GPL-3.0-or-later
"""Masks from hints, on photos whose subject is known exactly."""

from __future__ import annotations

from dataclasses import replace

import busy
import numpy as np
import pytest
from busy import Scene

from sam3d.engine.arrays import Mask, Pixels
from sam3d.engine.selection import PixelPrompts, Selector, select

PLACES = ((1, "wood"), (2, "leaves"), (4, "fabric"), (5, "bricks"), (6, "noise"), (7, "gradient"), (8, "clutter"))


@pytest.fixture(scope="module")
def photos() -> list[Scene]:
    return [busy.scene(busy.toy(toy), background, toy, size=(600, 400)) for toy, background in PLACES]


def disc(
    height: int = 120, width: int = 160, middle: tuple[float, float] = (80, 60), radius: float = 30
) -> tuple[Pixels, Mask]:
    """A red disc before a blue wall, with a sensor's noise."""
    y, x = np.mgrid[0:height, 0:width] + 0.5
    mask = np.hypot(x - middle[0], y - middle[1]) < radius
    photo = np.where(mask[..., None], (200.0, 60, 40), (50.0, 90, 160))
    grain = np.random.default_rng(1).normal(0, 3, photo.shape)
    return np.clip(photo + grain, 0, 255).astype(np.uint8), mask


@pytest.fixture(scope="module")
def knobbed() -> Scene:
    """A red disc with a green knob at its right."""
    photo, mask = disc(160, 240, (80, 80), 45)
    knob = np.zeros_like(mask)
    knob[60:100, 122:170] = True
    photo[knob] = (40, 150, 60)
    return Scene(photo, mask | knob)


def test_a_box_on_busy_backgrounds(photos: list[Scene]) -> None:
    found = [select(scene.photo, PixelPrompts(box=busy.box_around(scene.mask, 1))) for scene in photos]
    overlaps = [busy.overlap(one, scene.mask) for one, scene in zip(found, photos, strict=True)]
    assert np.mean(overlaps) > 0.88, overlaps
    assert all(one.shape == scene.mask.shape and one.dtype == bool for one, scene in zip(found, photos, strict=True))


def test_a_click_on_busy_backgrounds(photos: list[Scene]) -> None:
    overlaps = [busy.overlap(select(s.photo, PixelPrompts(positive=(busy.click(s.mask, 1),))), s.mask) for s in photos]
    assert np.mean(overlaps) > 0.7, overlaps


def test_a_stroke_on_busy_backgrounds(photos: list[Scene]) -> None:
    overlaps = [busy.overlap(select(s.photo, PixelPrompts(stroke=busy.stroke(s.mask, 1))), s.mask) for s in photos]
    assert np.mean(overlaps) > 0.7, overlaps


def test_a_further_click_adds_a_part(knobbed: Scene) -> None:
    selector = Selector(knobbed.photo)
    first = selector.select(PixelPrompts(positive=((70.5, 80.5),)))
    second = selector.select(PixelPrompts(positive=((70.5, 80.5), (150.5, 80.5))))
    assert second[80, 150]
    assert busy.overlap(second, knobbed.mask) > max(0.9, busy.overlap(first, knobbed.mask))


def test_clicks_where_the_mask_is_wrong_make_it_better() -> None:
    before, after = [], []
    for number in (0, 1, 5):  # photos in which one click is not enough
        scene = busy.scene(busy.toy(number), "clutter", number, size=(600, 400), share=(0.5, 0.8))
        selector = Selector(scene.photo)
        found = selector.select(prompts := PixelPrompts(positive=(busy.click(scene.mask, 1),)))
        before.append(busy.overlap(found, scene.mask))
        for _ in range(3):
            point, inside = busy.correction(scene.mask, found, 1)
            if inside:
                prompts = replace(prompts, positive=(*prompts.positive, point))
            else:
                prompts = replace(prompts, negative=(*prompts.negative, point))
            found = selector.select(prompts)
            assert found[int(point[1]), int(point[0])] == inside
        after.append(busy.overlap(found, scene.mask))
    assert np.mean(after) > np.mean(before), (before, after)


def test_objects_of_the_real_kind() -> None:
    props = busy.props()
    if not props:
        pytest.skip(f"no objects in {busy.PROPS}")
    boxes, clicks = [], []
    for number, (name, background) in enumerate(zip(sorted(props)[::2], busy.BACKGROUNDS, strict=False)):
        scene = busy.scene(props[name], background, number, size=(600, 400))
        selector = Selector(scene.photo)
        boxes.append(busy.overlap(selector.select(PixelPrompts(box=busy.box_around(scene.mask, 1))), scene.mask))
        clicks.append(busy.overlap(selector.select(PixelPrompts(positive=(busy.click(scene.mask, 1),))), scene.mask))
    assert np.mean(boxes) > 0.85, boxes
    assert np.mean(clicks) > 0.65, clicks


@pytest.mark.parametrize("aside", [-5, 5])
def test_a_click_takes_one_of_two_things_that_touch(aside: int) -> None:
    photo, mask = disc(160, 240, (100, 80), 25)
    other = disc(160, 240, (157, 80), 35)[1] & ~mask
    photo[other] = (200, 160, 60)
    assert busy.overlap(select(photo, PixelPrompts(positive=((100.5 + aside, 82.5),))), mask) > 0.9


def test_a_point_outside_takes_a_part_away(knobbed: Scene) -> None:
    box = (30.0, 30.0, 175.0, 130.0)
    assert busy.overlap(select(knobbed.photo, PixelPrompts(box=box)), knobbed.mask) > 0.9
    found = select(knobbed.photo, PixelPrompts(box=box, negative=((150.5, 80.5),)))
    assert not found[80, 150]
    assert busy.overlap(found, disc(160, 240, (80, 80), 45)[1]) > 0.9


def test_a_stroke_over_the_background_takes_a_part_away(knobbed: Scene) -> None:
    stroke, wrong = np.zeros_like(knobbed.mask), np.zeros_like(knobbed.mask)
    stroke[75:85, 50:110] = True
    wrong[65:95, 130:165] = True
    for box in (None, (30, 30, 175, 130)):
        found = select(knobbed.photo, PixelPrompts(box=box, stroke=stroke, negative_stroke=wrong))
        assert not (found & wrong).any()
        assert busy.overlap(found, disc(160, 240, (80, 80), 45)[1]) > 0.9


def test_an_object_that_the_photo_cuts_off() -> None:
    photo, mask = disc(middle=(150, 15), radius=45)
    for prompts in (PixelPrompts(positive=((145.5, 20.5),)), PixelPrompts(box=(100, 0, 160, 65))):
        assert busy.overlap(select(photo, prompts), mask) > 0.9


@pytest.mark.parametrize("kind", ["box", "click", "stroke"])
def test_an_object_of_20_pixels(kind: str) -> None:
    photo, mask = disc(400, 600, (300, 200), 10)
    prompts = {
        "box": PixelPrompts(box=(287, 187, 313, 213)),
        "click": PixelPrompts(positive=((301.0, 199.0),)),
        "stroke": PixelPrompts(stroke=disc(400, 600, (300, 200), 4)[1]),
    }[kind]
    assert busy.overlap(select(photo, prompts), mask) > 0.8


def test_a_box_around_the_whole_photo() -> None:
    photo, mask = disc()
    assert busy.overlap(select(photo, PixelPrompts(box=(0, 0, 160, 120))), mask) > 0.9


def test_a_box_that_reaches_beyond_the_photo() -> None:
    photo, mask = disc(middle=(150, 60))
    assert busy.overlap(select(photo, PixelPrompts(box=(110, 20, 500, 100))), mask) > 0.9


def test_a_gray_photo() -> None:
    photo, mask = disc()
    gray = np.repeat(photo[..., :1], 3, 2)
    assert busy.overlap(select(gray, PixelPrompts(box=(45, 25, 115, 95))), mask) > 0.9
    assert busy.overlap(select(gray, PixelPrompts(positive=((80.0, 60.0),))), mask) > 0.9


@pytest.mark.parametrize(("height", "width"), [(20, 4000), (4000, 20)])
def test_a_strip_of_a_photo(height: int, width: int) -> None:
    photo, mask = disc(height, width, (width / 2, height / 2), 8)
    x, y = width / 2, height / 2
    for prompts in (PixelPrompts(box=(x - 10, y - 10, x + 10, y + 10)), PixelPrompts(positive=((x, y),))):
        found = select(photo, prompts)
        assert found.shape == (height, width)
        assert busy.overlap(found, mask) > 0.8


def test_the_same_hints_give_the_same_mask_and_leave_the_photo_as_it_was() -> None:
    photo, mask = disc()
    before = photo.copy()
    selector = Selector(photo)
    stroke = busy.stroke(mask, 1)
    every = (PixelPrompts(box=(45, 25, 115, 95)), PixelPrompts(positive=((80, 60),)), PixelPrompts(stroke=stroke))
    first = [selector.select(prompts) for prompts in every]
    again = [selector.select(prompts) for prompts in reversed(every)][::-1]
    fresh = [select(photo, prompts) for prompts in every]
    for one, two, three in zip(first, again, fresh, strict=True):
        assert (one == two).all()
        assert (one == three).all()
    assert (photo == before).all()


def test_the_order_of_further_points_does_not_matter(photos: list[Scene]) -> None:
    for scene in photos[::3]:
        first, *further = (busy.click(scene.mask, seed) for seed in range(3))
        outside = tuple(busy.click(~scene.mask, seed) for seed in range(3))
        one = select(scene.photo, PixelPrompts(positive=(first, *further), negative=outside))
        other = select(scene.photo, PixelPrompts(positive=(first, *further[::-1]), negative=outside[::-1]))
        assert busy.overlap(one, other) > 0.999


def test_the_place_of_a_point_always_keeps_its_side(photos: list[Scene]) -> None:
    for scene in photos[::3]:
        selector = Selector(scene.photo)
        rng = np.random.default_rng(4)
        for _ in range(3):
            rows, columns = np.nonzero(scene.mask)
            picks = rng.integers(0, len(rows), 4)
            points = [(float(columns[i]) + 0.5, float(rows[i]) + 0.5) for i in picks]
            found = selector.select(PixelPrompts(positive=(points[0],), negative=tuple(points[1:])))
            assert found[rows[picks[0]], columns[picks[0]]]
            assert not found[rows[picks[1:]], columns[picks[1:]]].any()
