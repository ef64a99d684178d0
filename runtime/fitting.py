# SPDX-License-Identifier: GPL-3.0-or-later
"""Selected results are fitted to their photo anew, as what is said of them."""

from collections.abc import Sequence

import bpy

from ..properties import scene_settings
from ..scene.data import scene_of
from ..scene.placed import say_what_it_stands_on, source_of
from ..scene.result_objects import JOB, active_job, jobs_of_selected, objects_of
from .matching import CannotMatch, start_fit
from .standing import match_for

NOTHING_SELECTED = "No result is selected: select its object in the viewport."
NOT_AS_IN_PHOTO = "What is selected was not made to stand as in its photo: choose As in the Photo and reconstruct it."
NOTHING_BELOW = "Select what stands on it first, and then, with Shift, the result that it stands on."


def fit_selected(context: bpy.types.Context) -> None:
    """Fit the selected results anew to their masks, also where they were moved by hand; in the background.

    Raises CannotMatch.
    """
    _fit(context, _selected(context))


def stand_selected_on(context: bpy.types.Context, on: str) -> None:
    """Have the selected results stand on the GROUND, on the ACTIVE one, or on what is FOUND, and fit them so.

    Raises CannotMatch.
    """
    objects, below = _selected(context), active_job(context)
    if on == "ACTIVE":
        active = [obj for obj in objects if obj.get(JOB) == below]
        objects = [obj for obj in objects if obj not in active]
        if not objects or not active or any(source_of(obj) != source_of(active[0]) for obj in objects):
            raise CannotMatch(NOTHING_BELOW)
    for obj in objects:
        say_what_it_stands_on(obj, {"GROUND": "", "ACTIVE": below}.get(on))
    _fit(context, objects)


def _selected(context: bpy.types.Context) -> list[bpy.types.Object]:
    """The selected results that stand as a photo shows them, by their objects at the top; raises CannotMatch."""
    jobs = jobs_of_selected(context)
    found = [obj for obj in objects_of(scene_of(context), jobs) if obj.parent is None and source_of(obj)]
    if not found:
        raise CannotMatch(NOT_AS_IN_PHOTO if jobs else NOTHING_SELECTED)
    return found


def _fit(context: bpy.types.Context, objects: Sequence[bpy.types.Object]) -> None:
    """Fit objects anew, those of each photo together; raises CannotMatch."""
    for source in dict.fromkeys(map(source_of, objects)):
        match = match_for(scene_settings(scene_of(context)), source)
        jobs = [str(obj.get(JOB)) for obj in objects if source_of(obj) == source]
        start_fit(context, match, keeps_camera=True, jobs=jobs)
