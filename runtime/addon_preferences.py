# SPDX-License-Identifier: GPL-3.0-or-later
"""The add-on's preferences as Blender keeps and shows them: folders, limits, and what each service has stated."""

from typing import Annotated, Any

import bpy

from ..preferences import PACKAGE, default_results_folder
from ..providers import SERVICES, Service
from ..providers.settings import Setting, SettingKind
from .pump import use_preferences
from .selection_preferences import draw_selection
from .state import is_enabled, runtime


def _changed(_preferences: bpy.types.AddonPreferences, context: bpy.types.Context) -> None:
    if is_enabled():
        use_preferences(context)


LIBRARY_BUTTON = 8.0
"""Width of the button for the asset libraries, in units of the interface."""
USUAL_LIMIT = 5.0
"""US dollars a day that a limit begins with when it is switched on."""


def _has_limit(preferences: "SAM3D_AP_preferences") -> bool:
    return preferences.spending_limit > 0.0


def _switch_limit(preferences: "SAM3D_AP_preferences", on: bool) -> None:
    preferences.spending_limit = USUAL_LIMIT if on else 0.0


HELP = {SettingKind.KEY: "By which the service knows you", SettingKind.ADDRESS: "Where the service is reached"}
"""What a setting is, where its service says no more."""


def _property(setting: Setting) -> Any:
    """What Blender keeps a setting in."""
    told = setting.help or HELP.get(setting.kind, "")
    shared: dict[str, Any] = {"name": setting.label, "description": told, "update": _changed}
    match setting.kind:
        case SettingKind.KEY:
            return bpy.props.StringProperty(subtype="PASSWORD", **shared)
        case SettingKind.SWITCH:
            return bpy.props.BoolProperty(default=bool(setting.default), **shared)
        case SettingKind.NUMBER:
            return bpy.props.IntProperty(default=int(setting.default), min=0, max=setting.largest, **shared)
        case SettingKind.ADDRESS | SettingKind.TEXT:
            return bpy.props.StringProperty(default=str(setting.default), **shared)


class _ServiceSettings:
    """The properties that the services state."""

    __annotations__ = {
        service.preference(setting): _property(setting) for service in SERVICES.values() for setting in service.settings
    }


