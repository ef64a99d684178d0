# SPDX-License-Identifier: GPL-3.0-or-later
"""The sent file: the original's own image data where that is possible, the fitting format else, and never metadata."""

import io
import struct
import zlib
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from PIL import Image, ImageCms, PngImagePlugin
from PIL.JpegImagePlugin import JpegImageFile
from sample_pictures import ADOBE_GAMMA, ADOBE_RGB, icc_profile, loaded, photograph, quadrants, rgb, saved

from sam3d.photos.batch import Batch
from sam3d.photos.encode import LARGEST_PNG
from sam3d.photos.errors import PhotoError
from sam3d.photos.picture import LONGEST_EDGE, Picture, PictureBytes, PictureFile, PicturePixels
from sam3d.photos.preparation import prepare

PLACE = "N 48.8584 E 2.2945 marker"
"""Stands in every kind of metadata of a test's photo."""
SRGB = ImageCms.ImageCmsProfile(ImageCms.createProfile("sRGB")).tobytes()


def private_exif(orientation: int | None = None) -> Image.Exif:
    """EXIF with a place, a camera and, where it is given, an orientation."""
    exif = Image.Exif()
    exif[0x010F] = PLACE
    exif.get_ifd(0x8825).update({1: "N", 2: (48.0, 51.0, 30.0), 29: PLACE})
    if orientation:
        exif[0x0112] = orientation
    return exif


def segment(marker: int, data: bytes) -> bytes:
    return bytes((0xFF, marker)) + struct.pack(">H", len(data) + 2) + data


def private_jpeg(image: Image.Image, orientation: int | None = None, **options: Any) -> bytes:
    """A JPEG with all that cameras, phones and editors add to one."""
    buffer = io.BytesIO()
    image.save(buffer, "JPEG", exif=private_exif(orientation), comment=PLACE, **options)
    data = buffer.getvalue()
    place = PLACE.encode()
    extra = segment(0xE1, b"http://ns.adobe.com/xap/1.0/\0<x:xmpmeta>" + place) + segment(
        0xED, b"Photoshop 3.0\0" + place
    )
    extra += segment(0xE2, b"FPXR\0" + place) + b"\xff\xff" + segment(0xEF, place)
    extra += segment(0xE0, b"JFXX\0\x10" + place)  # another kind of thumbnail
    extra += segment(0xEE, place)
    start = data.index(b"\xff\xdb")  # the quantisation tables: after what Pillow wrote of metadata
    return data[:start] + extra + data[start:] + b"\0\0ftypmp4" + place


def sent(photo: Picture | bytes, tmp_path: Path, **options: Any) -> Path:
    folder = tmp_path / "job"
    folder.mkdir()
    picture = PictureBytes(photo) if isinstance(photo, bytes) else photo
    return prepare(Batch(picture, **options), 0, folder).photo


def assert_private(path: Path) -> None:
    data = path.read_bytes()
    for trace in (
        PLACE.encode(),
        b"Exif",
        b"eXIf",
        b"GPS",
        b"xmp",
        b"XMP",
        b"Photoshop",
        b"MPF",
        b"iCCP",
        b"ICC_PROFILE",
    ):
        assert trace not in data, trace
    with Image.open(path) as image:
        assert not dict(image.getexif())


@pytest.mark.parametrize(
    "options",
    [
        {},
        {"progressive": True, "restart_marker_rows": 1},
        {"icc_profile": SRGB},
        {"keep_rgb": True},
    ],
    ids=["baseline", "progressive", "srgb-profile", "rgb"],
)
@pytest.mark.parametrize("mode", ["RGB", "L"])
def test_a_jpeg_keeps_its_image_data_and_nothing_else(tmp_path: Path, mode: str, options: dict[str, Any]) -> None:
    data = private_jpeg(photograph().convert(mode), quality=90, **options)
    path = sent(data, tmp_path)
    assert path.name == "photo.jpg"
    assert_private(path)
    original, copy = loaded(data), loaded(path)
    assert copy.mode == mode
    assert np.array_equal(np.asarray(copy), np.asarray(original))
    scan = data.index(b"\xff\xda")
    assert path.read_bytes()[-5000:] == data[scan : data.rindex(b"\xff\xd9") + 2][-5000:]
    assert path.read_bytes().endswith(b"\xff\xd9")


def test_a_thumbnail_within_jfif_goes(tmp_path: Path) -> None:
    data = private_jpeg(photograph())
    jfif = data.index(b"JFIF\0") + 12
    thumbnail = bytes((4, 3)) + PLACE.encode().ljust(36, b"!")
    data = data[: jfif - 14] + struct.pack(">H", 52) + data[jfif - 12 : jfif] + thumbnail + data[jfif + 2 :]
    path = sent(data, tmp_path)
    assert_private(path)
    assert loaded(path).info["jfif_version"] == (1, 1)
    assert np.array_equal(np.asarray(loaded(path)), np.asarray(loaded(data)))


