# SPDX-License-Identifier: GPL-3.0-or-later
"""What can be set beside: only what the chosen service understands."""

import bpy

from ..properties import SAM3D_PG_settings, settings_of


def draw_options(layout: bpy.types.UILayout, context: bpy.types.Context) -> None:
    """A foldable section."""
    settings = settings_of(context)
    header, body = layout.panel("sam3d_options", default_closed=True)
    header.label(text="Options")
    if body is None:
        return
    body.use_property_split = True
    body.use_property_decorate = False
    _draw_offer(body, settings)
    column = body.column()
    draw_switched(column, settings, "Height", "use_height", "shown_height", "As delivered")
    draw_switched(column, settings, "Face Limit", "use_face_limit", "face_limit", "As delivered")
    if settings.subject == "BODY":
        column.prop(settings, "helper_bones")


def _draw_offer(body: bpy.types.UILayout, settings: SAM3D_PG_settings) -> None:
    capabilities = settings.capabilities
    if capabilities is None:
        return
    if not (settings.masks or settings.masks_objects):  # each mask has points and a box of its own
        _draw_prompts(body, settings)
    if capabilities.masks > 1 and settings.subject_count > 1:
        body.prop(settings, "masks_in_one_run")
    body.prop(settings, "variations")
    if capabilities.largest_seed:
        draw_switched(body, settings, "Fixed Seed", "use_seed", "seed", "New each time")
    if capabilities.artifacts:
        body.prop(settings, "artifacts")
    if capabilities.even_light:
        body.prop(settings, "even_light")


def _draw_prompts(body: bpy.types.UILayout, settings: SAM3D_PG_settings) -> None:
    """Box and points that a script has set for the whole photo: they are told, and can be taken away."""
    count = len(settings.points)
    told = ["a box"] * settings.use_box + [f"{count} point{'' if count == 1 else 's'}"] * bool(count)
    if told:
        row = body.row()
        row.label(text=f"A script has set {' and '.join(told)}", icon="INFO")
        row.operator("sam3d.clear_prompts", text="", icon="X", emboss=False)


def draw_switched(  # noqa: PLR0917 - a row of words
    column: bpy.types.UILayout, owner: bpy.types.PropertyGroup, name: str, switch: str, value: str, otherwise: str
) -> None:
    """A number that is in force while it is switched on, and what holds `otherwise`."""
    row = column.row(heading=name)
    row.prop(owner, switch, text="")
    if getattr(owner, switch):
        row.prop(owner, value, text="")
    else:
        row.label(text=otherwise)
