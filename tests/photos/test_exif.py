# SPDX-License-Identifier: GPL-3.0-or-later
"""What a file tells of its lens, in files as cameras, phones and image editors leave them."""

import io
from collections.abc import Mapping
from math import hypot
from pathlib import Path

import pytest
from PIL import Image

from sam3d.photos.exif import read_exif_lens

EXIF = 0x8769
ORIENTATION = 0x0112
FOCAL, IN_35_MM, ZOOM, WIDTH, HEIGHT, RESOLUTION, UNIT = 37386, 41989, 41988, 40962, 40963, 41486, 41488
OF_FILM = hypot(36, 24)


def photo(size: tuple[int, int], tags: Mapping[int, float], kind: str = "JPEG", orientation: int = 1) -> bytes:
    """A file of that size with tags of EXIF."""
    exif = Image.Exif()
    exif[ORIENTATION] = orientation
    exif.get_ifd(EXIF).update(tags)
    file = io.BytesIO()
    Image.new("RGB", size, "gray").save(file, kind, exif=exif)
    return file.getvalue()


@pytest.mark.parametrize("kind", ["JPEG", "PNG", "WEBP"])
def test_equivalent_is_of_the_diagonal(kind: str) -> None:
    """50 mm are 50/36 of the longer edge on film; a phone's 26 mm are told for the diagonal of its 4:3."""
    film = read_exif_lens(photo((300, 200), {IN_35_MM: 50}, kind))
    assert film is not None
    assert film.focal == pytest.approx(50 / 36, rel=1e-4)
    assert film.is_certain
    phone = read_exif_lens(photo((400, 300), {IN_35_MM: 26, FOCAL: 5.7, WIDTH: 4032, HEIGHT: 3024}, kind))
    assert phone is not None
    assert phone.focal == pytest.approx(26 / OF_FILM * 5 / 4, rel=1e-4)
    assert phone.is_certain


def test_file_and_bytes_tell_the_same(tmp_path: Path) -> None:
    """A photo may be packed."""
    data = photo((300, 200), {IN_35_MM: 35})
    (tmp_path / "photo.jpg").write_bytes(data)
    assert read_exif_lens(tmp_path / "photo.jpg") == read_exif_lens(data) is not None
    assert read_exif_lens(tmp_path / "missing.jpg") is None


def test_turned_photos_have_the_same_lens() -> None:
    """Whether the file is stored upright, or tells how it is to be turned."""
    tags = {IN_35_MM: 26, WIDTH: 4032, HEIGHT: 3024}
    lying = read_exif_lens(photo((400, 300), tags, orientation=6))
    assert lying == read_exif_lens(photo((300, 400), tags)) == read_exif_lens(photo((400, 300), tags))


def test_sensor_stands_in_for_the_equivalent() -> None:
    """A photo of an older camera: 3504 pixels at 3959 to the inch are 22.5 mm."""
    tags = {FOCAL: 50.0, RESOLUTION: 3959.3, UNIT: 2, WIDTH: 350, HEIGHT: 233}
    tags[RESOLUTION] /= 3504 / 350
    lens = read_exif_lens(photo((350, 233), tags))
    assert lens is not None
    assert lens.focal == pytest.approx(50 / 22.48, rel=1e-3)
    assert lens.is_certain
    scaled = read_exif_lens(photo((175, 117), tags))
    assert scaled is not None
    assert scaled.focal == pytest.approx(lens.focal)
    assert not scaled.is_certain
    assert read_exif_lens(photo((350, 233), {FOCAL: 50.0})) is None
    assert read_exif_lens(photo((350, 233), tags | {RESOLUTION: 72.0})) is None


def test_cropped_photo_with_stale_tags_is_doubtful() -> None:
    """A square out of the middle has half the angle of view, and a strip out of it nobody knows what."""
    tags = {IN_35_MM: 26, WIDTH: 400, HEIGHT: 300}
    square = read_exif_lens(photo((300, 300), tags))
    assert square is not None
    assert square.focal == pytest.approx(26 / OF_FILM * hypot(400, 300) / 300, rel=1e-4)
    assert not square.is_certain
    assert read_exif_lens(photo((100, 300), tags)) is None


def test_zoomed_and_unusual_shapes_are_doubtful() -> None:
    """Some cameras count digital zoom in and some do not; no sensor is 16:9, so something was cut."""
    for size, tags in (((300, 200), {IN_35_MM: 50, ZOOM: 2.0}), ((320, 180), {IN_35_MM: 26})):
        lens = read_exif_lens(photo(size, tags))
        assert lens is not None
        assert not lens.is_certain


@pytest.mark.parametrize(
    "tags", [{}, {IN_35_MM: 0}, {IN_35_MM: 1}, {IN_35_MM: 65535}, {FOCAL: 1e9, RESOLUTION: 3959.0}]
)
def test_nonsense_tells_nothing(tags: dict[int, float]) -> None:
    """What no lens has is left aside."""
    assert read_exif_lens(photo((300, 200), tags)) is None


def test_what_is_no_photo_tells_nothing() -> None:
    """Nor does a file that ends in the middle of its tags."""
    assert read_exif_lens(b"") is None
    assert read_exif_lens(b"no picture at all") is None
    assert read_exif_lens(photo((300, 200), {IN_35_MM: 50})[:60]) is None


def test_panorama_has_no_lens() -> None:
    """It is put together of several photos, whose lens it may still name."""
    file = io.BytesIO()
    exif = Image.Exif()
    exif.get_ifd(EXIF)[IN_35_MM] = 26
    about = b'<x:xmpmeta xmlns:x="adobe:ns:meta/" GPano:ProjectionType="equirectangular"/>'
    Image.new("RGB", (400, 200)).save(file, "JPEG", exif=exif, xmp=about)
    assert read_exif_lens(file.getvalue()) is None
