# SPDX-License-Identifier: GPL-3.0-or-later
"""Names for the bones of the Momentum Human Rig: the extension's own where they mean the same."""

from __future__ import annotations

CENTRAL = {"root": "hips", "c_spine1": "spine", "c_spine3": "chest", "c_neck": "neck", "c_head": "head"}
SIDED = {
    "clavicle": "shoulder",
    "uparm": "upper_arm",
    "lowarm": "forearm",
    "wrist": "hand",
    "upleg": "thigh",
    "lowleg": "shin",
    "foot": "foot",
    "ball": "toe",
}


def bone_name(joint: str) -> str:
    """The bone's name: hips, upper_arm.L and so on; what the extension has no name for keeps the model's."""
    if joint in CENTRAL:
        return CENTRAL[joint]
    side, _, rest = joint.partition("_")
    return f"{SIDED[rest]}.{side.upper()}" if side in ("l", "r") and rest in SIDED else joint
