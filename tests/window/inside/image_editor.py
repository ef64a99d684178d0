# SPDX-License-Identifier: GPL-3.0-or-later
"""The image editor of a window test: where it shows what, and when it has been drawn."""

from pathlib import Path
from typing import Any

import bpy
import numpy as np
from numpy.typing import NDArray
from PIL import Image
from steps import Steps, area, more_than_now, region, screen_box

_draws: list[int] = []
"""Grows with each draw, once they are counted."""


def count_draws() -> list[int]:
    """What grows with each draw of an image editor from now on."""
    if not _draws:
        _draws.append(0)
        bpy.types.SpaceImageEditor.draw_handler_add(_draws.append, (1,), "WINDOW", "POST_PIXEL")
    return _draws


def open_editor() -> bpy.types.SpaceImageEditor:
    """Make the 3D viewport an image editor whose draws are counted."""
    area("VIEW_3D").type = "IMAGE_EDITOR"
    count_draws()
    return area("IMAGE_EDITOR").spaces.active


def view() -> Any:
    """The context of the editor's view, for operators."""
    window = bpy.context.window_manager.windows[0]
    return bpy.context.temp_override(window=window, area=area("IMAGE_EDITOR"), region=region("IMAGE_EDITOR", "WINDOW"))


def drawn() -> Steps:
    """Until what was changed is on the screen."""
    for _ in range(2):  # the second draw begins when the first one has been shown
        drawn_again = more_than_now(_draws)
        region("IMAGE_EDITOR", "WINDOW").tag_redraw()
        yield drawn_again


def seen(picture: Path) -> NDArray[np.uint8]:
    """The view's part (H, W, 3) of a picture of the screen, top row first."""
    with Image.open(picture) as opened:
        return np.asarray(opened.convert("RGB").crop(screen_box(region("IMAGE_EDITOR", "WINDOW"))))


def frame() -> tuple[float, float, float, float]:
    """Left, bottom, width and height of the shown image in its region, in pixels."""
    place = region("IMAGE_EDITOR", "WINDOW")
    x0, y0 = place.view2d.region_to_view(0, 0)
    x1, y1 = place.view2d.region_to_view(place.width, place.height)
    wide, high = place.width / (x1 - x0), place.height / (y1 - y0)
    return -x0 * wide, -y0 * high, wide, high


def on_screen(u: float, v: float) -> tuple[float, float]:
    """Where on the screen a place of the image lies, from 0 to 1 from its bottom left."""
    left, bottom, wide, high = frame()
    place = region("IMAGE_EDITOR", "WINDOW")
    _, _, _, low = screen_box(place)
    return place.x + left + u * wide, low - (bottom + v * high)
