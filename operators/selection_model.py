# SPDX-License-Identifier: GPL-3.0-or-later
"""How the model that selects comes to this computer, and how it goes."""

import time
from pathlib import Path
from typing import Annotated

import bpy

from ..preferences import has_preferences, preferences
from ..runtime.pump import PERIOD, follow, redraw
from ..runtime.selection_model import address, obstacle, tick
from ..runtime.state import runtime
from ..scene.data import window_manager_of
from .result import Result


class _Bringing:
    """Works on a thread; without a window, Blender waits."""

    def _wait(self, context: bpy.types.Context) -> Result:
        model = runtime().selection_model
        if not bpy.app.background:
            follow()
            redraw(context)
            return {"FINISHED"}
        while model.busy:
            tick(context)
            time.sleep(PERIOD)
        if model.problem:
            self.report({"WARNING"}, model.problem)  # type: ignore[attr-defined]  # an operator has it
            return {"CANCELLED"}
        return {"FINISHED"}


class SAM3D_OT_download_model(_Bringing, bpy.types.Operator):
    """Download Segment Anything from its authors, once. It finds far better outlines, on this computer and offline"""

    bl_idname = "sam3d.download_model"
    bl_label = "Download Selection Model"

    @classmethod
    def poll(cls, context: bpy.types.Context) -> bool:
        """Not twice, and only where Blender may use the network."""
        if reason := obstacle(context):
            cls.poll_message_set(reason)
            return False
        return not runtime().selection_model.busy

    def execute(self, context: bpy.types.Context) -> Result:
        """Begin, or go on from where the last download ended."""
        runtime().selection_model.download(address(context), online=bpy.app.online_access)
        return self._wait(context)


class SAM3D_OT_cancel_download(bpy.types.Operator):
    """Stop the download; the next one goes on from here"""

    bl_idname = "sam3d.cancel_download"
    bl_label = "Cancel Download"

    @classmethod
    def poll(cls, _context: bpy.types.Context) -> bool:
        """There must be one."""
        return runtime().selection_model.busy

    def execute(self, _context: bpy.types.Context) -> Result:
        """Let it end."""
        runtime().selection_model.cancel()
        return {"FINISHED"}


class SAM3D_OT_decline_model(bpy.types.Operator):
    """Do not offer this again; the preferences still have it"""

    bl_idname = "sam3d.decline_model"
    bl_label = "No Selection Model"

    def execute(self, context: bpy.types.Context) -> Result:
        """Remember it."""
        if has_preferences(context):
            preferences(context).selection_declined = True
            runtime().selection_model.problem = ""
            redraw(context)
        return {"FINISHED"}


class SAM3D_OT_open_model(_Bringing, bpy.types.Operator):
    """Take the model from a file that was downloaded elsewhere"""

    bl_idname = "sam3d.open_model"
    bl_label = "Use Model File"

    filepath: Annotated[
        str,
        bpy.props.StringProperty(
            name="File", description="The model's file, mobile_sam.pt", subtype="FILE_PATH", options={"SKIP_SAVE"}
        ),
    ]
    filter_glob: Annotated[str, bpy.props.StringProperty(default="*.pt", options={"HIDDEN", "SKIP_SAVE"})]

    @classmethod
    def poll(cls, _context: bpy.types.Context) -> bool:
        """Not while it is on its way."""
        return not runtime().selection_model.busy

    def invoke(self, context: bpy.types.Context, _event: bpy.types.Event) -> Result:
        """Ask for the file."""
        window_manager_of(context).fileselect_add(self)
        return {"RUNNING_MODAL"}

    def execute(self, context: bpy.types.Context) -> Result:
        """Check and copy it."""
        runtime().selection_model.take(Path(bpy.path.abspath(self.filepath)))
        return self._wait(context)


class SAM3D_OT_remove_model(_Bringing, bpy.types.Operator):
    """Remove the model from this computer; the built-in selection serves again"""

    bl_idname = "sam3d.remove_model"
    bl_label = "Remove Selection Model"

    @classmethod
    def poll(cls, _context: bpy.types.Context) -> bool:
        """It must be here."""
        return runtime().selection_model.is_here and not runtime().selection_model.busy

    def execute(self, context: bpy.types.Context) -> Result:
        """Delete the file."""
        runtime().selection_model.remove()
        return self._wait(context)
