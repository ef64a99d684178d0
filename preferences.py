# SPDX-License-Identifier: GPL-3.0-or-later
"""What outlives a .blend: keys, addresses, folders, the spending limit."""

from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path
from typing import Annotated, ClassVar, cast

import bpy

PACKAGE = __package__


@dataclass
class Session:
    """What the preferences know of this Blender: `on_change` is called after a change of anything that the jobs go by;
    `last_checks` is what the last test of a service's connection has told, by provider.
    """

    on_change: Callable[[bpy.types.Context], None]
    last_checks: dict[str, str] = field(default_factory=dict)


KEY_PAGES = {
    "WAVESPEED": "https://wavespeed.ai/accesskey",
    "SEGMIND": "https://cloud.segmind.com/console/api-keys",
    "RUNWARE": "https://my.runware.ai/keys",
}
"""Where a service's keys are made."""


def _changed(preferences: "SAM3D_AP_preferences", context: bpy.types.Context) -> None:
    if preferences.session is not None:
        preferences.session.on_change(context)


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

    session: ClassVar[Session | None] = None
    """None while the extension is not enabled."""

    wavespeed_api_key: Annotated[
        str, bpy.props.StringProperty(name="WaveSpeed Key", subtype="PASSWORD", update=_changed)
    ]
    segmind_api_key: Annotated[str, bpy.props.StringProperty(name="Segmind Key", subtype="PASSWORD", update=_changed)]
    runware_api_key: Annotated[str, bpy.props.StringProperty(name="Runware Key", subtype="PASSWORD", update=_changed)]
    local_token: Annotated[str, bpy.props.StringProperty(name="Token", subtype="PASSWORD", update=_changed)]
    wavespeed_url: Annotated[
        str, bpy.props.StringProperty(name="WaveSpeed Address", default="https://api.wavespeed.ai", update=_changed)
    ]
    segmind_url: Annotated[
        str, bpy.props.StringProperty(name="Segmind Address", default="https://api.segmind.com", update=_changed)
    ]
    runware_url: Annotated[
        str, bpy.props.StringProperty(name="Runware Address", default="https://api.runware.ai", update=_changed)
    ]
    local_url: Annotated[
        str, bpy.props.StringProperty(name="Address", default="http://127.0.0.1:8777", update=_changed)
    ]
    runware_sync: Annotated[
        bool,
        bpy.props.BoolProperty(
            name="Wait for the Answer",
            description="Keep the connection to Runware open until the result is there, instead of asking for it",
            update=_changed,
        ),
    ]
    runware_keep_hours: Annotated[
        int,
        bpy.props.IntProperty(
            name="Keep Results (Hours)",
            description="How long Runware keeps a result for download; 0 for as long as it likes",
            min=0,
            max=24 * 30,
            update=_changed,
        ),
    ]
    runware_upload_endpoint: Annotated[
        str,
        bpy.props.StringProperty(
            name="Upload Endpoint",
            description="An address to which Runware sends each result as well, by HTTP PUT",
            update=_changed,
        ),
    ]
    runware_webhook_url: Annotated[
        str,
        bpy.props.StringProperty(
            name="Webhook",
            description="An address that Runware tells when a result is there, by HTTP POST",
            update=_changed,
        ),
    ]
    longest_edge: Annotated[
        int,
        bpy.props.IntProperty(
            name="Longest Edge",
            description="Larger photos are scaled down to this many pixels before they are sent",
            default=2048,
            min=256,
            max=8192,
            subtype="PIXEL",
        ),
    ]
    show_advanced: Annotated[bool, bpy.props.BoolProperty(name="Advanced", options={"SKIP_SAVE"})]
    results_folder: Annotated[
        str,
        bpy.props.StringProperty(
            name="Results Folder",
            description="Where photos, masks and models of all jobs are kept. Empty: among Blender's own data files",
            subtype="DIR_PATH",
        ),
    ]
    spending_limit: Annotated[
        float,
        bpy.props.FloatProperty(
            name="Spending Limit",
            description="Most US dollars to spend in a day; 0 for no limit",
            min=0.0,
            precision=2,
            update=_changed,
        ),
    ]

    def draw(self, _context: bpy.types.Context) -> None:
        """Folders first, because they matter without any key."""
        layout = self.layout
        layout.use_property_split = True
        layout.use_property_decorate = False
        layout.prop(self, "results_folder", placeholder=str(default_results_folder()))
        layout.prop(self, "longest_edge")

        services = layout.column()
        services.label(text="Online Services")
        for provider, page in KEY_PAGES.items():
            self._draw_key(services.column(align=True), provider, f"{provider.lower()}_api_key", page)
        services.prop(self, "spending_limit", text="Most Dollars a Day")
        note = services.column(align=True)
        note.active = False
        note.label(text="Blender stores keys unencrypted in its preferences file.", icon="INFO")
        variables = "WAVESPEED_API_KEY, SEGMIND_API_KEY and RUNWARE_API_KEY"
        note.label(text=f"Where a field is empty, the environment serves: {variables}.", icon="BLANK1")

        local = layout.column()
        local.label(text="SAM 3D Server")
        local.prop(self, "local_url")
        self._draw_key(local.column(align=True), "LOCAL", "local_token")

        header = layout.row()
        header.use_property_split = False
        header.alignment = "LEFT"
        header.prop(
            self,
            "show_advanced",
            icon="DISCLOSURE_TRI_DOWN" if self.show_advanced else "DISCLOSURE_TRI_RIGHT",
            emboss=False,
        )
        if self.show_advanced:
            self._draw_advanced(layout.column())

    def _draw_key(self, column: bpy.types.UILayout, provider: str, key: str, page: str = "") -> None:
        row = column.row(align=True)
        row.prop(self, key)
        buttons = row.row(align=True)
        buttons.ui_units_x = 6.0
        buttons.operator("sam3d.test_connection", text="Test", icon="LINKED").provider = provider
        if page:
            buttons.operator("wm.url_open", text="", icon="URL").url = page
        told = self.session.last_checks.get(provider) if self.session else None
        if told:
            found = column.row()
            found.alignment = "RIGHT"
            found.active = False
            found.label(text=told)

    def _draw_advanced(self, column: bpy.types.UILayout) -> None:
        for name in ("wavespeed_url", "segmind_url", "runware_url"):
            column.prop(self, name)
        column.separator()
        column.label(text="Runware")
        for name in ("sync", "keep_hours", "upload_endpoint", "webhook_url"):
            column.prop(self, f"runware_{name}")


def has_preferences(context: bpy.types.Context) -> bool:
    """Whether there are any: not for an extension that a script has enabled for the moment only."""
    assert context.preferences is not None
    return PACKAGE in context.preferences.addons


def preferences(context: bpy.types.Context) -> SAM3D_AP_preferences:
    """The add-on's preferences of this Blender."""
    assert context.preferences is not None
    return cast("SAM3D_AP_preferences", context.preferences.addons[PACKAGE].preferences)  # what is registered for it


def results_folder(context: bpy.types.Context) -> Path:
    """Where jobs keep their files."""
    chosen = preferences(context).results_folder
    return Path(bpy.path.abspath(chosen)) if chosen else default_results_folder()
