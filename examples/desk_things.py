# SPDX-License-Identifier: GPL-3.0-or-later
"""The clutter of the desk photo, built like the props: standing at Z = 0, front to -Y, in units of 10 cm."""

import math
import random
from collections.abc import Sequence

import bpy
import materials
import numpy as np
from shapes import (
    ball,
    box,
    clad,
    ellipse,
    gathered,
    lettering,
    placed,
    rounded,
    solid,
    subdivided,
    swept,
    turned,
)


def book(color: str, size: tuple[float, float, float], title: str = "", ink: str = "ead7a6") -> bpy.types.Object:
    """A bound book that lies flat, its spine with the title to the front; size is width, depth, thickness."""
    width, depth, thick = size
    cover, pages = materials.cloth(color, 130.0), materials.paper("efe6d2")
    board = 0.025
    block = (width - 0.08, depth - 0.06, thick - 2 * board)
    parts = [
        clad(box("Pages", block, (0, 0, thick / 2), 0.004), pages),
        clad(box("Bottom", (width, depth, board), (0, 0, board / 2), 0.008), cover),
        clad(box("Top", (width, depth, board), (0, 0, thick - board / 2), 0.008), cover),
        clad(box("Spine", (width, 0.03, thick), (0, -depth / 2 + 0.005, thick / 2), 0.012), cover),
    ]
    if title:
        words = lettering("Title", title, thick * 0.5, (0, -depth / 2 - 0.0115, thick / 2))
        parts.append(clad(words, materials.paint(ink, 0.1)))
    return gathered("Book", parts)


def sheet(lines: Sequence[str]) -> bpy.types.Object:
    """A sheet of writing paper that lies on the table."""
    ink = materials.paint("2a3550", 0.0)
    parts = [clad(box("Page", (1.48, 2.1, 0.008), (0, 0, 0.004), 0.002), materials.paper("f3efe6"))]
    for number, line in enumerate(lines):
        words = clad(lettering("Line", line, 0.13, (0, 0, 0.8 - 0.2 * number)), ink)
        words.rotation_euler = (math.radians(-90), 0, 0)
        words.location = (0, 0, 0.0095)
        parts.append(words)
    return gathered("Sheet", parts)


def pencil(color: str, length: float = 1.6) -> bpy.types.Object:
    """A hexagonal pencil that stands on its end, point upwards."""
    radius, lead = 0.036, 0.012
    parts = [
        clad(turned("Shaft", [(0, 0), (radius, 0), (radius, length)], 6), materials.paint(color, 0.4)),
        clad(
            turned("Tip", [(radius, length), (lead, length + 0.14)], 24),
            materials.wood("e2bd8a", "c99c66", "Z"),
        ),
        clad(turned("Lead", [(lead, length + 0.14), (0, length + 0.18)], 24), materials.plastic("2a2a2c")),
    ]
    return gathered("Pencil", parts)


def pencil_cup(chance: random.Random) -> bpy.types.Object:
    """A lacquered cup of pencils."""
    outside = [(0, 0.02), (0.34, 0.02), (0.36, 0), (0.38, 0.03), (0.38, 0.9), (0.38, 0.98)]
    inside = [(0.36, 0.98), (0.355, 0.9), (0.355, 0.05), (0, 0.05)]
    parts = [clad(turned("Cup", rounded(outside + inside, 3)), materials.paint("3b4a56", 0.1))]
    for number, color in enumerate(("d9a531", "b23a2e", "2f5f8a", "3f7a4a", "d9a531", "e8e0d0")):
        angle = number * math.tau / 6 + chance.uniform(-0.3, 0.3)
        foot = (0.17 * math.cos(angle), 0.17 * math.sin(angle), 0.06)
        lean = (0, chance.uniform(7, 12), math.degrees(angle))
        parts.append(placed(pencil(color, chance.uniform(1.25, 1.6)), foot, lean))
    return gathered("Pencil cup", parts)


def plant(chance: random.Random) -> bpy.types.Object:
    """A house plant in a terracotta pot."""
    outside = [(0, 0), (0.36, 0), (0.38, 0.02), (0.48, 0.66), (0.48, 0.68), (0.54, 0.68), (0.55, 0.88)]
    inside = [(0.5, 0.89), (0.48, 0.8), (0, 0.78)]
    parts = [
        clad(turned("Pot", rounded(outside + inside, 3)), materials.paper("b5653f", "d8b59a")),
        clad(turned("Soil", [(0, 0.82), (0.49, 0.8)]), materials.cloth("2b1d14", 20.0)),
    ]
    greens = [materials.paint(color, 0.25) for color in ("3f6b35", "2f5a30", "567f3c")]
    leaves = 26
    for number in range(leaves):
        # The golden angle keeps leaves from lying over each other; the first ones hang, the last ones stand.
        leaf = _leaf(chance.uniform(0.9, 1.35), 0.25 + 0.75 * (1.0 - number / leaves))
        leaf.rotation_euler = (0, 0, math.radians(number * 137.5))
        parts.append(clad(leaf, greens[number % len(greens)]))
    return gathered("Plant", parts)


def _leaf(length: float, droop: float) -> bpy.types.Object:
    """A pointed leaf that grows from the middle of the pot towards +X; droop from 0 to 1."""
    rows = []
    for t in np.linspace(0.0, 1.0, 13):
        width = 0.2 * math.sin(math.pi * min(1.0, t * 0.96 + 0.04) ** 0.8) + 0.008
        out = length * (0.12 + 0.75 * droop) * t
        up = 0.8 + length * ((1.25 - 0.5 * droop) * t - 1.1 * droop * t**2.6)
        rows += [(out, -width, up + 0.04), (out, 0.0, up), (out, width, up + 0.04)]
    corners = [3 * row + column for row in range(12) for column in range(2)]
    faces = [(corner, corner + 1, corner + 4, corner + 3) for corner in corners]
    return subdivided(solid("Leaf", np.array(rows), faces, 60.0), 1)


def apple() -> bpy.types.Object:
    """A red apple with a stalk."""
    below = [(0, 0.06), (0.08, 0.02), (0.2, 0), (0.32, 0.2), (0.42, 0.45)]
    above = [(0.36, 0.7), (0.16, 0.76), (0.06, 0.68), (0, 0.62)]
    stalk = rounded([(0, 0, 0.6), (0.01, 0, 0.75), (0.06, 0, 0.88)])
    parts = [
        clad(turned("Flesh", rounded(below + above)), materials.apple_skin()),
        clad(swept("Stalk", stalk, ellipse(0.03, 0.03, 12)), materials.cloth("4a3322")),
        clad(ball("Bud", (0, 0, 0.06), (0.04, 0.04, 0.02)), materials.cloth("4a3322")),
    ]
    return gathered("Apple", parts)
