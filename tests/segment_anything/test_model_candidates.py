# SPDX-License-Identifier: GPL-3.0-or-later
"""What prompts may mean: which readings there are, and in which order."""

from __future__ import annotations

import numpy as np
import pytest
from encoded import encoded, model
from reference_cases import CASES, HEIGHT, WIDTH, photo

from sam3d.engine.arrays import Single
from sam3d.engine.segment_anything import EncodedPhoto, SegmentAnything
from sam3d.engine.segment_anything.frame import Frame
from sam3d.engine.segment_anything.readings import Reading, distinct, read, tidy
from sam3d.engine.segment_anything.stroke_points import stroke_points
from sam3d.engine.selection import PixelPrompts, Selection, SelectionError

CLICK = CASES["click"]
NOWHERE = (np.zeros(0, np.int64), np.zeros(0, np.int64))


def candidates(prompts: PixelPrompts) -> tuple[Selection, ...]:
    return model().candidates(encoded(), prompts)


def logits_of(selection: Selection) -> Single:
    assert selection.logits is not None
    return selection.logits


def test_a_click_has_three_readings_the_best_first() -> None:
    found = candidates(CLICK)
    assert len(found) == 3
    assert [selection.confidence for selection in found] == sorted((s.confidence for s in found), reverse=True)
    for selection in found:
        assert selection.mask.shape == (HEIGHT, WIDTH) and selection.mask.dtype == bool
        assert selection.logits is not None and selection.logits.shape == (256, 256)
        assert 0 <= selection.confidence <= 1


@pytest.mark.parametrize("case", ["points", "box", "all"])
def test_several_prompts_have_one_reading_first(case: str) -> None:
    """That one is not among those of the ambiguous click, whatever their quality."""
    first, *others = candidates(CASES[case])
    assert first.confidence < others[0].confidence
    assert [other.confidence for other in others] == sorted((s.confidence for s in others), reverse=True)


def test_a_correction_has_one_reading_first() -> None:
    earlier = candidates(CLICK)[0].logits
    found = model().candidates(encoded(), CLICK, earlier)
    assert found[0].confidence < found[1].confidence
    assert np.any(found[0].mask != candidates(CLICK)[0].mask)


def test_a_dab_is_as_a_click() -> None:
    """Its readings are those of a click on its middle."""
    rows, columns = np.ogrid[:HEIGHT, :WIDTH]
    stroke = np.hypot(columns - 400, rows - 300) < 110
    found = candidates(PixelPrompts(stroke=stroke))
    clicked = candidates(PixelPrompts(positive=stroke_points(stroke)))
    assert {logits_of(one).tobytes() for one in found} == {logits_of(one).tobytes() for one in clicked}


def test_what_holds_all_of_a_stroke_comes_first(monkeypatch: pytest.MonkeyPatch) -> None:
    def disc(radius: float, quality: float) -> Reading:
        rows, columns = np.ogrid[:256, :256]
        return read((radius - np.hypot(columns - 128, rows - 128)).astype(np.float32), (256, 256), quality)

    readings = disc(100, 0.5), disc(10, 0.99), disc(20, 0.9), disc(40, 0.8)
    monkeypatch.setattr(SegmentAnything, "_read", lambda *_: readings)
    rows, columns = np.ogrid[:512, :512]
    stroke = np.hypot(columns - 256, rows - 256) < 38  # as large as 19 cells
    photo = EncodedPhoto(np.zeros((4096, 256), np.float32), Frame(512, 512))
    found = model().candidates(photo, PixelPrompts(stroke=stroke))
    assert [one.confidence for one in found] == pytest.approx([0.9, 0.8, 0.99 * (10 / 19) ** 2], abs=0.02)
    clicked = model().candidates(photo, PixelPrompts(positive=((256, 256),)))
    assert [one.confidence for one in clicked] == [0.99, 0.9, 0.8]


def test_a_stroke_is_several_points() -> None:
    stroke = np.zeros((HEIGHT, WIDTH), bool)
    stroke[290:310, 100:800] = True
    first, *others = candidates(PixelPrompts(stroke=stroke))
    assert first.confidence < others[0].confidence
    without = stroke.copy()
    without[:, :500] = False
    corrected = candidates(PixelPrompts(stroke=stroke, negative_stroke=stroke & ~without))[0]
    assert corrected.confidence != first.confidence


def test_what_lies_far_from_the_box_is_left_out() -> None:
    left, top, right, bottom = 100, 50.5, 600.25, 500
    for selection in candidates(CASES["box"]):
        rows, columns = np.nonzero(selection.mask)
        assert left - 26 <= columns.min() and columns.max() <= right + 26
        assert top - 26 <= rows.min() and rows.max() <= bottom + 26


def test_prompts_that_make_no_sense() -> None:
    with pytest.raises(SelectionError):
        candidates(PixelPrompts())
    with pytest.raises(SelectionError):
        candidates(PixelPrompts(positive=((WIDTH + 1.0, 5.0),)))


def test_a_photo_that_is_none() -> None:
    with pytest.raises(ValueError, match="uint8"):
        model().encode(np.zeros((10, 10), np.uint8))


class Stopped(Exception):
    """What a report raises to stop."""


def test_encoding_tells_how_far_it_is_and_can_be_stopped() -> None:
    told: list[float] = []

    def report(share: float) -> None:
        told.append(share)
        if share > 0.2:
            raise Stopped

    with pytest.raises(Stopped):
        model().encode(photo(), report)
    assert told == sorted(told) and 0 < told[0] < 0.06 and told[-1] < 0.3


def test_the_encoded_photo() -> None:
    assert isinstance(encoded(), EncodedPhoto)
    assert encoded().cells.shape == (4096, 256) and encoded().frame == Frame(HEIGHT, WIDTH)


def test_specks_and_pinholes_are_dropped() -> None:
    logits = np.full((256, 256), -3, np.float32)
    logits[50:150, 50:150] = 3
    logits[80, 80] = logits[100, 100] = -3
    logits[20, 20] = logits[30, 30] = 3
    reading = read(logits, (200, 256), 0.9)
    clean = tidy(reading, NOWHERE, NOWHERE)
    assert (clean > 0).sum() == 100 * 100
    shown = tidy(reading, (np.array([20]), np.array([20])), (np.array([80]), np.array([80])))
    assert (shown > 0).sum() == 100 * 100
    assert shown[20, 20] > 0 and shown[30, 30] < 0 and shown[80, 80] < 0 and shown[100, 100] > 0
    assert (reading.logits[20, 20], reading.logits[80, 80]) == (3, -3)


def test_a_tiny_mask_stays() -> None:
    logits = np.full((256, 256), -3, np.float32)
    logits[10, 10] = 3
    assert tidy(read(logits, (256, 256), 0.9), NOWHERE, NOWHERE)[10, 10] > 0


def test_readings_that_are_alike_are_one() -> None:
    logits = np.full((3, 256, 256), -3, np.float32)
    logits[0, :100, :100] = logits[1, :100, :98] = logits[2, :100, :50] = 3
    readings = [read(each, (256, 256), 0.9) for each in logits]
    assert distinct(readings, 0.9) == [readings[0], readings[2]]


def test_stability() -> None:
    logits = np.full((256, 256), -3, np.float32)
    logits[:100, :100] = 3
    assert read(logits, (256, 256), 0.9).stability == 1
    logits[:100, 100:125] = -0.5
    assert read(logits, (256, 256), 0.9).stability == pytest.approx(0.8)
    assert read(np.full((256, 256), -3, np.float32), (256, 256), 0.9).stability == 0
