# SPDX-License-Identifier: GPL-3.0-or-later
"""Run as a program in a new Blender: enables the installed extension, then calls one function of a file beside this.

Arguments: the add-on to enable (empty for none), the file's name, the function's, and what the function takes, as text.
"""

import importlib
import sys

import bpy


def main(addon: str, file: str, function: str, *arguments: str) -> None:
    """Enable the add-on and call the function."""
    if addon:
        assert bpy.ops.preferences.addon_enable(module=addon) == {"FINISHED"}
    getattr(importlib.import_module(file), function)(*arguments)


if __name__ == "__main__":
    main(*sys.argv[1:])
