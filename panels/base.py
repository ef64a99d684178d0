# SPDX-License-Identifier: GPL-3.0-or-later
"""What the active result stands on in its photo: told, and to be chosen."""

import bpy

from ..runtime.standing import placed_objects
from ..scene.data import scene_of
from ..scene.placed import placed_top, source_of, told_base
from ..scene.result_objects import JOB

BY_ITSELF, GROUND = "What fits", "The ground"


class SAM3D_MT_stands_on(bpy.types.Menu):
    """What the active result stands on"""

    bl_idname = "SAM3D_MT_stands_on"
    bl_label = "Stands On"
    layout: bpy.types.UILayout

    def draw(self, context: bpy.types.Context) -> None:
        """The ground, and each other thing of its photo."""
        top = placed_top(context.active_object)
        if top is None:
            return
        self.layout.operator("sam3d.stand_on", text=BY_ITSELF).by_itself = True
        self.layout.operator("sam3d.stand_on", text=GROUND).job_id = ""
        for other in placed_objects(scene_of(context), source_of(top)):
            if other != top:
                row = self.layout.operator("sam3d.stand_on", text=other.name)
                row.job_id = str(other.get(JOB))


def draw_base(layout: bpy.types.UILayout, context: bpy.types.Context, top: bpy.types.Object) -> None:
    """A row that says what a result stands on, and opens the menu."""
    base = told_base(top)
    others = placed_objects(scene_of(context), source_of(top))
    known = next((other.name for other in others if base and other.get(JOB) == base), GROUND)
    row = layout.split(factor=0.4)
    row.label(text="Stands on")
    row.menu(SAM3D_MT_stands_on.bl_idname, text=BY_ITSELF if base is None else known)
