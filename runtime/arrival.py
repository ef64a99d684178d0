# SPDX-License-Identifier: GPL-3.0-or-later
"""What happens when a result has come into the scene: it stands free, in its colors, and is seen."""

import time
from collections.abc import Sequence

import bpy
from mathutils import Vector

from ..jobs.model import Destination, Job
from ..preferences import preferences
from ..scene import showing
from ..scene.clearance import way_clear
from ..scene.data import scene_of, view_layer_of
from ..scene.result_objects import objects_of
from .state import runtime

TURNING = 2.0
"""Seconds in which a view is on its way to where it was moved."""


def make_room(
    context: bpy.types.Context,
    job: Job,
    objects: Sequence[bpy.types.Object],
    peers: Sequence[Job] = (),
    arrangement: str = "",
) -> None:
    """See to it that a result that has just been brought in stands free, unless it takes the place of boxes.

    `peers` are the jobs whose results keep their places to each other, as that `arrangement`.
    """
    if job.destination.replaces:
        return
    known = runtime().arrivals.moved
    moved = known.get(arrangement)
    if moved is None:
        moved = _way_clear(context, job.destination, objects, [peer.destination for peer in peers])
    if arrangement:
        known[arrangement] = moved
    _move(context, objects, Vector(moved))


def show(context: bpy.types.Context, job: Job) -> None:
    """See to it that the result that has just been brought in, and is selected, is seen in its colors."""
    remarks, objects = runtime().arrivals.remarks, list(view_layer_of(context).objects.selected)
    if not objects:  # it is a variation of what is shown
        return
    if _show_colors(context, objects):
        remarks.append("The viewport now shows colors: Viewport Shading has the way back.")
    # what takes the place of boxes stands where the artist has put those
    if not job.destination.replaces and not _bring_into_view(context, objects, key_of(job)):
        remarks.append("Out of view: press Frame in Results.")


def key_of(job: Job) -> str:
    """What jobs have in common whose results keep their places to each other."""
    return job.group or job.task_name


def _way_clear(
    context: bpy.types.Context,
    own: Destination,
    objects: Sequence[bpy.types.Object],
    peers: Sequence[Destination],
) -> tuple[float, float, float]:
    """How far results are to be moved so that all of them stand free."""
    view = next((space for _, _, space in showing.viewports(context)), None)
    others, corners = [], []
    if peers and own.origin is not None:
        origin = Vector(own.origin)
        from_origin = Vector(own.location) - origin
        others = [
            Vector(peer.location) - Vector(peer.origin) - from_origin for peer in peers if peer.origin is not None
        ]
        if own.room is not None:
            left, right, near, far = own.room
            corners = [
                Vector((x, y, own.location[2]))
                for x, y in ((origin.x + left, origin.y + near), (origin.x + right, origin.y + far))
            ]
    way = way_clear(context, objects, others=others, corners=corners, view=view)
    return way.x, way.y, way.z


def _move(context: bpy.types.Context, objects: Sequence[bpy.types.Object], way: Vector) -> None:
    for obj in objects:
        if obj.parent is None:
            obj.location += way
    view_layer_of(context).update()


def _show_colors(context: bpy.types.Context, objects: Sequence[bpy.types.Object]) -> bool:
    """Show colors in viewports that the artist has left as Blender begins; returns whether one was changed.

    One that was set back stays so, and so do all others until Blender ends.
    """
    arrivals, changed = runtime().arrivals, False
    if not preferences(context).show_in_color:
        return False
    for _, area, space in showing.viewports(context):
        number = area.as_pointer()
        if number in arrivals.colored and space.shading.color_type == "MATERIAL":
            arrivals.leaves_colors = True
        if not arrivals.leaves_colors and showing.show_colors(space, objects):
            arrivals.colored.add(number)
            changed = True
    return changed


def _bring_into_view(context: bpy.types.Context, objects: Sequence[bpy.types.Object], together: str) -> bool:
    """Move a view to the first results of a file where none shows them; returns whether they are seen."""
    arrivals = runtime().arrivals
    views = list(showing.viewports(context))
    is_first = arrivals.framed in (None, together)
    if arrivals.framed is None:
        arrivals.framed = together
    if not views or any(showing.is_seen(area, space, objects) for _, area, space in views):
        return True
    found = next(((window, area, space) for window, area, space in views if showing.may_turn(space)), None)
    if not is_first or found is None:
        return False
    window, area, space = found
    is_turning = time.monotonic() - arrivals.looked_at < TURNING
    if arrivals.looks_at is not None and not (is_turning or showing.looks_at(space, arrivals.looks_at)):
        return False  # the artist has moved on
    ids = {job.id for job in runtime().queue.jobs.values() if key_of(job) == together}
    shown = [obj for obj in objects_of(scene_of(context), ids) if obj.visible_get()]
    showing.frame(context, window, area, shown)
    middle = showing.middle(shown)
    arrivals.looked_at = time.monotonic()
    arrivals.looks_at = middle.x, middle.y, middle.z
    return True
