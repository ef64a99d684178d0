# SPDX-License-Identifier: GPL-3.0-or-later
"""Triangles become the quads again that they were cut from."""

import math

import bmesh
from bpy.types import Mesh

RINGED = "revolution"
"""The kind of draft whose triangles are halves of quads, as the custom property `draft` of its mesh tells."""
FLAT = math.radians(0.6)  # a cut quad's halves face the same way
SQUARE = math.radians(55)  # the most that a corner of a quad may differ from a right angle


def join_quads(mesh: Mesh) -> None:
    """Joins what a turned draft's rings are made of, so that edge loops can be selected and cut; what was no quad, and
    what UV seams part, stays as it is.
    """
    if mesh.get("draft") != RINGED:
        return
    edited = bmesh.new()
    try:
        edited.from_mesh(mesh)
        bmesh.ops.join_triangles(
            edited,
            faces=edited.faces[:],
            cmp_uvs=True,
            cmp_materials=True,
            angle_face_threshold=FLAT,
            angle_shape_threshold=SQUARE,
        )
        edited.to_mesh(mesh)
    finally:
        edited.free()
