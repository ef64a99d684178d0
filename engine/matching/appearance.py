# SPDX-License-Identifier: GPL-3.0-or-later
"""How a subject's colors in the photo fit its model's: what tells a front from a back that has the same outline."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from ..arrays import Floats, Mask, Pixels
from .camera import PhotoCamera
from .models import Model
from .stance import Stance, about_z

CELLS = 26
"""Along the longer side of the mask's box: colors are compared by their means in such cells."""
SKIN = 0.06
"""Of the model's longest side: what lies deeper than the nearest in its cell is not seen."""
COLOR_NOISE = 0.05
"""Of 0..1: no color fits better."""
WITNESSES = 24.0
"""How many cells count as independent."""
LEAST_CELLS = 12
EVEN_LIGHT = 2.0
"""Cells' worth of belief that light falls on all sides alike."""


@dataclass(frozen=True)
class Look:
    """A subject's colors in the photo by cells.

    colors (n, n, 3) in sRGB 0..1, known (n, n): where the subject is seen. corner (2,) and cell: in the photo's pixels.
    """

    colors: Floats
    known: Mask
    corner: Floats
    cell: float


def look_of(picture: Pixels, mask: Mask) -> Look:
    """The colors of what a mask (H, W), which is not empty, shows of a picture (H, W, 3)."""
    rows, columns = np.nonzero(mask)
    corner = np.array([columns.min(), rows.min()], np.float64)
    cell = (max(np.ptp(rows), np.ptp(columns)) + 1) / CELLS
    place = ((rows + 0.5 - corner[1]) / cell).astype(np.int64) * CELLS + ((columns + 0.5 - corner[0]) / cell).astype(
        np.int64
    )
    number = np.bincount(place, minlength=CELLS**2)
    values = picture[rows, columns].astype(np.float64) / 255
    total = np.stack([np.bincount(place, channel, CELLS**2) for channel in values.T], 1)
    colors = total / np.maximum(number, 1)[:, None]
    known = number > 0.5 * min(cell * cell, number.max())
    return Look(colors.reshape(CELLS, CELLS, 3), known.reshape(CELLS, CELLS), corner, cell)


def unlikeness(look: Look, model: Model, camera: PhotoCamera, stance: Stance) -> float:
    """The negative logarithm of the likelihood that the model has these colors, but for a constant.

    Each color in the photo is one of the model's under light that depends on the direction of the surface alone, in the
    manner of spherical harmonics of the first order (Basri and Jacobs 2003), and a haze; both are found with it.
    """
    pixels, depth = stance.seen(camera, model.samples, model)
    _, size, yaw = stance.parts(camera)
    column, row = ((pixels - look.corner) / look.cell).T
    inside = (column >= 0) & (row >= 0) & (column < CELLS) & (row < CELLS)
    place = np.where(inside, row.astype(np.int64) * CELLS + column.astype(np.int64), 0)
    nearest = np.full(CELLS**2, np.inf)
    np.minimum.at(nearest, place[inside], depth[inside])
    seen = inside & (depth <= nearest[place] + SKIN * size) & look.known.ravel()[place]
    place = place[seen]
    number = np.bincount(place, minlength=CELLS**2)
    normals = model.normals[seen] @ about_z(yaw).T
    away = (normals * camera.rays(pixels[seen])).sum(1) > 0
    normals = np.where(away[:, None], -normals, normals)
    held = number > 0
    if held.sum() < LEAST_CELLS:
        return 0.0
    means = [
        np.stack([np.bincount(place, values, CELLS**2) for values in part.T], 1)[held] / number[held, None]
        for part in (model.colors[seen].astype(np.float64), normals)
    ]
    return WITNESSES / 2 * float(np.log(_misfit(look.colors.reshape(-1, 3)[held], *means) + COLOR_NOISE**2))


def _misfit(photo: Floats, paint: Floats, normals: Floats) -> float:
    """The mean square of what the painted surface, lit as suits it best, leaves of the photo's colors (N, 3)."""
    lit = np.concatenate([np.ones((len(paint), 1)), normals], 1)  # (N, 4)
    terms = (paint[:, :, None] * lit[:, None, :]).reshape(-1, 4)
    terms = np.concatenate([terms, np.ones((len(terms), 1))], 1)
    goal = photo.reshape(-1)
    stiff = np.diag([1e-3, EVEN_LIGHT, EVEN_LIGHT, EVEN_LIGHT, 1.0])
    values = np.linalg.solve(terms.T @ terms + stiff, terms.T @ goal)
    if values[0] < 0:  # no light makes a negative of the colors
        values = np.array([0, 0, 0, 0, goal.mean()])
    return float(((terms @ values - goal) ** 2).mean())
