# SPDX-License-Identifier: GPL-3.0-or-later
"""The extension in Blender's preferences, and its test of a service's connection there."""

import bpy
from steps import MODULE, Steps, area


def show_preferences(kind: str) -> None:
    """Make the first editor of a kind the preferences, open on the extension."""
    area(kind).type = "PREFERENCES"
    bpy.context.preferences.active_section = "ADDONS"
    bpy.context.window_manager.addon_search = "SAM 3D"
    bpy.ops.preferences.addon_expand(module=MODULE)


def check_connection(provider: str) -> Steps:
    """Press the button that asks a service whether it can be reached, and wait for the answer."""
    from bl_ext.user_default.sam3d.runtime.state import runtime

    window = bpy.context.window_manager.windows[0]
    with bpy.context.temp_override(window=window, area=area("PREFERENCES")):
        bpy.ops.sam3d.test_connection("INVOKE_DEFAULT", provider=provider)
    yield lambda: runtime().last_checks.get(provider, "Asking ...") != "Asking ..."
