# SPDX-License-Identifier: GPL-3.0-or-later
"""The way from the panel to what has to be set in the preferences."""

import bpy

from ..preferences import PACKAGE
from .result import Result


class SAM3D_OT_open_preferences(bpy.types.Operator):
    """Open the preferences where keys, the spending limit or online access are set"""

    bl_idname = "sam3d.open_preferences"
    bl_label = "Open Preferences"

    def execute(self, _context: bpy.types.Context) -> Result:
        """Show the add-on's preferences, or Blender's own where it is set to work offline."""
        if not bpy.app.online_access:
            return bpy.ops.screen.userpref_show(section="SYSTEM")  # type: ignore[return-value]  # its answer is ours
        return bpy.ops.preferences.addon_show(module=PACKAGE)  # type: ignore[return-value]  # likewise
