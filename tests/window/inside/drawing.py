# SPDX-License-Identifier: GPL-3.0-or-later
"""Real gestures over the photo in an image editor, in pixels of the photo from its top left; and what they became."""

import io
import subprocess
from collections.abc import Callable, Sequence
from functools import partial
from itertools import pairwise
from pathlib import Path
from typing import Any

import bpy
import numpy as np
from image_editor import count_draws
from numpy.typing import NDArray
from PIL import Image, ImageChops
from steps import Steps, area, hover, more_than_now, region, screen_box, seconds

Place = tuple[float, float]
SEEN = 1.0
"""Seconds after which a move counts as seen though nothing has been drawn for it."""


def on_screen(place: Place) -> tuple[int, int]:
    """Where a place of the photo is on the screen now."""
    window = bpy.context.window_manager.windows[0]
    photo, canvas = bpy.context.scene.sam3d.image, region("IMAGE_EDITOR", "WINDOW")
    x, y = canvas.view2d.view_to_region(place[0] / photo.size[0], 1.0 - place[1] / photo.size[1], clip=False)
    return canvas.x + x, window.height - canvas.y - y


def drag(path: Sequence[Place], *keys: str) -> Callable[[], bool]:
    """Draw along a path with the left button, while keys (in xdotool's names) are held; tells when it is done."""
    return press_and_move([on_screen(place) for place in path], keys)


def press_and_move(places: Sequence[tuple[int, int]], keys: Sequence[str] = ()) -> Callable[[], bool]:
    """The same on the screen; with one place it is a click."""
    moves = _moves(places, keys)
    condition = next(moves)
    ended = False

    def go_on() -> float | None:
        nonlocal condition, ended
        if condition():
            following = next(moves, None)
            ended = following is None
            condition = following or condition
        return None if ended else 0.01

    bpy.app.timers.register(go_on)
    return lambda: ended


def _moves(places: Sequence[tuple[int, int]], keys: Sequence[str]) -> Steps:
    """Each move waits until it has been drawn: a window that is busy takes up the last of several only."""
    draws = count_draws()
    hover(*places[0])
    yield seconds(0.3)
    for key in keys:
        _xdotool("keydown", key)
    yield seconds(0.2)
    _xdotool("mousedown", "1")
    yield seconds(0.1)
    for before, place in pairwise(places):
        if place == before:
            yield seconds(0.1)
            continue
        drawn, late = more_than_now(draws), seconds(SEEN)
        hover(*place)
        yield partial(_either, drawn, late)
    yield seconds(0.1)
    _xdotool("mouseup", "1")
    yield seconds(0.2)
    for key in keys:
        _xdotool("keyup", key)
    yield seconds(0.1)


def _either(one: Callable[[], bool], other: Callable[[], bool]) -> bool:
    return one() or other()


def _xdotool(*words: str) -> None:
    subprocess.run(["xdotool", *words], check=True, timeout=30)


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


def tool_in_hand() -> str:
    """The active tool of the image editor."""
    return str(bpy.context.workspace.tools.from_space_image_mode("VIEW", create=True).idname)


def draws_now() -> bool:
    """Whether a gesture is going on."""
    window = bpy.context.window_manager.windows[0]
    return any(one.bl_idname == "SAM3D_OT_draw_mask" for one in window.modal_operators)


def over_photo() -> Any:
    """The context of the image editor, which a timer has not; for a `with`."""
    window, canvas = bpy.context.window_manager.windows[0], region("IMAGE_EDITOR", "WINDOW")
    return bpy.context.temp_override(window=window, area=area("IMAGE_EDITOR"), region=canvas)


def take_up(tool: str, *, new: bool) -> Steps:
    """Choose a tool as the panel's button does, and what its gestures make."""
    bpy.context.window_manager.sam3d_drawing.target = "NEW" if new else "ACTIVE"
    with over_photo():
        assert bpy.ops.sam3d.choose_tool(tool=tool) == {"FINISHED"}
    assert tool_in_hand() == f"sam3d.{tool.lower()}"
    hover(*on_screen((640, 480)))
    yield seconds(0.3)


def arrived(count: int) -> Callable[[], bool]:
    """Whether so many masks are in the list, all with their images."""
    return lambda: len(masks()) == count and all(mask.image is not None for mask in masks()) and at_rest()


def changed(before: Path, after: Path, name: str = "UI") -> tuple[float, float, float, float]:
    """Left, top, right, bottom of what differs in a region, such as the sidebar, between two pictures of the screen."""
    left, top, right, bottom = screen_box(region("IMAGE_EDITOR", name))
    first, second = (Image.open(path).convert("RGB").crop((left, top, right, bottom)) for path in (before, after))
    box = ImageChops.difference(first, second).getbbox()
    assert box is not None, f"{name} shows no change"
    return left + box[0], top + box[1], left + box[2], top + box[3]
