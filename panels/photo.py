# SPDX-License-Identifier: GPL-3.0-or-later
"""Where the photo comes from: an image with the ways to choose one, or the camera with how it takes its picture."""

from collections.abc import Iterator

import bpy

from ..properties import settings_of
from ..scene.data import scene_of
from .text import rows_high, rows_wide
from .views import draw_views, rows_of_views

MOST, LEAST = 9.0, 3.0
"""Rows of the photo's thumbnail: what it may take, and what it needs to be worth its place."""
OTHERS = 21.0
"""Rows of the panel down to the button when a photo and two masks are chosen, which stay in view."""
SERVER = 5.0
"""Rows that tell of the artist's own server."""
BESIDE = 3.0
"""Units of the sidebar's width beside the thumbnail."""


class SAM3D_MT_from_scene(bpy.types.Menu):
    """Images that are already in the scene"""

    bl_label = "From Scene"
    layout: bpy.types.UILayout

    def draw(self, context: bpy.types.Context) -> None:
        """One entry for each image, in the order in which they are found."""
        layout = self.layout
        images = {image.name: image for image in scene_images(scene_of(context))}
        for name, image in images.items():
            icon = layout.icon(image)
            layout.operator("sam3d.use_reference", text=name, icon_value=icon, translate=False).image = name
        if not images:
            layout.label(text="No reference, camera background or image plane", icon="INFO")


def scene_images(scene: bpy.types.Scene) -> Iterator[bpy.types.Image]:
    """The images of reference empties, camera backgrounds and image planes of the scene."""
    for obj in scene.objects:
        data = obj.data
        if isinstance(data, bpy.types.Image) and obj.empty_display_type == "IMAGE":
            yield data
        elif isinstance(data, bpy.types.Camera):
            yield from (background.image for background in data.background_images if background.image)
        elif isinstance(data, bpy.types.Mesh) and len(data.polygons) == 1:
            yield from _textures(obj)


def _textures(plane: bpy.types.Object) -> Iterator[bpy.types.Image]:
    """The images on a plane."""
    for slot in plane.material_slots:
        if slot.material is not None and slot.material.node_tree is not None:
            for node in slot.material.node_tree.nodes:
                if isinstance(node, bpy.types.ShaderNodeTexImage) and node.image:
                    yield node.image


def draw_photo(layout: bpy.types.UILayout, context: bpy.types.Context) -> None:
    """The source, and what belongs to it."""
    column = layout.column()
    settings = settings_of(context)
    column.row().prop(settings, "source", expand=True)
    draw = _draw_camera if settings.source == "CAMERA" else _draw_image
    draw(column, context)


def _draw_image(column: bpy.types.UILayout, context: bpy.types.Context) -> None:
    settings, space = settings_of(context), context.space_data
    shown = space.image if isinstance(space, bpy.types.SpaceImageEditor) else None
    if settings.image is None:
        _draw_ways(column.row(align=True), text=True)
        column.operator("sam3d.try_sample", icon="IMAGE_REFERENCE")
    else:
        others = OTHERS + (SERVER if settings.provider == "LOCAL" else 0.0) + rows_of_views(settings)
        rows = min(MOST, rows_high(context) - others, rows_wide(context) - BESIDE)
        if rows >= LEAST and settings.photo_in(space) is None:
            column.template_icon(icon_value=column.icon(settings.image), scale=rows)
        row = column.row(align=True)
        row.prop(settings, "image", text="")
        _draw_ways(row, text=False)
    if shown is not None and settings.photo_in(space) is None:
        column.operator("sam3d.use_editor_image", icon="IMAGE_DATA")
    if settings.image is not None:
        draw_views(column, context)


def _draw_ways(row: bpy.types.UILayout, *, text: bool) -> None:
    """The ways to a photo, in words while there is none."""
    row.operator("sam3d.open_photo", text="Open" if text else "", icon="FILE_FOLDER")
    row.operator("sam3d.paste_photo", text="Paste" if text else "", icon="PASTEDOWN")
    row.menu("SAM3D_MT_from_scene", text="", icon="SCENE_DATA")


def _draw_camera(column: bpy.types.UILayout, context: bpy.types.Context) -> None:
    settings = settings_of(context)
    column.prop(scene_of(context), "camera", text="")
    column.row().prop(settings, "render_mode", expand=True)
    row = column.row(align=True)
    row.prop(settings, "camera_masks", text="", icon="MOD_MASK")
    if settings.masks_objects:
        count = len(settings.selected_objects())
        column.label(text=f"{count} selected object{'' if count == 1 else 's'}", icon="RESTRICT_SELECT_OFF")
