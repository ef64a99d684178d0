# SPDX-License-Identifier: GPL-3.0-or-later
"""Several mesh objects become one, without loss: what only some of them have, the others get first."""

from __future__ import annotations

from collections.abc import Sequence

import bpy
import numpy as np
from bpy.types import ByteColorAttribute, Context, FloatColorAttribute, Mesh, Object

from .data import mesh_of

SHARP_ANGLE = np.radians(45)  # of an edge, where the file has no normals


def join(context: Context, parts: Sequence[Object]) -> Object:
    """Joins mesh objects without transforms of their own into the first of them.

    A part without colors gets white, so that none darkens; one without normals is smoothed, so that none is faceted.
    Shape keys of the same name become one where they are equally strong.
    """
    meshes = [mesh_of(part) for part in parts]
    smooth_bare(meshes)
    if len(parts) > 1:
        _share_uv_maps(meshes)
        _share_colors(meshes)
        _tell_keys_apart(meshes)
        with context.temp_override(
            object=parts[0], active_object=parts[0], selected_objects=parts, selected_editable_objects=parts
        ):
            bpy.ops.object.join()
    return parts[0]


def smooth_bare(meshes: Sequence[Mesh]) -> None:
    """Smooths those meshes whose file had no normals."""
    for mesh in meshes:
        if not mesh.has_custom_normals:
            smooth(mesh)


def smooth(mesh: Mesh) -> None:
    """Smooth shading but for sharp edges."""
    mesh.shade_smooth()
    mesh.set_sharp_from_angle(angle=SHARP_ANGLE)


def _share_uv_maps(meshes: Sequence[Mesh]) -> None:
    """All get the UV maps of each, in one order; the first is the one that textures use."""
    names = list(dict.fromkeys(layer.name for mesh in meshes for layer in mesh.uv_layers))
    for mesh in meshes:
        for name in names:
            if name not in mesh.uv_layers:
                mesh.uv_layers.new(name=name, do_init=False)
        if names:
            mesh.uv_layers[names[0]].active = mesh.uv_layers[names[0]].active_render = True


def _share_colors(meshes: Sequence[Mesh]) -> None:
    """All get the colors of each; white where they had none, which changes nothing that is tinted by it."""
    first = {layer.name: layer for mesh in reversed(meshes) for layer in mesh.color_attributes}
    for mesh in meshes:
        for name, like in first.items():
            if name in mesh.color_attributes:
                continue
            layer = mesh.color_attributes.new(name, like.data_type, like.domain)
            assert isinstance(layer, ByteColorAttribute | FloatColorAttribute)
            layer.data.foreach_set("color", np.ones(len(layer.data) * 4, np.float32))


def _tell_keys_apart(meshes: Sequence[Mesh]) -> None:
    """Keys of one name that are not equally strong get names of their own, or joining would make them one."""
    strengths: dict[str, float] = {}
    for mesh in meshes:
        if mesh.shape_keys is None:
            continue
        for block in mesh.shape_keys.key_blocks[1:]:
            name, number = block.name, 0
            while strengths.setdefault(name, block.value) != block.value:
                number += 1
                name = f"{block.name}.{number:03}"
            block.name = name
