# SPDX-License-Identifier: GPL-3.0-or-later
"""The camera of a photo, and what stands before it: found, fitted anew, looked through."""

from collections.abc import Callable
from typing import Annotated

import bpy

from ..properties import settings_of
from ..runtime import fitting, matching
from ..runtime.matching import CannotMatch
from ..runtime.pump import follow
from ..scene.data import scene_of
from ..scene.photo_camera import fit_background, look_through, use_size
from .result import Result

NO_CAMERA = "This photo has no camera yet: press Find Camera, or reconstruct it as in the photo."


class SAM3D_OT_match_camera(bpy.types.Operator):
    """Find the camera that has taken the photo, and fit what stands before it anew"""

    bl_idname = "sam3d.match_camera"
    bl_label = "Find Camera"
    bl_options = {"REGISTER"}

    def execute(self, context: bpy.types.Context) -> Result:
        """Look for it, in the background where there is a window."""
        return begin(self, context, lambda: matching.find_camera_of(context))


class SAM3D_OT_fit_to_photo(bpy.types.Operator):
    """Fit the selected results to their masks anew, also those that were moved by hand"""

    bl_idname = "sam3d.fit_to_photo"
    bl_label = "Fit to Photo"
    bl_options = {"REGISTER"}

    def execute(self, context: bpy.types.Context) -> Result:
        """Look for their places, in the background where there is a window."""
        return begin(self, context, lambda: fitting.fit_selected(context))


class SAM3D_OT_stand_on(bpy.types.Operator):
    """Say what the selected results stand on, and fit them to the photo so"""

    bl_idname = "sam3d.stand_on"
    bl_label = "Stands On"
    bl_options = {"REGISTER"}

    on: Annotated[
        str,
        bpy.props.EnumProperty(
            name="On",
            description="What they stand on",
            items=[
                ("FOUND", "As Found", "On the ground, or on another object where that covers the mask better"),
                ("GROUND", "The Ground", "On the ground"),
                ("ACTIVE", "The Active Object", "On the active object, which is another result of the same photo"),
            ],
        ),
    ]

    def execute(self, context: bpy.types.Context) -> Result:
        """Remember it, and fit them anew."""
        return begin(self, context, lambda: fitting.stand_selected_on(context, self.on))


class SAM3D_OT_look_through(bpy.types.Operator):
    """Look through the photo's camera in this viewport, or no more; the scene's own camera stays what it is"""

    bl_idname = "sam3d.look_through"
    bl_label = "Look Through"
    bl_options = {"REGISTER"}

    @classmethod
    def poll(cls, context: bpy.types.Context) -> bool:
        """Whether there is a camera to look through."""
        return context.scene is not None and settings_of(context).camera is not None

    def execute(self, context: bpy.types.Context) -> Result:
        """Show what it sees, with the photo behind."""
        settings, scene = settings_of(context), scene_of(context)
        camera, match = settings.camera, settings.match
        if camera is None or match is None:
            self.report({"WARNING"}, NO_CAMERA)
            return {"CANCELLED"}
        fit_background(scene, camera, match.width, match.height, match.orientation)
        if not look_through(context, camera):
            self.report({"WARNING"}, "There is no 3D viewport in this window: open one to look through the camera.")
            return {"CANCELLED"}
        return {"FINISHED"}


class SAM3D_OT_use_photo_size(bpy.types.Operator):
    """Render in the photo's own size, so that renders lie over it"""

    bl_idname = "sam3d.use_photo_size"
    bl_label = "Use Photo's Size"
    bl_options = {"REGISTER", "UNDO"}

    @classmethod
    def poll(cls, context: bpy.types.Context) -> bool:
        """Whether the photo has a camera that renders would be made with."""
        return context.scene is not None and settings_of(context).camera is not None

    def execute(self, context: bpy.types.Context) -> Result:
        """Set the scene's resolution."""
        settings, scene = settings_of(context), scene_of(context)
        camera, match = settings.camera, settings.match
        if camera is None or match is None:
            self.report({"WARNING"}, NO_CAMERA)
            return {"CANCELLED"}
        use_size(scene, match.width, match.height)
        fit_background(scene, camera, match.width, match.height, match.orientation)
        return {"FINISHED"}


def begin(operator: bpy.types.Operator, context: bpy.types.Context, match: Callable[[], None]) -> Result:
    """Begin a match, which may say that there is nothing to be matched, and follow it."""
    try:
        match()
    except CannotMatch as error:
        operator.report({"WARNING"}, str(error))
        return {"CANCELLED"}
    return go_on(operator, context)


def go_on(operator: bpy.types.Operator, context: bpy.types.Context) -> Result:
    """Follow what was begun; without a window, wait for it."""
    if not bpy.app.background:
        follow()
        return {"FINISHED"}
    for sentence in matching.wait(context):
        operator.report({"WARNING"}, sentence)
    return {"FINISHED"}
