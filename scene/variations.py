# SPDX-License-Identifier: GPL-3.0-or-later
"""Variations of one subject in the scene, told by the jobs that their objects name: one is shown, in one place."""

from collections.abc import Iterable

from bpy.types import Context, Object

from .data import scene_of, view_layer_of
from .placed import move_alike, source_of
from .result_objects import objects_of


def show_only(context: Context, shown: str, others: Iterable[str], instead_of: str = "") -> None:
    """Show one job's objects, selected, where those of `instead_of` stand, and hide the others'."""
    scene, view_layer = scene_of(context), view_layer_of(context)
    objects = objects_of(scene, {shown})
    if instead_of != shown:
        _move_to(objects, objects_of(scene, {instead_of}))
    for other in others:
        hide(context, objects_of(scene, {other}))
    for obj in list(view_layer.objects.selected):
        obj.select_set(False, view_layer=view_layer)
    for obj in objects:
        obj.hide_render = obj.hide_viewport = False
        if obj.name in view_layer.objects:
            obj.hide_set(False, view_layer=view_layer)
            obj.select_set(True, view_layer=view_layer)
    if objects and objects[0].name in view_layer.objects:
        view_layer.objects.active = objects[0]


def hide(context: Context, objects: Iterable[Object]) -> None:
    """Have objects be seen neither in viewports nor in renders."""
    view_layer = view_layer_of(context)
    for obj in objects:
        obj.hide_render = True
        if obj.name in view_layer.objects:
            obj.select_set(False, view_layer=view_layer)
            obj.hide_set(True, view_layer=view_layer)


def is_shown(context: Context, job: str) -> bool:
    """Whether any of a job's objects is to be seen."""
    return any(obj.visible_get(view_layer=view_layer_of(context)) for obj in objects_of(scene_of(context), {job}))


def _move_to(objects: list[Object], place: list[Object]) -> None:
    """Stand where others stand, turned and scaled as they are; several that belong together keep their distances.

    Those that a photo shows each have a place of their own there; they move as others were moved from theirs.
    """
    roots, there = _roots(objects), _roots(place)
    if not roots or not there:
        return
    if all(source_of(root) for root in (*roots, there[0])):
        for root in roots:
            move_alike(root, there[0])
        return
    if len(roots) == len(there) == 1:
        roots[0].matrix_world = there[0].matrix_world.copy()
        return
    shift = there[0].matrix_world.translation - roots[0].matrix_world.translation
    for root in roots:
        root.matrix_world.translation += shift


def _roots(objects: list[Object]) -> list[Object]:
    return [obj for obj in objects if obj.parent not in objects]
