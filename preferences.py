# SPDX-License-Identifier: GPL-3.0-or-later
"""What outlives a .blend: keys, addresses, folders, the spending limit."""

from pathlib import Path
from typing import Any

import bpy

PACKAGE = __package__


def user_folder() -> Path:
    """The folder that Blender keeps for this extension's own files."""
    return Path(bpy.utils.extension_path_user(PACKAGE, create=True))


def default_results_folder() -> Path:
    """Where results are kept unless the artist chooses another folder.

    Not in the extension's own folder: Blender deletes that when the extension is uninstalled.
    """
    return Path(bpy.utils.user_resource("DATAFILES")) / "sam3d" / "results"


class SAM3D_AP_preferences(bpy.types.AddonPreferences):
    """Settings of the add-on, in Blender's preferences."""

    bl_idname = PACKAGE

    wavespeed_api_key: bpy.props.StringProperty(name="WaveSpeed Key", subtype="PASSWORD")
    segmind_api_key: bpy.props.StringProperty(name="Segmind Key", subtype="PASSWORD")
    runware_api_key: bpy.props.StringProperty(name="Runware Key", subtype="PASSWORD")
    local_token: bpy.props.StringProperty(name="Token", subtype="PASSWORD")
    wavespeed_url: bpy.props.StringProperty(name="WaveSpeed Address", default="https://api.wavespeed.ai")
    segmind_url: bpy.props.StringProperty(name="Segmind Address", default="https://api.segmind.com")
    runware_url: bpy.props.StringProperty(name="Runware Address", default="https://api.runware.ai")
    local_url: bpy.props.StringProperty(name="Address", default="http://127.0.0.1:8777")
    results_folder: bpy.props.StringProperty(
        name="Results Folder",
        description="Where photos, masks and models of all jobs are kept. Empty: among Blender's own data files",
        subtype="DIR_PATH",
    )
    spending_limit: bpy.props.FloatProperty(
        name="Spending Limit",
        description="Most US dollars to spend in a day; 0 for no limit",
        min=0.0,
        precision=2,
    )

    def draw(self, _context: bpy.types.Context) -> None:
        """Folders first, because they matter without any key."""
        layout = self.layout
        layout.use_property_split = True
        layout.use_property_decorate = False
        layout.prop(self, "results_folder", placeholder=str(default_results_folder()))

        services = layout.column(heading="")
        services.label(text="Online Services")
        for name in ("wavespeed", "segmind", "runware"):
            services.prop(self, f"{name}_api_key")
        services.prop(self, "spending_limit", text="Dollars a Day")
        note = services.column(align=True)
        note.active = False
        note.label(text="Blender stores keys unencrypted in its preferences file.", icon="INFO")
        note.label(text="WAVESPEED_API_KEY, SEGMIND_API_KEY and RUNWARE_API_KEY serve where a field is empty.")

        local = layout.column()
        local.label(text="Own GPU Server")
        local.prop(self, "local_url")
        local.prop(self, "local_token")


def preferences(context: bpy.types.Context) -> Any:
    """The add-on's preferences of this Blender."""
    return context.preferences.addons[PACKAGE].preferences


def results_folder(context: bpy.types.Context) -> Path:
    """Where jobs keep their files."""
    chosen = preferences(context).results_folder
    return Path(bpy.path.abspath(chosen)) if chosen else default_results_folder()
