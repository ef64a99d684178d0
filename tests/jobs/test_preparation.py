# SPDX-License-Identifier: GPL-3.0-or-later
"""Every kind of picture that artists have becomes an upright 8-bit photo, or one clear sentence."""

import io
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from sam3d.jobs.picture import Picture, PictureBytes, PictureFile, PicturePixels
from sam3d.jobs.preparation import LONGEST_EDGE, Prepared, prepare
from sam3d.providers.errors import RefusedInput

WIDTH, HEIGHT = 64, 48


def quadrants(width: int = WIDTH, height: int = HEIGHT) -> Image.Image:
    """Red, green, blue and white, from the top left in reading order."""
    pixels = np.zeros((height, width, 3), np.uint8)
    pixels[: height // 2, : width // 2] = (255, 0, 0)
    pixels[: height // 2, width // 2 :] = (0, 255, 0)
    pixels[height // 2 :, : width // 2] = (0, 0, 255)
    pixels[height // 2 :, width // 2 :] = (255, 255, 255)
    return Image.fromarray(pixels)


def saved(folder: Path, image: Image.Image, name: str = "photo.png", **options: object) -> PictureFile:
    path = folder / name
    image.save(path, **options)
    return PictureFile(path)


def loaded(path: Path | None) -> Image.Image:
    assert path is not None
    with Image.open(path) as image:
        image.load()
    return image


def prepared(photo: Picture, tmp_path: Path, mask: Picture | None = None) -> tuple[Prepared, Image.Image]:
    folder = tmp_path / "job"
    folder.mkdir()
    result = prepare(photo, mask, folder)
    return result, loaded(result.photo)


def corner_colours(photo: Image.Image) -> list[tuple[int, ...]]:
    """The colours in the middles of the four quadrants, in reading order."""
    rgb = photo.convert("RGB")
    xs, ys = (rgb.width // 4, rgb.width * 3 // 4), (rgb.height // 4, rgb.height * 3 // 4)
    return [rgb.getpixel((x, y)) for y in ys for x in xs]


RED, GREEN, BLUE, WHITE = (255, 0, 0), (0, 255, 0), (0, 0, 255), (255, 255, 255)


@pytest.mark.parametrize("orientation", range(1, 9))
def test_exif_orientation_is_applied_to_photo_and_painted_mask(tmp_path: Path, orientation: int) -> None:
    """A mask painted in Blender lies over the photo as it is stored; both must turn together."""
    exif = Image.Exif()
    exif[0x0112] = orientation
    photo = saved(tmp_path, quadrants(), exif=exif)
    mask_pixels = np.zeros((HEIGHT, WIDTH), np.uint8)
    mask_pixels[: HEIGHT // 2, : WIDTH // 2] = 255  # on the red quadrant
    result, upright = prepared(photo, tmp_path, saved(tmp_path, Image.fromarray(mask_pixels), "mask.png"))
    assert upright.size == ((WIDTH, HEIGHT) if orientation <= 4 else (HEIGHT, WIDTH))
    mask = loaded(result.mask)
    assert mask.size == upright.size
    red = np.asarray(upright.convert("RGB"))[..., 1] < 128
    red &= np.asarray(upright.convert("RGB"))[..., 2] < 128
    assert np.array_equal(red, np.asarray(mask) > 128)
    assert result.notes == ()


def test_blenders_linear_pixels_become_srgb_right_side_up(tmp_path: Path) -> None:
    """0.5 linear is 188 in sRGB; Blender's first row is the bottom one; alpha was multiplied in."""
    pixels = np.zeros((HEIGHT, WIDTH, 4), np.float32)
    pixels[: HEIGHT // 2] = (0.25, 0.0, 0.0, 0.5)
    pixels[HEIGHT // 2 :] = (0.5, 0.5, 0.5, 1.0)
    _, photo = prepared(PicturePixels(pixels, linear=True), tmp_path)
    assert photo.mode == "RGBA"
    assert photo.getpixel((0, 0)) == (188, 188, 188, 255)
    assert photo.getpixel((0, HEIGHT - 1)) == (188, 0, 0, 128)


def test_byte_pixels_keep_their_values(tmp_path: Path) -> None:
    pixels = np.ones((HEIGHT, WIDTH, 4), np.float32)
    pixels[..., 0] = 100 / 255
    _, photo = prepared(PicturePixels(pixels, linear=False), tmp_path)
    assert photo.mode == "RGB"
    assert photo.getpixel((5, 5)) == (100, 255, 255)


def test_every_mode_of_file_is_read(tmp_path: Path) -> None:
    """Greyscale, indexed, CMYK, 1-bit and with alpha all come out with their colours in place."""
    for number, (mode, name) in enumerate(
        [("L", "l.png"), ("P", "p.png"), ("CMYK", "c.jpg"), ("1", "b.png"), ("RGBA", "a.png"), ("LA", "la.png")]
    ):
        folder = tmp_path / str(number)
        folder.mkdir()
        _, photo = prepared(saved(folder, quadrants().convert(mode), name), folder)
        white = photo.convert("RGB").getpixel((WIDTH * 3 // 4, HEIGHT * 3 // 4))
        assert min(white) > 240, mode
        assert photo.mode == "RGB", mode


def test_sixteen_bit_grey_keeps_its_range(tmp_path: Path) -> None:
    values = np.full((HEIGHT, WIDTH), 32768, np.uint16)
    values[0] = 65535
    _, photo = prepared(saved(tmp_path, Image.fromarray(values)), tmp_path)
    assert abs(photo.convert("L").getpixel((5, 20)) - 128) <= 1
    assert photo.convert("L").getpixel((5, 0)) == 255


def test_packed_bytes_and_names_of_all_alphabets(tmp_path: Path) -> None:
    buffer = io.BytesIO()
    quadrants().save(buffer, "PNG")
    folder = tmp_path / "Fotos 照片 📷"
    folder.mkdir()
    _, photo = prepared(PictureBytes(buffer.getvalue()), folder)
    assert corner_colours(photo) == [RED, GREEN, BLUE, WHITE]
    path = folder / "eine Tasse ☕ 杯子.png"
    path.write_bytes(buffer.getvalue())
    (folder / "second").mkdir()
    _, photo = prepared(PictureFile(path), folder / "second")
    assert corner_colours(photo) == [RED, GREEN, BLUE, WHITE]


def test_large_photos_are_reduced(tmp_path: Path) -> None:
    _, photo = prepared(saved(tmp_path, quadrants(16000, 400), "wide.jpg"), tmp_path)
    assert photo.size == (LONGEST_EDGE, 51)


def test_a_photo_beyond_all_bounds_is_refused(tmp_path: Path) -> None:
    huge = saved(tmp_path, Image.new("1", (16000, 16000)), "huge.png")
    with pytest.raises(RefusedInput, match="too large: scale it"):
        prepare(huge, None, tmp_path)


def test_a_mask_of_another_shape_is_stretched_and_noted(tmp_path: Path) -> None:
    mask = saved(tmp_path, Image.new("L", (40, 40), 255), "mask.png")
    result, photo = prepared(saved(tmp_path, quadrants()), tmp_path, mask)
    assert loaded(result.mask).size == photo.size
    assert "stretched" in result.notes[0]


def test_a_mask_with_alpha_selects_what_is_opaque(tmp_path: Path) -> None:
    cut = Image.new("RGBA", (WIDTH, HEIGHT), (0, 0, 0, 0))
    cut.paste((0, 0, 0, 255), (0, 0, 10, 10))
    result, _ = prepared(saved(tmp_path, quadrants()), tmp_path, saved(tmp_path, cut, "mask.png"))
    mask = loaded(result.mask)
    assert mask.getpixel((5, 5)) == 255
    assert mask.getpixel((20, 20)) == 0


@pytest.mark.parametrize(
    ("photo", "says"),
    [
        (Image.new("RGB", (1, 1)), "choose a larger one"),
        (Image.new("RGB", (500, 1)), "choose a larger one"),
    ],
)
def test_photos_without_area_are_refused(tmp_path: Path, photo: Image.Image, says: str) -> None:
    with pytest.raises(RefusedInput, match=says):
        prepared(saved(tmp_path, photo), tmp_path)


def test_missing_broken_and_foreign_files_are_refused(tmp_path: Path) -> None:
    with pytest.raises(RefusedInput, match="missing"):
        prepare(PictureFile(tmp_path / "none.png"), None, tmp_path)
    text = tmp_path / "text.png"
    text.write_text("not a picture")
    with pytest.raises(RefusedInput, match="cannot be read"):
        prepare(PictureFile(text), None, tmp_path)
    whole = saved(tmp_path, quadrants(400, 300), "cut.jpg").path
    whole.write_bytes(whole.read_bytes()[:900])
    with pytest.raises(RefusedInput, match="cannot be read"):
        prepare(PictureFile(whole), None, tmp_path)


def test_a_black_mask_is_refused(tmp_path: Path) -> None:
    black = saved(tmp_path, Image.new("L", (WIDTH, HEIGHT)), "mask.png")
    with pytest.raises(RefusedInput, match="all black"):
        prepared(saved(tmp_path, quadrants()), tmp_path, black)
