# SPDX-License-Identifier: GPL-3.0-or-later
"""People in the scene: an armature for a mesh, joints corrected, poses, controls for hands and feet."""

import threading
from collections.abc import Mapping
from typing import Annotated

import bpy
import numpy as np
from numpy.typing import NDArray

from ..engine.rigging.errors import RigError
from ..engine.rigging.person import Person, rig_people
from ..scene.bodies import rebind, rig
from ..scene.data import mesh_of, scene_of, view_layer_of, window_manager_of, workspace_of
from ..scene.ik import add_ik, can_have_ik, follow_limbs, has_ik, remove_ik
from ..scene.poses import NEUTRAL, PHOTO, has_poses, take_pose
from ..scene.surfaces import surface
from .result import Result

PERIOD = 0.1
Joints = Mapping[str, NDArray[np.float64]]


class SAM3D_OT_rig_body(bpy.types.Operator):
    """Give the active mesh, the body of a person, an armature that poses it"""

    bl_idname = "sam3d.rig_body"
    bl_label = "Rig Body"
    bl_options = {"REGISTER", "UNDO"}

    @classmethod
    def poll(cls, context: bpy.types.Context) -> bool:
        """There must be a mesh that nothing poses yet."""
        obj = context.active_object
        reason = ""
        if context.mode != "OBJECT":
            reason = "Leave this mode for Object Mode first."
        elif obj is None or obj.type != "MESH":
            reason = "Select the mesh of a person first."
        elif obj.find_armature() is not None:
            reason = "This mesh has an armature already: correct its bones and press Rebind, or remove it first."
        elif not obj.is_editable or not mesh_of(obj).is_editable:
            reason = "This mesh belongs to another file: make it local first."
        if reason:
            cls.poll_message_set(reason)
        return not reason

    def invoke(self, context: bpy.types.Context, _event: bpy.types.Event) -> Result:
        """Look for the joints on a thread, so that Blender goes on."""
        obj = _active(context)
        self.body, self.search = obj.name, _Search(obj)
        self.timer = window_manager_of(context).event_timer_add(PERIOD, window=context.window)
        window_manager_of(context).modal_handler_add(self)
        workspace_of(context).status_text_set(f"Looking for the joints of {self.body}... Esc: Cancel")
        return {"RUNNING_MODAL"}

    def modal(self, context: bpy.types.Context, event: bpy.types.Event) -> Result:
        """Wait for the joints; everything else passes."""
        if event.type == "ESC":
            self._end(context)
            return {"CANCELLED"}
        if event.type != "TIMER" or not self.search.done:
            return {"PASS_THROUGH"}
        self._end(context)
        obj = scene_of(context).objects.get(self.body)
        if obj is None or context.mode != "OBJECT" or len(obj.data.vertices) != len(self.search.vertices):
            self.report({"WARNING"}, f"{self.body} has changed meanwhile: press Rig Body again.")
            return {"CANCELLED"}
        return self._rig(context, obj)

    def cancel(self, context: bpy.types.Context) -> None:
        """Blender takes the operator away."""
        self._end(context)

    def execute(self, context: bpy.types.Context) -> Result:
        """The same at once, for scripts."""
        obj = _active(context)
        self.search = _Search(obj)
        self.search.thread.join()
        return self._rig(context, obj)

    def _end(self, context: bpy.types.Context) -> None:
        window_manager_of(context).event_timer_remove(self.timer)
        workspace_of(context).status_text_set(None)

    def _rig(self, context: bpy.types.Context, obj: bpy.types.Object) -> Result:
        if self.search.reason:
            self.report({"WARNING"}, self.search.reason)
            return {"CANCELLED"}
        armature = rig(context, obj, self.search.joints, f"{obj.name} Rig")
        armature.select_set(True)
        view_layer_of(context).objects.active = armature
        if self.search.note:
            self.report({"INFO"}, self.search.note)
        return {"FINISHED"}


