# SPDX-License-Identifier: GPL-3.0-or-later
"""The one panel, drawn in two editors: subject, photo, masks, options, the button, the jobs."""

import time

import bpy

from ..jobs import runner
from .job_list import draw_jobs
from .masks import draw_masks
from .text import clock, sentence

THUMBNAIL = 6.0
"""Height of the photo's thumbnail in rows."""


class _SidebarPanel:
    bl_label = "SAM 3D"
    bl_category = "SAM 3D"
    bl_region_type = "UI"
    layout: bpy.types.UILayout

    def draw(self, context: bpy.types.Context) -> None:
        """From top to bottom in the order in which an artist decides."""
        layout = self.layout
        _draw_service(layout, context)
        _draw_photo(layout, context)
        draw_masks(layout, context)
        _draw_options(layout, context)
        _draw_button(layout, context)
        draw_jobs(layout, context, runner(), time.time())


class SAM3D_PT_view3d(_SidebarPanel, bpy.types.Panel):
    """Photos become objects in the scene"""

    bl_space_type = "VIEW_3D"


class SAM3D_PT_image_editor(_SidebarPanel, bpy.types.Panel):
    """Photos become objects in the scene"""

    bl_space_type = "IMAGE_EDITOR"


def _draw_service(layout: bpy.types.UILayout, context: bpy.types.Context) -> None:
    settings = context.scene.sam3d
    column = layout.column()
    column.row().prop(settings, "subject", expand=True)
    column.prop(settings, "provider", text="")


def _draw_photo(layout: bpy.types.UILayout, context: bpy.types.Context) -> None:
    settings = context.scene.sam3d
    column = layout.column()
    column.row().prop(settings, "source", expand=True)
    if settings.source == "CAMERA":
        column.prop(context.scene, "camera", text="")
        return
    if settings.image is not None:
        column.box().template_icon(icon_value=column.icon(settings.image), scale=THUMBNAIL)
    column.template_ID(settings, "image", open="image.open")
    if context.area.type == "IMAGE_EDITOR" and context.space_data.image not in (None, settings.image):
        column.operator("sam3d.use_editor_image", icon="IMAGE_DATA")


def _draw_options(layout: bpy.types.UILayout, context: bpy.types.Context) -> None:
    """Only what the chosen service understands."""
    settings = context.scene.sam3d
    service = settings.service
    header, body = layout.panel("sam3d_options", default_closed=True)
    header.label(text="Options")
    if body is None:
        return
    body.use_property_split = True
    body.use_property_decorate = False
    if service.prompt:
        body.prop(settings, "prompt")
    if service.box:
        row = body.column(heading="Box")
        row.prop(settings, "use_box", text="")
        if settings.use_box:
            row.prop(settings, "box", text="")
    body.prop(settings, "variations")
    row = body.row(heading="Fixed Seed")
    row.prop(settings, "use_seed", text="")
    seed = row.row()
    seed.active = settings.use_seed
    seed.prop(settings, "seed", text="")
    if service.artifacts:
        body.prop(settings, "artifacts")
    column = body.column(align=True)
    column.prop(settings, "height")
    column.prop(settings, "face_limit")


def _draw_button(layout: bpy.types.UILayout, context: bpy.types.Context) -> None:
    settings = context.scene.sam3d
    service = settings.service
    obstacle = settings.obstacle(context.scene)
    count = max(1, len(settings.used_masks())) * settings.variations
    layout.separator(factor=0.5)
    column = layout.column()
    row = column.row()
    row.scale_y = 1.8
    row.enabled = not obstacle
    text = "Reconstruct" if count == 1 else f"Reconstruct {count} Objects"
    row.operator("sam3d.reconstruct", text=text, icon="MOD_REMESH")
    if obstacle:
        sentence(column, context, obstacle, "INFO")
        return
    price = f"${service.price * count:.2f}" if service.price else "free"
    info = column.row()
    info.alignment = "CENTER"
    info.active = False
    info.label(text=f"about {clock(service.expected_seconds * -(-count // service.parallel))}, {price}")
