# SPDX-License-Identifier: GPL-3.0-or-later
"""What is likely to be meant in a photo: where it is as the photo is stored, and whether that is sure."""

import io
from collections.abc import Iterator
from pathlib import Path

import numpy as np
import pytest
from PIL import Image, ImageDraw
from sample_pictures import saved

from sam3d.engine.selection import SelectionError
from sam3d.jobs.subject_guess import SubjectGuesses
from sam3d.photos.errors import PhotoError
from sam3d.photos.picture import PictureFile

BOX = (30, 20, 110, 80)
BOUND = 60.0


@pytest.fixture
def guesses() -> Iterator[SubjectGuesses]:
    made = SubjectGuesses()
    yield made
    made.close()


def plain() -> Image.Image:
    image = Image.new("RGB", (320, 200), (220, 220, 215))
    ImageDraw.Draw(image).ellipse(BOX, fill=(180, 40, 30))
    return image


@pytest.mark.parametrize("orientation", [1, 6, 7])
def test_before_a_plain_background_it_is_sure(guesses: SubjectGuesses, tmp_path: Path, orientation: int) -> None:
    exif = Image.Exif()
    exif[0x0112] = orientation
    photo = saved(tmp_path, plain(), "photo.jpg", exif=exif, quality=95)
    guess = guesses.ask(photo).result(BOUND)
    assert guess.is_sure and guess.numbers is not None
    assert guesses.mask(photo).result(BOUND).shown.png == guess.mask
    mask = Image.open(io.BytesIO(guess.mask))
    assert mask.size == (320, 200) and guess.numbers.shape == (200, 320)
    for where in (np.asarray(mask) > 127, guess.numbers == 1):
        rows, columns = np.nonzero(where)
        box = columns.min(), rows.min(), columns.max(), rows.max()
        assert np.abs(np.subtract(box, BOX)).max() <= 3, box


def test_transparency_tells(guesses: SubjectGuesses, tmp_path: Path) -> None:
    noise = np.random.default_rng(1).integers(0, 255, (200, 320, 4), dtype=np.uint8)
    noise[..., 3] = 0
    noise[50:150, 60:200, 3] = 255
    guess = guesses.ask(saved(tmp_path, Image.fromarray(noise))).result(BOUND)
    assert guess.is_sure and guess.numbers is not None and guess.numbers.sum() == 100 * 140


def test_in_a_busy_photo_it_is_not(guesses: SubjectGuesses, tmp_path: Path) -> None:
    noise = np.random.default_rng(1).integers(0, 255, (20, 32, 3), dtype=np.uint8)
    image = Image.fromarray(noise).resize((1600, 1000), Image.Resampling.NEAREST)
    photo = saved(tmp_path, image)
    guess = guesses.ask(photo).result(BOUND)
    assert not guess.is_sure and guess.mask
    with pytest.raises(SelectionError):
        guesses.mask(photo).result(BOUND)
    assert guess.numbers is not None and guess.numbers.shape == (640, 1024)


def test_where_nothing_stands_out_there_is_none(guesses: SubjectGuesses, tmp_path: Path) -> None:
    guess = guesses.ask(saved(tmp_path, Image.new("RGB", (320, 200), (90, 90, 90)))).result(BOUND)
    assert not guess.is_sure and not guess.mask and guess.numbers is None
    with pytest.raises(PhotoError):
        guesses.ask(PictureFile(tmp_path / "none.png")).result(BOUND)
