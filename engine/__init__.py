# SPDX-License-Identifier: GPL-3.0-or-later
"""The numerics: drafts from a photo, masks from prompts, joints from bodies, glTF files. numpy and Pillow alone.

No bpy and no network; the GPU server's wheel carries this package whole.
"""
