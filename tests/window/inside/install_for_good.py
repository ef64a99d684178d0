# SPDX-License-Identifier: GPL-3.0-or-later
"""Install the built zip, and keep it enabled for the Blenders that come after this one."""

import sys
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parent))

import bpy
from steps import ARGUMENTS, install

install(ARGUMENTS[0])
bpy.ops.wm.save_userpref()
