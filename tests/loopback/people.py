# SPDX-License-Identifier: GPL-3.0-or-later
"""People as services deliver them: each in a GLB of its own."""

from __future__ import annotations

from functools import cache

import numpy as np
from numpy.typing import NDArray

from sam3d.engine.ply import Mesh, to_glb

from .server import File

CELL = 0.025  # meters
LIMBS = [
    ((0.0, 0.98, 0.0), (0.0, 1.38, 0.0), 0.13),
    ((0.0, 1.38, 0.0), (0.0, 1.55, 0.0), 0.06),
    ((0.0, 1.66, 0.01), (0.0, 1.7, 0.01), 0.09),
    *(
        limb
        for side in (-1, 1)
        for limb in (
            ((side * 0.06, 1.4, 0.0), (side * 0.18, 1.4, 0.0), 0.07),
            ((side * 0.18, 1.42, 0.0), (side * 0.36, 1.2, 0.0), 0.05),
            ((side * 0.36, 1.2, 0.0), (side * 0.52, 1.0, 0.02), 0.04),
            ((side * 0.52, 1.0, 0.02), (side * 0.62, 0.87, 0.03), 0.03),
            ((side * 0.1, 0.93, 0.0), (side * 0.13, 0.5, 0.01), 0.075),
            ((side * 0.13, 0.5, 0.01), (side * 0.15, 0.07, 0.0), 0.05),
            ((side * 0.15, 0.05, -0.03), (side * 0.16, 0.05, 0.15), 0.04),
        )
    ),
]
"""Capsules, from and to, y up and z to the front, and the radius; in meters."""


def person_glb(size: float = 1.0, place: tuple[float, float, float] = (0.0, 0.0, 0.0)) -> bytes:
    """A person `size` times as tall, with the middle of the base of the box around it at `place`, y up."""
    vertices, faces = _person()
    return to_glb(Mesh((vertices * size + place).astype(np.float32), faces), "person")


def people(*sizes: float, apart: float = 0.0) -> list[File]:
    """A file for each person of these sizes, all in the middle of their files, or `apart` meters from each other."""
    return [
        File(f"person_{number}.glb", person_glb(size, (apart * number, 0.0, 0.0)), "model/gltf-binary")
        for number, size in enumerate(sizes)
    ]


@cache
def _person() -> tuple[NDArray[np.float64], NDArray[np.uint32]]:
    """The sides of all cells that are in a limb and have a neighbor that is in none."""
    ends = np.array([end for limb in LIMBS for end in limb[:2]])
    low = ends.min(0) - 0.2
    cells = np.argwhere(np.ones(np.ceil((ends.max(0) + 0.2 - low) / CELL).astype(int)))
    middles = low + CELL * (cells + 0.5)
    inside = np.zeros(len(cells), bool)
    for start, end, radius in LIMBS:
        along = np.subtract(end, start)
        share = np.clip((middles - start) @ along / (along @ along), 0, 1)
        inside |= np.linalg.norm(middles - start - share[:, None] * along, axis=1) < radius
    grid = inside.reshape(cells.max(0) + 1)
    quads = []
    for axis in range(3):
        first, second = np.eye(3, dtype=int)[(axis + 1) % 3], np.eye(3, dtype=int)[(axis + 2) % 3]
        for step in (0, 1):
            side = np.argwhere(grid & ~np.roll(grid, 1 - 2 * step, axis)) + step * np.eye(3, dtype=int)[axis]
            around = [side, side + first, side + first + second, side + second]
            quads.append(np.stack(around if step else around[::-1], axis=1))
    corners = np.concatenate(quads)
    places, index = np.unique(corners.reshape(-1, 3), axis=0, return_inverse=True)
    quad = index.reshape(-1, 4)
    vertices = low + CELL * places
    lowest, highest = vertices.min(0), vertices.max(0)
    base = np.array([(lowest[0] + highest[0]) / 2, lowest[1], (lowest[2] + highest[2]) / 2])
    faces = np.concatenate([quad[:, [0, 1, 2]], quad[:, [0, 2, 3]]])
    return vertices - base, faces.astype(np.uint32)
