# SPDX-License-Identifier: GPL-3.0-or-later
"""The surface of a mesh object as plain arrays."""

from __future__ import annotations

import numpy as np
from bpy.types import Object
from numpy.typing import NDArray

from .data import mesh_of


def surface(obj: Object) -> tuple[NDArray[np.float64], NDArray[np.int64]]:
    """A mesh object's own vertices (V, 3) and its triangles (F, 4): three vertices and the face that each lies in."""
    mesh = mesh_of(obj)
    flat = np.empty(len(mesh.vertices) * 3, np.float32)
    mesh.vertices.foreach_get("co", flat)
    mesh.calc_loop_triangles()
    corners = np.empty(len(mesh.loop_triangles) * 3, np.int32)
    owner = np.empty(len(mesh.loop_triangles), np.int32)
    mesh.loop_triangles.foreach_get("vertices", corners)
    mesh.loop_triangles.foreach_get("polygon_index", owner)
    return flat.reshape(-1, 3).astype(np.float64), np.c_[corners.reshape(-1, 3), owner].astype(np.int64)
