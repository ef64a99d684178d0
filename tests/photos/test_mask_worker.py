# SPDX-License-Identifier: GPL-3.0-or-later
"""From what was drawn over a photo to masks, on the selections' own thread."""

import io
import re
from collections.abc import Iterator
from pathlib import Path

import numpy as np
import pytest
from numpy.typing import NDArray
from PIL import Image, ImageDraw
from sample_pictures import saved

from sam3d.photos import mask_worker
from sam3d.photos.mask_maker import Change, MaskEdit
from sam3d.photos.mask_worker import MaskWorker
from sam3d.photos.picture import PictureBytes, PictureFile, PicturePixels
from sam3d.photos.prompts import PointPrompt, Prompts

WIDTH, HEIGHT = 320, 200
DISC = (60, 40, 140, 120)
"""Box around a red disc on the photo, left of its middle and above it."""
SQUARE = ((200.0, 100.0), (260.0, 100.0), (260.0, 160.0), (200.0, 160.0))


def photo_image() -> Image.Image:
    image = Image.new("RGB", (WIDTH, HEIGHT), (200, 200, 190))
    ImageDraw.Draw(image).ellipse(DISC, fill=(200, 40, 30))
    ImageDraw.Draw(image).rectangle((200, 20, 280, 80), fill=(30, 60, 160))
    return image


def disc() -> NDArray[np.bool_]:
    image = Image.new("1", (WIDTH, HEIGHT))
    ImageDraw.Draw(image).ellipse(DISC, fill=1)
    return np.asarray(image)


def likeness(found: NDArray[np.bool_], wanted: NDArray[np.bool_]) -> float:
    return float((found & wanted).sum() / (found | wanted).sum())


@pytest.fixture
def selections() -> Iterator[MaskWorker]:
    made = MaskWorker()
    yield made
    made.close()


@pytest.fixture
def photo(tmp_path: Path) -> PictureFile:
    return saved(tmp_path, photo_image())


def mask(selections: MaskWorker, key: str) -> NDArray[np.bool_]:
    """A drawing's mask, waited for."""
    selections.finish()
    selections.drain()
    png = selections.mask(key)
    assert png is not None, selections.problem(key)
    image = Image.open(io.BytesIO(png))
    assert (image.format, image.mode) == ("PNG", "L")
    levels = np.asarray(image)
    assert set(np.unique(levels)) <= {0, 255}
    return levels > 127


AROUND = Prompts(box=(50, 30, 150, 130))


def test_a_box_becomes_a_mask_that_lies_as_the_photo_does(selections: MaskWorker, photo: PictureFile) -> None:
    selections.start("a", MaskEdit(photo, AROUND))
    assert selections.busy
    assert selections.is_at_work("a")
    assert likeness(mask(selections, "a"), disc()) > 0.95
    assert not selections.busy
    assert not selections.is_at_work("a")


def test_a_photo_on_its_side_has_a_mask_on_its_side(selections: MaskWorker, tmp_path: Path) -> None:
    exif = Image.Exif()
    exif[0x0112] = 6
    photo = saved(tmp_path, photo_image(), "side.jpg", exif=exif, quality=95)
    selections.start("a", MaskEdit(photo, AROUND))
    assert likeness(mask(selections, "a"), disc()) > 0.95


