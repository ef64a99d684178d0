# SPDX-License-Identifier: GPL-3.0-or-later
"""The one panel, drawn in two editors: subject, photo, masks, options, the button, the jobs."""

import time
from typing import TYPE_CHECKING

import bpy

from ..properties import SAM3D_PG_settings, settings_of
from ..runtime.state import runtime
from ..scene.data import scene_of
from .help import draw_header
from .job_list import draw_jobs
from .masks import draw_masks
from .photo import draw_photo
from .text import clock, dollars, sentence

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
        """From top to bottom in the order in which an artist decides."""
        layout, settings = self.layout, settings_of(context)
        _draw_service(layout, context)
        draw_photo(layout, context)
        if settings.capabilities and settings.capabilities.prompt:
            layout.prop(settings, "prompt", text="", icon="TEXT", placeholder="What is it? (in a few words)")
        if not settings.masks_objects:
            draw_masks(layout, context)
        _draw_options(layout, context)
        _draw_button(layout, context)
        draw_jobs(layout, context, runtime().queue, time.time())


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


def _draw_options(layout: bpy.types.UILayout, context: bpy.types.Context) -> None:
    """Only what the chosen service understands."""
    settings = settings_of(context)
    header, body = layout.panel("sam3d_options", default_closed=True)
    header.label(text="Options")
    if body is None:
        return
    body.use_property_split = True
    body.use_property_decorate = False
    _draw_offer(body, settings)
    column = body.column(align=True)
    column.prop(settings, "shown_height")
    column.prop(settings, "face_limit")
    if settings.subject == "BODY":
        column.prop(settings, "helper_bones")


def _draw_offer(body: bpy.types.UILayout, settings: SAM3D_PG_settings) -> None:
    capabilities = settings.capabilities
    if capabilities is None:
        return
    if not (settings.masks or settings.masks_objects):  # each mask has points and a box of its own
        _draw_points(body, settings)
        column = body.column(align=True, heading="Box")
        column.prop(settings, "use_box", text="")
        if settings.use_box:
            for index, edge in enumerate(("Left", "Top", "Right", "Bottom")):
                column.prop(settings, "box", index=index, text=edge)
    if capabilities.masks > 1 and settings.subject_count > 1:
        body.prop(settings, "masks_in_one_run")
    body.prop(settings, "variations")
    if capabilities.largest_seed:
        row = body.row(heading="Fixed Seed")
        row.prop(settings, "use_seed", text="")
        seed = row.row()
        seed.active = settings.use_seed
        seed.prop(settings, "seed", text="")
    if capabilities.artifacts:
        body.prop(settings, "artifacts")


def _draw_points(body: bpy.types.UILayout, settings: SAM3D_PG_settings) -> None:
    column = body.column(align=True)
    column.use_property_split = False
    for index, point in enumerate(settings.points):
        row = column.row(align=True)
        row.prop(point, "x")
        row.prop(point, "y")
        row.operator("sam3d.remove_point", text="", icon="REMOVE").index = index
    column.operator("sam3d.add_point", icon="ADD")


def _draw_button(layout: bpy.types.UILayout, context: bpy.types.Context) -> None:
    settings = settings_of(context)
    provider, subject, count = settings.provider, settings.kind, settings.result_count
    price = runtime().queue.services.price(provider, subject) * count if settings.capabilities else 0.0
    obstacle = settings.obstacle(scene_of(context))
    refusal = "" if obstacle else runtime().queue.services.obstacle(provider, price, online=bpy.app.online_access)
    layout.separator(factor=0.5)
    column = layout.column()
    row = column.row()
    row.scale_y = 1.8
    row.enabled = not (obstacle or refusal)
    text = "Reconstruct" if count == 1 else f"Reconstruct {count} Objects"
    row.operator("sam3d.reconstruct", text=text, icon="MOD_REMESH")
    if obstacle or refusal:
        sentence(column, context, obstacle or refusal, "INFO")
    if refusal:
        column.operator("sam3d.open_preferences", icon="PREFERENCES")
    if settings.capabilities is None:
        return
    tasks = -(-count // settings.capabilities.results)
    seconds = runtime().queue.services.expected_seconds(provider, subject) * -(-tasks // settings.service.parallel)
    _centered(column, f"about {clock(seconds)}, {dollars(price) if price else 'free'}")
    _draw_money(column, provider)


def _draw_money(column: bpy.types.UILayout, provider: str) -> None:
    """What is left on the account, as far as the service has told, and what was spent today."""
    services = runtime().queue.services
    balance, spent = services.balances.get(provider), sum(services.spent_today().values())
    words = [f"balance ${balance:.2f}" if balance is not None else "", f"{dollars(spent)} spent today" if spent else ""]
    text = ", ".join(filter(None, words))
    if services.spending:
        row = column.row()
        row.alignment = "CENTER"
        row.active = False
        row.popover("SAM3D_PT_spending", text=text or "Spending")
    elif text:
        _centered(column, text)


def _centered(layout: bpy.types.UILayout, text: str) -> None:
    row = layout.row()
    row.alignment = "CENTER"
    row.active = False
    row.label(text=text)
