# SPDX-License-Identifier: GPL-3.0-or-later
"""What all tests share: BLAS on one thread, and a Blender that keeps its hands off the user's own settings."""

import os
import tempfile

# Before numpy is imported, which reads them once: the tests themselves run beside each other.
os.environ |= {"OPENBLAS_NUM_THREADS": "1", "OMP_NUM_THREADS": "1"}

# Blender reads it once, when bpy is imported; every process of a test run gets a folder of its own.
_user_resources = tempfile.TemporaryDirectory(prefix="sam3d-tests-", ignore_cleanup_errors=True)
os.environ["BLENDER_USER_RESOURCES"] = _user_resources.name
