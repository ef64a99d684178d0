# SPDX-License-Identifier: GPL-3.0-or-later
"""From the tree of objects that an importer leaves to one mesh object that stands on the ground."""

from __future__ import annotations

from collections.abc import Sequence

import bpy
import numpy as np
from bpy.types import Context, FloatVectorAttribute, Mesh, Object
from mathutils import Matrix, Vector
from numpy.typing import NDArray

from .data import mesh_of
from .gltf_repair import ImportFailed

MAX_SIZE = 1e6  # meters; beyond, single precision cannot hold a shape
SHARP_ANGLE = np.radians(45)  # of an edge, where the file has no normals


def to_one_object(context: Context, parts: Sequence[Object]) -> Object:
    """Joins mesh objects into the first of them, with every parent's and own transform in its vertices.

    Materials, UVs, colors and normals stay; the parts must be in the view layer, in object mode.
    """
    places = [world_matrix(part) for part in parts]
    for part, place in zip(parts, places, strict=True):
        if mesh_of(part).users > 1:
            part.data = mesh_of(part).copy()
        transform(mesh_of(part), place)
        part.parent = None
        part.matrix_basis = Matrix()
    if len(parts) > 1:
        with context.temp_override(
            object=parts[0], active_object=parts[0], selected_objects=parts, selected_editable_objects=parts
        ):
            bpy.ops.object.join()
    return parts[0]


def world_matrix(obj: Object) -> Matrix:
    """Where an object is that the dependency graph has not seen yet; its parents are objects, not bones."""
    matrix = obj.matrix_basis
    while obj.parent is not None:
        matrix = obj.matrix_parent_inverse @ matrix
        obj = obj.parent
        matrix = obj.matrix_basis @ matrix
    return matrix


def transform(mesh: Mesh, matrix: Matrix) -> None:
    """Applies `matrix` to the vertices, and to the file's normals, so that outside stays outside.

    Expects normals that agree among the corners of a vertex, as the glTF importer makes them.
    """
    if matrix == Matrix():
        return
    scale = matrix.to_3x3()
    stretched = not _is_similarity(scale)
    mirrored = scale.is_negative
    normals = vertex_normals(mesh) if mesh.has_custom_normals and (stretched or mirrored) else None
    mesh.transform(matrix)
    if mirrored:
        mesh.flip_normals()
    if normals is not None:
        # normals go with the inverse transpose: n' = n M^-1 as rows
        transformed = normals @ np.array(scale.inverted_safe(), dtype=np.float32)
        length = np.linalg.norm(transformed, axis=1, keepdims=True)
        mesh.normals_split_custom_set_from_vertices(transformed / np.maximum(length, 1e-20))
    mesh.update()


def _is_similarity(matrix: Matrix) -> bool:
    """Whether a 3 x 3 matrix only turns, mirrors and scales evenly."""
    square = np.array(matrix.transposed() @ matrix)
    return bool(np.allclose(square, np.eye(3) * square[0, 0], atol=1e-5 * abs(square).max()))


def vertex_normals(mesh: Mesh) -> NDArray[np.float32]:
    """The normal that the corners of each vertex show: (vertices, 3)."""
    corners = np.empty(len(mesh.loops) * 3, np.float32)
    mesh.corner_normals.foreach_get("vector", corners)
    vertex = np.empty(len(mesh.loops), np.int32)
    mesh.loops.foreach_get("vertex_index", vertex)
    normals = np.zeros((len(mesh.vertices), 3), np.float32)
    normals[vertex] = corners.reshape(-1, 3)
    return normals


def bounds(mesh: Mesh) -> tuple[Vector, Vector]:
    """The lowest and the highest corner of the mesh's own bounding box.

    Raises ImportFailed where the mesh has no size, or one beyond all measure.
    """
    flat = np.empty(len(mesh.vertices) * 3, np.float32)
    position = mesh.attributes["position"]
    assert isinstance(position, FloatVectorAttribute)
    position.data.foreach_get("vector", flat)
    axes = [flat[axis::3] for axis in range(3)]
    low, high = Vector([float(axis.min()) for axis in axes]), Vector([float(axis.max()) for axis in axes])
    check_size(high - low)
    return low, high


def check_size(size: Vector) -> None:
    """Raises ImportFailed where nothing could be seen of a model of this size, in meters."""
    if not 0 < max(size[:]) < MAX_SIZE:  # also false where it is not a number
        raise ImportFailed("The model has no size, or an unreasonable one: make it again.")


def standing(low: Vector, high: Vector, height: float) -> Matrix:
    """Takes the middle of a bounding box's base to the origin, and the box to `height` if that is not 0."""
    size = high - low
    base = Vector(((low.x + high.x) / 2, (low.y + high.y) / 2, low.z))
    # a flat sheet on the ground has no height to scale
    factor = height / size.z if height > 0 and size.z > 1e-6 * max(size[:]) else 1.0
    return Matrix.Scale(factor, 4) @ Matrix.Translation(-base)


def place_on_ground(obj: Object, location: Vector, height: float) -> None:
    """Puts the origin at the middle of the mesh's base and the object at `location`, `height` high if not 0.

    The object must have no transform of its own; its scale stays 1. Raises ImportFailed as `bounds` does.
    """
    low, high = bounds(mesh_of(obj))
    transform(mesh_of(obj), standing(low, high, height))
    obj.location = location


def smooth(mesh: Mesh) -> None:
    """Smooth shading but for sharp edges, for a mesh whose file had no normals."""
    mesh.shade_smooth()
    mesh.set_sharp_from_angle(angle=SHARP_ANGLE)
