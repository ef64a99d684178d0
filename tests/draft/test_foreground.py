# SPDX-License-Identifier: GPL-3.0-or-later
"""The subject is found, and an uncertain find is known to be one."""

from __future__ import annotations

import io
from pathlib import Path

import numpy as np
import pytest
from numpy.typing import NDArray
from PIL import Image

from sam3d.engine.arrays import Mask
from sam3d.engine.draft.bars import inside_bars
from sam3d.engine.draft.errors import DraftError
from sam3d.engine.draft.foreground import UNSURE, find_foreground

PROPS = Path(__file__).parents[3] / "shared" / "data" / "props"
SIZE = 400
BACKGROUNDS = ("plain", "gradient", "vignette")


def overlap(a: Mask, b: Mask) -> float:
    return float((a & b).sum() / (a | b).sum())


def background(kind: str, size: int, rng: np.random.Generator) -> NDArray[np.float64]:
    y, x = np.mgrid[0:size, 0:size] / size
    base = np.array([190.0, 205.0, 215.0])
    if kind == "plain":
        return np.broadcast_to(base, (size, size, 3)).copy()
    if kind == "gradient":
        return np.asarray(base * (0.7 + 0.35 * y + 0.1 * x)[..., None])
    if kind == "vignette":
        return np.asarray(base * (1 - 0.5 * ((x - 0.5) ** 2 + (y - 0.5) ** 2))[..., None])
    cells = 24 if kind == "leaves" else 5
    small = rng.integers(0, 255, (cells, cells, 3), np.uint8)
    return np.asarray(Image.fromarray(small).resize((size, size), Image.Resampling.BICUBIC), np.float64)


def scene(
    kind: str, subject: tuple[NDArray[np.float64], Mask], *, shadow: bool = False, seed: int = 0
) -> NDArray[np.uint8]:
    """A photo (H, W, 3) of a subject's colors and mask before a background, with a sensor's noise."""
    rng = np.random.default_rng(seed)
    colors, mask = subject
    picture = background(kind, len(mask), rng)
    if shadow:
        rows, columns = np.nonzero(mask)
        y, x = np.mgrid[0 : len(mask), 0 : len(mask)]
        half = np.ptp(columns) / 2
        away = ((x - columns.mean()) / (1.2 * half)) ** 2 + ((y - rows.max()) / (0.35 * half)) ** 2
        picture *= (1 - 0.4 * np.exp(-1.5 * away))[..., None]
    picture = np.where(mask[..., None], colors, picture) + rng.normal(0, 3, picture.shape)
    return np.clip(picture, 0, 255).astype(np.uint8)


def mug(size: int = SIZE) -> tuple[NDArray[np.float64], Mask]:
    """A shaded mug with a handle, through which the background is seen."""
    y, x = np.mgrid[0:size, 0:size] / size
    body = (abs(x - 0.45) < 0.16) & (abs(y - 0.5) < 0.22)
    ring = np.hypot((x - 0.62) / 0.11, (y - 0.5) / 0.14)
    mask = body | ((ring < 1) & (ring > 0.6) & (x > 0.6))
    shade = 0.55 + 0.45 * np.clip(1 - abs(x - 0.4) / 0.3, 0, 1)
    return np.array([40, 90, 160]) * shade[..., None], mask


