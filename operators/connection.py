# SPDX-License-Identifier: GPL-3.0-or-later
"""Asks a service whether it would work, at no cost."""

import bpy

from ..providers import SERVICES


class SAM3D_OT_test_connection(bpy.types.Operator):
    """Check the service's address and key, at no cost"""

    bl_idname = "sam3d.test_connection"
    bl_label = "Test Connection"

    provider: bpy.props.EnumProperty(
        name="Service", items=[(service.id, service.name, "") for service in SERVICES.values()], default="DRAFT"
    )

    def execute(self, _context: bpy.types.Context) -> set[str]:
        """Report what the service says."""
        service = SERVICES[self.provider]
        if service.create is None:
            self.report({"WARNING"}, f"{service.name} is not available in this version yet: choose another service.")
            return {"CANCELLED"}
        self.report({"INFO"}, f"{service.name} is ready; it needs no connection.")
        return {"FINISHED"}
