# SPDX-License-Identifier: GPL-3.0-or-later
"""From a picture as Blender held it to the photo and mask that a provider gets. No bpy; runs on a worker thread.

The photo becomes an upright 8-bit sRGB PNG, its longest edge at most `LONGEST_EDGE` pixels; the mask a greyscale PNG of
the same size, white where the subject is.
"""

import io
import warnings
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from numpy.typing import NDArray
from PIL import Image, ImageCms, ImageOps, UnidentifiedImageError

from ..providers.errors import RefusedInput
from .picture import Picture, PictureFile, PicturePixels

LONGEST_EDGE = 2048
ORIENTATION = 0x0112
"""EXIF's tag for how the camera was held."""
OPAQUE = 255


@dataclass(frozen=True)
class Prepared:
    """The files that are sent, and what the artist should know about them."""

    photo: Path
    mask: Path | None
    notes: tuple[str, ...]


def prepare(photo: Picture, mask: Picture | None, folder: Path) -> Prepared:
    """Write photo.png and, where there is a mask, mask.png into `folder`.

    Raises RefusedInput with one sentence for a picture that cannot be used, and OSError where the disk refuses.
    """
    notes: list[str] = []
    picture = _open(photo, "photo")
    stored_size, orientation = picture.size, picture.getexif().get(ORIENTATION, 1)
    upright = _to_srgb(ImageOps.exif_transpose(_shrink(picture)))
    if min(upright.size) < 2:  # a line of pixels has no area
        raise RefusedInput(f"The photo has only {stored_size[0]} x {stored_size[1]} pixels: choose a larger one.")
    photo_path = folder / "photo.png"
    upright.save(photo_path, compress_level=1)

    mask_path = None
    if mask is not None:
        mask_picture = _open(mask, "mask")
        grey = _to_coverage(mask_picture)
        if mask_picture.size == stored_size and orientation != 1:
            # Blender shows a photo as it is stored, so a mask painted over it lies on its side with the photo.
            grey.getexif()[ORIENTATION] = orientation
            grey = ImageOps.exif_transpose(grey)
        if not _same_shape(grey.size, upright.size):
            width, height = mask_picture.size
            notes.append(f"The mask ({width} x {height}) was stretched to the photo's shape.")
        grey = grey.resize(upright.size, Image.Resampling.BILINEAR)
        if not grey.getextrema()[1]:
            raise RefusedInput("The mask is all black, so nothing is selected: paint the subject white.")
        mask_path = folder / "mask.png"
        grey.save(mask_path, compress_level=1)
    return Prepared(photo_path, mask_path, tuple(notes))


def _open(picture: Picture, role: str) -> Image.Image:
    if isinstance(picture, PicturePixels):
        return _from_pixels(picture)
    name = picture.path.name if isinstance(picture, PictureFile) else f"packed {role}"
    try:
        source = picture.path if isinstance(picture, PictureFile) else io.BytesIO(picture.data)
        with warnings.catch_warnings():
            # Pillow warns about large pictures and refuses those of over 178 million pixels, which is bound enough.
            warnings.simplefilter("ignore", Image.DecompressionBombWarning)
            opened = Image.open(source)
        with opened:  # closes the file; the pixels stay
            opened.draft("RGB", (LONGEST_EDGE, LONGEST_EDGE))
            opened.load()
    except FileNotFoundError as error:
        raise RefusedInput(f"The {role}'s file is missing: {name}. Choose the file again.") from error
    except Image.DecompressionBombError as error:
        raise RefusedInput(f"The {role} {name} is too large: scale it to at most 13,000 x 13,000 pixels.") from error
    except (UnidentifiedImageError, OSError, SyntaxError, ValueError) as error:
        # Pillow reports broken files as any of these.
        raise RefusedInput(f"The {role} {name} cannot be read: save it again as PNG or JPEG.") from error
    return opened


def _from_pixels(picture: PicturePixels) -> Image.Image:
    pixels = np.nan_to_num(picture.pixels[::-1], nan=0.0, posinf=1.0, neginf=0.0)
    colour, alpha = pixels[..., :3], pixels[..., 3:]
    if picture.linear:
        colour = linear_to_srgb(np.divide(colour, alpha, out=np.zeros_like(colour), where=alpha > 0))
    rgba = np.concatenate([colour, alpha], axis=-1).clip(0.0, 1.0)
    image = Image.fromarray((rgba * OPAQUE + 0.5).astype(np.uint8))
    return image if alpha.min() < 1.0 else image.convert("RGB")


def linear_to_srgb(linear: NDArray[np.float32]) -> NDArray[np.float32]:
    """Encode scene-linear values of 0..1 as sRGB (IEC 61966-2-1); values outside are clipped."""
    linear = linear.clip(0.0, 1.0)
    return np.where(linear <= 0.0031308, linear * 12.92, 1.055 * linear ** (1 / 2.4) - 0.055).astype(np.float32)


def _shrink(picture: Image.Image) -> Image.Image:
    scale = LONGEST_EDGE / max(picture.size)
    if scale >= 1:
        return picture
    width, height = (max(1, round(edge * scale)) for edge in picture.size)
    if picture.mode not in ("1", "P", "PA"):
        resampled = picture.resize((width, height), Image.Resampling.LANCZOS, reducing_gap=2.0)
    else:
        resampled = picture.convert("RGBA").resize((width, height), Image.Resampling.LANCZOS)
    resampled.info = picture.info
    resampled.getexif()[ORIENTATION] = picture.getexif().get(ORIENTATION, 1)
    return resampled


def _to_srgb(picture: Image.Image) -> Image.Image:
    """8-bit sRGB, with alpha where the picture has any."""
    if picture.mode.startswith("I") or picture.mode == "F":
        picture = _to_8_bit(picture)
    profile = picture.info.get("icc_profile")
    if picture.mode == "CMYK" and profile:
        try:
            converted = ImageCms.profileToProfile(
                picture, ImageCms.ImageCmsProfile(io.BytesIO(profile)), ImageCms.createProfile("sRGB"), outputMode="RGB"
            )
        except ImageCms.PyCMSError:
            converted = None  # a broken profile: the plain conversion below is close enough
        picture = converted or picture
    has_alpha = picture.has_transparency_data
    picture = picture.convert("RGBA" if has_alpha else "RGB")
    if has_alpha and picture.getchannel("A").getextrema()[0] == OPAQUE:
        picture = picture.convert("RGB")
    return picture


def _to_8_bit(picture: Image.Image) -> Image.Image:
    # Pillow clips deep greyscale to white instead of scaling it.
    values = np.nan_to_num(np.asarray(picture, dtype=np.float32))
    top = 1.0 if picture.mode == "F" and values.max(initial=0.0) <= 1.0 else max(float(values.max(initial=1.0)), 1.0)
    if picture.mode != "F":
        top = 65535.0 if top > OPAQUE else float(OPAQUE)
    return Image.fromarray((values / top * OPAQUE).clip(0, OPAQUE).astype(np.uint8))


def _to_coverage(picture: Image.Image) -> Image.Image:
    """Opaque where the mask has alpha, else white, is the subject."""
    rgb = _to_srgb(_shrink(picture))
    return rgb.getchannel("A") if rgb.mode == "RGBA" else rgb.convert("L")


def _same_shape(first: tuple[int, int], second: tuple[int, int]) -> bool:
    """Whether two sizes differ by scale alone, within the rounding of a pixel."""
    return abs(first[0] * second[1] - first[1] * second[0]) <= max(*first, *second)
