# SPDX-License-Identifier: GPL-3.0-or-later
"""What all tests share: a Blender that keeps its hands off the user's own settings."""

import os
import tempfile

# Blender reads it once, when bpy is imported; every process of a test run gets a folder of its own.
_user_resources = tempfile.TemporaryDirectory(prefix="sam3d-tests-", ignore_cleanup_errors=True)
os.environ["BLENDER_USER_RESOURCES"] = _user_resources.name
