# SPDX-License-Identifier: GPL-3.0-or-later
"""From joints to bones: who hangs on whom, where each bone points, and how it is rolled about itself."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np

from ..arrays import Floats
from .skeleton import BONES

ARM, LEG = ("upper_arm", "forearm"), ("thigh", "shin")
LIMBS = dict.fromkeys(ARM, ARM) | dict.fromkeys(LEG, LEG)

LAST = {"hand": 0.4, "toe": 0.5, "head": 1.5}  # length of a last bone, next to the one before it
OTHER_LAST = 0.7
SHORTEST = 0.004  # of the skeleton's size; shorter bones vanish in Blender
STRAIGHT = 0.1  # sine of the bend under which a limb counts as straight
SURE = 0.5  # sine of the bend from which on a limb can only be bent as people bend theirs
TOWARDS = 0.5  # cosine of the angle to that way, from which on a smaller bend is believed
STEEP = 0.8  # cosine of the angle to the front, from which on a limb points there


@dataclass(frozen=True)
class Bone:
    """A bone in the frame of its joints: from head (3,) to tail (3,); `up` (3,) is where its local Z points, as nearly
    as its direction allows.
    """

    parent: str | None
    head: Floats
    tail: Floats
    up: Floats


def make_bones(heads: Mapping[str, Floats], parents: Mapping[str, str | None], front: Floats) -> dict[str, Bone]:
    """The bones of a skeleton whose joints are known, in an order in which parents come first.

    heads: where each bone begins, (3,), and the ends of `skeleton.JOINTS` as far as they are known. parents: of every
    bone, in any order. front: where the person looks, a unit vector (3,). Names are the extension's own as far as they
    correspond.

    A bone ends where the next one begins: the one that continues it. Its local Z points to where the next bone
    bends, so that a positive turn about X bends a knee, an elbow or a finger; the spine's points to the front.
    """
    order = _parents_first(parents)
    places = np.array([heads[name] for name in order], np.float64)
    shortest = max(float(np.ptp(places, axis=0).max()) * SHORTEST, 1e-6)
    children: dict[str, list[str]] = {name: [] for name in order}
    for name in order:
        parent = parents[name]
        if parent is not None:
            children[parent].append(name)
    tails: dict[str, Floats] = {}
    for name in order:
        parent = parents[name]
        before = None if parent is None else tails[parent] - heads[parent]
        tails[name] = _tail(name, heads, children[name], before, shortest)
    ups = {name: _up(name, heads, tails, front) for name in order}
    return {name: Bone(parents[name], np.asarray(heads[name], np.float64), tails[name], ups[name]) for name in order}


def body_bones(joints: Mapping[str, Floats], front: Floats) -> dict[str, Bone]:
    """The bones of a person from the joints that `find_joints` gives, in the frame with z up."""
    return make_bones(joints, {name: parent for name, (parent, _) in BONES.items()}, front)


def front_of(joints: Mapping[str, Floats]) -> Floats:
    """Where a person looks, by hips and trunk: a unit vector (3,) in a frame with z up; -Y where nobody can tell."""
    if not {"thigh.L", "thigh.R", "hips", "head"} <= set(joints):
        return np.array([0.0, -1.0, 0.0])
    front = np.cross(joints["thigh.L"] - joints["thigh.R"], joints["head"] - joints["hips"])
    return np.asarray(front / max(float(np.linalg.norm(front)), 1e-12))


def _parents_first(parents: Mapping[str, str | None]) -> list[str]:
    order: dict[str, None] = {}

    def add(name: str) -> None:
        parent = parents[name]
        if parent is not None and parent not in order:
            add(parent)
        order[name] = None

    for name in parents:
        add(name)
    return list(order)


def _tail(
    name: str, heads: Mapping[str, Floats], children: list[str], before: Floats | None, shortest: float
) -> Floats:
    head = np.asarray(heads[name], np.float64)
    _, following = BONES.get(name, (None, ""))
    ends = [following] if following in heads else children
    ways = [np.asarray(heads[end], np.float64) - head for end in ends]
    ways = [way for way in ways if np.linalg.norm(way) > shortest]
    if ways and before is not None:
        # of several children the one that goes on straightest
        straight = [float(way @ before / np.linalg.norm(way)) for way in ways]
        return np.asarray(head + ways[int(np.argmax(straight))])
    if ways:
        return np.asarray(head + ways[0])
    if before is None:
        return np.asarray(head + np.array([0.0, 0.0, 10 * shortest]))
    share = LAST.get(_kind(name), OTHER_LAST)
    return np.asarray(head + max(share, shortest / float(np.linalg.norm(before))) * before)


def _up(name: str, heads: Mapping[str, Floats], tails: Mapping[str, Floats], front: Floats) -> Floats:
    kind = _kind(name)
    if kind in LIMBS:
        upper, lower = (f"{part}{name.removeprefix(kind)}" for part in LIMBS[kind])
        if upper in tails and lower in tails:
            along, next_way = _way(upper, heads, tails), _way(lower, heads, tails)
            bend = _across(next_way, along)
            size = float(np.linalg.norm(bend))
            sure = size > SURE or float(next_way @ along) < 0
            # joints that are a little off bend the other way, or sideways
            if sure or (size > STRAIGHT and float(bend @ _flexion(upper, heads, tails, front)) > TOWARDS * size):
                # the hinge is the same for both bones of a limb
                return np.asarray(np.cross(np.cross(along, bend), _way(name, heads, tails)))
        return _flexion(name, heads, tails, front)
    if kind in ("foot", "toe"):
        return np.array([0.0, 0.0, 1.0])
    return front


def _flexion(name: str, heads: Mapping[str, Floats], tails: Mapping[str, Floats], front: Floats) -> Floats:
    """Where a straight limb goes on when it bends: an arm to the front, a leg to the back."""
    sign = 1.0 if _kind(name) in ARM else -1.0
    way = _way(name, heads, tails)
    if abs(float(way @ front)) > STEEP and {"hips", "head"} <= heads.keys():
        right = np.cross(front, np.asarray(heads["head"]) - np.asarray(heads["hips"]))
        flexion = np.cross(right, way)
        return np.asarray(sign * flexion / max(float(np.linalg.norm(flexion)), 1e-12))
    return sign * front


def _kind(name: str) -> str:
    """A bone's name without its side."""
    return name.partition(".")[0]


def _way(name: str, heads: Mapping[str, Floats], tails: Mapping[str, Floats]) -> Floats:
    way = tails[name] - heads[name]
    return np.asarray(way / np.linalg.norm(way))


def _across(way: Floats, along: Floats) -> Floats:
    """The part of a unit vector that is at right angles to another."""
    return np.asarray(way - (way @ along) * along)
