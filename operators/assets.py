# SPDX-License-Identifier: GPL-3.0-or-later
"""Results become assets, and Blender's asset browser gets to know where they are."""

from typing import Annotated

import bpy

from ..preferences import NoFolder, has_preferences, preferences
from ..runtime.assets import keep, library_folder
from ..runtime.state import runtime
from ..scene import asset_library
from ..scene.data import preferences_of, window_manager_of
from ..scene.result_objects import jobs_of_selected
from .job_actions import GONE, QUESTION_WIDTH
from .made_folder import made_folder
from .result import Result


class SAM3D_OT_keep_as_asset(bpy.types.Operator):
    """Keep the result in the asset library, to drag it into any scene: what of it is selected, or else as it came"""

    bl_idname = "sam3d.keep_as_asset"
    bl_label = "Keep as Asset"

    job_id: Annotated[
        str,
        bpy.props.StringProperty(
            name="Job", description="Empty: of all results that are selected", options={"SKIP_SAVE"}
        ),
    ]
    add_library: Annotated[
        bool,
        bpy.props.BoolProperty(
            name="Add to Blender's Asset Libraries",
            description="Show the folder of kept results in the asset browser; to be changed in Blender's preferences",
            options={"SKIP_SAVE"},
        ),
    ]

    def invoke(self, context: bpy.types.Context, _event: bpy.types.Event) -> Result:
        """At the first time, ask whether Blender's preferences may be changed."""
        if not _shall_ask(context):
            return self.execute(context)
        self.add_library = True
        return window_manager_of(context).invoke_props_dialog(
            self, width=QUESTION_WIDTH, title="Keep as Asset", confirm_text="Keep"
        )

    def draw(self, context: bpy.types.Context) -> None:
        """Where results are kept, and the question."""
        assert self.layout is not None
        column = self.layout.column()
        column.label(text=f"Kept in {library_folder(context)}", icon="ASSET_MANAGER")
        column.prop(self, "add_library")

    def execute(self, context: bpy.types.Context) -> Result:
        """Write a .blend for each job."""
        runtime().queue.drain()
        wanted = [self.job_id] if self.job_id else jobs_of_selected(context)
        if not wanted:
            self.report({"WARNING"}, "Select a result first.")
            return {"CANCELLED"}
        for job_id in wanted:
            job = runtime().queue.find(job_id)
            reason = GONE if job is None else keep(context, job)
            if reason:
                self.report({"WARNING"}, reason)
                return {"CANCELLED"}
        if self.options.is_invoke and has_preferences(context):
            preferences(context).asked_about_assets = True
            preferences_of(context).is_dirty = True
        if self.add_library:
            asset_library.register(context, library_folder(context))
        count = f"{len(wanted)} results" if len(wanted) > 1 else "The result"
        self.report({"INFO"}, f"{count} can be dragged from the asset browser.")
        return {"FINISHED"}


class SAM3D_OT_add_asset_library(bpy.types.Operator):
    """Add the folder of kept results to Blender's asset libraries"""

    bl_idname = "sam3d.add_asset_library"
    bl_label = "Add to Asset Libraries"

    def execute(self, context: bpy.types.Context) -> Result:
        """Register the folder, which is made if need be: Blender leaves out one that is not there."""
        folder = made_folder(self, lambda: library_folder(context))
        if folder is None:
            return {"CANCELLED"}
        asset_library.register(context, folder)
        return {"FINISHED"}


def _shall_ask(context: bpy.types.Context) -> bool:
    """Whether the artist has neither answered yet nor added the library otherwise."""
    if not has_preferences(context) or preferences(context).asked_about_assets:
        return False
    try:
        if asset_library.is_registered(context, library_folder(context)):
            return False
    except NoFolder:
        return False  # which is told instead
    return True
