# SPDX-License-Identifier: GPL-3.0-or-later
"""The bones of a rigged body: their names, what each hangs on, and between which joints it lies."""

from __future__ import annotations

BONES: dict[str, tuple[str | None, str]] = {
    # bone (its head is the joint of that name): (the bone it hangs on, the joint at its tail)
    "hips": (None, "spine"),
    "spine": ("hips", "chest"),
    "chest": ("spine", "neck"),
    "neck": ("chest", "head"),
    "head": ("neck", "head_top"),
    "shoulder.L": ("chest", "upper_arm.L"),
    "upper_arm.L": ("shoulder.L", "forearm.L"),
    "forearm.L": ("upper_arm.L", "hand.L"),
    "hand.L": ("forearm.L", "hand_tip.L"),
    "shoulder.R": ("chest", "upper_arm.R"),
    "upper_arm.R": ("shoulder.R", "forearm.R"),
    "forearm.R": ("upper_arm.R", "hand.R"),
    "hand.R": ("forearm.R", "hand_tip.R"),
    "thigh.L": ("hips", "shin.L"),
    "shin.L": ("thigh.L", "foot.L"),
    "foot.L": ("shin.L", "toe.L"),
    "toe.L": ("foot.L", "toe_tip.L"),
    "thigh.R": ("hips", "shin.R"),
    "shin.R": ("thigh.R", "foot.R"),
    "foot.R": ("shin.R", "toe.R"),
    "toe.R": ("foot.R", "toe_tip.R"),
}
"""Parents stand before their children."""

NAMES = tuple(BONES)
PARENT = tuple(-1 if parent is None else NAMES.index(parent) for parent, _ in BONES.values())
JOINTS = (*NAMES, "head_top", "hand_tip.L", "hand_tip.R", "toe_tip.L", "toe_tip.R")
"""The joints: every bone's head, and the ends that are nobody's head."""
TAIL = tuple(JOINTS.index(tail) for _, tail in BONES.values())
