# SPDX-License-Identifier: GPL-3.0-or-later
"""The names of a skeleton's bones: those of other tools become the extension's own where they mean the same."""

from __future__ import annotations

import re
from collections.abc import Iterable

# own name: Mixamo's, MHR's and Rigify's; an L or R in braces stands for the person's own side
CENTRAL = {
    "hips": ("Hips", "root", "spine"),
    "spine": ("Spine", "c_spine1", "spine.001"),
    "chest": ("Spine2", "c_spine3", "spine.003"),
    "neck": ("Neck", "c_neck", "spine.004"),
    "head": ("Head", "c_head", "spine.006"),
}
SIDED = {
    "shoulder": ("Shoulder", "clavicle", "shoulder"),
    "upper_arm": ("Arm", "uparm", "upper_arm"),
    "forearm": ("ForeArm", "lowarm", "forearm"),
    "hand": ("Hand", "wrist", "hand"),
    "thigh": ("UpLeg", "upleg", "thigh"),
    "shin": ("Leg", "lowleg", "shin"),
    "foot": ("Foot", "foot", "foot"),
    "toe": ("ToeBase", "ball", "toe"),
}
SIDES = {"L": ("Left", "l"), "R": ("Right", "r")}

# a namespace such as mixamorig: or mixamorig1:, and Rigify's mark of deforming and original bones
PREFIX = re.compile(r"^(?:[\w ]+:|DEF-|ORG-)")
ESSENTIAL = frozenset({"hips", "spine", "head", "upper_arm.L", "upper_arm.R", "thigh.L", "thigh.R"})
"""Bones without which a skeleton is no person's."""

TWISTS = re.compile(r"twist|^(?:upper_arm|forearm|thigh|shin)\.[LR]\.\d+$", re.IGNORECASE)
ENDS = re.compile(r"_null$|_end$|^body_world$", re.IGNORECASE)
FACE = re.compile(r"jaw|teeth|tongue|eye|brow|lip|cheek|nose|ear\b", re.IGNORECASE)


def own_names(names: Iterable[str]) -> dict[str, str]:
    """For each bone of a skeleton its name here: the extension's own where it corresponds, otherwise what it is called.

    Own names are given once, and only where the skeleton as a whole is a person's in one tool's names; so a
    bone that is called Spine in a snake keeps that name.
    """
    there = list(names)
    best: dict[str, str] = {}
    for tool in range(3):
        table = _table(tool)
        found: dict[str, str] = {}
        for name in there:
            own = table.get(PREFIX.sub("", name))
            if own and own not in found.values():
                found[name] = own
        if set(found.values()) >= ESSENTIAL and len(found) > len(best):
            best = found
    taken = set(best.values())
    return {name: best.get(name, f"{name}.001" if name in taken else name) for name in there}


def is_helper(name: str) -> bool:
    """Whether a bone only helps others (a twist, an end, a part of the face), so that it can be folded into them."""
    plain = PREFIX.sub("", name)
    return any(pattern.search(plain) for pattern in (TWISTS, ENDS, FACE))


def _table(tool: int) -> dict[str, str]:
    """A tool's names (0 Mixamo, 1 MHR, 2 Rigify) and the own ones."""
    table = {names[tool]: own for own, names in CENTRAL.items()}
    for own, names in SIDED.items():
        for side, (word, letter) in SIDES.items():
            theirs = (f"{word}{names[0]}", f"{letter}_{names[1]}", f"{names[2]}.{side}")[tool]
            table[theirs] = f"{own}.{side}"
    return table