class SAM3D_AP_preferences(_ServiceSettings, bpy.types.AddonPreferences):
    """Settings of the add-on, in Blender's preferences."""

    bl_idname = PACKAGE

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
    results_folder: Annotated[
        str,
        bpy.props.StringProperty(
            name="Results Folder",
            description="Where photos, masks and models of all jobs are kept. Empty: among Blender's own data files",
            subtype="DIR_PATH",
        ),
    ]
    keep_every_result: Annotated[
        bool,
        bpy.props.BoolProperty(
            name="Keep Every Result as Asset",
            description="Each result that arrives also goes into the asset library, in the results folder",
        ),
    ]
    asked_about_assets: Annotated[bool, bpy.props.BoolProperty(options={"HIDDEN"})]
    selection: Annotated[
        str,
        bpy.props.EnumProperty(
            name="Selection",
            description="What finds the outline of what you show on a photo",
            items=[
                ("SEGMENT_ANYTHING", "Segment Anything", "A network that knows what things look like"),
                ("BUILT_IN", "Built In", "What comes with the add-on, and needs no download"),
            ],
            update=_changed,
        ),
    ]
    selection_model_url: Annotated[
        str,
        bpy.props.StringProperty(
            name="Selection Model Address",
            description="Where the model is downloaded from, such as a mirror in your own network. Empty: its authors",
        ),
    ]
    selection_declined: Annotated[bool, bpy.props.BoolProperty(options={"HIDDEN"})]
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

    use_spending_limit: Annotated[
        bool,
        bpy.props.BoolProperty(
            name="Use Spending Limit",
            description="Off: any sum may be spent in a day",
            get=_has_limit,
            set=_switch_limit,
            options={"SKIP_SAVE"},
        ),
    ]
    show_in_color: Annotated[
        bool,
        bpy.props.BoolProperty(
            name="Show Results in Color",
            description="When a result arrives, viewports in Blender's own default shading change to show its colors. "
            "What you have set otherwise stays, also what you set back",
            default=True,
        ),
    ]

    def draw(self, context: bpy.types.Context) -> None:
        """Folders first, because they matter without any key."""
        layout = self.layout
        layout.use_property_split = True
        layout.use_property_decorate = False
        layout.prop(self, "results_folder", placeholder=str(default_results_folder()))
        layout.prop(self, "longest_edge")
        layout.prop(self, "show_in_color")
        row = layout.row()
        row.prop(self, "keep_every_result")
        button = row.row()
        button.ui_units_x = LIBRARY_BUTTON
        button.operator("sam3d.add_asset_library", icon="ASSET_MANAGER")

        draw_selection(layout.column(), context, self)
        online = [service for service in SERVICES.values() if service.online]
        column = layout.column()
        heading = column.row()
        heading.label(text="Online Services")
        guide = heading.operator("sam3d.help", text="", icon="QUESTION", emboss=False)
        guide.page, guide.anchor = "services.html", "setting-up"
        for service in online:
            self._draw_service(column, service)
        self._draw_limit(column)
        note = column.column(align=True)
        note.label(text="Blender stores keys unencrypted in its preferences file.", icon="INFO")
        note.label(
            text="Studios can set keys as environment variables instead: an empty field shows the name.", icon="BLANK1"
        )

        for service in SERVICES.values():
            if service.settings and not service.online:
                column = layout.column()
                column.label(text=service.name)
                self._draw_service(column, service)

        header, body = layout.panel("sam3d_advanced", default_closed=True)
        header.label(text="Advanced")
        if body is not None:
            self._draw_advanced(body.column())

    def _draw_limit(self, column: bpy.types.UILayout) -> None:
        """The number only where there is one."""
        row = column.row(heading="Limit a Day")
        row.prop(self, "use_spending_limit", text="")
        if self.use_spending_limit:
            row.prop(self, "spending_limit", text="US $")
        else:
            row.label(text="None")

    def _draw_service(self, column: bpy.types.UILayout, service: Service) -> None:
        """What is not folded away, the last of it with the buttons and with what the last test has told."""
        shown = [setting for setting in service.settings if not setting.advanced]
        if not shown:
            return
        *others, last = shown
        for setting in others:
            column.prop(self, service.preference(setting))
        found = column.column(align=True)
        row = found.row(align=True)
        row.prop(self, service.preference(last), placeholder=last.variable)
        buttons = row.row(align=True)
        buttons.ui_units_x = 6.0
        buttons.operator("sam3d.test_connection", text="Test", icon="LINKED").provider = service.id
        if last.key_page:
            buttons.operator("wm.url_open", text="", icon="URL").url = last.key_page
        if is_enabled() and (words := runtime().last_checks.get(service.id)):
            told = found.row()
            told.alignment = "RIGHT"
            told.label(text=words)

    def _draw_advanced(self, column: bpy.types.UILayout) -> None:
        """First all addresses, then what only one service has."""
        column.prop(self, "selection_model_url", placeholder="Its authors' repository")
        for service in SERVICES.values():
            for setting in service.settings:
                if setting.advanced and setting.kind is SettingKind.ADDRESS:
                    column.prop(self, service.preference(setting))
        for service in SERVICES.values():
            folded = [setting for setting in service.settings if setting.advanced]
            own = [setting for setting in folded if setting.kind is not SettingKind.ADDRESS]
            if own:
                column.separator()
                column.label(text=service.name)
            for setting in own:
                row = column.row()
                row.prop(self, service.preference(setting))
                if setting.zero and not getattr(self, service.preference(setting)):
                    row.label(text=setting.zero)
