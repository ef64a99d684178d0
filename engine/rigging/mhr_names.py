# SPDX-License-Identifier: GPL-3.0-or-later
"""The joints of the Momentum Human Rig by their numbers, for files that give no other names (`Joint_000`...)."""

from __future__ import annotations

import re
from collections.abc import Mapping

FINGERS = "pinky0 pinky1 pinky2 pinky3 pinky_null ring1 ring2 ring3 ring_null middle1 middle2 middle3 middle_null"
FINGERS += " index1 index2 index3 index_null thumb0 thumb1 thumb2 thumb3 thumb_null"
LEG = "upleg lowleg foot talocrural subtalar transversetarsal ball"
ARM = "clavicle uparm lowarm wrist_twist wrist"
TWIST = "{}_twist{}_proc"
NUMBERED = re.compile(r"^(?:\w+[_:])?joint_?(\d{1,3})$", re.IGNORECASE)
ENOUGH = 10
"""Numbered joints whose parents agree, from which on a skeleton is one of these."""


def _twists(part: str, first: int, last: int) -> list[str]:
    return [TWIST.format(part, number) for number in range(first, last + 1)]


def _leg() -> list[str]:
    return [*LEG.split(), *_twists("lowleg", 1, 4), *_twists("upleg", 0, 4)]


def _arm() -> list[str]:
    return [*ARM.split(), *FINGERS.split(), *_twists("lowarm", 1, 4), *_twists("uparm", 0, 4)]


NAMES = (
    *("body_world", "root"),
    *(f"{side}_{part}" for side in "lr" for part in _leg()),
    *("c_spine0", "c_spine1", "c_spine2", "c_spine3"),
    *(f"{side}_{part}" for side in "rl" for part in _arm()),
    *("c_neck", "c_neck_twist1_proc", "c_neck_twist0_proc", "c_head", "c_jaw", "c_teeth", "c_jaw_null"),
    *(f"c_tongue{number}" for number in range(5)),
    *("r_eye", "r_eye_null", "l_eye", "l_eye_null", "c_head_null"),
)
"""In the order of the model."""


def _above() -> dict[str, str]:
    """What each joint hangs on; twists are left out, for files hang them on one another or not."""
    above = {"root": "body_world", "c_spine0": "root", "c_neck": "c_spine3", "c_head": "c_neck", "c_jaw": "c_head"}
    above |= {"c_teeth": "c_jaw", "c_jaw_null": "c_jaw", "c_tongue0": "c_jaw", "c_head_null": "c_head"}
    above |= {f"c_spine{number}": f"c_spine{number - 1}" for number in (1, 2, 3)}
    above |= {f"c_tongue{number}": f"c_tongue{number - 1}" for number in (1, 2, 3, 4)}
    for side in "lr":
        chains = [("root", LEG.split()), ("c_spine3", ARM.split())]
        for finger in dict.fromkeys(part[:-1] for part in FINGERS.split() if part[-1].isdigit()):
            chains.append((f"{side}_wrist", [part for part in FINGERS.split() if part.startswith(finger)]))
        for start, parts in chains:
            names = [start, *(f"{side}_{part}" for part in parts)]
            above |= dict(zip(names[1:], names[:-1], strict=True))
        above |= {f"{side}_eye": "c_head", f"{side}_eye_null": f"{side}_eye"}
    return above


ABOVE = _above()


def mhr_names(parents: Mapping[str, str | None]) -> dict[str, str]:
    """The rig's own names of bones that are only numbered in its order, some of them perhaps left out; none where the
    bones do not hang together as there.

    parents: of every bone. Files that leave the first joint out count from the second.
    """
    numbers = {name: int(found[1]) for name in parents if (found := NUMBERED.match(name))}
    for missing in (0, 1):
        names = {name: NAMES[at] for name, number in numbers.items() if (at := number + missing) < len(NAMES)}
        if len(names) == len(numbers) and _agree(names, parents):
            return names
    return {}


def _agree(names: Mapping[str, str], parents: Mapping[str, str | None]) -> bool:
    """Whether the next numbered joint above each is one that it hangs on in the rig."""
    known = 0
    for name, joint in names.items():
        above = parents[name]
        while above is not None and names.get(above) not in ABOVE:
            above = parents[above]
        if joint not in ABOVE or above is None:
            continue
        if names[above] not in _ancestors(joint):
            return False
        known += 1
    return known >= ENOUGH


def _ancestors(joint: str) -> list[str]:
    found = []
    while joint in ABOVE:
        joint = ABOVE[joint]
        found.append(joint)
    return found
