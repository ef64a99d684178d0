# SPDX-License-Identifier: GPL-3.0-or-later
"""The axes of bones change, and what moves them is turned along, so that everything moves as before.

A bone's pose is that of the bone above it, times the place of its rest there, times its own motion M in the axes of
its rest. Where these axes are turned by C, the same motion is C^-1 M C: its place is turned back by C, and so is the
axis of its rotation; an even scale stays. Both are linear in the values of keyframes, so curves keep their shape in
between.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import numpy as np
from bpy.types import FCurve, Object
from bpy.utils import escape_identifier
from mathutils import Matrix
from numpy.typing import NDArray

from .data import pose_bones
from .motion import BONES, bone_curves

Floats = NDArray[np.float64]
Turns = Mapping[str, Matrix]
"""Of each bone how its axes are turned, (3, 3), in its own axes before."""

SAME = 1e-4
"""Within which scales and moments are the same, and a turn is none."""
FREE, BEZIER = 0, 2
"""Blender's numbers for handles that stay where they are put, and for curves with handles."""
TURNED = {"location": (0, 1, 2), "rotation_quaternion": (1, 2, 3)}
"""The values of a bone that make a vector in its axes."""


def stiff_bones(armature: Object) -> set[str]:
    """The bones whose axes cannot be turned with all their motions: those that are stretched, and those that are moved
    by curves that do not belong together.
    """
    stiff = {bone.name for bone in pose_bones(armature) if np.ptp(bone.scale[:]) > SAME * np.abs(bone.scale[:]).max()}
    for curves in bone_curves(armature):
        bad = {path for path, found in curves.items() if not _is_turnable(path.rpartition(".")[2], found)}
        stiff |= {bone.name for bone in pose_bones(armature) if any(path.startswith(_path(bone.name)) for path in bad)}
    return stiff


def turn_motions(armature: Object, turns: Turns) -> None:
    """Has the poses and the actions of an armature move it as before its bones were turned about their heads."""
    for name, turn in turns.items():
        bone = pose_bones(armature)[name]
        bone.matrix_basis = turn.to_4x4().inverted() @ bone.matrix_basis @ turn.to_4x4()
    for curves in bone_curves(armature):
        for name, turn in turns.items():
            back = np.array(turn).T
            for kind, numbers in TURNED.items():
                found = curves.get(f"{_path(name)}{kind}")
                if found and np.abs(back - np.eye(3)).max() > SAME:
                    _turn([curve for curve in found if curve.array_index in numbers], back)


def _path(bone: str) -> str:
    """How the data paths of a bone's curves begin."""
    return f'{BONES}"{escape_identifier(bone)}"].'


def _is_turnable(kind: str, curves: Sequence[FCurve]) -> bool:
    """Whether the curves of a bone's place, rotation, scale or other property can be turned, or need not be."""
    if kind == "scale":
        return _together(curves, 3) and bool(np.ptp([_keys(curve)[:, 1] for curve in curves], axis=0).max() < SAME)
    if kind in TURNED:
        return _together(curves, TURNED[kind][-1] + 1)
    return not kind.startswith("rotation")


def _together(curves: Sequence[FCurve], count: int) -> bool:
    """Whether these are all the curves of a vector, with keyframes at the same moments."""
    if sorted(curve.array_index for curve in curves) != list(range(count)):
        return False
    moments = [_keys(curve)[:, 0] for curve in curves]
    return all(len(one) == len(moments[0]) and np.abs(one - moments[0]).max(initial=0) < SAME for one in moments)


def _keys(curve: FCurve, what: str = "co") -> Floats:
    """The keyframes (n, 2) of a curve, or their handles: moments and values."""
    flat = np.empty(2 * len(curve.keyframe_points), np.float32)
    curve.keyframe_points.foreach_get(what, flat)
    return flat.reshape(-1, 2).astype(np.float64)


def _turn(curves: Sequence[FCurve], turn: Floats) -> None:
    """Turns the vector (3,) that three curves make, by (3, 3)."""
    curves = sorted(curves, key=lambda curve: curve.array_index)
    kinds = np.empty(len(curves[0].keyframe_points), np.int32)
    curves[0].keyframe_points.foreach_get("interpolation", kinds)
    for what in ("co", "handle_left", "handle_right"):
        points = np.array([_keys(curve, what) for curve in curves])
        points[:, :, 1] = turn @ points[:, :, 1]
        for curve, own in zip(curves, points, strict=True):
            curve.keyframe_points.foreach_set(what, own.astype(np.float32).ravel())
    for curve in curves:
        if (kinds == BEZIER).any():  # or Blender would put them elsewhere
            for side in ("handle_left_type", "handle_right_type"):
                curve.keyframe_points.foreach_set(side, np.full(len(kinds), FREE, np.int32))
        curve.update()
