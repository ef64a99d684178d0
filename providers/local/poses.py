# SPDX-License-Identifier: GPL-3.0-or-later
"""How the server's engines have seen their models in the photo, from what a prediction tells beside."""

from typing import Any, Final

import numpy as np

from ...engine.matching.evidence import KnownPose
from ..json_values import number

BLENDER_TO_GLTF: Final = np.array([[1.0, 0, 0, 0], [0, 0, 1, 0], [0, -1, 0, 0], [0, 0, 0, 1]])
"""From z up, as Blender imports a GLB, to y up, as the file has it."""
UNEVEN = 0.1
"""By how much the axes of a pose may differ in size: a similarity has even ones."""


def read_poses(details: Any) -> tuple[KnownPose, ...]:
    """One for each model, in their order; none at all where one of them is not told, or makes no sense."""
    if not isinstance(details, dict):
        return ()
    subjects = details.get("objects") or details.get("people")
    if not isinstance(subjects, list) or not all(isinstance(subject, dict) for subject in subjects):
        return ()
    longest = _longest_edge(details.get("size"))
    poses = [_pose(subject, subject.get("focal_length", details.get("focal_length")), longest) for subject in subjects]
    known = tuple(pose for pose in poses if pose is not None)
    return known if len(known) == len(poses) else ()


def _longest_edge(size: Any) -> float | None:
    edges = [number(edge) for edge in size] if isinstance(size, list) else []
    known = [edge for edge in edges if edge is not None and edge >= 1]
    return max(known) if len(known) == 2 == len(edges) else None


def _pose(subject: dict[str, Any], focal: Any, longest: float | None) -> KnownPose | None:
    pixels, rows = number(focal), subject.get("matrix")
    if not longest or not pixels or pixels <= 0 or not isinstance(rows, list):
        return None
    values = [[number(value) for value in row] for row in rows if isinstance(row, list)]
    if [len(row) for row in values] != [4] * 4 or any(value is None for row in values for value in row):
        return None
    matrix = np.array(values, np.float64) @ BLENDER_TO_GLTF
    sizes = np.linalg.norm(matrix[:3, :3], axis=0)
    in_front = matrix[2, 3] < 0
    if not in_front or sizes.min() <= 0 or np.ptp(sizes) > UNEVEN * sizes.max() or np.linalg.det(matrix[:3, :3]) <= 0:
        return None
    return KnownPose(matrix, pixels / longest)
