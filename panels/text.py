# SPDX-License-Identifier: GPL-3.0-or-later
"""Sentences in a narrow sidebar."""

import textwrap
from functools import lru_cache
from typing import TYPE_CHECKING

import bpy

from ..scene.data import interface_scale, region_of
from .help import draw_help

if TYPE_CHECKING:
    from bpy.stub_internal.rna_enums import IconItems

CHARACTER = 6.6
"""Average width of a character of Blender's interface font, in pixels at scale 1."""
ROW = 20.0
"""Height of a row in pixels at scale 1."""
BUTTON = 20
"""Width of a button that is an icon, likewise."""
MARGIN = 56
"""What borders and icon take of a region's width, in pixels at scale 1."""


def sentence(
    layout: bpy.types.UILayout,
    context: bpy.types.Context,
    text: str,
    icon: "IconItems" = "NONE",
    *,
    explained: bool = False,
) -> None:
    """Draw `text` over as many lines as the region's width asks for, the icon before the first.

    explained: with the button that shows what it means.
    """
    width = characters(context, BUTTON if explained else 0)
    row = layout.row(align=True)
    column = row.column(align=True)
    if explained:
        draw_help(row, text)
    column.scale_y = 0.8
    for number, line in enumerate(_lines(text, width)):
        column.label(text=line, icon=icon if number == 0 else ("BLANK1" if icon != "NONE" else "NONE"))


def characters(context: bpy.types.Context, beside: int = 0) -> int:
    """About how many fit into a line of the region beside an icon, and beside what is so wide at scale 1."""
    return max(16, int((region_of(context).width / interface_scale(context) - MARGIN - beside) / CHARACTER))


@lru_cache(maxsize=512)
def _lines(text: str, width: int) -> list[str]:
    """Wrapping costs more than drawing, and panels are drawn again and again with the same sentences."""
    return textwrap.wrap(text, width)


def rows_high(context: bpy.types.Context) -> float:
    """The region's height in rows."""
    return region_of(context).height / (ROW * interface_scale(context))


def rows_wide(context: bpy.types.Context) -> float:
    """The region's width in the same unit."""
    return region_of(context).width / (ROW * interface_scale(context))


def dollars(amount: float) -> str:
    """An amount of US dollars with as many places as it needs, such as $0.02, $0.065 or $12.30."""
    text = f"{amount:.4f}".rstrip("0")
    whole, _, part = text.partition(".")
    return f"${whole}.{part:0<2}"
