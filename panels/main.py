# SPDX-License-Identifier: GPL-3.0-or-later
"""The panels, each drawn in two editors."""

import time

import bpy

from ..jobs import runner
from .job_list import draw_jobs
from .text import clock, sentence

TAB = "SAM 3D"
THUMBNAIL = 6.0
"""Height of the photo's thumbnail in rows."""


class SAM3D_UL_masks(bpy.types.UIList):
    """A row for each mask: on or off, name, image."""

    def draw_item(
        self,
        _context: bpy.types.Context,
        layout: bpy.types.UILayout,
        _data: bpy.types.AnyType,
        item: bpy.types.AnyType,
        _icon: int,
        _active_data: bpy.types.AnyType,
        _active_property: str,
    ) -> None:
        """Draw one mask."""
        row = layout.row(align=True)
        row.prop(item, "use", text="")
        row.prop(item, "name", text="", emboss=False)
        row.prop(item, "image", text="")


class _Main:
    """Subject, service, photo, the button, the jobs."""

    bl_label = "SAM 3D"
    bl_category = TAB
    bl_region_type = "UI"

    def draw(self, context: bpy.types.Context) -> None:
        """Draw what is always in sight."""
        settings = context.scene.sam3d
        layout = self.layout
        layout.use_property_split = True
        layout.use_property_decorate = False

        column = layout.column()
        column.row().prop(settings, "subject", expand=True)
        column.prop(settings, "provider")

        column = layout.column()
        column.row().prop(settings, "source", expand=True)
        if settings.source == "CAMERA":
            column.prop(context.scene, "camera")
        else:
            self._draw_photo(context, column)


    def _draw_photo(self, context: bpy.types.Context, layout: bpy.types.UILayout) -> None:
        settings = context.scene.sam3d
        if settings.image is not None:
            box = layout.box()
            box.template_icon(icon_value=box.icon(settings.image), scale=THUMBNAIL)
        layout.use_property_split = False
        layout.template_ID(settings, "image", open="image.open")
        if context.area.type == "IMAGE_EDITOR" and context.space_data.image != settings.image:
            layout.operator("sam3d.use_editor_image", icon="IMAGE_DATA")


class _Masks:
    """The masks of the photo."""

    bl_label = "Masks"
    bl_category = TAB
    bl_region_type = "UI"
    bl_order = 1

    def draw_header_preset(self, context: bpy.types.Context) -> None:
        """How many are used, also while the panel is folded."""
        settings = context.scene.sam3d
        used = sum(mask.use for mask in settings.masks)
        self.layout.label(text=f"{used} used" if settings.masks else "whole photo")

    def draw(self, context: bpy.types.Context) -> None:
        """A list with its buttons."""
        settings = context.scene.sam3d
        row = self.layout.row()
        row.template_list("SAM3D_UL_masks", "", settings, "masks", settings, "active_mask", rows=3)
        buttons = row.column(align=True)
        buttons.operator("sam3d.add_mask", icon="ADD", text="")
        buttons.operator("sam3d.remove_mask", icon="REMOVE", text="")
        if 0 <= settings.active_mask < len(settings.masks):
            mask = settings.masks[settings.active_mask]
            self.layout.template_ID(mask, "image", new="image.new", open="image.open")
        else:
            sentence(self.layout, context, "Without a mask the whole photo is one subject.", "INFO")


class _Options:
    """What is rarely changed."""

    bl_label = "Options"
    bl_category = TAB
    bl_region_type = "UI"
    bl_options = {"DEFAULT_CLOSED"}
    bl_order = 2

    def draw(self, context: bpy.types.Context) -> None:
        """Only what the chosen service understands."""
        settings = context.scene.sam3d
        service = settings.service
        layout = self.layout
        layout.use_property_split = True
        layout.use_property_decorate = False
        if service.prompt:
            layout.prop(settings, "prompt")
        layout.prop(settings, "variations")
        if service.box:
            row = layout.column(heading="Box")
            row.prop(settings, "use_box", text="")
            if settings.use_box:
                row.prop(settings, "box", text="")
        row = layout.row(heading="Fixed Seed")
        row.prop(settings, "use_seed", text="")
        seed = row.row()
        seed.active = settings.use_seed
        seed.prop(settings, "seed", text="")
        if service.artifacts:
            layout.prop(settings, "artifacts")
        column = layout.column(align=True)
        column.prop(settings, "height")
        column.prop(settings, "face_limit")


class _Run:
    """The button and the jobs."""

    bl_label = "Reconstruct"
    bl_category = TAB
    bl_region_type = "UI"
    bl_options = {"HIDE_HEADER"}
    bl_order = 3

    def draw(self, context: bpy.types.Context) -> None:
        """One large button, its reason when it is greyed out, then what is under way."""
        settings = context.scene.sam3d
        service = settings.service
        layout = self.layout
        obstacle = settings.obstacle(context.scene)
        count = max(1, len(settings.used_masks())) * settings.variations
        row = layout.row()
        row.scale_y = 1.8
        row.enabled = not obstacle
        row.operator(
            "sam3d.reconstruct", text="Reconstruct" if count == 1 else f"Reconstruct {count} Objects", icon="MOD_REMESH"
        )
        if obstacle:
            sentence(layout, context, obstacle, "ERROR")
        else:
            price = f"${service.price * count:.2f}" if service.price else "free"
            info = layout.row()
            info.alignment = "CENTER"
            info.active = False
            info.label(text=f"about {clock(service.expected_seconds)}, {price}")
        draw_jobs(layout, context, runner().jobs, time.time())


def _in_editor(part: type, editor: str) -> type:
    """The panel class of one part for one editor."""
    name = f"SAM3D_PT_{editor.lower()}_{part.__name__.strip('_').lower()}"
    return type(name, (part, bpy.types.Panel), {"bl_idname": name, "bl_space_type": editor, "__doc__": part.__doc__})


PANELS = tuple(
    _in_editor(part, editor) for editor in ("VIEW_3D", "IMAGE_EDITOR") for part in (_Main, _Masks, _Options, _Run)
)
