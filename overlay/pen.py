# SPDX-License-Identifier: GPL-3.0-or-later
"""The gesture in progress over the photo: rubber band, lasso line, brush."""

import math
from collections.abc import Sequence
from dataclasses import dataclass, field

import bpy
import gpu
from gpu_extras.batch import batch_for_shader

from ..scene.data import area_of, interface_scale, region_of
from .view import view_frame

Point = tuple[float, float]
LINE, HALO = 1.5, 3.5
"""Width of a line and of the dark one behind it, in pixels at scale 1."""
DARK = (0.0, 0.0, 0.0, 0.5)
TAKEN = (1.0, 0.45, 0.4, 1.0)
"""The color of what is taken away."""
CORNERS = 48
"""Of the brush's circle."""


@dataclass
class Pen:
    """What is drawn in one editor: `path` is in the image's own view, from 0 to 1 and from the bottom left, so that it
    keeps its place when the view moves; the brush is in pixels of the region.
    """

    area: int
    tool: str
    path: list[Point] = field(default_factory=list)
    mouse: Point | None = None
    radius: float = 0.0
    takes: bool = False


def draw(pen: Pen) -> None:
    """Draw the gesture, in the editor where it is made (a draw handler of all image editors)."""
    context = bpy.context
    if area_of(context).as_pointer() != pen.area:
        return
    region = region_of(context)
    lines = _lines(pen, region)
    if not lines:
        return
    scale = interface_scale(context)
    color = TAKEN if pen.takes else (1.0, 1.0, 1.0, 1.0)
    shader = gpu.shader.from_builtin("POLYLINE_UNIFORM_COLOR")
    shader.bind()
    shader.uniform_float("viewportSize", (region.width, region.height))
    gpu.state.blend_set("ALPHA")
    for width, shade in ((HALO, DARK), (LINE, color)):
        shader.uniform_float("lineWidth", width * scale)
        shader.uniform_float("color", shade)
        for line in lines:
            batch_for_shader(shader, "LINE_STRIP", {"pos": [(x, y, 0.0) for x, y in line]}).draw(shader)
    gpu.state.blend_set("NONE")


def _lines(pen: Pen, region: bpy.types.Region) -> list[Sequence[Point]]:
    """In pixels of the region."""
    place = view_frame(region)
    wide, high = place.right - place.left, place.top - place.bottom
    path = [(place.left + x * wide, place.bottom + y * high) for x, y in pen.path]
    lines: list[Sequence[Point]] = []
    if pen.tool == "BOX" and path:
        (left, bottom), (right, top) = path[0], path[-1]
        lines.append([(left, bottom), (right, bottom), (right, top), (left, top), (left, bottom)])
    elif pen.tool == "LASSO" and len(path) > 1:
        lines.append([*path, path[0]])
    elif pen.tool == "STROKE":
        if len(path) > 1:
            lines.append(path)
        if pen.mouse:
            x, y = pen.mouse
            turns = [2 * math.pi * corner / CORNERS for corner in range(CORNERS + 1)]
            lines.append([(x + pen.radius * math.cos(turn), y + pen.radius * math.sin(turn)) for turn in turns])
    return lines
