# SPDX-License-Identifier: GPL-3.0-or-later
"""The artist's own server is asked on a thread, while it is chosen, whether it is there and what it makes."""

import bpy

from ..jobs.own_server import PROVIDER
from ..properties import scene_settings
from ..scene.data import window_manager_of
from .pump import redraw
from .state import runtime

PERIOD = 0.25
"""Seconds between two looks at the answer."""


def follow() -> None:
    """Ask now and then from now on, while the server is chosen in a window."""
    if not (bpy.app.background or bpy.app.timers.is_registered(look)):
        bpy.app.timers.register(look)


def look() -> float | None:
    """Take the answer over, or ask (an application timer, which returns the pause)."""
    server, services = runtime().own_server, runtime().queue.services
    if not any(scene_settings(window.scene).provider == PROVIDER for window in window_manager_of(bpy.context).windows):
        return None
    if server.take_over():
        redraw(bpy.context)
    credentials = services.credentials(PROVIDER)
    if server.is_due(credentials) and not services.obstacle(PROVIDER, 0.0, online=bpy.app.online_access):
        server.ask(services.check(PROVIDER, credentials), credentials)
    return PERIOD
