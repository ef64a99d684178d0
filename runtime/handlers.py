# SPDX-License-Identifier: GPL-3.0-or-later
"""What masks need when a file is saved or something is undone."""

import bpy
from bpy.app.handlers import persistent

from ..properties import scene_settings
from ..scene.masks import keep_in_file
from .brush import leave_what_is_gone


def register() -> None:
    """Begin to look after the masks."""
    bpy.app.handlers.save_pre.append(_before_save)
    bpy.app.handlers.undo_post.append(_after_undo)


def unregister() -> None:
    """Stop looking after them."""
    bpy.app.handlers.undo_post.remove(_after_undo)
    bpy.app.handlers.save_pre.remove(_before_save)


@persistent
def _before_save(*_: object) -> None:
    """What was painted goes with the file."""
    masks = (mask for scene in bpy.data.scenes for mask in scene_settings(scene).masks)
    keep_in_file({mask.image for mask in masks if mask.image is not None})


@persistent
def _after_undo(*_: object) -> None:
    """Undo may take the image away that is being painted."""
    leave_what_is_gone()
