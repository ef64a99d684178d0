# SPDX-License-Identifier: GPL-3.0-or-later
"""The list of masks."""

from typing import Annotated

import bpy

from ..properties import settings_of
from ..runtime.gestures import new_mask
from ..runtime.mask_sync import select, take_over
from ..runtime.pump import follow
from ..runtime.state import runtime
from ..scene.pixels import NoPixels, picture
from .result import Result


class _OnMasks:
    """There must be a mask."""

    @classmethod
    def poll(cls, context: bpy.types.Context) -> bool:
        """There must be a mask."""
        return bool(settings_of(context).masks)


class SAM3D_OT_add_mask(bpy.types.Operator):
    """Add an empty mask: each one that is switched on becomes an object of its own"""

    bl_idname = "sam3d.add_mask"
    bl_label = "Add Mask"
    bl_options = {"REGISTER", "UNDO"}

    def execute(self, context: bpy.types.Context) -> Result:
        """Append an empty mask and make it the active one."""
        new_mask(settings_of(context))
        return {"FINISHED"}


class SAM3D_OT_remove_mask(_OnMasks, bpy.types.Operator):
    """Remove the active mask from the list"""

    bl_idname = "sam3d.remove_mask"
    bl_label = "Remove Mask"
    bl_options = {"REGISTER", "UNDO"}

    def execute(self, context: bpy.types.Context) -> Result:
        """Remove it and make its neighbor active."""
        settings = settings_of(context)
        settings.masks.remove(settings.active_mask)
        settings.active_mask = max(0, min(settings.active_mask, len(settings.masks) - 1))
        return {"FINISHED"}


class SAM3D_OT_move_mask(_OnMasks, bpy.types.Operator):
    """Move the active mask in the list; objects stand and are made in its order"""

    bl_idname = "sam3d.move_mask"
    bl_label = "Move Mask"
    bl_options = {"REGISTER", "UNDO"}

    direction: Annotated[
        str,
        bpy.props.EnumProperty(
            name="Direction", description="Where to", items=[("UP", "Up", ""), ("DOWN", "Down", "")]
        ),
    ]

    def execute(self, context: bpy.types.Context) -> Result:
        """Swap it with its neighbor, if there is one."""
        settings = settings_of(context)
        place = settings.active_mask + (-1 if self.direction == "UP" else 1)
        if not 0 <= place < len(settings.masks):
            return {"CANCELLED"}
        settings.masks.move(settings.active_mask, place)
        settings.active_mask = place
        return {"FINISHED"}


class SAM3D_OT_switch_masks(_OnMasks, bpy.types.Operator):
    """Switch all masks on or off"""

    bl_idname = "sam3d.switch_masks"
    bl_label = "Switch Masks"
    bl_options = {"REGISTER", "UNDO"}

    to: Annotated[
        str,
        bpy.props.EnumProperty(
            name="To",
            description="How the masks are afterwards",
            items=[("ON", "On", ""), ("OFF", "Off", ""), ("INVERT", "Invert", "")],
        ),
    ]

    def execute(self, context: bpy.types.Context) -> Result:
        """Open or close the eyes of all rows."""
        for mask in settings_of(context).masks:
            mask.use = not mask.use if self.to == "INVERT" else self.to == "ON"
        return {"FINISHED"}


class SAM3D_OT_clear_masks(_OnMasks, bpy.types.Operator):
    """Remove all masks: the whole photo is one subject again"""

    bl_idname = "sam3d.clear_masks"
    bl_label = "Remove All Masks"
    bl_options = {"REGISTER", "UNDO"}

    def execute(self, context: bpy.types.Context) -> Result:
        """Empty the list."""
        settings = settings_of(context)
        settings.masks.clear()
        settings.active_mask = 0
        return {"FINISHED"}


class SAM3D_OT_update_mask(_OnMasks, bpy.types.Operator):
    """Make the mask's image anew from its box and points"""

    bl_idname = "sam3d.update_mask"
    bl_label = "Update Mask"
    bl_options = {"REGISTER", "UNDO"}

    index: Annotated[
        int,
        bpy.props.IntProperty(
            name="Index", description="The mask's place in the list, from 0; -1 for the active one", default=-1, min=-1
        ),
    ]

    def execute(self, context: bpy.types.Context) -> Result:
        """Ask for the mask, and without a window wait for it."""
        settings = settings_of(context)
        index = settings.active_mask if self.index < 0 else self.index
        if index >= len(settings.masks):
            return self._refuse(f"There is no mask {index}: the list has {len(settings.masks)}, counted from 0.")
        mask = settings.masks[index]
        if not mask.has_prompts:
            return self._refuse("This mask has no box and no points that show its subject: draw them first.")
        if settings.image is None:
            return self._refuse("Choose a photo first.")
        try:
            select(mask, picture(settings.photo))
        except NoPixels as error:
            return self._refuse(str(error))
        if not bpy.app.background:
            follow()
            return {"FINISHED"}
        runtime().masks.finish()
        take_over()
        problem = runtime().masks.problem(mask.drawn)
        return self._refuse(problem) if problem else {"FINISHED"}

    def _refuse(self, reason: str) -> Result:
        self.report({"WARNING"}, reason)
        return {"CANCELLED"}
