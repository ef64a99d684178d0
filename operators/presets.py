# SPDX-License-Identifier: GPL-3.0-or-later
"""Keeping the service and its options under a name."""

import bpy
from bl_operators.presets import AddPresetBase

from ..panels.presets import FOLDER

KEPT = (
    "subject",
    "provider",
    "use_seed",
    "seed",
    "variations",
    "artifacts",
    "even_light",
    "face_limit",
    "height",
    "helper_bones",
    "masks_in_one_run",
)
"""What a preset holds: nothing of one photo, and no key."""


class SAM3D_OT_add_preset(AddPresetBase, bpy.types.Operator):  # type: ignore[misc]  # the stubs' bases disagree
    """Keep the service and its options under this name, or forget the preset of that name"""

    bl_idname = "sam3d.add_preset"
    bl_label = "Add Preset"
    preset_menu = "SAM3D_PT_presets"
    preset_subdir = FOLDER
    preset_defines = ["settings = bpy.context.scene.sam3d"]
    preset_values = [f"settings.{name}" for name in KEPT]
