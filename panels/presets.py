# SPDX-License-Identifier: GPL-3.0-or-later
"""Presets of service and options, in the panel's header. They are Blender's own: files in its folder for presets."""

import bpy
from bl_ui.utils import PresetPanel

FOLDER = "sam3d"


class SAM3D_PT_presets(PresetPanel, bpy.types.Panel):
    """Take up a service with its options, or keep the present ones for later"""

    bl_label = "SAM 3D Presets"
    preset_subdir = FOLDER
    preset_operator = "script.execute_preset"
    preset_add_operator = "sam3d.add_preset"
