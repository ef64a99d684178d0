# SPDX-License-Identifier: GPL-3.0-or-later
"""`blender --command sam3d` for the bpy package: python tools/command.py PHOTO [--mask FILE] [--out FILE] ...

The built extension is installed into a folder that is gone afterwards.
"""

import importlib
import os
import sys
import tempfile
from pathlib import Path

from installed import MODULE, install


def main() -> int:
    """Run the command with this script's arguments; returns its exit status."""
    with tempfile.TemporaryDirectory(ignore_cleanup_errors=True) as folder:
        install(Path(folder))
        import bpy

        status: int = importlib.import_module(f"{MODULE}.command_line").run(sys.argv[1:])
        bpy.ops.preferences.addon_disable(module=MODULE)
        return status


if __name__ == "__main__":
    status = main()
    sys.stdout.flush()
    sys.stderr.flush()
    os._exit(status)  # the bpy package 4.2 crashes on its way out after any glTF export
