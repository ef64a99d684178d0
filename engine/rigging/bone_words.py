# SPDX-License-Identifier: GPL-3.0-or-later
"""What the words in a bone's name mean, in whatever way a tool writes them: `mixamorig:LeftArm`, `upperarm_l`,
`J_Bip_L_UpperArm`, `Bip01 L UpperArm`, `m_avg_L_Hip`."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterable

ARM, LEG = ("shoulder", "upper_arm", "forearm", "hand"), ("thigh", "shin", "foot", "toe")
WORTH = {"upper_arm": 4, "thigh": 4, "forearm": 2, "hand": 2, "shin": 2, "foot": 2, "shoulder": 1, "toe": 1}

CLEAR = {
    "shoulder": "clavicle collar collarbone",
    "upper_arm": "upperarm uparm armupper shldr",
    "forearm": "forearm lowerarm lowarm armlower elbow",
    "hand": "hand wrist",
    "thigh": "thigh upleg upperleg legupper",
    "shin": "shin calf lowleg lowerleg leglower knee",
    "foot": "ankle",
    "toe": "toe toes toebase ball",
}
SENSES: dict[str, dict[str, float]] = {
    **{word: {part: 1} for part, words in CLEAR.items() for word in words.split()},
    # LeftLeg is a shin below LeftUpLeg, and a thigh above a knee
    "shoulder": {"shoulder": 1, "upper_arm": 0.5},
    "arm": {"upper_arm": 1, "forearm": 0.5, "hand": 0.5},
    "hip": {"thigh": 0.5},
    "leg": {"shin": 1, "thigh": 0.5, "foot": 0.5},
    "foot": {"foot": 1, "toe": 0.5},
}
"""For a word how well it fits each part that it may mean."""

HIPS = frozenset({"hips", "hip", "pelvis"})
HEAD = frozenset({"head"})
NECK = frozenset({"neck", "necktwist"})
SPINE = NECK | {"spine"}
SIDES = {"l": "L", "left": "L", "r": "R", "right": "R"}

NAMESPACE = re.compile(r"^[\w ]+:")
MIXAMO = re.compile(r"^mixamorig\d*_?")  # as it is left where a colon is not allowed
WORD = re.compile(r"[A-Z]?[a-z]+|[A-Z]+(?![a-z])")
# of a bone's kind and of the middle, in several tools
EMPTY = frozenset({"def", "org", "joint", "jnt", "bone", "c", "m", "x", "bend", "stretch"})
GLUED = re.compile(r"^(left|right)")
PARTS = frozenset({*SENSES, *HIPS, *HEAD, *SPINE})


def read_names(names: Iterable[str]) -> dict[str, tuple[str, str]]:
    """Of each bone its side, L, R or neither, and its words in one, in small letters and without numbers.

    Words that most bones share, such as a tool's mark before each, count for nothing.
    """
    words = {name: _words(name) for name in names}
    often = Counter(word for found in words.values() for word in set(found))
    shared = {word for word, count in often.items() if count > len(words) / 2} - PARTS - SIDES.keys()
    read = {}
    for name, found in words.items():
        sides = {SIDES[word] for word in found if word in SIDES}
        told = [word for word in found if word not in SIDES and word not in shared and word not in EMPTY]
        read[name] = (sides.pop() if len(sides) == 1 else "", "".join(told))
    return read


def _words(name: str) -> list[str]:
    plain = MIXAMO.sub("", NAMESPACE.sub("", name))
    return [part for word in WORD.findall(plain) for part in GLUED.split(word.lower()) if part]
