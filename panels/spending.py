# SPDX-License-Identifier: GPL-3.0-or-later
"""What was spent, by day and service."""

import bpy

from ..properties import settings_of
from ..runtime.state import runtime
from .text import dollars


class SAM3D_PT_spending(bpy.types.Panel):
    """What the online services have cost on the last days"""

    bl_label = "Spending"
    bl_space_type = "VIEW_3D"
    bl_region_type = "WINDOW"
    bl_options = {"INSTANCED"}
    bl_ui_units_x = 12
    layout: bpy.types.UILayout

    def draw(self, context: bpy.types.Context) -> None:
        """A row for each day, its services below."""
        known = settings_of(context).bl_rna.properties["provider"]
        assert isinstance(known, bpy.types.EnumProperty)
        names = {item.identifier: item.name for item in known.enum_items}
        column = self.layout.column(align=True)
        for day, services in runtime().queue.services.spending.items():
            _row(column, day, sum(services.values()))
            for provider, amount in services.items():
                part = column.row()
                part.active = False
                _row(part, f"    {names.get(provider, provider)}", amount)
            column.separator()


def _row(layout: bpy.types.UILayout, label: str, amount: float) -> None:
    row = layout.row()
    row.label(text=label)
    right = row.row()
    right.alignment = "RIGHT"
    right.label(text=dollars(amount))
