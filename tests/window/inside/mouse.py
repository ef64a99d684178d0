# SPDX-License-Identifier: GPL-3.0-or-later
"""Real gestures over the photo in an image editor, in pixels of the photo from its top left."""

import subprocess
from collections.abc import Callable, Sequence

import bpy
from steps import region

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
    moves = [f"mousemove {x} {y} sleep 0.04" for x, y in others]
    down, up = [f"keydown {key}" for key in keys], [f"keyup {key}" for key in keys]
    chain = [f"mousemove {first[0]} {first[1]} sleep 0.3", *down, "sleep 0.1 mousedown 1 sleep 0.1", *moves]
    command = " ".join(["xdotool", *chain, "sleep 0.1 mouseup 1 sleep 0.2", *up, "sleep 0.1"])
    hand = _hand = subprocess.Popen(command.split())
    return lambda: hand.poll() is not None
