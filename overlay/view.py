# SPDX-License-Identifier: GPL-3.0-or-later
"""What an image editor shows: where its image lies in its region, and whether an image can be drawn."""

from dataclasses import dataclass

import bpy


@dataclass(frozen=True)
class ViewFrame:
    """The edges of the shown image in a region, in pixels from its bottom left, not rounded."""

    left: float
    bottom: float
    right: float
    top: float

    @property
    def edges(self) -> tuple[float, float, float, float]:
        """As a shader takes them."""
        return self.left, self.bottom, self.right, self.top

    def is_seen(self, region: bpy.types.Region) -> bool:
        """Whether any of the image lies inside the region."""
        return self.left < region.width and self.right > 0 and self.bottom < region.height and self.top > 0


def view_frame(region: bpy.types.Region) -> ViewFrame:
    """Where the image lies now. Its view counts from 0 to 1 over the image, from the bottom left."""
    view = region.view2d
    # `view_to_region` rounds to whole pixels, so the way back serves: it is a scale and a shift, and what it takes
    # for a pixel's place is the pixel's middle
    x0, y0 = view.region_to_view(0.0, 0.0)
    x1, y1 = view.region_to_view(region.width, region.height)
    wide, high = region.width / (x1 - x0), region.height / (y1 - y0)
    left, bottom = 0.5 - x0 * wide, 0.5 - y0 * high
    return ViewFrame(left, bottom, left + wide, bottom + high)


def depth_of(image: bpy.types.Image) -> int:
    """Bits of a pixel; 0 where there are no pixels for one texture: in a file that is missing, and in tiles."""
    return 0 if image.source == "TILED" else int(image.depth)
