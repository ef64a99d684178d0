# SPDX-License-Identifier: GPL-3.0-or-later
"""The names of a skeleton's bones: those of other tools become the extension's own where they mean the same.

Arms and legs are told by the words in the names, and by the order in which the bones hang on one another where a word
has several meanings. The trunk is told by what hangs on it: it ends below where the legs begin and is the chest where
the arms do, whichever way its bones are numbered.
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from functools import reduce

import numpy as np

from ..arrays import Floats
from .bone_words import ARM, HEAD, HIPS, LEG, NECK, SENSES, SPINE, WORTH, read_names
from .mhr_names import mhr_names
from .skeleton import BONES

Parents = Mapping[str, str | None]

# the Momentum Human Rig's: its spine has a bone more than the names tell
MHR = {"root": "hips", "c_spine1": "spine", "c_spine3": "chest", "c_neck": "neck", "c_head": "head"} | {
    f"{side.lower()}_{theirs}": f"{own}.{side}"
    for side in "LR"
    for theirs, own in {
        "clavicle": "shoulder",
        "uparm": "upper_arm",
        "lowarm": "forearm",
        "wrist": "hand",
        "upleg": "thigh",
        "lowleg": "shin",
        "foot": "foot",
        "ball": "toe",
    }.items()
}
# a namespace such as mixamorig: or mixamorig1:, and Rigify's mark of deforming and original bones
PREFIX = re.compile(r"^(?:[\w ]+:|DEF-|ORG-)")
ESSENTIAL = frozenset({"hips", "spine", "head", "upper_arm.L", "upper_arm.R", "thigh.L", "thigh.R"})
"""Bones without which a skeleton is no person's."""
MOST = 2_000  # bones of a person, with hair and clothes
APART = 0.5  # cosine of the angle between trunk and legs, at rest, from which on somebody stands or sits on two legs

TWISTS = re.compile(r"twist|^(?:upper_arm|forearm|thigh|shin)\.[LR]\.\d+$", re.IGNORECASE)
ENDS = re.compile(r"_null$|_end$|^body_world$|^headfront$", re.IGNORECASE)
FACE = re.compile(r"jaw|teeth|tongue|eye|brow|lip|cheek|nose|ear\b", re.IGNORECASE)


def own_names(parents: Parents, heads: Mapping[str, Floats] | None = None) -> dict[str, str]:
    """For each bone of a skeleton its name here: the extension's own where it corresponds, otherwise what it is called.

    parents: of every bone, none for roots. heads: where each begins at rest, (3,), which tells animals. Own names are
    given once, and only where the skeleton as a whole is a person's; so a bone that is called Spine in a snake keeps
    that name.
    """
    if len(parents) > MOST:
        return {name: name for name in parents}
    numbered = mhr_names(parents)
    called = {name: numbered.get(name, name) for name in parents}
    for table in ({name: name for name in BONES}, MHR):
        found = _by_table(called, table)
        if found.keys() >= ESSENTIAL:
            break
    else:
        found = _by_words(parents)
        if found.keys() >= ESSENTIAL and heads is not None and not _upright(found, heads):
            found = {}
    own = {name: mine for mine, name in found.items()} if found.keys() >= ESSENTIAL else {}
    taken = set(own.values())
    names = {}
    for name in parents:
        names[name] = own.get(name) or _free(called[name], taken)
        taken.add(names[name])
    return names


def is_person(names: Mapping[str, str]) -> bool:
    """Whether the names that `own_names` gave are a person's."""
    return set(names.values()) >= ESSENTIAL


def is_helper(name: str) -> bool:
    """Whether a bone only helps others (a twist, an end, a part of the face), so that it can be folded into them."""
    plain = PREFIX.sub("", name)
    return any(pattern.search(plain) for pattern in (TWISTS, ENDS, FACE))


def _free(name: str, taken: set[str]) -> str:
    numbers = (f"{name}.{number:03}" for number in range(1, len(taken) + 2))
    return name if name not in taken else next(other for other in numbers if other not in taken)


def _by_table(called: Mapping[str, str], table: Mapping[str, str]) -> dict[str, str]:
    """For each own name the first bone that a tool's table gives it."""
    found: dict[str, str] = {}
    for name, theirs in called.items():
        own = table.get(PREFIX.sub("", theirs))
        if own:
            found.setdefault(own, name)
    return found