def test_metadata_between_the_scans_goes_too(tmp_path: Path) -> None:
    data = private_jpeg(photograph(), progressive=True)
    second = data.index(b"\xff\xc4", data.index(b"\xff\xda"))
    data = data[:second] + segment(0xFE, PLACE.encode()) + data[second:]
    path = sent(data, tmp_path)
    assert_private(path)
    assert np.array_equal(np.asarray(loaded(path)), np.asarray(loaded(data)))


@pytest.mark.parametrize(
    ("change", "options"),
    [
        ({"orientation": 6}, {}),
        ({"icc_profile": icc_profile(ADOBE_RGB, ADOBE_GAMMA)}, {}),
        ({}, {"longest_edge": 400}),
    ],
    ids=["turned", "other-profile", "large"],
)
def test_a_jpeg_that_must_be_changed_stays_a_jpeg_without_metadata(
    tmp_path: Path, change: dict[str, Any], options: dict[str, int]
) -> None:
    path = sent(private_jpeg(photograph(), **change), tmp_path, **options)
    assert path.name == "photo.jpg"
    assert_private(path)
    image = loaded(path)
    assert isinstance(image, JpegImageFile)
    assert [component[1:3] for component in image.layer] == [(1, 1)] * 3  # 4:4:4


def test_a_cmyk_jpeg_becomes_rgb(tmp_path: Path) -> None:
    path = sent(private_jpeg(quadrants(400, 300).convert("CMYK"), quality=95), tmp_path)
    assert_private(path)
    image = loaded(path)
    assert image.mode == "RGB"
    assert np.abs(rgb(image) - rgb(quadrants(400, 300))).mean() < 4


def test_two_pictures_in_one_file_become_the_first(tmp_path: Path) -> None:
    """Phones write MPO: a JPEG, followed by a second one with depth or a lower exposure."""
    path = tmp_path / "photo.jpg"
    photograph().save(path, "MPO", save_all=True, append_images=[Image.new("RGB", (400, 300), (9, 9, 9))])
    assert loaded(path).format == "MPO"
    copy = sent(PictureFile(path), tmp_path)
    assert copy.read_bytes().count(b"\xff\xd8\xff") == 1
    assert np.array_equal(np.asarray(loaded(copy)), np.asarray(loaded(path)))


def test_a_jpeg_with_hardly_anything_of_its_picture_is_refused(tmp_path: Path) -> None:
    data = private_jpeg(photograph())
    with pytest.raises(PhotoError, match="cannot be read"):
        sent(data[: int(data.rindex(b"\xff\xd9") * 0.02)], tmp_path)


@pytest.mark.parametrize("share", [0.3, 0.9, 1.0])
def test_a_jpeg_without_its_end_is_sent_anew_as_far_as_it_goes(tmp_path: Path, share: float) -> None:
    """As Blender shows it; a service's decoder may refuse the file as it is."""
    data = private_jpeg(photograph())
    path = sent(data[: int(data.rindex(b"\xff\xd9") * share)], tmp_path)
    assert_private(path)
    assert path.read_bytes().endswith(b"\xff\xd9")
    whole, got = rgb(loaded(data)), rgb(loaded(path))
    there = int(len(whole) * share) - 40
    assert np.abs(got[:there] - whole[:there]).mean() < 3


def test_a_jpeg_with_broken_exif_is_read(tmp_path: Path) -> None:
    buffer = io.BytesIO()
    photograph().save(buffer, "JPEG", exif=b"Exif\0\0MM\0*" + b"\xff" * 40)
    assert_private(sent(buffer.getvalue(), tmp_path))


def private_png(image: Image.Image, **options: Any) -> bytes:
    texts = PngImagePlugin.PngInfo()
    texts.add_text("Comment", PLACE)
    texts.add_itxt("XML:com.adobe.xmp", f"<x:xmpmeta>{PLACE}", zip=False)
    buffer = io.BytesIO()
    image.save(buffer, "PNG", pnginfo=texts, exif=private_exif(), **options)
    chunk = b"caBX" + PLACE.encode()
    data = buffer.getvalue()
    return data[:33] + struct.pack(">I", len(chunk) - 4) + chunk + struct.pack(">I", zlib.crc32(chunk)) + data[33:]


