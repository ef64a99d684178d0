# SPDX-License-Identifier: GPL-3.0-or-later
"""A render of the scene's camera as a picture file."""

import uuid
from pathlib import Path

import bpy

LONGEST_EDGE = 2048


def render_camera(context: bpy.types.Context) -> Path:
    """Render the scene's camera with the scene's engine into a PNG of Blender's temporary folder and return its path.

    At the scene's resolution, but at most `LONGEST_EDGE` pixels long; every setting is put back. Blocks Blender as
    pressing F12 in the background does.
    """
    render = context.scene.render
    path = Path(bpy.app.tempdir) / f"sam3d-camera-{uuid.uuid4().hex}.png"
    longest = max(render.resolution_x, render.resolution_y) * render.resolution_percentage / 100
    percentage = min(render.resolution_percentage, int(render.resolution_percentage * LONGEST_EDGE / longest) or 1)
    image = render.image_settings
    names = ("filepath", "resolution_percentage", "use_file_extension")
    kept = [(render, name, getattr(render, name)) for name in names]
    kept += [(image, name, getattr(image, name)) for name in ("file_format", "color_mode", "color_depth")]
    try:
        if hasattr(image, "media_type"):  # 5.0 on: the format must be of the chosen medium
            kept.insert(3, (image, "media_type", image.media_type))
            image.media_type = "IMAGE"
        image.file_format, image.color_mode, image.color_depth = "PNG", "RGBA", "8"
        render.filepath, render.resolution_percentage, render.use_file_extension = str(path), percentage, False
        bpy.ops.render.render(write_still=True)
    finally:
        for owner, name, value in kept:
            setattr(owner, name, value)
    return path
