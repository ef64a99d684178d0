# SPDX-License-Identifier: GPL-3.0-or-later
"""Images that Blender has to convert to what is seen: the last render, and those in unusual color spaces."""

import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import bpy

from ..photos.picture import PictureBytes
from .data import set_view


def as_rendered(scene: bpy.types.Scene, image: bpy.types.Image) -> PictureBytes:
    """An image as the scene's view transform shows it, as a PNG with alpha: the Render Result, which has no pixels for
    Python, and images that are viewed as renders.

    Raises RuntimeError where there is nothing to be seen.
    """
    with _as_png(scene) as path:
        image.save_render(str(path), scene=scene)
        return PictureBytes(path.read_bytes())


def as_shown(image: bpy.types.Image) -> PictureBytes:
    """An image of 8 bits in a color space of its own, as an image editor shows it, as a PNG with alpha.

    Raises RuntimeError where there is nothing to be seen.
    """
    scene = bpy.data.scenes.new(".SAM 3D")  # for its view settings alone
    set_view(scene, "Standard")
    try:
        return as_rendered(scene, image)
    finally:
        bpy.data.scenes.remove(scene)


@contextmanager
def _as_png(scene: bpy.types.Scene) -> Iterator[Path]:
    """The scene's output set to a PNG in a folder that is gone afterwards, and put back."""
    image = scene.render.image_settings
    kept = [(image, "color_management")]
    if hasattr(image, "media_type"):  # 5.0 on: the format must be of the chosen medium, so the medium goes first
        kept.append((image, "media_type"))
    kept += [(image, name) for name in ("file_format", "color_mode", "color_depth")]
    values = [getattr(owner, name) for owner, name in kept]
    with tempfile.TemporaryDirectory(dir=bpy.app.tempdir) as folder:
        try:
            if hasattr(image, "media_type"):
                image.media_type = "IMAGE"
            image.file_format, image.color_mode, image.color_depth = "PNG", "RGBA", "8"
            image.color_management = "FOLLOW_SCENE"
            yield Path(folder) / "image.png"
        finally:
            for (owner, name), value in zip(kept, values, strict=True):
                setattr(owner, name, value)
