# SPDX-License-Identifier: GPL-3.0-or-later
"""The photo that is drawn over: Blender's pixels of it are read once, and not at each gesture."""

import bpy

from ..photos.picture import Picture, PicturePixels
from ..scene.data import color_space
from ..scene.pixels import picture


class PhotoInHand:
    """The last one that was asked for."""

    def __init__(self) -> None:
        """There is none yet."""
        self._key: tuple[object, ...] = ()
        self._pixels: PicturePixels | None = None

    def read(self, image: bpy.types.Image) -> Picture:
        """As it is now, as when a tool is taken up; raises NoPixels."""
        self.forget()
        found = picture(image)
        if isinstance(found, PicturePixels):
            self._key, self._pixels = _key(image), found
        return found

    def picture(self, image: bpy.types.Image) -> Picture:
        """For a gesture: what was read of it, unless it is another one by now; raises NoPixels."""
        return self._pixels if self._pixels is not None and self._key == _key(image) else self.read(image)

    def forget(self) -> None:
        """Another file is open, or it is read anew."""
        self._key, self._pixels = (), None


def _key(image: bpy.types.Image) -> tuple[object, ...]:
    """What is another where the picture may be another, as far as that can be told without looking at its pixels."""
    return (
        image.name,
        image.filepath,
        image.size[:],
        image.source,
        image.is_dirty,
        color_space(image),
        image.use_view_as_render,
    )
