# SPDX-License-Identifier: GPL-3.0-or-later
"""The answer to the question which thing of the photo is meant."""

import bpy

from ..properties import settings_of
from ..runtime import question
from ..runtime.state import runtime
from ..scene.importing import push_undo_step
from .result import Result


class SAM3D_OT_use_guess(bpy.types.Operator):
    """Take the outlined guess as the mask, and reconstruct it"""

    bl_idname = "sam3d.use_guess"
    bl_label = "Use the Guess"

    @classmethod
    def poll(cls, context: bpy.types.Context) -> bool:
        """While it is asked, and something stands out."""
        asked = runtime().question
        return asked is not None and asked.is_open(settings_of(context)) and bool(asked.guess.mask)

    def execute(self, context: bpy.types.Context) -> Result:
        """A mask like any other, which can be corrected for a second try."""
        question.use_guess(settings_of(context))
        push_undo_step("SAM 3D: Use the Guess")
        return bpy.ops.sam3d.reconstruct()  # type: ignore[attr-defined,no-any-return]  # our own
