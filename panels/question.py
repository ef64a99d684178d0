# SPDX-License-Identifier: GPL-3.0-or-later
"""Which thing is meant, where that has to be asked."""

import bpy

from ..properties import SAM3D_PG_settings, settings_of
from ..runtime.state import runtime
from .text import sentence

WHICH = "Which thing is meant? Draw a box around it, or click on it."


def is_asked(settings: SAM3D_PG_settings) -> bool:
    """Whether the question is open."""
    question = runtime().question
    return question is not None and question.is_open(settings)


def draw_question(layout: bpy.types.UILayout, context: bpy.types.Context) -> None:
    """The question, while it is open, with the way out."""
    question = runtime().question
    if runtime().guessing:
        layout.label(text="Looking at the photo ...", icon="SORTTIME")
    if question is None or not is_asked(settings_of(context)):
        return
    box = layout.box().column()
    sentence(box, context, WHICH, "QUESTION", explained=True)
    if question.guess.mask:
        box.operator("sam3d.use_guess", icon="CHECKMARK")
