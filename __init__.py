# SPDX-License-Identifier: GPL-3.0-or-later
"""SAM 3D for Blender: photos become objects in the scene.

Everything is imported inside the functions, so that the packages without bpy import in a plain Python.
"""


def register() -> None:
    """Called when the extension is enabled."""
    from . import registration

    registration.register()


def unregister() -> None:
    """Called when the extension is disabled."""
    from . import registration

    registration.unregister()