@pytest.mark.parametrize("mode", ["RGB", "RGBA"])
@pytest.mark.parametrize("profile", [None, SRGB])
def test_a_png_keeps_its_image_data_and_nothing_else(tmp_path: Path, mode: str, profile: bytes | None) -> None:
    image = quadrants(400, 300).convert(mode)
    if mode == "RGBA":
        image.paste((0, 0, 0, 0), (0, 0, 50, 50))
    data = private_png(image, compress_level=0, icc_profile=profile)
    path = sent(data, tmp_path)
    assert path.name == "photo.png"
    assert_private(path)
    assert np.array_equal(np.asarray(loaded(path)), np.asarray(image))
    assert path.stat().st_size > image.width * image.height * len(mode), "compressed anew"


@pytest.mark.parametrize("name", ["photo.png", "photo.webp"])
@pytest.mark.parametrize("longest_edge", [LONGEST_EDGE, 100])
def test_colors_that_alpha_hides_are_not_sent(tmp_path: Path, name: str, longest_edge: int) -> None:
    image = photograph(200, 100).convert("RGBA")
    alpha = Image.new("L", image.size, 255)
    alpha.paste(0, (0, 0, 100, 100))
    alpha.paste(1, (100, 0, 120, 100))
    image.putalpha(alpha)
    options = {"lossless": True, "exact": True} if name.endswith("webp") else {}
    photo = saved(tmp_path, image, name, **options)
    assert np.asarray(loaded(photo.path))[:, :100, :3].any()
    copy = np.asarray(loaded(sent(photo, tmp_path, longest_edge=longest_edge)))
    hidden = copy[..., 3] == 0
    assert hidden.mean() > 0.4
    assert not copy[hidden].any()
    if longest_edge == LONGEST_EDGE:  # what is seen, however faintly, is as it was
        assert np.array_equal(copy[~hidden], np.asarray(image)[~hidden])


@pytest.mark.parametrize("mode", ["1", "L", "P", "I;16", "opaque RGBA"])
def test_a_png_of_another_kind_becomes_rgb(tmp_path: Path, mode: str) -> None:
    image = quadrants(400, 300)
    if mode == "I;16":
        image = Image.fromarray(np.asarray(image.convert("L")).astype(np.uint16) * 257)
    else:
        image = image.convert(mode.removeprefix("opaque "))
    path = sent(private_png(image), tmp_path)
    assert path.name == "photo.png"
    assert_private(path)
    assert loaded(path).mode == "RGB"


def test_photographs_become_jpegs_and_drawings_pngs(tmp_path: Path) -> None:
    """Whatever they were kept in."""
    photo, drawing = photograph(1200, 900), quadrants(1200, 900)
    for number, (image, name, expected) in enumerate(
        [
            (photo, "a.png", "photo.jpg"),
            (photo, "a.webp", "photo.jpg"),
            (photo, "a.bmp", "photo.jpg"),
            (drawing, "b.png", "photo.png"),
            (drawing, "b.bmp", "photo.png"),
            (drawing, "b.jpg", "photo.jpg"),
        ]
    ):
        folder = tmp_path / str(number)
        folder.mkdir()
        path = sent(saved(folder, image, name), folder)
        assert path.name == expected, name
        assert path.stat().st_size <= max(LARGEST_PNG, image.width * image.height * 1.5), name
        assert np.abs(rgb(loaded(path)) - rgb(loaded(folder / name))).mean() < 4, name
    pixels = np.ones((900, 1200, 4), np.float32)
    pixels[..., :3] = np.asarray(photo)[::-1] / 255
    assert sent(PicturePixels(pixels, linear=False), tmp_path).name == "photo.jpg"


def test_a_large_transparent_photo_stays_png(tmp_path: Path) -> None:
    image = photograph(1200, 900).convert("RGBA")
    image.paste((0, 0, 0, 0), (0, 0, 50, 900))
    path = sent(saved(tmp_path, image), tmp_path)
    assert (path.name, loaded(path).mode) == ("photo.png", "RGBA")


def test_any_bytes_end_in_a_photo_or_a_sentence(tmp_path: Path) -> None:
    """Changed and cut files of both formats: what is written can be read again."""
    random = np.random.default_rng(11)
    small = photograph(60, 40)
    for original in (
        private_jpeg(small),
        private_jpeg(small, progressive=True),
        private_jpeg(small, orientation=6),
        private_png(small),
        private_png(small, icc_profile=icc_profile(ADOBE_RGB, ADOBE_GAMMA)),
    ):
        for _ in range(150):
            data = bytearray(original)
            for _ in range(int(random.integers(1, 5))):
                data[int(random.integers(2, len(data)))] = int(random.integers(256))
            data = data[: int(random.integers(len(data) // 2, 2 * len(data)))]
            folder = tmp_path / "job"
            folder.mkdir(exist_ok=True)
            try:
                result = prepare(Batch(PictureBytes(bytes(data))), 0, folder)
            except PhotoError:
                continue
            assert max(loaded(result.photo).size) <= LONGEST_EDGE
