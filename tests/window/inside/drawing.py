# SPDX-License-Identifier: GPL-3.0-or-later
"""Real gestures over the photo in an image editor, in pixels of the photo from its top left; and what they became."""

import io
import subprocess
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

import bpy
import numpy as np
from numpy.typing import NDArray
from PIL import Image, ImageChops
from steps import Steps, area, hover, region, screen_box, seconds

Place = tuple[float, float]
_hand: "subprocess.Popen[bytes] | None" = None


def on_screen(place: Place) -> tuple[int, int]:
    """Where a place of the photo is on the screen now."""
    window = bpy.context.window_manager.windows[0]
    photo, canvas = bpy.context.scene.sam3d.image, region("IMAGE_EDITOR", "WINDOW")
    x, y = canvas.view2d.view_to_region(place[0] / photo.size[0], 1.0 - place[1] / photo.size[1], clip=False)
    return canvas.x + x, window.height - canvas.y - y


def drag(path: Sequence[Place], *keys: str) -> Callable[[], bool]:
    """Draw along a path with the left button, while keys (in xdotool's names) are held; the condition that it is done.

    Each place gets a moment, for the window takes one position in each turn of its loop.
    """
    return press_and_move([on_screen(place) for place in path], keys)


def press_and_move(places: Sequence[tuple[int, int]], keys: Sequence[str] = ()) -> Callable[[], bool]:
    """The same on the screen; with one place it is a click."""
    global _hand  # noqa: PLW0603 - there is one mouse
    first, *others = places
    moves = [f"mousemove {x} {y} sleep 0.1" for x, y in others]
    down, up = [f"keydown {key}" for key in keys], [f"keyup {key}" for key in keys]
    chain = [f"mousemove {first[0]} {first[1]} sleep 0.3", *down, "sleep 0.2 mousedown 1 sleep 0.1", *moves]
    command = " ".join(["xdotool", *chain, "sleep 0.1 mouseup 1 sleep 0.2", *up, "sleep 0.1"])
    hand = _hand = subprocess.Popen(command.split())
    return lambda: hand.poll() is not None


def pixels(number: int) -> NDArray[np.bool_]:
    """The mask of a row as Blender shows it, top row first."""
    image = masks()[number].image
    values = np.empty(image.size[0] * image.size[1] * 4, np.float32)
    image.pixels.foreach_get(values)
    shown = values.reshape(image.size[1], image.size[0], 4)[::-1, :, 0] > 0.5
    packed = np.asarray(Image.open(io.BytesIO(image.packed_file.data))) > 127
    assert (shown == packed).all()
    return shown


def masks() -> Any:
    """The rows as they are now, for undo makes them anew."""
    return bpy.context.scene.sam3d.masks


def likeness(found: NDArray[np.bool_], wanted: NDArray[np.bool_]) -> float:
    """Intersection over union."""
    return float((found & wanted).sum() / (found | wanted).sum())


def at_rest() -> bool:
    """Whether no selection is at work."""
    from bl_ext.user_default.sam3d.runtime.state import runtime

    return not runtime().masks.busy


def tools_in_hand() -> list[str]:
    """The tools that wait for a gesture."""
    window = bpy.context.window_manager.windows[0]
    return [one.properties.tool for one in window.modal_operators if one.bl_idname == "SAM3D_OT_draw_mask"]


def take_up(tool: str, *, new: bool) -> Steps:
    """Choose a tool as the panel's button does."""
    canvas = region("IMAGE_EDITOR", "WINDOW")
    window = bpy.context.window_manager.windows[0]
    with bpy.context.temp_override(window=window, area=area("IMAGE_EDITOR"), region=canvas):
        assert bpy.ops.sam3d.draw_mask("INVOKE_DEFAULT", tool=tool, new=new) == {"RUNNING_MODAL"}
    hover(*on_screen((640, 480)))
    yield seconds(0.3)


def arrived(count: int) -> Callable[[], bool]:
    """Whether so many masks are in the list, all with their images."""
    return lambda: len(masks()) == count and all(mask.image is not None for mask in masks()) and at_rest()


def changed(before: Path, after: Path) -> tuple[float, float, float, float]:
    """Left, top, right, bottom of what differs in the sidebar between two pictures of the screen."""
    left, top, right, bottom = screen_box(region("IMAGE_EDITOR"))
    first, second = (Image.open(path).convert("RGB").crop((left, top, right, bottom)) for path in (before, after))
    box = ImageChops.difference(first, second).getbbox()
    assert box is not None, "the sidebar shows no change"
    return left + box[0], top + box[1], left + box[2], top + box[3]
