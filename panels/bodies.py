# SPDX-License-Identifier: GPL-3.0-or-later
"""What can be done with a person in the scene."""

import bpy

from ..properties import settings_of
from ..scene.data import armature_of

POSES = (("photo", "Photo Pose"), ("neutral", "A-Pose"))
KEPT, CONTROLS = "sam3d_poses", "IK"
"""What an armature that the extension has made carries: its poses, and the collection of its controls."""


class SAM3D_PT_body(bpy.types.Panel):
    """Poses and bones of the active person"""

    bl_label = "Body"
    bl_category = "SAM 3D"
    bl_space_type = "VIEW_3D"
    bl_region_type = "UI"
    bl_order = 10
    layout: bpy.types.UILayout

    @classmethod
    def poll(cls, context: bpy.types.Context) -> bool:
        """A person must be active, or a mesh while people are made."""
        obj = context.active_object
        if obj is None:
            return False
        return _person(obj) is not None or (obj.type == "MESH" and settings_of(context).subject == "BODY")

    def draw(self, context: bpy.types.Context) -> None:
        """Rig a mesh, or pose a rigged one."""
        column, obj = self.layout.column(), context.active_object
        armature = _person(obj) if obj is not None else None
        if armature is None:
            column.operator("sam3d.rig_body", icon="OUTLINER_OB_ARMATURE")
            return
        row = column.row(align=True)
        for pose, name in POSES:
            row.operator("sam3d.take_pose", text=name).pose = pose
        row = column.row(align=True)
        row.operator(
            "sam3d.toggle_ik", text="IK", icon="CON_KINEMATIC", depress=CONTROLS in armature_of(armature).collections
        )
        row.operator("sam3d.rebind_body", icon="MOD_ARMATURE")


def _person(obj: bpy.types.Object) -> bpy.types.Object | None:
    """The armature that the extension has made, which is the object or poses it."""
    armature = obj if obj.type == "ARMATURE" else obj.find_armature()
    return armature if armature is not None and armature.get(KEPT) is not None else None
