# SPDX-License-Identifier: GPL-3.0-or-later
"""The subjects of the sample photos. Each function builds one and returns the empty that carries its parts.

A prop stands on the ground (Z = 0) around the origin, its front to -Y; one unit is 10 cm. Outlines of turned
parts are points of (radius, height).
"""

import math

import bpy
import materials
import numpy as np
from shapes import (
    ball,
    box,
    clad,
    ellipse,
    fused,
    gathered,
    lettering,
    placed,
    rounded,
    swept,
    turned,
    wrapped,
)


def mug(body: str = "ece2cf", dip: str = "2f6f73", foot: str = "b07a55") -> bpy.types.Object:
    """A stoneware mug with coffee in it, dipped in a second glaze; its handle to the right (+X)."""
    stone = materials.glaze([(0.0, foot), (0.08, dip), (0.5, body)], 0.97)
    outside = [(0, 0.03), (0.29, 0.03), (0.3, 0), (0.35, 0), (0.42, 0.07), (0.43, 0.2), (0.43, 0.5)]
    rim = [(0.42, 0.94), (0.415, 0.985), (0.385, 0.985)]
    inside = [(0.38, 0.93), (0.38, 0.3), (0.37, 0.1), (0.3, 0.06), (0, 0.06)]
    bow = [(0.36, 0, 0.8), (0.52, 0, 0.84), (0.74, 0, 0.78), (0.78, 0, 0.5), (0.68, 0, 0.22), (0.38, 0, 0.2)]
    path = rounded(bow)
    thickness = 0.9 + 0.25 * np.linspace(-1.0, 1.0, len(path)) ** 4
    parts = [
        clad(turned("Cup", rounded(outside + rim + inside)), stone),
        clad(swept("Handle", path, ellipse(0.15, 0.085), scale=thickness), stone),
        clad(turned("Coffee", [(0.0, 0.84), (0.385, 0.84)]), materials.liquid("3a1d0e")),
    ]
    return gathered("Mug", parts)


def bottle() -> bpy.types.Object:
    """A bottle of olive oil: dark glass, a paper label, a wooden stopper."""
    base = [(0, 0.05), (0.3, 0.03), (0.33, 0), (0.38, 0), (0.42, 0.04), (0.42, 0.2), (0.42, 1), (0.42, 1.45)]
    shoulder = [(0.42, 1.62), (0.36, 1.78), (0.16, 1.86), (0.13, 1.95), (0.13, 2.1), (0.13, 2.28)]
    lip = [(0.13, 2.3), (0.165, 2.3), (0.165, 2.37), (0.15, 2.38), (0, 2.38)]
    plug = [(0, 2.37), (0.12, 2.37), (0.12, 2.42), (0.17, 2.42), (0.17, 2.63), (0.16, 2.66), (0, 2.66)]
    ink, green = materials.paint("26301c", 0.0), materials.paint("6d7f3a", 0.0)
    parts = [
        clad(turned("Glass", rounded(base + shoulder + lip, 5)), materials.dark_glass("1a2e0c", "86a83e")),
        clad(turned("Stopper", rounded(plug, 3), 64), materials.wood("c79a62", "a3713e", "Z")),
        clad(wrapped("Label", 0.4225, 0.32, 1.25), materials.paper("f1e8d2")),
        clad(wrapped("Upper stripe", 0.424, 1.181, 1.199), green),
        clad(wrapped("Middle stripe", 0.424, 0.617, 0.623), green),
        clad(wrapped("Lower stripe", 0.424, 0.361, 0.379), green),
        clad(lettering("Name", "OLIVA", 0.2, (0, 0, 0.93), 0.4245), ink),
        clad(lettering("Kind", "extra virgin", 0.1, (0, 0, 0.74), 0.4245), green),
        clad(lettering("Volume", "cold pressed  \u2022  500 ml", 0.052, (0, 0, 0.46), 0.4245), ink),
    ]
    return gathered("Bottle", parts)


