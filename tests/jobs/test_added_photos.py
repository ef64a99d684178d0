# SPDX-License-Identifier: GPL-3.0-or-later
"""The other photos of a thing, in the folder of its job."""

from pathlib import Path

import numpy as np
import pytest
from PIL import Image
from sample_pictures import loaded, quadrants, saved

from sam3d.jobs.added_photos import prepare_views
from sam3d.photos.batch import Batch, SubjectPrompt
from sam3d.photos.errors import PhotoError
from sam3d.photos.prompts import Prompts

ORIENTATION, EXIF, IN_35_MM = 0x0112, 0x8769, 41989
TELE = 100
"""Millimeters."""


def lying_photo(folder: Path) -> Batch:
    """One that stands on its side in its file, which tells the lens; the red quarter is meant."""
    exif = Image.Exif()
    exif[ORIENTATION] = 6
    exif.get_ifd(EXIF)[IN_35_MM] = TELE
    photo = saved(folder, quadrants(), "lying.jpg", exif=exif, quality=95)
    return Batch(photo, [SubjectPrompt(prompts=Prompts(box=(0, 0, 32, 24)))])


def test_each_lies_upright_in_a_folder_of_its_own(tmp_path: Path) -> None:
    cut_out = quadrants().convert("RGBA")
    cut_out.putalpha(Image.new("L", cut_out.size, 0))
    cut_out.alpha_composite(quadrants().crop((0, 0, 20, 20)).convert("RGBA"))
    views = prepare_views([lying_photo(tmp_path), Batch(saved(tmp_path, cut_out))], tmp_path)
    lying, transparent = views.photos
    assert [path.relative_to(tmp_path).as_posix() for path in (lying.photo, lying.mask, transparent.mask)] == [
        "photo-2/photo.jpg",
        "photo-2/mask.png",
        "photo-3/mask.png",
    ]
    assert loaded(lying.photo).size == loaded(lying.mask).size == (48, 64)
    white = np.asarray(loaded(lying.mask)) > 127
    assert white[:32, 24:].mean() > 0.95 and white.mean() < 0.3, "red is at the top right now"
    assert lying.camera is not None and (lying.camera.width, lying.camera.height) == (48, 64)
    assert lying.camera.lens == pytest.approx(TELE, rel=0.05)
    assert transparent.camera is None and (np.asarray(loaded(transparent.mask)) > 127).sum() == 20 * 20


def test_what_is_wrong_names_the_photo(tmp_path: Path) -> None:
    plain = Batch(saved(tmp_path, quadrants()))
    with pytest.raises(PhotoError, match=r"^Photo 3 has no mask yet"):
        prepare_views([lying_photo(tmp_path), plain], tmp_path)
    with pytest.raises(PhotoError, match=r"^Photo 2: The photo has only 1 x 1 pixels"):
        prepare_views([Batch(saved(tmp_path, Image.new("RGB", (1, 1))))], tmp_path)
