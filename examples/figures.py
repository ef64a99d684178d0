# SPDX-License-Identifier: GPL-3.0-or-later
"""A figure for the sample photo of a person: an artist's mannequin of turned wood.

It stands on the ground (Z = 0), its front to -Y; one unit is 10 cm.
"""

import bpy
import materials
import numpy as np
from shapes import ball, clad, ellipse, fused, gathered, swept

SIDES = (1, -1)
"""The figure's left and right, as signs of X."""

Place = tuple[float, float, float]


def mannequin() -> bpy.types.Object:
    """A mannequin that waves with its left hand."""
    wood = materials.wood("d9b17c", "b98a55", "Z", rings=2.0)
    dark = materials.wood("b07f4b", "8d6237", "Z", rings=2.0)
    limbs = [
        *_limb((0.2, 0, 1.43), (0.42, -0.02, 1.36), (0.48, -0.06, 1.68), (0.085, 0.07, 0.055)),
        *_limb((-0.2, 0, 1.43), (-0.32, 0.02, 1.14), (-0.44, -0.08, 0.9), (0.085, 0.07, 0.055)),
        *_limb((0.1, 0, 0.95), (0.15, -0.03, 0.53), (0.18, 0.02, 0.1), (0.11, 0.09, 0.06)),
        *_limb((-0.1, 0, 0.95), (-0.17, -0.02, 0.53), (-0.24, 0.02, 0.1), (0.11, 0.09, 0.06)),
    ]
    body = [
        ball("Head", (0, -0.01, 1.7), (0.1, 0.115, 0.14)),
        swept("Neck", [(0, 0, 1.48), (0, 0, 1.53), (0, 0, 1.6)], ellipse(0.1, 0.1)),
        ball("Chest", (0, 0, 1.33), (0.19, 0.12, 0.2)),
        ball("Waist", (0, 0, 1.13), (0.125, 0.095, 0.13)),
        ball("Pelvis", (0, 0, 0.98), (0.165, 0.115, 0.12)),
    ]
    ends = [
        ball("Left hand", (0.5, -0.07, 1.79), (0.045, 0.025, 0.1), (0, 8, 0)),
        ball("Right hand", (-0.49, -0.11, 0.81), (0.045, 0.025, 0.1), (0, 26, 0)),
        ball("Left foot", (0.185, -0.06, 0.05), (0.055, 0.13, 0.05), (0, 0, 8)),
        ball("Right foot", (-0.25, -0.06, 0.05), (0.055, 0.13, 0.05), (0, 0, -12)),
    ]
    joints = [
        ball("Joint", place, (size, size, size))
        for place, size in (
            *(((0.42, -0.02, 1.36), 0.06), ((-0.32, 0.02, 1.14), 0.06), ((0.48, -0.06, 1.69), 0.045)),
            *(((-0.44, -0.08, 0.9), 0.045), ((0.15, -0.03, 0.53), 0.075), ((-0.17, -0.02, 0.53), 0.075)),
            *(((0.18, 0.02, 0.1), 0.05), ((-0.24, 0.02, 0.1), 0.05), ((0.2, 0, 1.43), 0.09), ((-0.2, 0, 1.43), 0.09)),
        )
    ]
    return gathered(
        "Mannequin", [clad(fused("Wood", body + limbs + ends, 0.008, 6), wood), *(clad(one, dark) for one in joints)]
    )


def _limb(start: Place, middle: Place, end: Place, radii: Place) -> list[bpy.types.Object]:
    """Two turned pieces, thicker in their middles, from joint to joint."""
    pieces = []
    for name, (a, b), (thick, thin) in (
        ("Upper", (start, middle), radii[:2]),
        ("Lower", (middle, end), radii[1:]),
    ):
        path = np.linspace(a, b, 17)
        along = np.linspace(0.0, 1.0, len(path))
        scale = np.interp(along, (0, 1), (thick, thin)) * (0.8 + 0.28 * np.sin(np.pi * along))
        pieces.append(swept(name, path, ellipse(2.0, 2.0), scale=scale))
    return pieces
