# SPDX-License-Identifier: GPL-3.0-or-later
"""What of an object its actions move, those that play and those that wait in its NLA tracks."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import Any

from bpy.types import Action, AnimData, FCurve, NlaStrip, Object

from .data import mesh_of

BONES = "pose.bones["
FLAT = 1e-5
"""Within which the values of a curve are the same."""


def bone_curves(armature: Object) -> Iterator[dict[str, list[FCurve]]]:
    """Of each action that moves the bones of an armature, those curves by their data paths, each action once."""
    seen = set()
    for bag in _bags(armature.animation_data):
        curves = [curve for curve in bag if curve.data_path.startswith(BONES)]
        if not curves or curves[0].as_pointer() in seen:
            continue
        seen.add(curves[0].as_pointer())
        found: dict[str, list[FCurve]] = {}
        for curve in curves:
            found.setdefault(curve.data_path, []).append(curve)
        yield found


def object_moves(obj: Object) -> bool:
    """Whether actions move the object as a whole."""
    return any(not curve.data_path.startswith(BONES) for curve in _curves(obj.animation_data))


def bones_move(armature: Object) -> bool:
    """Whether actions move bones of an armature."""
    return any(curve.data_path.startswith(BONES) for curve in _curves(armature.animation_data))


def holds_pose(armature: Object) -> bool:
    """Whether a single action moves bones of an armature, and it holds them still: it is a pose, such as a photo's."""
    actions = list(bone_curves(armature))
    if len(actions) != 1 or object_moves(armature):
        return False
    return all(_is_flat(curve) for curves in actions[0].values() for curve in curves)


def keys_move(obj: Object) -> bool:
    """Whether actions move shape keys of a mesh object."""
    keys = mesh_of(obj).shape_keys
    return keys is not None and any(True for _ in _curves(keys.animation_data))


def what_plays(objects: Iterable[Object]) -> str:
    """A sentence for an artist on the animations of objects that were just brought in; empty where none plays.

    Blender's importer makes a muted NLA track of each animation, and has the first one play.
    """
    tracks: dict[str, bool] = {}
    for obj in objects:
        keys = mesh_of(obj).shape_keys if obj.type == "MESH" else None
        for animation in (obj.animation_data, keys.animation_data if keys else None):
            if animation is None:
                continue
            for track in animation.nla_tracks:
                plays = any(strip.action == animation.action for strip in track.strips)
                tracks[track.name] = plays or tracks.get(track.name, False)
    playing = [name for name, plays in tracks.items() if plays]
    if not playing:
        return ""
    waiting = len(tracks) - len(playing)
    sentence = f"It plays the action {playing[0]}: unlink that in the Action Editor to pose it by hand."
    return f"{sentence} {waiting} more wait in the NLA Editor." if waiting else sentence


def _is_flat(curve: FCurve) -> bool:
    first = curve.keyframe_points[0].co.y
    return all(abs(point.co.y - first) < FLAT for point in curve.keyframe_points)


def _curves(animation: AnimData | None) -> Iterator[FCurve]:
    for bag in _bags(animation):
        yield from bag


def actions_of(obj: Object) -> set[Action]:
    """The action that an object plays, and those in its NLA tracks."""
    return {user.action for user in _users(obj.animation_data) if user.action is not None}


def _users(animation: AnimData | None) -> list[AnimData | NlaStrip]:
    if animation is None:
        return []
    return [animation, *(strip for track in animation.nla_tracks for strip in track.strips)]


def _bags(animation: AnimData | None) -> Iterator[Iterable[FCurve]]:
    """The curves of the action that plays and of each in the NLA tracks."""
    for user in _users(animation):
        if user.action is not None:
            yield from _bags_of(user.action, getattr(user, "action_slot", None))


def _bags_of(action: Action, slot: Any) -> Iterator[Iterable[FCurve]]:
    """The curves of an action; since 4.4 those of its users each have a slot."""
    if not hasattr(action, "layers"):
        yield action.fcurves
        return
    for layer in action.layers:
        for strip in layer.strips:
            bag = strip.channelbag(slot) if slot is not None else None  # type: ignore[attr-defined]  # of keyframes
            if bag is not None:
                yield bag.fcurves