class _Search:
    """The joints of one object, looked for on a thread; `reason` is a sentence where they were not found."""

    def __init__(self, obj: bpy.types.Object) -> None:
        self.vertices, triangles = surface(obj)
        self.faces = triangles[:, :3]
        self.joints: Joints = {}
        self.reason = self.note = ""
        self.turn = np.array(obj.matrix_world)[:3, :3]
        self.thread = threading.Thread(target=self._run, name="SAM 3D joints", daemon=True)
        self.thread.start()

    @property
    def done(self) -> bool:
        return not self.thread.is_alive()

    def _run(self) -> None:
        try:
            people = rig_people(self.vertices @ self.turn.T, self.faces, "Z")
        except (RigError, MemoryError) as error:
            self.reason = str(error) or "There is not enough memory to rig this mesh: reduce it first."
            return
        self._take(people)

    def _take(self, people: list[Person]) -> None:
        if len(people) != 1:
            self.reason = (
                "The mesh has no faces: select the mesh of a person."
                if not people
                else f"The mesh holds {len(people)} people: separate them in Edit Mode, and rig each."
            )
            return
        back = np.linalg.inv(self.turn)
        self.reason, self.note = people[0].reason, people[0].note
        self.joints = {name: back @ place for name, place in people[0].joints.items()}


def _active(context: bpy.types.Context) -> bpy.types.Object:
    """The active object, which `poll` has seen."""
    assert context.active_object is not None
    return context.active_object


def active_armature(context: bpy.types.Context) -> bpy.types.Object | None:
    """The armature that is active, or that poses the active mesh."""
    obj = context.active_object
    if obj is None or obj.type == "ARMATURE":
        return obj
    return obj.find_armature()


def _polled_armature(context: bpy.types.Context) -> bpy.types.Object:
    """The active armature, which `poll` has seen."""
    armature = active_armature(context)
    assert armature is not None
    return armature


class _ArmatureOperator:
    @classmethod
    def poll(cls, context: bpy.types.Context) -> bool:
        """There must be an armature that this extension has made or put in order."""
        armature = active_armature(context)
        return armature is not None and has_poses(armature) and context.mode in ("OBJECT", "POSE")


class SAM3D_OT_take_pose(_ArmatureOperator, bpy.types.Operator):
    """Bring the person into one of the two poses that are kept: the photo's, or a neutral one"""

    bl_idname = "sam3d.take_pose"
    bl_label = "Take Pose"
    bl_options = {"REGISTER", "UNDO"}

    pose: Annotated[
        str,
        bpy.props.EnumProperty(
            name="Pose",
            description="Which of the two",
            items=[
                (PHOTO, "Photo Pose", "As in the photo"),
                (NEUTRAL, "A-Pose", "Upright, the arms half lowered"),
            ],
        ),
    ]

    def execute(self, context: bpy.types.Context) -> Result:
        """Pose all bones; the controls of hands and feet follow."""
        armature = _polled_armature(context)
        take_pose(armature, self.pose)
        if has_ik(armature):
            follow_limbs(context, armature)
        return {"FINISHED"}


class SAM3D_OT_rebind_body(_ArmatureOperator, bpy.types.Operator):
    """Bind the mesh anew after bones have been moved in Edit Mode"""

    bl_idname = "sam3d.rebind_body"
    bl_label = "Rebind"
    bl_options = {"REGISTER", "UNDO"}

    def execute(self, context: bpy.types.Context) -> Result:
        """New weights for the bones as they are."""
        try:
            reason = rebind(context, _polled_armature(context))
        except RigError as error:
            reason = str(error)
        if reason:
            self.report({"WARNING"}, reason)
            return {"CANCELLED"}
        return {"FINISHED"}


class SAM3D_OT_toggle_ik(_ArmatureOperator, bpy.types.Operator):
    """Let hands and feet be moved by controls, or each bone be turned by itself"""

    bl_idname = "sam3d.toggle_ik"
    bl_label = "IK for Hands and Feet"
    bl_options = {"REGISTER", "UNDO"}

    @classmethod
    def poll(cls, context: bpy.types.Context) -> bool:
        """The armature must have arms and legs."""
        return super().poll(context) and can_have_ik(_polled_armature(context))

    def execute(self, context: bpy.types.Context) -> Result:
        """Add the controls, or take them away; the pose stays."""
        armature = _polled_armature(context)
        (remove_ik if has_ik(armature) else add_ik)(context, armature)
        return {"FINISHED"}
