# SPDX-License-Identifier: GPL-3.0-or-later
"""All objects of a photo, with a network that finds what it is told."""

from __future__ import annotations

import numpy as np
import pytest
from encoded import model

from sam3d.engine.arrays import Mask, Single
from sam3d.engine.segment_anything import EncodedPhoto, SegmentAnything
from sam3d.engine.segment_anything.everything import find_everything
from sam3d.engine.segment_anything.frame import Frame
from sam3d.engine.segment_anything.prompt_encoder import PlacedPrompts
from sam3d.engine.segment_anything.readings import Reading, read

CELLS = (192, 256)
SCALE = 400 / 256  # pixels of a photo of 400 x 300 for each cell


def box(left: int, top: int, right: int, bottom: int) -> Mask:
    """A box in the cells of a photo of 4 : 3."""
    mask = np.zeros(CELLS, bool)
    mask[top:bottom, left:right] = True
    return mask


def logits(mask: Mask, edge: float = 9.0) -> Single:
    """Logits (256, 256) of a mask, -edge to edge."""
    full = np.full((256, 256), -edge, np.float32)
    full[: mask.shape[0], : mask.shape[1]] = np.where(mask, edge, -edge)
    return full


class Network:
    """Answers a click with those of its masks that are there, the smallest ones first."""

    def __init__(self, masks: list[Mask], qualities: list[float] | None = None) -> None:
        self._readings = [
            read(logits(mask), CELLS, quality)
            for mask, quality in zip(masks, qualities or [0.95] * len(masks), strict=True)
        ]
        self.clicks: list[tuple[float, float]] = []

    def __call__(self, x: float, y: float) -> tuple[Reading, ...]:
        self.clicks.append((x, y))
        hit = [reading for reading in self._readings if reading.mask[int(y), int(x)]]
        return tuple(sorted(hit, key=lambda reading: int(reading.mask.sum()))[:3])


def found(network: Network) -> list[Mask]:
    return [reading.mask for reading in find_everything(network, CELLS, lambda _: None)]


def test_each_object_once_the_largest_first() -> None:
    masks = [box(10, 10, 40, 40), box(100, 50, 200, 150), box(60, 100, 90, 180)]
    order = [masks[1], masks[2], masks[0]]
    assert all(np.array_equal(one, other) for one, other in zip(found(Network(masks)), order, strict=True))


def test_a_part_and_its_whole() -> None:
    masks = [box(100, 50, 200, 150), box(110, 60, 140, 100)]
    assert len(found(Network(masks))) == 2


def test_near_duplicates_are_one_the_better() -> None:
    masks = [box(100, 50, 200, 150), box(102, 50, 200, 152), box(100, 52, 198, 150)]
    (only,) = found(Network(masks, [0.9, 0.97, 0.93]))
    assert np.array_equal(only, masks[1])


def test_a_frame_and_what_it_holds_are_two() -> None:
    """Their boxes are alike, and their masks are not."""
    whole, held = box(50, 20, 210, 170), box(54, 24, 206, 166)
    assert len(found(Network([whole & ~held, held]))) == 2


def test_a_mask_full_of_holes_is_the_same_as_one_without() -> None:
    whole = box(50, 20, 210, 170)
    holed = whole.copy()
    holed[30:160:3, 60:200] = False
    assert len(found(Network([whole, holed], [0.96, 0.9]))) == 1


def test_what_is_poor_tiny_or_all_of_the_photo_is_left_out() -> None:
    masks = [box(10, 10, 40, 40), box(100, 50, 104, 54), box(0, 0, 256, 192), box(60, 100, 90, 180)]
    (only,) = found(Network(masks, [0.8, 0.99, 0.99, 0.95]))
    assert np.array_equal(only, masks[3])


def test_what_is_unstable_is_left_out() -> None:
    mask = box(60, 60, 200, 150)
    vague = logits(mask)
    vague[60:150, 60:100] = 0.5
    assert not find_everything(lambda _x, _y: (read(vague, CELLS, 0.99),), CELLS, lambda _: None)


def test_clicks_cover_the_photo_and_are_saved_where_something_was_found() -> None:
    nothing, one = Network([]), Network([box(0, 0, 256, 96)])
    assert not found(nothing) and len(found(one)) == 1
    places = np.array(nothing.clicks)
    assert len(places) == 24 * 18 == len(set(nothing.clicks))
    assert (places.min(0) > 0).all() and (places.max(0) < (256, 192)).all()
    assert len(one.clicks) == 24 * 9 + 1
    # The first ones are spread over the whole photo already.
    first = places[: len(places) // 16 + 1]
    assert (np.ptp(first, axis=0) > 0.6 * np.array((256, 192))).all()


@pytest.mark.parametrize("cells", [(256, 256), (10, 256), (256, 1)])
def test_photos_of_other_shapes(cells: tuple[int, int]) -> None:
    clicks: list[tuple[float, float]] = []

    def click(x: float, y: float) -> tuple[Reading, ...]:
        clicks.append((x, y))
        return ()

    assert not find_everything(click, cells, lambda _: None)
    assert clicks and all(0 <= x < cells[1] and 0 <= y < cells[0] for x, y in clicks)


def test_progress_is_told() -> None:
    told: list[float] = []
    find_everything(Network([box(10, 10, 100, 100)]), CELLS, told.append)
    assert told == sorted(told) and told[-1] == 1 and len(told) == 24 * 18


def test_objects_become_selections(monkeypatch: pytest.MonkeyPatch) -> None:
    """In the photo's own pixels, with their logits; of a very large photo only the best ones, for masks take memory."""
    network = Network([box(10, 10, 60, 60), box(100, 50, 200, 150), box(210, 10, 250, 60)], [0.9, 0.95, 1.2])

    def read_click(_model: object, _encoded: object, prompts: PlacedPrompts, **_: object) -> tuple[Reading, ...]:
        x, y = prompts.points[0] * 256
        return network(float(x), float(y))

    monkeypatch.setattr(SegmentAnything, "_read", read_click)
    cells = np.zeros((4096, 256), np.float32)
    found = model().everything(EncodedPhoto(cells, Frame(300, 400)))
    assert [selection.confidence for selection in found] == [0.95, 0.9, 1.0]
    assert [selection.mask.sum() for selection in found] == pytest.approx(
        [10000 * SCALE**2, 2500 * SCALE**2, 2000 * SCALE**2], rel=0.03
    )
    assert found[0].mask.shape == (300, 400) and found[0].mask[round(100 * SCALE), round(150 * SCALE)]
    assert found[0].logits is not None and found[0].logits.shape == (256, 256)
    monkeypatch.setattr("sam3d.engine.segment_anything.model.MOST_PIXELS", 2 * 300 * 400)
    found = model().everything(EncodedPhoto(cells, Frame(300, 400)))
    assert [selection.confidence for selection in found] == [0.95, 1.0]
