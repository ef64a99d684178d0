# SPDX-License-Identifier: GPL-3.0-or-later
"""A photo's subject with the camera that sees it, in the frame of an object that stands on the ground."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

import numpy as np

from ...arrays import Floats, Mask
from ...raster import scan
from ..camera import View
from ..posed_shape import Camera

if TYPE_CHECKING:
    from .. import Seen

DRAWN = 96  # pixels along the longer side of a silhouette that is compared


@dataclass(frozen=True)
class PosedView:
    """What a photo shows, and from where.

    number: of the photo, from 0. axes: (3, 3), its rows the right, up and forward directions of the level camera that
    has the subject in its middle. eye: (3,). Both in the object's frame, y up.
    """

    number: int
    seen: Seen
    axes: Floats
    eye: Floats

    @property
    def view(self) -> View:
        """The camera as if at the origin."""
        camera = self.seen.near.camera
        return View(self.axes, camera.focal, np.array([camera.width / 2, camera.height / 2]))

    @property
    def camera(self) -> Camera:
        """The camera as a shape has it."""
        matrix = self.view.matrix()
        return Camera(np.column_stack([matrix, -matrix @ self.eye]), self.eye)

    def project(self, points: Floats) -> tuple[Floats, Floats]:
        """The pixels (N, 2) and depths (N,) of points (N, 3)."""
        return self.view.project(points - self.eye)

    def cone(self, points: Floats) -> Floats:
        """The field (N,) of all points that the photo shows within its mask."""
        pixels, depth = self.project(points)
        return self.seen.features.silhouette.sample(pixels) * depth / self.seen.near.camera.focal

    def moved(self, turn: Floats, origin: Floats, scale: float) -> PosedView:
        """The same in the frame where points are s R (p - o)."""
        return replace(self, axes=self.axes @ turn.T, eye=scale * turn @ (self.eye - origin))

    def overlap(self, points: Floats, faces: Floats) -> float:
        """Intersection over union of the mask and the silhouette of a mesh: points (V, 3) and faces (F, 3)."""
        silhouette = self.seen.features.silhouette
        step = DRAWN / max(silhouette.inside.shape)
        at = silhouette.to_work(self.project(points)[0]) * step + DRAWN / 2
        size = 2 * DRAWN
        _, column, row = scan(at.clip(-DRAWN, 3 * DRAWN)[faces], size, size)
        covered = np.zeros((size, size), bool)
        covered[row, column] = True
        mask = self._small_mask(step, size)
        return float((covered & mask).sum() / max(1, (covered | mask).sum()))

    def _small_mask(self, step: float, size: int) -> Mask:
        inside = self.seen.features.silhouette.inside
        at = ((np.arange(size) + 0.5 - DRAWN / 2) / step).astype(np.int64)
        rows, columns = ((at >= 0) & (at < n) for n in inside.shape)
        mask = np.zeros((size, size), bool)
        mask[np.ix_(rows, columns)] = inside[np.ix_(at[rows], at[columns])]
        return mask
