# SPDX-License-Identifier: GPL-3.0-or-later
"""Joints by the 70 keypoints of SAM 3D Body (MHR70), where a service sends them along with a mesh.

Keypoints lie on the surface or are read off it, and come in one of several frames; so they serve where the shape does
not tell the joints, and tell which side is the person's left.
"""

from __future__ import annotations

from collections.abc import Mapping
from itertools import product

import numpy as np

from ..arrays import Floats
from .skeleton import JOINTS

COUNT = 70
LEFT = {
    "upper_arm": 5,
    "forearm": 7,
    "hand": 62,
    "hand_tip": 50,
    "thigh": 9,
    "shin": 11,
    "foot": 13,
    "toe_tip": 15,
}
RIGHT = {
    "upper_arm": 6,
    "forearm": 8,
    "hand": 41,
    "hand_tip": 29,
    "thigh": 10,
    "shin": 12,
    "foot": 14,
    "toe_tip": 18,
}
NECK, LEFT_EAR, RIGHT_EAR = 69, 3, 4
FLIPS = tuple(np.array(signs, float) for signs in product((1, -1), repeat=3))
INSIDE = 0.1  # of the body's size, by which keypoints may lie outside the box around it


def in_frame_of(keypoints: Floats, vertices: Floats) -> Floats | None:
    """Keypoints (70, 3) in the frame of their mesh (V, 3), y up; None where they belong to another.

    Services send them with axes of the camera (y down, z forward) or of the model, with or without its place.
    """
    low, high = vertices.min(0), vertices.max(0)
    size = float(np.linalg.norm(high - low))
    if not np.isfinite(keypoints).all() or not size:
        return None
    for flip in FLIPS:
        if flip.prod() < 0:  # a mirrored person
            continue
        turned = keypoints * flip
        if turned[[LEFT["foot"], RIGHT["foot"]], 1].mean() > turned[NECK, 1]:
            continue
        for shift in (np.zeros(3), (low + high) / 2 - (turned.min(0) + turned.max(0)) / 2):
            placed = turned + shift
            inside = ((placed > low - INSIDE * size) & (placed < high + INSIDE * size)).all()
            if inside and _near(placed, vertices, size):
                return np.asarray(placed)
    return None


def joints_at(keypoints: Floats) -> dict[str, Floats]:
    """The joints of `skeleton.JOINTS` by keypoints (70, 3) in the mesh's frame."""
    found: dict[str, Floats] = {}
    for side, table in ((".L", LEFT), (".R", RIGHT)):
        found |= {f"{name}{side}": keypoints[index] for name, index in table.items()}
        found[f"toe{side}"] = 0.35 * found[f"foot{side}"] + 0.65 * found[f"toe_tip{side}"]
    hips, neck = (found["thigh.L"] + found["thigh.R"]) / 2, keypoints[NECK]
    head = (keypoints[LEFT_EAR] + keypoints[RIGHT_EAR]) / 2
    trunk = neck - hips
    found |= {"hips": hips + 0.05 * trunk, "spine": hips + 0.3 * trunk, "chest": hips + 0.65 * trunk, "neck": neck}
    found |= {"head": neck + 0.45 * (head - neck), "head_top": neck + 2.0 * (head - neck)}
    for side in (".L", ".R"):
        found[f"shoulder{side}"] = 0.85 * neck + 0.15 * found[f"upper_arm{side}"]
    return {name: found[name] for name in JOINTS}


def agree(joints: Mapping[str, Floats], keypoints: Floats) -> bool:
    """Whether joints and keypoints call the same side left."""
    pairs = [(f"{name}.{side}", table[name]) for side, table in (("L", LEFT), ("R", RIGHT)) for name in LEFT]
    own = sum(float(np.linalg.norm(joints[name] - keypoints[index])) for name, index in pairs)
    other = {".L": RIGHT, ".R": LEFT}
    swapped = sum(float(np.linalg.norm(joints[name] - keypoints[other[name[-2:]][name[:-2]]])) for name, _ in pairs)
    return own <= swapped


def _near(keypoints: Floats, vertices: Floats, size: float) -> bool:
    """Whether hands and feet have surface next to them."""
    ends = keypoints[[LEFT["hand"], RIGHT["hand"], LEFT["foot"], RIGHT["foot"]]]
    return all(float(np.linalg.norm(vertices - end, axis=1).min()) < 0.06 * size for end in ends)