def elephant() -> bpy.types.Object:
    """A toy elephant, carved from one piece of wood, with painted ears; its head to the left (-X)."""
    wood, paint = materials.wood("d6a76f", "b5814a", "X", rings=3.0), materials.paint("3f7f8c", 0.25)
    ivory, black = materials.paint("f2ead8", 0.4), materials.paint("0c0a09", 1.0)
    wool = materials.cloth("3a2c22")
    down = [(-0.78, 0, 0.98), (-1.02, 0, 0.9), (-1.12, 0, 0.5)]
    path = rounded([*down, (-1.16, 0, 0.2), (-1.4, 0, 0.16), (-1.46, 0, 0.36)])
    carving = [
        ball("Body", (0.15, 0, 0.86), (0.78, 0.5, 0.52)),
        ball("Head", (-0.72, 0, 1.08), (0.4, 0.38, 0.42)),
        swept("Trunk", path, ellipse(0.36, 0.36), scale=np.linspace(1.05, 0.45, len(path))),
        ball("Tip", path[-1], (0.08, 0.08, 0.08)),
    ]
    outline = rounded([(0, 0), (0.2, 0), (0.22, 0.05), (0.19, 0.3), (0.19, 0.8), (0, 0.85)], 3)
    for x in (-0.32, 0.62):
        for y in (-0.26, 0.26):
            leg = turned("Leg", outline, 48)
            leg.location = (x, y, 0)
            carving.append(leg)
    parts = [clad(fused("Carving", carving, 0.025, 14), wood)]
    for side in (-1, 1):
        ear = ball("Ear", (0.19, 0, 0), (0.26, 0.05, 0.36), (0, 14, 0))
        ear.location = (-0.62, side * 0.34, 1.06)
        ear.rotation_euler = (math.radians(side * 10), 0, math.radians(side * 42))
        eye = ball("Eye", (-1.0, side * 0.235, 1.2), (0.045, 0.045, 0.045))
        path = rounded([(-0.92, side * 0.2, 0.88), (-1.08, side * 0.24, 0.76), (-1.26, side * 0.24, 0.8)])
        tusk = swept("Tusk", path, ellipse(0.1, 0.1), scale=np.linspace(1, 0.45, len(path)))
        parts += [clad(ear, paint), clad(eye, black), clad(tusk, ivory)]
    tail = rounded([(0.88, 0, 1.02), (1.02, 0, 0.98), (1.06, 0, 0.7), (1.1, 0, 0.55)])
    parts.append(clad(swept("Tail", tail, ellipse(0.055, 0.055, 16)), wool))
    parts.append(clad(ball("Tassel", (1.1, 0, 0.52), (0.05, 0.05, 0.09)), wool))
    return gathered("Elephant", parts)


def headphones() -> bpy.types.Object:
    """Over-ear headphones: padded band, metal yokes, oval cups with leather cushions."""
    shell, hide = materials.plastic("24272b", 0.38), materials.leather("a5663a")
    arch = np.radians(np.linspace(172.0, 8.0, 65))
    band = np.stack([0.86 * np.cos(arch), 0 * arch, 0.95 + 0.98 * np.sin(arch)], axis=1)
    padded = band[10:-10] * (0.945, 1, 0.973)
    thickness = np.sqrt(np.clip(1.02 - np.linspace(-1.0, 1.0, len(padded)) ** 8, 0.02, 1.0))
    return gathered(
        "Headphones",
        [
            clad(swept("Band", band, ellipse(0.3, 0.06, power=3.0)), shell),
            clad(swept("Pad", padded, ellipse(0.34, 0.13, power=2.6), scale=thickness), hide),
            placed(_earpiece(shell, hide), (0.84, 0, 0.5), (0, -3, 0)),
            placed(_earpiece(shell, hide), (-0.84, 0, 0.5), (0, 3, 180)),
        ],
    )


def _earpiece(shell: bpy.types.Material, hide: bpy.types.Material) -> bpy.types.Object:
    """One cup, its outside to +X, with the yoke that holds it and the stem that slides into the band."""
    steel, dark = materials.metal("c9c4bb", 0.28), materials.metal("2f3236", 0.45)
    mesh = materials.cloth("15161a", 120.0)
    cup = [(0, 0.2), (0.27, 0.2), (0.37, 0.17), (0.42, 0.08), (0.42, -0.06), (0.4, -0.08), (0, -0.08)]
    cushion = [
        *((0.2, -0.08), (0.2, -0.26), (0.3, -0.3), (0.44, -0.28)),
        *((0.46, -0.16), (0.42, -0.07), (0.2, -0.08)),
    ]
    ring = [(0.3, 0.19), (0.3, 0.215), (0.32, 0.215), (0.32, 0.19), (0.3, 0.19)]
    parts = [
        clad(turned("Cup", rounded(cup, 3)), shell),
        clad(turned("Cushion", rounded(cushion, 3)), hide),
        clad(turned("Ring", rounded(ring, 1), closed=True), steel),
        clad(turned("Driver", [(0, -0.12), (0.22, -0.12)]), mesh),
        clad(turned("Plate", rounded([(0, 0.208), (0.26, 0.208), (0.29, 0.19)], 2)), dark),
    ]
    for part in parts:
        part.rotation_euler = (0, math.radians(90), 0)
        part.scale = (1.15, 1, 1)
    reach = np.radians(np.linspace(0.0, 180.0, 49))
    yoke = np.stack([0 * reach + 0.04, 0.47 * np.cos(reach), 0.57 * np.sin(reach)], axis=1)
    stem = np.linspace((0.04, 0.0, 0.55), (0.01, 0.0, 0.79), 9)
    parts.append(clad(swept("Yoke", yoke, ellipse(0.07, 0.035, 16), side=(1, 0, 0)), steel))
    parts.append(clad(swept("Stem", stem, ellipse(0.1, 0.035, 16, 3.0)), steel))
    parts += [clad(ball("Pin", (0.04, y, 0), (0.045, 0.06, 0.045)), steel) for y in (-0.44, 0.44)]
    return gathered("Earpiece", parts)


