# SPDX-License-Identifier: GPL-3.0-or-later
"""Objects of a result take over the mesh of another one, and stay what they are otherwise."""

from __future__ import annotations

from collections.abc import Iterable

import bpy
from bpy.types import Object
from mathutils import Matrix

from .data import mesh_of
from .placed import change_model, source_of

WHAT = "sam3d_model"
"""The custom property that names what a result was made by."""


def swap(new: Object, olds: Iterable[Object], step: Matrix | None = None) -> None:
    """Give objects the mesh of a new one, which is taken out of the file. Names, parents and modifiers stay.

    Where both were placed by a photo, each comes to stand where the photo shows the new one: `step` leads from the
    model of the new one to that of the old.
    """
    mesh, left = mesh_of(new), set()
    for obj in olds:
        if step is not None and source_of(obj) and source_of(new):
            change_model(obj, new, step)
        left.add(obj.data)
        obj.data = mesh
        obj[WHAT] = new[WHAT]
    bpy.data.objects.remove(new)
    names = [old.name for old in left if old is not None]
    bpy.data.batch_remove([old for old in left if old is not None and not old.users])
    if names:
        mesh.name = names[0]
