# SPDX-License-Identifier: GPL-3.0-or-later
"""The light on a subject, told from its colors and how its surface is turned, so that it can be evened out."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from ..arrays import Floats, Single

GAMMA = 2.2  # about that of sRGB
LEAST_WEIGHT = 0.5  # of what the photo shows, to be gone by
DARKEST = 4.0  # levels of 255: below there is no telling
SMALLEST_STEP = 0.02  # of the logarithm of brightness, that counts as no step
ROUNDS = 12  # of fitting
CALM = 1e-5  # how much the evenly lit is preferred
FEWEST = 50  # edges that tell a light
STRONGEST = 2.0  # factor by which light is taken away or added


@dataclass(frozen=True)
class Shading:
    """How bright a surface is that faces that way: exp(basis @ coefficients), in the mean of what the photo shows 1.

    coefficients: (8,), mean: the logarithm of what is taken for 1.
    """

    coefficients: Floats
    mean: float

    def evened(self, colors: Single, normals: Single) -> Single:
        """sRGB colors (N, 3), 0..255, of a surface with these unit normals (N, 3), as they are in an even light."""
        light = np.clip(_basis(normals) @ self.coefficients - self.mean, -np.log(STRONGEST), np.log(STRONGEST))
        return np.asarray(np.minimum(colors * np.exp(-light / GAMMA)[:, None], 255), np.float32)


def find_shading(colors: Single, weight: Single, normals: Single, faces: NDArray[np.integer]) -> Shading:
    """The light on a mesh whose vertices have these sRGB colors (V, 3), 0..255, where the weight (V,) is high.

    Light from far away changes as the spherical harmonics of the first and second order do (Ramamoorthi and Hanrahan,
    "An efficient representation for irradiance environment maps", 2001). They are fitted to the differences between
    neighbors, by their least absolute errors: where the surface's own color steps, the difference is one of few that
    are far off, and counts little (Land and McCann, "Lightness and retinex theory", 1971).
    """
    brightness = GAMMA * np.log(np.maximum(colors @ np.array([0.2126, 0.7152, 0.0722], np.float32), DARKEST) / 255)
    edge = np.concatenate([faces[:, [0, 1]], faces[:, [1, 2]], faces[:, [2, 0]]])
    edge = edge[(edge[:, 0] < edge[:, 1]) & (weight[edge].min(1) > LEAST_WEIGHT)]
    basis = _basis(normals)
    if len(edge) < FEWEST:
        return Shading(np.zeros(basis.shape[1]), 0.0)
    turned = basis[edge[:, 1]] - basis[edge[:, 0]]
    step = brightness[edge[:, 1]] - brightness[edge[:, 0]]
    found = np.zeros(basis.shape[1])
    for _ in range(ROUNDS):
        worth = 1 / np.maximum(np.abs(step - turned @ found), SMALLEST_STEP)
        square = (turned * worth[:, None]).T @ turned
        found = np.linalg.solve(square + CALM * worth.sum() * np.eye(len(square)), (turned * worth[:, None]).T @ step)
    return Shading(found, float(np.average(basis @ found, weights=np.maximum(weight, 1e-6))))


def _basis(normals: Single) -> Floats:
    """The spherical harmonics (N, 8) of the first and second order, without their constant factors."""
    x, y, z = normals.T.astype(np.float64)
    return np.stack([x, y, z, x * y, y * z, z * x, 3 * z * z - 1, x * x - y * y], 1)
