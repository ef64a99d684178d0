# SPDX-License-Identifier: GPL-3.0-or-later
"""Renders as pictures: of the scene's camera now, or the last one that the artist made."""

import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import bpy

from ..jobs.picture import PictureBytes

LONGEST_EDGE = 2048


def render_camera(context: bpy.types.Context) -> PictureBytes:
    """Render the scene's camera with the scene's engine; returns a PNG with alpha.

    At the scene's resolution, but at most `LONGEST_EDGE` pixels long; every setting is put back. Blocks Blender as
    long as the render takes.
    """
    render = context.scene.render
    longest = max(render.resolution_x, render.resolution_y) * render.resolution_percentage / 100
    percentage = min(render.resolution_percentage, int(render.resolution_percentage * LONGEST_EDGE / longest) or 1)
    with _as_png(context.scene) as path:
        render.filepath, render.resolution_percentage, render.use_file_extension = str(path), percentage, False
        bpy.ops.render.render(write_still=True)
        return PictureBytes(path.read_bytes())


def last_render(scene: bpy.types.Scene, result: bpy.types.Image) -> PictureBytes:
    """The Render Result as it is shown, as a PNG with alpha; raises RuntimeError where nothing was rendered yet."""
    # It has no pixels for Python, only a way to be saved.
    with _as_png(scene) as path:
        result.save_render(str(path), scene=scene)
        return PictureBytes(path.read_bytes())


@contextmanager
def _as_png(scene: bpy.types.Scene) -> Iterator[Path]:
    """The scene's output set to a PNG in a folder that is gone afterwards, and put back."""
    render, image = scene.render, scene.render.image_settings
    kept = [(render, name) for name in ("filepath", "resolution_percentage", "use_file_extension")]
    if hasattr(image, "media_type"):  # 5.0 on: the format must be of the chosen medium, so the medium goes first
        kept.append((image, "media_type"))
    kept += [(image, name) for name in ("file_format", "color_mode", "color_depth")]
    values = [getattr(owner, name) for owner, name in kept]
    with tempfile.TemporaryDirectory(dir=bpy.app.tempdir) as folder:
        try:
            if hasattr(image, "media_type"):
                image.media_type = "IMAGE"
            image.file_format, image.color_mode, image.color_depth = "PNG", "RGBA", "8"
            yield Path(folder) / "render.png"
        finally:
            for (owner, name), value in zip(kept, values, strict=True):
                setattr(owner, name, value)
