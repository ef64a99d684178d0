# SPDX-License-Identifier: GPL-3.0-or-later
"""Rotations as matrices (3, 3) and as vectors (3,) along the axis, as long as the angle."""

from __future__ import annotations

import numpy as np

from ..arrays import Floats


def unit(vector: Floats) -> Floats:
    """The vector at length 1; any direction where it has none."""
    length = float(np.linalg.norm(vector))
    return vector / length if length > 1e-12 else np.array([1.0, 0, 0])


def rotation(vector: Floats) -> Floats:
    """The rotation about the vector by its length (Rodrigues)."""
    angle = float(np.linalg.norm(vector))
    if angle < 1e-12:
        return np.eye(3)
    x, y, z = vector / angle
    turn = np.array([[0, -z, y], [z, 0, -x], [-y, x, 0]])
    return np.asarray(np.eye(3) + np.sin(angle) * turn + (1 - np.cos(angle)) * turn @ turn)


def rotation_vector(matrix: Floats) -> Floats:
    """The inverse of `rotation`, for angles below a half turn."""
    skew = np.array([matrix[2, 1] - matrix[1, 2], matrix[0, 2] - matrix[2, 0], matrix[1, 0] - matrix[0, 1]]) / 2
    sine, cosine = float(np.linalg.norm(skew)), (float(np.trace(matrix)) - 1) / 2
    return np.asarray(skew * (np.arctan2(sine, cosine) / max(sine, 1e-9)))


def turning(one: Floats, other: Floats) -> Floats:
    """The shortest rotation that brings the direction `one` to `other`."""
    one, other = unit(one), unit(other)
    axis, cosine = np.cross(one, other), float(one @ other)
    sine = float(np.linalg.norm(axis))
    if sine < 1e-9:
        if cosine > 0:
            return np.eye(3)
        axis = np.cross(one, np.eye(3)[np.abs(one).argmin()])
        sine = float(np.linalg.norm(axis))
        return rotation(np.asarray(axis / sine * np.pi))
    return rotation(np.asarray(axis / sine * np.arctan2(sine, cosine)))


def aligning(points: Floats, others: Floats) -> Floats:
    """The rotation that best brings the directions `points` (N, 3) to `others` (Kabsch 1976)."""
    left, _, right = np.linalg.svd(others.T @ points)
    flip = np.diag([1, 1, np.sign(np.linalg.det(left @ right))])
    return np.asarray(left @ flip @ right)
