# SPDX-License-Identifier: GPL-3.0-or-later
"""From the many kinds of pixels in picture files and in Blender to 8-bit sRGB. No bpy."""

import io
from functools import cache

import numpy as np
from numpy.typing import NDArray
from PIL import Image, ImageChops, ImageCms

from ..engine.color import linear_to_srgb

OPAQUE = 255
DEEP = 65535
SRGB_TOLERANCE = 3
"""Levels of 255 by which a profile may change a color and still be called sRGB: nobody sees them."""


def from_blender(pixels: NDArray[np.float32], *, linear: bool) -> Image.Image:
    """Blender's (H, W, 4) RGBA, bottom row first, as an sRGB image: RGB where all of it is opaque, else RGBA.

    `linear` tells scene-linear values with premultiplied alpha from sRGB values with straight alpha.
    """
    pixels = np.nan_to_num(pixels[::-1], nan=0.0, posinf=1.0, neginf=0.0)
    color, alpha = pixels[..., :3], pixels[..., 3:]
    opaque = alpha.min() >= 1.0
    if linear and not opaque:
        color = np.divide(color, alpha, out=np.zeros_like(color), where=alpha > 0)
    levels = _encoding().take((color.clip(0.0, 1.0) * DEEP + 0.5).astype(np.uint16)) if linear else _rounded(color)
    return Image.fromarray(
        np.ascontiguousarray(levels) if opaque else np.concatenate([levels, _rounded(alpha)], axis=-1)
    )


def _rounded(values: NDArray[np.float32]) -> NDArray[np.uint8]:
    return (values.clip(0.0, 1.0) * OPAQUE + 0.5).astype(np.uint8)


@cache
def _encoding() -> NDArray[np.uint8]:
    """The 8-bit sRGB level of each 16-bit linear one, fine enough for the darkest levels: the formula is slow."""
    return _rounded(linear_to_srgb(np.linspace(0.0, 1.0, DEEP + 1, dtype=np.float32)))


def to_8_bit(image: Image.Image) -> Image.Image:
    """The same colors with 8 bits a channel: L, RGB, CMYK, or RGBA where something is not opaque.

    Raises ValueError for colors that Pillow cannot convert.
    """
    if image.mode.startswith("I") or image.mode == "F":
        return _deep_to_8_bit(image)
    if image.has_transparency_data:
        rgba = image.convert("RGBA")
        return rgba.convert("RGB") if rgba.getchannel("A").getextrema()[0] == OPAQUE else rgba
    return image if image.mode in ("L", "RGB", "CMYK") else image.convert("RGB")


def _deep_to_8_bit(image: Image.Image) -> Image.Image:
    # Pillow clips deep grayscale to white instead of scaling it.
    values = np.nan_to_num(np.asarray(image, dtype=np.float32))
    top = 1.0 if image.mode == "F" and values.max(initial=0.0) <= 1.0 else max(float(values.max(initial=1.0)), 1.0)
    if image.mode != "F":
        top = float(DEEP) if top > OPAQUE else float(OPAQUE)
    return Image.fromarray((values / top * OPAQUE).clip(0, OPAQUE).astype(np.uint8))


def to_srgb(image: Image.Image, profile: bytes | None) -> Image.Image:
    """An image of `to_8_bit` as sRGB, RGB or RGBA, by the ICC profile that its file holds.

    Blender shows a picture's numbers as if they were sRGB, whatever profile it has; so a photo of a phone (Display P3)
    or of an Adobe RGB camera looks pale there. What is sent looks as it does in a photo viewer: those are the colors
    that the artist knows and that the services' models have learned from.
    """
    if profile and not is_srgb(profile, image.mode):
        image = _by_profile(image, profile)
    return image if image.mode in ("RGB", "RGBA") else image.convert("RGB")


def is_srgb(profile: bytes | None, mode: str) -> bool:
    """Whether a picture of that mode with that ICC profile, or with none, already shows sRGB values.

    Told by what the profile does to a grid of colors, because sRGB profiles come under many names.
    """
    if not profile:
        return mode != "CMYK"
    if mode == "L":
        samples = Image.fromarray(np.arange(256, dtype=np.uint8)[None])
    elif mode in ("RGB", "RGBA"):
        levels = np.linspace(0, 255, 9, dtype=np.uint8)
        samples = Image.fromarray(np.stack(np.meshgrid(levels, levels, levels), axis=-1).reshape(27, 27, 3))
    else:
        return False
    shown = _by_profile(samples, profile).convert("RGB")
    changes = ImageChops.difference(samples.convert("RGB"), shown)
    return int(np.asarray(changes).max()) <= SRGB_TOLERANCE


def _by_profile(image: Image.Image, profile: bytes) -> Image.Image:
    try:
        converted = ImageCms.profileToProfile(
            image,
            ImageCms.ImageCmsProfile(io.BytesIO(profile)),
            ImageCms.createProfile("sRGB"),
            outputMode="RGBA" if image.mode == "RGBA" else "RGB",
        )
    except (ImageCms.PyCMSError, OSError):
        return image  # a broken profile, or one for other channels: the plain values are close enough
    return converted or image
