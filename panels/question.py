# SPDX-License-Identifier: GPL-3.0-or-later
"""Which thing is meant, where that has to be asked."""

import bpy

from ..properties import settings_of
from ..runtime.state import runtime
from .text import sentence

WHICH = "Which thing is meant? Draw a box around it, or click on it."


def draw_question(layout: bpy.types.UILayout, context: bpy.types.Context) -> None:
    """The question, while it is open, with the way out."""
    question = runtime().question
    if runtime().guessing:
        layout.label(text="Looking at the photo ...", icon="SORTTIME")
    if question is None or not question.is_open(settings_of(context)):
        return
    box = layout.box().column()
    sentence(box, context, WHICH, "QUESTION", explained=True)
    if question.guess.mask:
        box.operator("sam3d.use_guess", icon="CHECKMARK")