def test_a_large_photo_has_a_mask_of_bounded_size(selections: MaskWorker, tmp_path: Path) -> None:
    photo = saved(tmp_path, photo_image().resize((4000, 2500)), "large.jpg")
    scale = 4000 / WIDTH
    selections.start("a", MaskEdit(photo, Prompts((PointPrompt(100 * scale, 80 * scale),))))
    found = mask(selections, "a")
    assert found.shape == (1280, 2048)
    assert found[80 * 2048 // WIDTH, 100 * 2048 // WIDTH]
    selections.start("b", MaskEdit(photo, outline=tuple((x * scale, y * scale) for x, y in SQUARE)))
    assert abs(mask(selections, "b").sum() / (60 * 60 * 6.4**2) - 1) < 0.02


def test_an_outline_is_exact_and_is_added_and_taken(selections: MaskWorker, photo: PictureFile) -> None:
    selections.start("a", MaskEdit(photo, outline=SQUARE))
    wanted = np.zeros((HEIGHT, WIDTH), bool)
    wanted[100:160, 200:260] = True
    found = mask(selections, "a")
    assert (found ^ wanted).sum() <= 60 * 4  # Pillow fills the border, too
    assert found[100:160, 200:260].all()
    selections.start("b", MaskEdit(photo, AROUND, change=Change.ADD), before="a")
    # not waited for: what comes next builds on what is still at work
    selections.start("c", MaskEdit(photo, outline=SQUARE, change=Change.SUBTRACT), before="b")
    assert likeness(mask(selections, "b"), found | disc()) > 0.95
    assert (mask(selections, "c") == (mask(selections, "b") & ~found)).all()


def test_a_mask_made_otherwise_is_kept_and_built_upon(selections: MaskWorker, photo: PictureFile) -> None:
    pixels = np.zeros((HEIGHT // 2, WIDTH // 2, 4), np.float32)
    pixels[..., 3] = 1.0
    pixels[:10, :20, :3] = 1.0  # bottom row first
    selections.keep("painted", PicturePixels(pixels, linear=False))
    selections.start("more", MaskEdit(photo, outline=SQUARE, change=Change.ADD), before="painted")
    found = mask(selections, "more")
    assert found[HEIGHT - 20 :, :40].all()
    assert found[120, 230]
    assert not found[:90].any()
    assert mask(selections, "painted").shape == (HEIGHT // 2, WIDTH // 2)


def test_the_newest_drawing_of_a_mask_wins(selections: MaskWorker, photo: PictureFile) -> None:
    for number in range(20):
        selections.start(f"{number}", MaskEdit(photo, AROUND), before=f"{number - 1}")
    assert likeness(mask(selections, "19"), disc()) > 0.95
    made = [number for number in range(20) if selections.mask(f"{number}") is not None]
    assert len(made) < 10
    assert not selections.busy


def test_what_cannot_be_selected_says_why_and_stops_no_other(selections: MaskWorker, photo: PictureFile) -> None:
    selections.start("outside", MaskEdit(photo, Prompts((PointPrompt(50, 50, positive=False),))))
    selections.start("gone", MaskEdit(PictureFile(photo.path.with_name("none.png")), AROUND))
    selections.start("broken", MaskEdit(PictureBytes(b"\x89PNG no"), AROUND))
    selections.start("good", MaskEdit(photo, AROUND))
    assert mask(selections, "good").any()
    assert selections.problem("outside").startswith("Nothing shows the subject")
    assert "none.png" in selections.problem("gone")
    assert selections.problem("broken").endswith("save it again as PNG or JPEG.")
    assert not selections.problem("good")
    assert selections.mask("outside") is None
    selections.start("outside", MaskEdit(photo, AROUND))
    assert not selections.problem("outside")


def test_a_photo_that_was_saved_anew_is_read_anew(selections: MaskWorker, photo: PictureFile) -> None:
    selections.start("a", MaskEdit(photo, AROUND))
    assert mask(selections, "a").shape == (HEIGHT, WIDTH)
    photo_image().crop((0, 0, 200, HEIGHT)).save(photo.path)
    selections.start("b", MaskEdit(photo, AROUND))
    assert mask(selections, "b").shape == (HEIGHT, 200)


def test_other_pixels_are_another_photo(selections: MaskWorker) -> None:
    for number, image in enumerate((photo_image(), photo_image().transpose(Image.Transpose.FLIP_LEFT_RIGHT))):
        pixels = np.asarray(image.convert("RGBA"), np.float32)[::-1] / np.float32(255)
        box = AROUND.box if number == 0 else (WIDTH - 150, 30, WIDTH - 50, 130)
        selections.start("key", MaskEdit(PicturePixels(pixels, linear=False), Prompts(box=box)))
        wanted = disc() if number == 0 else disc()[:, ::-1]
        assert likeness(mask(selections, "key"), wanted) > 0.9


def test_strokes_of_a_brush_select_and_take_away(selections: MaskWorker, photo: PictureFile) -> None:
    """A dab covers what lies within its radius; a stroke is many of them."""
    stroke = tuple(PointPrompt(x, 80, radius=8.0) for x in range(70, 131, 6))
    selections.start("a", MaskEdit(photo, Prompts(stroke)))
    assert likeness(mask(selections, "a"), disc()) > 0.9
    both = Prompts((*stroke, PointPrompt(240, 50)))
    selections.start("b", MaskEdit(photo, both))
    assert mask(selections, "b")[50, 240]
    against = tuple(PointPrompt(x, 50, positive=False, radius=10.0) for x in range(210, 271, 10))
    selections.start("c", MaskEdit(photo, Prompts((*stroke, *against))))
    found = mask(selections, "c")
    assert found[80, 100] and not found[45:55, 215:265].any()


def test_what_is_added_to_nothing_is_all_there_is(selections: MaskWorker, photo: PictureFile) -> None:
    selections.start("a", MaskEdit(photo, outline=SQUARE, change=Change.ADD))
    assert mask(selections, "a")[110:150, 210:250].all()
    selections.start("b", MaskEdit(photo, outline=SQUARE, change=Change.SUBTRACT), before="never made")
    assert not mask(selections, "b").any()
    gone = MaskEdit(PictureFile(photo.path.with_name("none.png")), AROUND)
    selections.start("c", gone)
    selections.start("d", MaskEdit(photo, outline=SQUARE, change=Change.ADD), before="c")
    assert (mask(selections, "d") == mask(selections, "a")).all()


def test_a_photo_that_was_opened_beforehand_is_the_same(selections: MaskWorker, photo: PictureFile) -> None:
    selections.look_at(photo)
    selections.look_at(PictureFile(photo.path.with_name("none.png")))
    selections.start("a", MaskEdit(photo, AROUND))
    assert likeness(mask(selections, "a"), disc()) > 0.95
    pixels = PicturePixels(np.ones((20, 30, 4), np.float32), linear=False)
    selections.start("b", MaskEdit(pixels, outline=((5.0, 5.0), (15.0, 5.0), (15.0, 15.0), (5.0, 15.0))))
    assert mask(selections, "b").shape == (20, 30)
    selections.start("c", MaskEdit(photo, AROUND))
    assert mask(selections, "c").shape == (HEIGHT, WIDTH)


def test_the_oldest_masks_make_room(
    selections: MaskWorker, photo: PictureFile, monkeypatch: pytest.MonkeyPatch
) -> None:
    selections.start("a", MaskEdit(photo, outline=SQUARE))
    mask(selections, "a")
    first = selections.mask("a")
    assert first is not None
    monkeypatch.setattr(mask_worker, "MOST_KEPT", 2 * len(first))
    for key in "bc":
        selections.start(key, MaskEdit(photo, outline=SQUARE))
        assert mask(selections, key).any()
    assert [selections.mask(key) is not None for key in "abc"] == [False, True, True]
    monkeypatch.setattr(mask_worker, "MOST_KEPT", 1)
    selections.start("d", MaskEdit(photo, outline=SQUARE))
    assert mask(selections, "d").any()  # the last one is kept whatever its size
    assert selections.mask("c") is None


def test_what_nobody_foresaw_stops_no_other(selections: MaskWorker, photo: PictureFile) -> None:
    nonsense = np.zeros((4, 4, 7), np.float32)  # no picture of Blender's
    selections.start("a", MaskEdit(PicturePixels(nonsense, linear=False), AROUND))
    selections.start("b", MaskEdit(photo, AROUND))
    assert mask(selections, "b").any()
    assert selections.mask("a") is None
    assert re.fullmatch(r"The mask could not be made \(\w+\): see Blender's console\.", selections.problem("a")), (
        selections.problem("a")
    )


def test_a_mask_that_cannot_be_read_is_called_one(selections: MaskWorker, tmp_path: Path) -> None:
    selections.keep("packed", PictureBytes(b"\x89PNG no"))
    selections.keep("file", PictureFile(tmp_path / "none.png"))
    selections.finish()
    assert sorted(selections.drain()) == ["file", "packed"]
    assert selections.problem("packed").startswith("The mask packed mask cannot be read")
    assert selections.problem("file").startswith("The mask's file is missing: none.png")
