# SPDX-License-Identifier: GPL-3.0-or-later
"""Every kind of picture that artists have becomes an upright 8-bit photo, or one clear sentence."""

import io
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from PIL import Image
from sample_pictures import BLUE, GREEN, HEIGHT, RED, WHITE, WIDTH, loaded, photograph, quadrants, rgb, saved

from sam3d.photos.batch import Batch, SubjectPrompt
from sam3d.photos.errors import PhotoError
from sam3d.photos.picture import LONGEST_EDGE, Picture, PictureBytes, PictureFile, PictureOfNumber, PicturePixels
from sam3d.photos.preparation import PreparedFiles, prepare
from sam3d.photos.prompts import NO_PROMPTS, PointPrompt, Prompts

GRAY = (128, 128, 128)


def turned_photo(folder: Path, orientation: int, image: Image.Image | None = None) -> PictureFile:
    exif = Image.Exif()
    exif[0x0112] = orientation
    return saved(folder, image or quadrants(), f"turned-{orientation}.png", exif=exif)


def prepared(
    photo: Picture,
    tmp_path: Path,
    *masks: Picture,
    prompts: Prompts = NO_PROMPTS,
    longest_edge: int = LONGEST_EDGE,
    **options: Any,
) -> tuple[PreparedFiles, Image.Image]:
    folder = tmp_path / "job"
    folder.mkdir(exist_ok=True)
    result = prepare(Batch(photo, [SubjectPrompt(masks)], longest_edge), 0, folder, prompts, **options)
    return result, loaded(result.photo)


