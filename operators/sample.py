# SPDX-License-Identifier: GPL-3.0-or-later
"""A photo that came with the extension, to try it with."""

import bpy

from ..properties import settings_of
from ..providers import Subject
from ..runtime.help_pages import FOLDER
from .photo import use_photo
from .result import Result

SAMPLES = {Subject.OBJECT: "mug.jpg", Subject.BODY: "mannequin.png"}


class SAM3D_OT_try_sample(bpy.types.Operator):
    """Take a photo that came with the add-on."""

    bl_idname = "sam3d.try_sample"
    bl_label = "Try a Sample"
    bl_description = (
        "Take a photo that came with this add-on: a mug, or a mannequin where people are made. "
        "With the built-in draft engine the whole way is free and needs no network"
    )
    bl_options = {"UNDO"}

    def execute(self, context: bpy.types.Context) -> Result:
        """Load it into the file, which then needs this extension's folder no more."""
        file = FOLDER / "samples" / SAMPLES[settings_of(context).kind]
        image = bpy.data.images.load(str(file), check_existing=True)
        if image.packed_file is None:
            image.pack()
        return use_photo(self, context, image)
