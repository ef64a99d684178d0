# SPDX-License-Identifier: GPL-3.0-or-later
"""What is sent looks as the photo does in a photo viewer: its profile is followed, whatever it is called."""

from pathlib import Path

import numpy as np
import pytest
from numpy.typing import NDArray
from PIL import Image, ImageCms
from sample_pictures import ADOBE_GAMMA, ADOBE_RGB, icc_profile, loaded, quadrants, rgb, saved

from sam3d.photos.batch import Batch
from sam3d.photos.color import is_srgb
from sam3d.photos.preparation import prepare

DISPLAY_P3 = ((0.51512, 0.29198, 0.15710), (0.24120, 0.69225, 0.06657), (-0.00105, 0.04189, 0.78407))
SRGB = ((0.43607, 0.38515, 0.14307), (0.22249, 0.71687, 0.06061), (0.01392, 0.09708, 0.71410))
"""From linear values to XYZ under D50."""
MUTED = np.array([(200, 120, 90), (90, 140, 110), (70, 90, 160), (180, 180, 180), (128, 60, 60), (255, 255, 255)])
"""Colors that lie within sRGB in every profile."""


def shown_as(colors: NDArray[np.int64], to_xyz: object, gamma: float) -> NDArray[np.float64]:
    """The sRGB levels of colors of another space, by the definitions of both."""
    linear: NDArray[np.float64] = np.linalg.inv(np.array(SRGB)) @ np.array(to_xyz) @ ((colors / 255) ** gamma).T
    linear = linear.T.clip(0, 1)
    levels: NDArray[np.float64] = 255 * np.where(
        linear <= 0.0031308, 12.92 * linear, 1.055 * linear ** (1 / 2.4) - 0.055
    )
    return levels


def sent(image: Image.Image, name: str, profile: bytes, tmp_path: Path) -> Image.Image:
    folder = tmp_path / f"job {name}"
    folder.mkdir()
    options = {"quality": 100, "subsampling": 0} if name.endswith("jpg") else {}
    photo = saved(tmp_path, image, name, icc_profile=profile, **options)
    return loaded(prepare(Batch(photo), 0, folder).photo)


def patches(colors: NDArray[np.int64]) -> Image.Image:
    """A row of squares of 16 pixels."""
    return Image.fromarray(np.repeat(np.repeat(colors[None].astype(np.uint8), 16, axis=0), 16, axis=1))


@pytest.mark.parametrize("name", ["photo.png", "photo.jpg"])
@pytest.mark.parametrize(("space", "gamma"), [(ADOBE_RGB, ADOBE_GAMMA), (DISPLAY_P3, 2.2)], ids=["Adobe RGB", "P3"])
def test_colors_of_other_spaces_become_srgb(tmp_path: Path, name: str, space: object, gamma: float) -> None:
    image = sent(patches(MUTED), name, icc_profile(space, gamma), tmp_path)  # type: ignore[arg-type]
    expected = shown_as(MUTED, space, round(gamma * 256) / 256)
    assert np.abs(expected - MUTED).max() > 8, "the profile matters"
    assert np.abs(rgb(image)[8, 8::16] - expected).max() <= 2.5
    assert "icc_profile" not in image.info


def test_a_profile_leaves_alpha_as_it_is(tmp_path: Path) -> None:
    picture = patches(MUTED).convert("RGBA")
    picture.putalpha(Image.linear_gradient("L").resize(picture.size))
    image = sent(picture, "photo.png", icc_profile(ADOBE_RGB, ADOBE_GAMMA), tmp_path)
    assert np.array_equal(np.asarray(image.getchannel("A")), np.asarray(picture.getchannel("A")))
    expected = shown_as(MUTED, ADOBE_RGB, ADOBE_GAMMA)
    assert np.abs(np.asarray(image, np.int16)[8, 8::16, :3] - expected).max() <= 2.5


def test_gray_with_a_profile_is_followed(tmp_path: Path) -> None:
    image = sent(Image.new("L", (32, 32), 128), "photo.jpg", icc_profile(None, 1.0), tmp_path)
    assert image.getpixel((9, 9)) == pytest.approx((188, 188, 188), abs=1)


@pytest.mark.parametrize("mode", ["RGB", "CMYK", "L"])
@pytest.mark.parametrize("kind", ["text", "zeros", "of other channels"])
def test_profiles_that_do_not_fit_do_no_harm(tmp_path: Path, mode: str, kind: str) -> None:
    other = icc_profile(SRGB if mode == "L" else None, 1.0)
    profile = {"text": b"no profile at all", "zeros": bytes(400), "of other channels": other}[kind]
    image = sent(quadrants().convert(mode), "photo.jpg", profile, tmp_path)
    assert np.abs(rgb(image) - rgb(quadrants().convert(mode))).mean() < 6


def test_srgb_is_known_by_what_it_does() -> None:
    described = ImageCms.ImageCmsProfile(ImageCms.createProfile("sRGB")).tobytes()
    assert is_srgb(None, "RGB")
    assert is_srgb(described, "RGB")
    assert is_srgb(described.replace(b"s\0R\0G\0B", b"C\0a\0m\0e"), "RGBA")
    assert not is_srgb(icc_profile(SRGB, 1.8), "RGB")
    assert not is_srgb(icc_profile(ADOBE_RGB, ADOBE_GAMMA), "RGB")
    assert not is_srgb(None, "CMYK")
