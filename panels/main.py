# SPDX-License-Identifier: GPL-3.0-or-later
"""The one panel, drawn in two editors: who makes what from which photo, the button, the options below it."""

from typing import TYPE_CHECKING

import bpy

from ..properties import settings_of
from ..scene.data import area_of, was_viewport
from .camera import draw_camera
from .help import draw_header
from .masks import draw_masks
from .options import draw_options
from .own_server import draw_own_server
from .photo import draw_photo
from .start import draw_start

if TYPE_CHECKING:
    from bpy.stub_internal.rna_enums import RegionTypeItems


class _SidebarPanel:
    bl_label = "SAM 3D"
    bl_category = "SAM 3D"
    bl_region_type: "RegionTypeItems" = "UI"
    layout: bpy.types.UILayout

    def draw_header_preset(self, _context: bpy.types.Context) -> None:
        """Presets and help."""
        draw_header(self.layout)

    def draw(self, context: bpy.types.Context) -> None:
        """From top to bottom in the order in which an artist decides; what is seldom changed comes after the button."""
        layout, settings = self.layout, settings_of(context)
        if was_viewport(area_of(context)):
            layout.operator("sam3d.back_to_viewport", icon="BACK")
        _draw_service(layout, context)
        draw_photo(layout, context)
        # each mask has words of its own
        if settings.capabilities and settings.capabilities.prompt and (settings.prompt or not settings.used_masks()):
            layout.prop(settings, "prompt", text="", icon="TEXT", placeholder="What is it? (in a few words)")
        if not settings.masks_objects:
            draw_masks(layout, context)
        draw_start(layout, context)
        draw_camera(layout, context)
        draw_options(layout, context)


class SAM3D_PT_view3d(_SidebarPanel, bpy.types.Panel):
    """Photos become objects in the scene"""

    bl_space_type = "VIEW_3D"


class SAM3D_PT_image_editor(_SidebarPanel, bpy.types.Panel):
    """Photos become objects in the scene"""

    bl_space_type = "IMAGE_EDITOR"


def _draw_service(layout: bpy.types.UILayout, context: bpy.types.Context) -> None:
    settings = settings_of(context)
    column = layout.column()
    column.row().prop(settings, "subject", expand=True)
    column.prop(settings, "provider", text="")
    if settings.provider == "LOCAL":
        draw_own_server(column, context)