def _by_words(parents: Parents) -> dict[str, str]:
    """For each own name the bone that it belongs to, as far as one can be told."""
    read = read_names(parents)
    found: dict[str, str] = {}
    for side in "LR":
        words = {name: word for name, (its, word) in read.items() if its == side and word in SENSES}
        for limb in (ARM, LEG):
            found |= {f"{kind}.{side}": name for kind, name in _limb(limb, words, parents).items()}
    for kind in ("upper_arm", "thigh"):
        sides = [found.get(f"{kind}.{side}") for side in "LR"]
        # of a limb that lacks a bone another word would be taken for it
        if None in sides or len({read[str(name)][1] for name in sides}) > 1:
            return {}
    middle = {name: word for name, (its, word) in read.items() if not its}
    return found | _trunk(found, middle, parents)


def _upright(found: Mapping[str, str], heads: Mapping[str, Floats]) -> bool:
    """Whether the legs go the other way than the trunk, and not across it as those of animals do."""
    trunk = heads[found["head"]] - heads[found["hips"]]
    ends = {side: found.get(f"foot.{side}") or found.get(f"shin.{side}") for side in "LR"}
    legs = [heads[end] - heads[found[f"thigh.{side}"]] for side, end in ends.items() if end]
    return all(float(trunk @ leg) < -APART * np.linalg.norm(trunk) * np.linalg.norm(leg) for leg in legs)


def _limb(limb: Sequence[str], words: Mapping[str, str], parents: Parents) -> dict[str, str]:
    """The bones of an arm or a leg by their parts: of all ways to read the words down one chain the best."""
    best: dict[tuple[str, int], tuple[float, dict[str, str]]] = {}
    for name in sorted(words, key=lambda name: len(_chain(name, parents))):
        above = _chain(name, parents)[1:]
        for number, kind in enumerate(limb):
            fits = WORTH[kind] * SENSES[words[name]].get(kind, 0)
            if fits:
                before = [best[other, part] for other in above for part in range(number) if (other, part) in best]
                worth, way = max(before, key=lambda one: one[0], default=(0.0, {}))
                best[name, number] = worth + fits, way | {kind: name}
    return max(best.values(), key=lambda one: one[0], default=(0.0, {}))[1]


def _trunk(limbs: Mapping[str, str], words: Mapping[str, str], parents: Parents) -> dict[str, str]:
    """Hips, spine, chest, neck and head; `words` are those of bones of neither side."""
    arms = _fork([limbs["upper_arm.L"], limbs["upper_arm.R"]], parents)
    chest = next((name for name in arms if words.get(name) not in NECK), None)
    legs = _fork([limbs["thigh.L"], limbs["thigh.R"], *arms[:1]], parents)
    head = _head(chest, words, parents) if chest else None
    if head is None or not legs:
        return {}
    up = _chain(head, parents)[::-1]  # from the root to the head
    between = up[up.index(legs[0]) + 1 : -1] if legs[0] in up else []
    hips = next((name for name in [*legs, *between] if words.get(name) in HIPS), legs[0])
    trunk = up[up.index(hips) + 1 : up.index(str(chest)) + 1] if hips in up else []
    neck = up[up.index(str(chest)) + 1 : -1]
    found = {"hips": hips, "head": head}
    found |= {"spine": trunk[0]} if trunk else {}
    found |= {"chest": trunk[-1]} if len(trunk) > 1 else {}
    return found | ({"neck": neck[0]} if neck else {})


def _head(chest: str, words: Mapping[str, str], parents: Parents) -> str | None:
    """The bone above the chest that is called so; otherwise the last one of the spine, if there is a neck below it."""
    above = [name for name in words if chest in _chain(name, parents)[1:]]
    heads = [name for name in above if words[name] in HEAD]
    if heads:
        return min(heads, key=lambda name: len(_chain(name, parents)))
    spine = [name for name in above if words[name] in SPINE and parents[name] != chest]
    return max(spine, key=lambda name: len(_chain(name, parents)), default=None)


def _fork(names: Sequence[str], parents: Parents) -> list[str]:
    """The bones that all of these hang on, from the nearest to the root."""

    def both(one: list[str], other: list[str]) -> list[str]:
        return [name for name in one if name in other]

    return reduce(both, [_chain(name, parents)[1:] for name in names])


def _chain(name: str | None, parents: Parents) -> list[str]:
    """A bone and those above it, up to the root."""
    found = []
    while name is not None:
        found.append(name)
        name = parents[name]
    return found