def corner_colors(photo: Image.Image) -> list[tuple[int, ...]]:
    """The colors in the middles of the four quadrants, in reading order."""
    pixels, (width, height) = rgb(photo), photo.size
    xs, ys = (width // 4, width * 3 // 4), (height // 4, height * 3 // 4)
    return [tuple(map(int, pixels[y, x])) for y in ys for x in xs]


@pytest.mark.parametrize("orientation", range(1, 9))
def test_exif_orientation_is_applied_to_photo_and_painted_mask(tmp_path: Path, orientation: int) -> None:
    """A mask painted in Blender lies over the photo as it is stored; both must turn together."""
    photo = turned_photo(tmp_path, orientation)
    mask_pixels = np.zeros((HEIGHT, WIDTH), np.uint8)
    mask_pixels[: HEIGHT // 2, : WIDTH // 2] = 255  # on the red quadrant
    result, upright = prepared(photo, tmp_path, saved(tmp_path, Image.fromarray(mask_pixels), "mask.png"))
    assert upright.size == ((WIDTH, HEIGHT) if orientation <= 4 else (HEIGHT, WIDTH))
    mask = loaded(result.masks[0])
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
    """Grayscale, indexed, CMYK, 1-bit and with alpha all come out with their colors in place."""
    for number, (mode, name) in enumerate(
        [("L", "l.png"), ("P", "p.png"), ("CMYK", "c.jpg"), ("1", "b.png"), ("RGBA", "a.png"), ("LA", "la.png")]
    ):
        folder = tmp_path / str(number)
        folder.mkdir()
        _, photo = prepared(saved(folder, quadrants().convert(mode), name), folder)
        assert rgb(photo)[HEIGHT * 3 // 4, WIDTH * 3 // 4].min() > 240, mode
        assert photo.mode == "RGB", mode


def test_sixteen_bit_gray_keeps_its_range(tmp_path: Path) -> None:
    values = np.full((HEIGHT, WIDTH), 32768, np.uint16)
    values[0] = 65535
    _, photo = prepared(saved(tmp_path, Image.fromarray(values)), tmp_path)
    grays = np.asarray(photo.convert("L"), np.int64)
    assert abs(grays[20, 5] - 128) <= 1
    assert grays[0, 5] == 255


def test_packed_bytes_and_names_of_all_alphabets(tmp_path: Path) -> None:
    buffer = io.BytesIO()
    quadrants().save(buffer, "PNG")
    folder = tmp_path / "Fotos 照片 📷"
    folder.mkdir()
    _, photo = prepared(PictureBytes(buffer.getvalue()), folder)
    assert corner_colors(photo) == [RED, GREEN, BLUE, WHITE]
    path = folder / "eine Tasse ☕ 杯子.png"
    path.write_bytes(buffer.getvalue())
    (folder / "second").mkdir()
    _, photo = prepared(PictureFile(path), folder / "second")
    assert corner_colors(photo) == [RED, GREEN, BLUE, WHITE]


def test_large_photos_are_reduced(tmp_path: Path) -> None:
    _, photo = prepared(saved(tmp_path, quadrants(16000, 400), "wide.jpg"), tmp_path)
    assert photo.size == (LONGEST_EDGE, 51)


def test_a_photo_beyond_all_bounds_is_refused(tmp_path: Path) -> None:
    huge = saved(tmp_path, Image.new("1", (16000, 16000)), "huge.png")
    with pytest.raises(PhotoError, match="too large: scale it"):
        prepare(Batch(huge), 0, tmp_path)


def test_a_mask_of_another_shape_is_stretched_and_noted(tmp_path: Path) -> None:
    mask = saved(tmp_path, Image.new("L", (40, 40), 255), "mask.png")
    result, photo = prepared(saved(tmp_path, quadrants()), tmp_path, mask)
    assert loaded(result.masks[0]).size == photo.size
    assert "stretched" in result.notes[0]


def test_a_mask_with_alpha_selects_what_is_opaque(tmp_path: Path) -> None:
    cut = Image.new("RGBA", (WIDTH, HEIGHT), (0, 0, 0, 0))
    cut.paste((0, 0, 0, 255), (0, 0, 10, 10))
    result, _ = prepared(saved(tmp_path, quadrants()), tmp_path, saved(tmp_path, cut, "mask.png"))
    mask = loaded(result.masks[0])
    assert mask.getpixel((5, 5)) == 255
    assert mask.getpixel((20, 20)) == 0


@pytest.mark.parametrize(
    ("photo", "says"),
    [
        (Image.new("RGB", (1, 1)), "choose a larger one"),
        (Image.new("RGB", (500, 1)), "choose a larger one"),
        (Image.new("RGB", (16000, 2)), "only 16000 x 2 pixels: choose a larger one"),
    ],
)
def test_photos_without_area_are_refused(tmp_path: Path, photo: Image.Image, says: str) -> None:
    for name in ("photo.png", "photo.jpg"):
        with pytest.raises(PhotoError, match=says):
            prepared(saved(tmp_path, photo, name), tmp_path)


def test_missing_broken_and_foreign_files_are_refused(tmp_path: Path) -> None:
    with pytest.raises(PhotoError, match="missing"):
        prepare(Batch(PictureFile(tmp_path / "none.png")), 0, tmp_path)
    text = tmp_path / "text.png"
    text.write_text("not a picture")
    with pytest.raises(PhotoError, match="cannot be read"):
        prepare(Batch(PictureFile(text)), 0, tmp_path)
    whole = saved(tmp_path, quadrants(400, 300), "cut.jpg").path
    whole.write_bytes(whole.read_bytes()[:900])
    with pytest.raises(PhotoError, match="cannot be read"):
        prepare(Batch(PictureFile(whole)), 0, tmp_path)


def test_a_black_mask_is_refused(tmp_path: Path) -> None:
    black = saved(tmp_path, Image.new("L", (WIDTH, HEIGHT)), "mask.png")
    with pytest.raises(PhotoError, match="all black"):
        prepared(saved(tmp_path, quadrants()), tmp_path, black)


def test_every_mask_becomes_a_file_of_its_own(tmp_path: Path) -> None:
    """Binary, in one channel, in the order in which they were given."""
    left, right = Image.new("L", (WIDTH, HEIGHT)), Image.new("L", (WIDTH, HEIGHT))
    left.paste(255, (0, 0, 20, HEIGHT))
    right.paste(140, (20, 0, 22, HEIGHT))
    right.paste(255, (40, 0, WIDTH, HEIGHT))
    masks = saved(tmp_path, left, "left.png"), saved(tmp_path, right, "right.png")
    result, _ = prepared(saved(tmp_path, quadrants()), tmp_path, *masks)
    assert [path.name for path in result.masks] == ["mask-1.png", "mask-2.png"]
    first, second = (loaded(path) for path in result.masks)
    assert first.mode == second.mode == "L"
    assert np.array_equal(np.asarray(first), np.asarray(left))
    assert np.array_equal(np.asarray(second), (np.asarray(right) >= 128) * np.uint8(255))
    result, _ = prepared(saved(tmp_path, quadrants()), tmp_path, masks[0])
    assert [path.name for path in result.masks] == ["mask.png"]


def test_a_scaled_mask_is_white_where_at_least_half_is_covered(tmp_path: Path) -> None:
    ring = np.hypot(*(np.mgrid[:300, :400] - np.array([150, 200])[:, None, None])) < 100
    photo = saved(tmp_path, quadrants(400, 300))
    mask = saved(tmp_path, Image.fromarray(ring.astype(np.uint8) * 255), "mask.png")
    result, _ = prepared(photo, tmp_path, mask, longest_edge=100)
    small = np.asarray(loaded(result.masks[0]))
    covered = ring.reshape(75, 4, 100, 4).mean(axis=(1, 3))
    assert set(np.unique(small)) == {0, 255}
    assert (small[covered > 0.8] == 255).all()
    assert (small[covered < 0.2] == 0).all()


def test_a_tiny_subject_does_not_vanish(tmp_path: Path) -> None:
    """20 pixels of 30 million are less than one of the sent photo's."""
    mask = Image.new("L", (6400, 4800))
    mask.paste(255, (6300, 4700, 6305, 4704))
    photo = saved(tmp_path, quadrants(6400, 4800), "large.png")
    result, sent = prepared(photo, tmp_path, saved(tmp_path, mask, "mask.png"), longest_edge=320)
    rows, columns = np.nonzero(np.asarray(loaded(result.masks[0])))
    assert sent.size == (320, 240)
    assert [*rows, *columns] == [235, 315]


@pytest.mark.parametrize("white", [1, 90])
def test_a_faint_mask_selects_by_its_own_white(tmp_path: Path, white: int) -> None:
    mask = Image.new("L", (WIDTH, HEIGHT))
    mask.paste(white, (10, 10, 30, 30))
    result, _ = prepared(saved(tmp_path, quadrants()), tmp_path, saved(tmp_path, mask, "mask.png"))
    assert np.array_equal(np.asarray(loaded(result.masks[0])) == 255, np.asarray(mask) > 0)


def test_a_mask_of_a_large_turned_jpeg_is_turned_with_it(tmp_path: Path) -> None:
    """The decoder shrinks large JPEGs by itself; the mask still knows the size that both were stored in."""
    exif = Image.Exif()
    exif[0x0112] = 6
    photo = saved(tmp_path, quadrants(4800, 3600), "large.jpg", exif=exif)
    mask = Image.new("L", (4800, 3600))
    mask.paste(255, (0, 0, 2400, 1800))  # on the red quadrant
    result, sent = prepared(photo, tmp_path, saved(tmp_path, mask, "mask.png"), longest_edge=800)
    assert sent.size == (600, 800)
    red = (np.abs(rgb(sent) - RED) < 60).all(axis=-1)
    assert (red != (np.asarray(loaded(result.masks[0])) == 255)).mean() < 0.01
    assert result.notes == ()


def with_alpha(levels: tuple[int, int]) -> Image.Image:
    """The quadrants, with the first of the two alphas in the left half and the second in the right one."""
    image = quadrants().convert("RGBA")
    alpha = Image.new("L", image.size, levels[1])
    alpha.paste(levels[0], (0, 0, WIDTH // 2, HEIGHT))
    image.putalpha(alpha)
    return image


def test_a_photos_alpha_is_its_mask(tmp_path: Path) -> None:
    result, sent = prepared(saved(tmp_path, with_alpha((200, 100))), tmp_path)
    assert (result.photo.name, [path.name for path in result.masks]) == ("photo.png", ["mask.png"])
    assert np.array_equal(np.asarray(sent), np.asarray(with_alpha((200, 100))))
    mask = np.asarray(loaded(result.masks[0]))
    assert (mask[:, : WIDTH // 2] == 255).all()
    assert (mask[:, WIDTH // 2 :] == 0).all()


@pytest.mark.parametrize("levels", [(100, 0), (255, 255), (200, 140)])
def test_an_alpha_that_tells_nothing_is_no_mask(tmp_path: Path, levels: tuple[int, int]) -> None:
    assert prepared(saved(tmp_path, with_alpha(levels)), tmp_path)[0].masks == ()


def test_a_photo_that_nobody_sees_is_refused(tmp_path: Path) -> None:
    with pytest.raises(PhotoError, match="fully transparent"):
        prepared(saved(tmp_path, with_alpha((0, 0))), tmp_path)


def test_a_painted_mask_goes_before_the_alpha(tmp_path: Path) -> None:
    mask = saved(tmp_path, Image.new("L", (WIDTH, HEIGHT), 255), "mask.png")
    result, sent = prepared(saved(tmp_path, with_alpha((255, 0))), tmp_path, mask)
    assert sent.mode == "RGBA"
    assert loaded(result.masks[0]).getextrema() == (255, 255)


@pytest.mark.parametrize("name", ["photo.png", "photo.jpg"])
def test_a_service_without_masks_gets_the_subjects_cut_out(tmp_path: Path, name: str) -> None:
    """Gray around the union of the masks, fading within two pixels; the subjects as they were."""
    photo = saved(tmp_path, photograph(200, 160), name, **({"quality": 98} if name.endswith("jpg") else {}))
    image = loaded(photo.path)
    first, second = Image.new("L", image.size), Image.new("L", image.size)
    first.paste(255, (20, 30, 80, 100))
    second.paste(255, (120, 60, 160, 140))
    masks = saved(tmp_path, first, "1.png"), saved(tmp_path, second, "2.png")
    result, sent = prepared(photo, tmp_path, *masks, takes_masks=False)
    assert result.masks == ()
    assert (result.photo.name, sent.mode) == (name, "RGB")
    assert len(result.notes) == 1
    assert "gray" in result.notes[0]
    inside = (np.asarray(first) | np.asarray(second)) > 0
    near = np.zeros_like(inside)
    for down in range(-2, 3):
        for right in range(-2, 3):
            near |= np.roll(inside, (down, right), axis=(0, 1))
    off = np.abs(rgb(sent) - rgb(image))
    lossless = name.endswith("png")
    assert off[inside].mean() <= (0 if lossless else 3)
    assert np.abs(rgb(sent) - GRAY)[~near].mean() <= (0 if lossless else 1)
    if lossless:
        row = rgb(sent)[60, 80:83]
        shares = np.abs(row - GRAY).sum(axis=1) / np.abs(rgb(image)[60, 80:83] - GRAY).sum(axis=1)
        assert shares == pytest.approx([2 / 3, 1 / 3, 0], abs=0.1)


def test_what_alpha_hides_does_not_show_in_a_cut_out(tmp_path: Path) -> None:
    result, sent = prepared(saved(tmp_path, with_alpha((255, 0))), tmp_path, takes_masks=False)
    assert (result.masks, sent.mode) == ((), "RGB")
    assert (rgb(sent)[:, WIDTH // 2 :] == GRAY).all()
    assert np.array_equal(rgb(sent)[:, : WIDTH // 2], rgb(quadrants())[:, : WIDTH // 2])


def test_a_service_without_masks_gets_a_photo_without_mask_whole(tmp_path: Path) -> None:
    result, sent = prepared(saved(tmp_path, quadrants()), tmp_path, takes_masks=False)
    assert (result.masks, result.notes) == ((), ())
    assert np.array_equal(rgb(sent), rgb(quadrants()))


@pytest.mark.parametrize("orientation", range(1, 9))
@pytest.mark.parametrize("scale", [1, 2])
def test_points_and_box_stay_on_their_subject(tmp_path: Path, orientation: int, scale: int) -> None:
    """A red square in the stored photo is where point and box lie in the sent one."""
    image = Image.new("RGB", (WIDTH * 4, HEIGHT * 4))
    left, top, right, bottom = 32, 120, 56, 128
    image.paste(RED, (left, top, right, bottom))
    image.putpixel((44, 124), WHITE)
    prompts = Prompts((PointPrompt(44, 124), PointPrompt(33, 121)), (right, bottom, left, top))
    photo = turned_photo(tmp_path, orientation, image)
    result, sent = prepared(photo, tmp_path, prompts=prompts, longest_edge=WIDTH * 4 // scale)
    rows, columns = np.nonzero(rgb(sent)[..., 0] > 100)
    assert result.prompts.box == (columns.min(), rows.min(), columns.max() + 1, rows.max() + 1)
    (x, y), (other_x, other_y) = result.prompts.positive_points
    if scale == 1:
        assert sent.getpixel((int(x), int(y))) == WHITE
    assert rgb(sent)[round(y), round(x), 1] > 20  # the white pixel, or what scaling left of it
    assert rgb(sent)[round(other_y), round(other_x), 0] > 200


def test_an_upright_photos_points_and_box_keep_their_numbers(tmp_path: Path) -> None:
    prompts = Prompts(
        (PointPrompt(0, 0), PointPrompt(12.25, 30), PointPrompt(WIDTH - 1, HEIGHT - 1)), (-5, 3, 20, 1000)
    )
    result, _ = prepared(saved(tmp_path, quadrants()), tmp_path, prompts=prompts)
    assert result.prompts.points == prompts.points
    assert result.prompts.box == (0, 3, 20, HEIGHT)


@pytest.mark.parametrize(
    ("prompts", "says"),
    [
        (Prompts((PointPrompt(5, 5), PointPrompt(WIDTH + 1, 5))), r"point \(65, 5\) lies outside the photo of 64 x 48"),
        (Prompts((PointPrompt(5, -0.5),)), "outside the photo"),
        (Prompts((PointPrompt(float("nan"), 5),)), "outside the photo"),
        (Prompts(box=(70, 5, 90, 20)), "box covers nothing of the photo of 64 x 48"),
        (Prompts(box=(0, 0, 0, 0)), "box covers nothing"),
    ],
)
def test_points_and_boxes_outside_the_photo_are_refused(tmp_path: Path, prompts: Prompts, says: str) -> None:
    with pytest.raises(PhotoError, match=says):
        prepared(saved(tmp_path, quadrants()), tmp_path, prompts=prompts)


def test_the_one_of_several_masks_that_cannot_be_used_is_named(tmp_path: Path) -> None:
    white = saved(tmp_path, Image.new("L", (WIDTH, HEIGHT), 255), "white.png")
    with pytest.raises(PhotoError, match="mask 2 is all black"):
        prepared(saved(tmp_path, quadrants()), tmp_path, white, saved(tmp_path, Image.new("L", (9, 9)), "black.png"))
    with pytest.raises(PhotoError, match="mask 2's file is missing"):
        prepared(saved(tmp_path, quadrants()), tmp_path, white, PictureFile(tmp_path / "none.png"))


def test_float_pixels_become_srgb_to_the_last_level(tmp_path: Path) -> None:
    """Against the formula of IEC 61966-2-1 in double precision, from the darkest level on."""
    linear = np.linspace(0, 1, 10000).reshape(100, 100)
    pixels = np.ones((100, 100, 4), np.float32)
    pixels[..., :3] = linear[..., None]
    _, sent = prepared(PicturePixels(pixels, linear=True), tmp_path)
    exact = 255 * np.where(linear <= 0.0031308, 12.92 * linear, 1.055 * linear ** (1 / 2.4) - 0.055)
    assert np.abs(rgb(sent)[::-1, :, 0] - exact).max() < 0.55


@pytest.mark.parametrize("mode", ["1", "L", "P", "LA", "RGBA", "CMYK", "I;16"])
def test_every_mode_of_file_is_reduced(tmp_path: Path, mode: str) -> None:
    image = quadrants(400, 300)
    if mode == "I;16":
        image = Image.fromarray(np.asarray(image.convert("L")).astype(np.uint16) * 257)
    photo = saved(tmp_path, image.convert(mode) if mode != "I;16" else image, "p.jpg" if mode == "CMYK" else "p.png")
    _, sent = prepared(photo, tmp_path, longest_edge=100)
    assert (sent.size, sent.mode) == ((100, 75), "RGB")
    assert min(corner_colors(sent)[3]) > 240
    assert corner_colors(sent)[2][1] < 60


def test_an_object_that_the_camera_sees_is_its_own_mask(tmp_path: Path) -> None:
    numbers = np.zeros((HEIGHT, WIDTH), np.uint16)
    numbers[: HEIGHT // 2, : WIDTH // 2] = 300
    numbers[HEIGHT // 2 :, WIDTH // 2 :] = 7
    stream = io.BytesIO()
    Image.fromarray(numbers).save(stream, "PNG")
    photo = saved(tmp_path, quadrants())
    for number in (7, 300):
        result, _ = prepared(photo, tmp_path, PictureOfNumber(stream.getvalue(), number, "Chair"))
        mask = np.asarray(loaded(result.masks[0]))
        assert np.array_equal(mask, np.where(numbers == number, 255, 0))
    with pytest.raises(PhotoError, match="The camera does not see Chair: move it into view"):
        prepared(photo, tmp_path, PictureOfNumber(stream.getvalue(), 8, "Chair"))