@pytest.mark.parametrize("kind", BACKGROUNDS)
@pytest.mark.parametrize("shadow", [False, True], ids=["lit", "shadow"])
def test_a_plain_background_is_told_from_the_subject(kind: str, shadow: bool) -> None:
    subject = mug()
    found = find_foreground(scene(kind, subject, shadow=shadow))
    assert found.source == "background"
    assert overlap(found.mask, subject[1]) > 0.95
    assert not found.mask[SIZE // 2, int(0.645 * SIZE)]  # through the handle
    assert found.confidence > 0.75
    assert not found.notes


def test_a_busy_background_lowers_the_confidence_before_it_spoils_the_mask() -> None:
    subject = mug()
    for kind in ("leaves", "clouds"):
        for seed in range(3):
            found = find_foreground(scene(kind, subject, seed=seed))
            assert found.source == "center"
            if found.confidence >= UNSURE:
                assert overlap(found.mask, subject[1]) > 0.7
            else:
                assert "Only a guess" in found.notes[0]


def test_alpha_counts_where_it_says_something() -> None:
    subject = mug()
    photo = scene("leaves", subject)
    alpha = subject[1].astype(np.uint8) * 255
    found = find_foreground(photo, alpha)
    assert (found.source, found.confidence) == ("alpha", 1.0)
    assert (found.mask == subject[1]).all()
    assert find_foreground(photo, np.full_like(alpha, 255)).source == "center"


def test_a_mask_counts_more_than_alpha() -> None:
    subject = mug()
    other = np.zeros_like(subject[1])
    other[:40, :40] = True
    found = find_foreground(scene("plain", subject), subject[1].astype(np.uint8) * 255, other)
    assert found.source == "mask"
    assert (found.mask == other).all()


def test_nothing_to_see_is_said_in_a_sentence() -> None:
    with pytest.raises(DraftError, match="Nothing stands out"):
        find_foreground(np.full((64, 64, 3), 128, np.uint8))


def test_a_mask_of_all_is_a_picture_panel() -> None:
    found = find_foreground(scene("plain", mug()), None, np.ones((SIZE, SIZE), bool))
    assert found.mask.all()
    assert "whole photo" in found.notes[0]


@pytest.mark.skipif(not PROPS.is_dir(), reason="../shared/data/props is not there")
@pytest.mark.parametrize("kind", BACKGROUNDS)
def test_props_before_a_plain_background(kind: str) -> None:
    for number, path in enumerate(sorted(PROPS.glob("*/image.png"))):
        with Image.open(path) as file:
            picture = np.asarray(file.convert("RGBA"), np.float64)
        mask = picture[..., 3] > 127
        found = find_foreground(scene(kind, (picture[..., :3], mask), seed=number))
        assert overlap(found.mask, mask) > 0.95, path.parent.name


def test_alpha_is_cut_at_its_half() -> None:
    photo, mask = scene("leaves", mug()), mug()[1]
    for level, inside in ((127, False), (128, True)):
        alpha = np.where(mask, 255, 0).astype(np.uint8)
        alpha[:40, :40] = level
        assert find_foreground(photo, alpha).mask[10, 10] == inside


def test_what_is_hardly_to_be_told_is_a_guess_with_a_note() -> None:
    """Patches of the same colors inside and out, and nothing sharp between them."""
    noise = np.random.default_rng(5).integers(0, 255, (9, 9, 3), np.uint8)
    photo = np.asarray(Image.fromarray(noise).resize((SIZE, SIZE), Image.Resampling.BICUBIC))
    told: list[float] = []
    found = find_foreground(photo, report=told.append)
    assert found.source == "center" and found.mask.shape == (SIZE, SIZE) and found.mask.any()
    assert 0 <= found.confidence < UNSURE
    (note,) = found.notes
    assert note.startswith("Only a guess") and note.endswith("Paint a mask for a better result.")
    assert told and told == sorted(told) and told[0] > 0 and told[-1] < 1


def test_an_empty_mask_is_said_to_be_empty() -> None:
    with pytest.raises(DraftError, match="The mask is empty: paint the subject white"):
        find_foreground(scene("plain", mug()), None, np.zeros((SIZE, SIZE), bool))


def test_a_photo_of_little_contrast_still_has_a_middle() -> None:
    """Nothing is told apart by color, and a guess in the middle is better than nothing."""
    y, x = np.mgrid[0:SIZE, 0:SIZE]
    photo = np.repeat(((x // 8 + y // 8) % 2 * 60 + 90)[..., None], 3, 2).astype(np.uint8)
    found = find_foreground(photo)
    assert found.source == "center" and found.confidence < UNSURE
    assert found.mask[SIZE // 2 - 40 : SIZE // 2 + 40, SIZE // 2 - 40 : SIZE // 2 + 40].any()


def test_bars_beside_a_picture_are_no_background() -> None:
    picture = scene("plain", mug(240))
    alone = find_foreground(picture)
    barred = np.pad(picture, [(40, 30), (0, 0), (0, 0)])
    found = find_foreground(barred)
    assert not found.mask[:40].any()
    assert not found.mask[-30:].any()
    assert overlap(found.mask[40:-30], alone.mask) > 0.9
    assert abs(found.confidence - alone.confidence) < 0.1
    assert inside_bars(scene("leaves", mug(240))) == (slice(0, 240), slice(0, 240))


@pytest.mark.parametrize("color", [0, 255])
def test_bars_are_found_on_both_axes_and_in_a_jpeg(color: int) -> None:
    picture = np.asarray(Image.fromarray(scene("leaves", mug(240))), np.uint8)
    barred = np.pad(picture, [(37, 30), (0, 0), (0, 0)], constant_values=color)
    stream = io.BytesIO()
    Image.fromarray(barred).save(stream, "JPEG", quality=85)
    for photo in (barred, np.asarray(Image.open(stream))):
        for rows, columns in (inside_bars(photo), inside_bars(photo.swapaxes(0, 1))[::-1]):
            assert 37 <= rows.start <= 41
            assert 273 <= rows.stop <= 277
            assert columns == slice(0, 240)


def test_a_subject_before_one_color_has_no_bars() -> None:
    photo = np.full((200, 300, 3), 255, np.uint8)
    photo[60:150, 40:260] = np.random.default_rng(0).integers(40, 90, (90, 220, 3))  # a flat top, as a book has
    assert inside_bars(photo) == (slice(0, 200), slice(0, 300))
