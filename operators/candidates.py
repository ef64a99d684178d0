# SPDX-License-Identifier: GPL-3.0-or-later
"""What else a drawing may mean: one after the other in the place of the active mask."""

from typing import Annotated

import bpy

from ..properties import settings_of
from ..runtime.mask_sync import candidates_of, choose
from .result import Result


class SAM3D_OT_choose_candidate(bpy.types.Operator):
    """Show the next thing that the drawing may mean, such as the whole or a part of it"""

    bl_idname = "sam3d.choose_candidate"
    bl_label = "Next Candidate"
    bl_options = {"UNDO"}

    step: Annotated[
        int,
        bpy.props.IntProperty(name="Step", description="How many further; negative: back", default=1, soft_min=-1),
    ]

    @classmethod
    def poll(cls, context: bpy.types.Context) -> bool:
        """The active mask must have more than one."""
        mask = settings_of(context).mask_in(context.space_data)
        made = None if mask is None else candidates_of(mask)
        return made is not None and len(made.candidates) > 1

    def execute(self, context: bpy.types.Context) -> Result:
        """Put it in the mask's place; behind the last one comes the first."""
        mask = settings_of(context).mask_in(context.space_data)
        if mask is None:
            return {"CANCELLED"}
        choose(mask, self.step)
        return {"FINISHED"}