def teapot(color: str = "d8952b") -> bpy.types.Object:
    """A round glazed teapot, its spout to the right (+X)."""
    glaze = materials.glaze([(0.0, "c79a6e"), (0.05, color)], 1.1, "5c3a12")
    belly = [(0, 0.03), (0.36, 0.03), (0.38, 0), (0.44, 0), (0.62, 0.14), (0.76, 0.5), (0.66, 0.88)]
    collar = [(0.4, 1.0), (0.36, 1.02), (0.34, 1.0), (0, 0.98)]
    lid = [(0.365, 1.0), (0.38, 1.02), (0.36, 1.06), (0.22, 1.12), (0.06, 1.14)]
    knob = [(0.05, 1.19), (0.1, 1.22), (0.115, 1.28), (0.09, 1.33), (0, 1.34)]
    spout = rounded([(0.55, 0, 0.38), (0.86, 0, 0.4), (0.98, 0, 0.72), (1.06, 0, 0.96), (1.22, 0, 1.04)])
    upper = [(-0.58, 0, 0.86), (-0.78, 0, 1.02), (-1.16, 0, 0.94)]
    lower = [(-1.2, 0, 0.56), (-1.02, 0, 0.28), (-0.64, 0, 0.32)]
    parts = [
        turned("Body", rounded(belly + collar)),
        turned("Lid", rounded(lid + knob)),
        swept("Spout", spout, ellipse(0.3, 0.32), scale=np.linspace(1.05, 0.42, len(spout))),
        swept("Handle", rounded(upper + lower), ellipse(0.15, 0.1)),
    ]
    return gathered("Teapot", [clad(part, glaze) for part in parts])


def truck() -> bpy.types.Object:
    """A wooden toy truck with three balls on its bed; its cab to the left (-X)."""
    red, yellow = materials.paint("a81f17", 0.5), materials.paint("dd9a1c", 0.4)
    beech, glass = materials.wood("dcb27c", "b88a52", "X"), materials.paint("22323c", 1.0)
    lamp, rubber = materials.paint("f3e7c2", 1.0), materials.plastic("1b1b1d", 0.6)
    parts = [
        clad(box("Cab", (0.62, 0.8, 0.62), (-0.86, 0, 0.73), 0.09), red),
        clad(box("Hood", (0.42, 0.76, 0.36), (-1.28, 0, 0.6), 0.1), red),
        clad(box("Chassis", (2.6, 0.6, 0.16), (-0.1, 0, 0.38), 0.05), beech),
        clad(box("Side windows", (0.34, 0.82, 0.24), (-0.86, 0, 0.84), 0.03), glass),
        clad(box("Windscreen", (0.66, 0.56, 0.24), (-0.855, 0, 0.86), 0.03), glass),
        clad(box("Floor", (1.5, 0.9, 0.08), (0.42, 0, 0.5), 0.02), beech),
    ]
    parts += [clad(box("Side", (1.5, 0.07, 0.36), (0.42, y, 0.7), 0.025), yellow) for y in (-0.43, 0.43)]
    parts += [clad(box("End", (0.07, 0.82, 0.36), (x, 0, 0.7), 0.025), yellow) for x in (-0.3, 1.14)]
    parts += [clad(ball("Lamp", (-1.49, y, 0.62), (0.04, 0.09, 0.09)), lamp) for y in (-0.23, 0.23)]
    tyre = [(0, 0.09), (0.2, 0.09), (0.26, 0.09), (0.28, 0.06), (0.28, -0.06), (0.26, -0.09), (0, -0.09)]
    hub = [(0, 0.13), (0.05, 0.13), (0.13, 0.11), (0.15, 0.08), (0.15, 0.05)]
    for x in (-1.05, 0.15, 0.8):
        for side in (-1, 1):
            for name, outline, coat in (("Tyre", tyre, rubber), ("Hub", hub, beech)):
                wheel = clad(turned(name, rounded(outline, 3), 64), coat)
                wheel.location = (x, side * 0.42, 0.28)
                wheel.rotation_euler = (math.radians(-90 * side), 0, 0)
                parts.append(wheel)
    for x, y, color in ((0.0, 0.14, "3f7f8c"), (0.44, -0.16, "d9d0bd"), (0.86, 0.12, "5d8a4a")):
        parts.append(clad(ball("Ball", (x, y, 0.78), (0.24, 0.24, 0.24)), materials.paint(color, 0.5)))
    return gathered("Truck", parts)
