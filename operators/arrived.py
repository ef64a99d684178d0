# SPDX-License-Identifier: GPL-3.0-or-later
"""What can be done with results that stand in the scene: look at them, and put them at the cursor."""

from typing import Annotated

import bpy
from mathutils import Vector

from ..scene import showing
from ..scene.data import cursor_of, scene_of
from ..scene.result_objects import jobs_of_selected, objects_of
from .result import Result

NOTHING_SELECTED = "No result is selected: select its object in the viewport."


class SAM3D_OT_frame_result(bpy.types.Operator):
    """Move the view to this result"""

    bl_idname = "sam3d.frame_result"
    bl_label = "Frame"

    job_id: Annotated[str, bpy.props.StringProperty(name="Job", description="The job's ID", options={"SKIP_SAVE"})]

    def execute(self, context: bpy.types.Context) -> Result:
        """Frame its objects in the viewport that the artist is in, or else in the largest."""
        objects = [obj for obj in objects_of(scene_of(context), {self.job_id}) if obj.visible_get()]
        if not objects:
            self.report({"WARNING"}, "This result is not to be seen in this scene: show it, or press Import.")
            return {"CANCELLED"}
        views = [view for view in showing.viewports(context) if showing.may_turn(view[2])]
        if not views:
            self.report({"WARNING"}, "No viewport can be moved to it: leave the camera's view, or open a 3D viewport.")
            return {"CANCELLED"}
        window, area, _ = next((view for view in views if view[1] == context.area), views[0])
        showing.frame(context, window, area, objects)
        return {"FINISHED"}


class SAM3D_OT_move_to_cursor(bpy.types.Operator):
    """Move the result, or without one the selected results, to the 3D cursor; they keep their places to each other"""

    bl_idname = "sam3d.move_to_cursor"
    bl_label = "Move to Cursor"
    bl_options = {"REGISTER", "UNDO"}

    job_id: Annotated[str, bpy.props.StringProperty(name="Job", options={"SKIP_SAVE", "HIDDEN"})]

    def execute(self, context: bpy.types.Context) -> Result:
        """Put the middle of their base there."""
        scene = scene_of(context)
        objects = objects_of(scene, [self.job_id] if self.job_id else jobs_of_selected(context))
        tops = [obj for obj in objects if obj.parent not in objects]
        if not tops:
            self.report({"WARNING"}, NOTHING_SELECTED)
            return {"CANCELLED"}
        way = Vector(cursor_of(scene)) - showing.base(objects)
        for obj in tops:
            obj.matrix_world.translation += way
        return {"FINISHED"}
