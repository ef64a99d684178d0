# SPDX-License-Identifier: GPL-3.0-or-later
"""The button that starts, with what it takes and costs."""

import bpy

from ..jobs.durations import usual_time
from ..properties import settings_of
from ..runtime.state import runtime
from ..scene.data import scene_of
from .question import draw_question
from .text import dollars, sentence


def draw_start(layout: bpy.types.UILayout, context: bpy.types.Context) -> None:
    """The button, why it cannot be pressed, what it takes and costs."""
    settings = settings_of(context)
    provider, subject, count = settings.provider, settings.kind, settings.result_count
    price = runtime().queue.services.price(provider, subject) * count if settings.capabilities else 0.0
    obstacle = settings.obstacle(scene_of(context))
    refusal = "" if obstacle else runtime().queue.services.obstacle(provider, price, online=bpy.app.online_access)
    layout.separator(factor=0.5)
    draw_question(layout, context)
    column = layout.column()
    if settings.can_place_as_in_photo:
        column.row().prop(settings, "placement", expand=True)
    row = column.row()
    row.scale_y = 1.8
    row.enabled = not (obstacle or refusal or runtime().guessing)
    text = "Reconstruct" if count == 1 else f"Reconstruct {count} Objects"
    row.operator("sam3d.reconstruct", text=text, icon="MOD_REMESH")
    if obstacle or refusal:
        sentence(column, context, obstacle or refusal, "INFO", explained=True)
    if refusal:
        column.operator("sam3d.open_preferences", icon="PREFERENCES")
    if settings.capabilities is None:
        return
    tasks = -(-count // settings.capabilities.results)
    seconds = runtime().queue.services.expected_seconds(provider, subject) * -(-tasks // settings.service.parallel)
    _centered(column, f"{usual_time(seconds)}, {dollars(price) if price else 'free'}")
    if settings.service.online:
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
        row.popover("SAM3D_PT_spending", text=text or "Spending")
    elif text:
        _centered(column, text)


def _centered(layout: bpy.types.UILayout, text: str) -> None:
    row = layout.row()
    row.alignment = "CENTER"
    row.label(text=text)
