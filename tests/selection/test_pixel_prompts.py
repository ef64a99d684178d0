# SPDX-License-Identifier: GPL-3.0-or-later
"""Hints and photos that nothing can be selected by end as one sentence that says what to do."""

from __future__ import annotations

import numpy as np
import pytest
from numpy.typing import NDArray

from sam3d.engine.selection import PixelPrompts, SelectionError, Selector, select

HEIGHT, WIDTH = 40, 60
EMPTY = np.zeros((HEIGHT, WIDTH), bool)
CORNER = EMPTY.copy()
CORNER[:5, :5] = True


def photo(height: int = HEIGHT, width: int = WIDTH) -> NDArray[np.uint8]:
    return np.random.default_rng(0).integers(0, 255, (height, width, 3), dtype=np.uint8)


@pytest.mark.parametrize(
    ("prompts", "words"),
    [
        (PixelPrompts(), "Nothing shows the subject"),
        (PixelPrompts(negative=((5, 5),)), "Nothing shows the subject"),
        (PixelPrompts(stroke=EMPTY), "Nothing shows the subject"),
        (PixelPrompts(positive=((WIDTH, 5),)), "A point lies outside of the photo"),
        (PixelPrompts(positive=((5, 5),), negative=((5, -1),)), "A point lies outside of the photo"),
        (PixelPrompts(positive=((float("nan"), 5),)), "A point lies outside of the photo"),
        (
            PixelPrompts(positive=((5.2, 5.2),), negative=((5.7, 5.7),)),
            "The same point is marked as subject and as background",
        ),
        (PixelPrompts(box=(10, 10, 10, 30)), "The box has no area"),
        (PixelPrompts(box=(10, 10, 30, 10)), "The box has no area"),
        (PixelPrompts(box=(30, 10, 10, 30)), "The box has no area"),
        (PixelPrompts(box=(100, 100, 120, 120)), "The box has no area"),
        (PixelPrompts(box=(float("nan"), 0, 10, 10)), "The box has no area"),
        (PixelPrompts(box=(10, 10, 30, 30), positive=((5, 5),)), "A point of the subject lies outside of the box"),
        (PixelPrompts(box=(10, 10, 30, 30), stroke=CORNER), "The stroke lies outside of the box"),
        (PixelPrompts(stroke=np.ones((5, 5), bool)), "The stroke belongs to a photo of another size"),
        (PixelPrompts(stroke=CORNER, negative_stroke=CORNER), "The subject's stroke is marked as background, too"),
    ],
)
def test_prompts_without_sense(prompts: PixelPrompts, words: str) -> None:
    with pytest.raises(SelectionError, match=words) as caught:
        select(photo(), prompts)
    assert ": " in str(caught.value)
    assert str(caught.value).endswith(".")


@pytest.mark.parametrize(
    "prompts", [PixelPrompts(box=(10, 10, 30, 30)), PixelPrompts(positive=((20, 20),)), PixelPrompts(stroke=CORNER)]
)
@pytest.mark.parametrize("value", [0, 128, 255])
def test_a_photo_of_one_color(value: int, prompts: PixelPrompts) -> None:
    with pytest.raises(SelectionError, match=r"Nothing stands out there.*paint the mask"):
        select(np.full((HEIGHT, WIDTH, 3), value, np.uint8), prompts)


@pytest.mark.parametrize(("height", "width"), [(1, 1), (1, 3), (2, 3), (3, 2), (2, 2), (5, 4), (1, 200)])
def test_a_tiny_photo_gives_a_mask_or_a_sentence(height: int, width: int) -> None:
    stroke = np.zeros((height, width), bool)
    stroke[0, 0] = True
    selector = Selector(photo(height, width))
    every = [
        PixelPrompts(box=(0, 0, 1, 1)),
        PixelPrompts(box=(0, 0, width, height)),
        PixelPrompts(positive=((0.5, 0.5),)),
        PixelPrompts(stroke=stroke),
    ]
    if width > 1:
        every.append(PixelPrompts(positive=((0.5, 0.5),), negative=((width - 0.5, height - 0.5),)))
    for prompts in every:
        try:
            found = selector.select(prompts)
        except SelectionError as error:
            assert str(error).endswith("paint the mask.")
        else:
            assert found.shape == (height, width)
            assert found.any()


@pytest.mark.parametrize(
    "pixels", [np.zeros((4, 4), np.uint8), np.zeros((4, 4, 4), np.uint8), np.zeros((4, 4, 3), np.float32)]
)
def test_pixels_of_another_kind_are_an_error_of_the_caller(pixels: NDArray[np.uint8]) -> None:
    with pytest.raises(ValueError, match="uint8"):
        Selector(pixels)
