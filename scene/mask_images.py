# SPDX-License-Identifier: GPL-3.0-or-later
"""The images of masks that were drawn: packed PNGs, which Blender decodes when it needs their pixels.

Handing over the file takes some microseconds; setting the pixels of two megapixels takes 15 to 30 ms.
"""

import bpy

from .data import make_data


class DrawnImages:
    """Which drawing each image's pixels in memory show: undo brings back an earlier file, but leaves the pixels."""

    def __init__(self) -> None:
        """Nothing is shown that the images' files do not hold."""
        self._shown: dict[str, str] = {}

    def write(
        self, image: bpy.types.Image | None, name: str, png: bytes, drawing: str, property_name: str
    ) -> bpy.types.Image:
        """Show a drawing's mask, a PNG, in the image that showed an earlier one, or in a new one of that name.

        Returns the image, which keeps the drawing's key in its custom property `property_name`.
        """
        if image is None or image.get(property_name) is None:
            image = bpy.data.images.new(name, 1, 1)
            image.filepath_raw = f"//{bpy.path.clean_name(name)}.png"  # where Blender would unpack it
        image.pack(data=png, data_len=len(png))
        if image.source != "FILE":
            image.source = "FILE"
            make_data(image)
        image.buffers_free()
        self.record_drawing(image, drawing, property_name)
        return image

    def record_drawing(self, image: bpy.types.Image, drawing: str, property_name: str) -> str:
        """Say that an image shows a drawing, as it is now; returns the drawing's key."""
        image[property_name] = drawing
        self._shown[image.name] = drawing
        return drawing

    def shows_drawing(self, image: bpy.types.Image, drawing: str, property_name: str) -> bool:
        """Whether an image shows a drawing, in its file and in its pixels; also where it was painted over since."""
        shown = self._shown.get(image.name, drawing) == drawing
        return shown and (image.is_dirty or image.get(property_name) == drawing)

    def reset(self) -> None:
        """Another file was loaded: its images show what their files hold."""
        self._shown.clear()
