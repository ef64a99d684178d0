# SPDX-License-Identifier: GPL-3.0-or-later
"""A mask as a field of signed distances to its outline."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from ..arrays import Floats, Mask, Single
from .pieces import joined

MARGIN = 6  # pixels of background kept around the mask


@dataclass(frozen=True)
class Silhouette:
    """A mask, cut out and brought to a working size.

    inside: (h, w) bool.
    distance: (h, w) float32, signed distance to the outline in working pixels, positive inside.
    scale: working pixels for one pixel of the photo.
    corner: (2,) the photo's pixel position of the working image's upper left corner.
    """

    inside: Mask
    distance: Single
    scale: float
    corner: Floats

    def to_work(self, pixels: Floats) -> Floats:
        """Positions (N, 2) in the photo as positions in the working image."""
        return (pixels - self.corner) * self.scale

    def to_photo(self, pixels: Floats) -> Floats:
        """Positions (N, 2) in the working image as positions in the photo."""
        return pixels / self.scale + self.corner

    def pixels(self) -> Floats:
        """The centers (N, 2) of the mask's working pixels, as positions in the photo."""
        rows, columns = np.nonzero(self.inside)
        return self.to_photo(np.stack([columns, rows], 1).astype(np.float64) + 0.5)

    def ends(self) -> Floats:
        """The centers (N, 2) of the first and the last of the mask's working pixels in each row, in the photo."""
        rows = np.flatnonzero(self.inside.any(1))
        first = self.inside[rows].argmax(1)
        last = self.inside.shape[1] - 1 - self.inside[rows, ::-1].argmax(1)
        working = np.stack([np.concatenate([first, last]), np.concatenate([rows, rows])], 1)
        return self.to_photo(working.astype(np.float64) + 0.5)

    def sample(self, pixels: Floats) -> Floats:
        """The signed distance at positions (N, 2) of the photo, in pixels of the photo, bilinear.

        Beyond the working image the distance goes on falling with the way to its edge.
        """
        height, width = self.distance.shape
        at = self.to_work(pixels) - 0.5
        beyond = np.hypot(*(at - np.clip(at, 0, (width - 1.001, height - 1.001))).T)
        return np.asarray((bilinear(self.distance, at) - beyond) / self.scale, np.float64)

    def covers(self, pixels: Floats) -> Mask:
        """Whether the mask lies at positions (N, 2) of the photo: where `sample` is positive, in less time."""
        return np.asarray(bilinear(self.distance, self.to_work(pixels) - 0.5) > 0, np.bool_)  # no mask touches the edge


def bilinear(image: Single, at: Floats) -> Floats:
    """An image (h, w) at positions (N, 2), where its first pixel lies at 0, 0; beyond its edge goes on as there."""
    height, width = image.shape
    x = np.clip(at[:, 0], 0, width - 1.001)
    y = np.clip(at[:, 1], 0, height - 1.001)
    column, row = x.astype(np.int32), y.astype(np.int32)
    fx, fy = x - column, y - row
    flat = image.ravel()
    index = row * width + column
    top = flat[index] * (1 - fx) + flat[index + 1] * fx
    bottom = flat[index + width] * (1 - fx) + flat[index + width + 1] * fx
    return np.asarray(top * (1 - fy) + bottom * fy, np.float64)


def from_mask(mask: NDArray[np.floating] | Mask, size: int = 256) -> Silhouette:
    """The silhouette of a mask (H, W) of coverage 0..1; the longer side of its box becomes `size` working pixels.

    Pieces of the mask are joined, as far as they are not far apart.

    Raises ValueError when no pixel is covered by half.
    """
    coverage = np.asarray(mask, np.float32)
    rows, columns = np.flatnonzero((coverage > 0.5).any(1)), np.flatnonzero((coverage > 0.5).any(0))
    if not len(rows):
        raise ValueError("The mask is empty. Mark the object in the photo.")
    top, bottom, left, right = rows[0], rows[-1] + 1, columns[0], columns[-1] + 1
    scale = size / max(bottom - top, right - left)
    width, height = (max(1, round(float(n) * scale)) for n in (right - left, bottom - top))
    small = resample(coverage[top:bottom, left:right], height, width)
    small = np.pad(small, MARGIN)
    seen = small > 0.5
    inside = joined(seen)
    small[seen & ~inside], small[inside & ~seen] = 0, 1
    distance = signed_distance(small)
    corner = np.array([left, top], np.float64) - MARGIN / scale
    return Silhouette(inside, distance, scale, corner)


def without_thin_parts(silhouette: Silhouette, share: float = 0.5) -> Silhouette:
    """The mask without what is narrower than that share of its widest inscribed disc (a morphological opening)."""
    depth = distance_to(~silhouette.inside)
    radius = share * float(depth.max())
    body = silhouette.inside & (distance_to(depth >= radius) <= radius)
    return Silhouette(body, signed_distance(body.astype(np.float32)), silhouette.scale, silhouette.corner)


def opened(part: Mask, radius: float) -> Mask:
    """The pixels of a part (h, w) that a disc of that radius in pixels reaches without leaving the part."""
    core = distance_to(~part) > radius
    return part & (distance_to(core) <= radius) if core.any() else core


def resample(image: Single, height: int, width: int) -> Single:
    """An image (H, W) at another size: bilinear, and averaged over the area when it shrinks."""
    return _resample_rows(_resample_rows(image, height).T, width).T


def _resample_rows(image: Single, count: int) -> Single:
    """An image with `count` rows, each the mean over its share of the old ones (of the linear interpolant)."""
    old = len(image)
    if count >= old:  # enlarge: bilinear at the new pixels' centers
        at = np.clip((np.arange(count) + 0.5) * old / count - 0.5, 0, old - 1)
        low = np.minimum(at.astype(int), max(old - 2, 0))
        share = (at - low).astype(np.float32)[:, None]
        return np.asarray(image[low] * (1 - share) + image[np.minimum(low + 1, old - 1)] * share, np.float32)
    total = np.concatenate([np.zeros((1, image.shape[1]), np.float32), np.cumsum(image, 0, dtype=np.float64)])
    edge = np.arange(count + 1) * old / count
    low = np.minimum(edge.astype(int), old - 1)
    share = (edge - low)[:, None]
    upto = total[low] * (1 - share) + total[low + 1] * share
    return np.asarray(np.diff(upto, axis=0) * (count / old), np.float32)


def signed_distance(coverage: Single) -> Single:
    """The signed Euclidean distance (h, w) to the outline of a coverage image, positive inside, in pixels.

    Half a pixel either side of the outline the coverage itself places it, so that smooth edges stay smooth.
    """
    inside = coverage > 0.5
    far = np.where(inside, distance_to(~inside) - 0.5, 0.5 - distance_to(inside))
    near = np.abs(far) < 0.75
    far[near] = np.clip(coverage[near] - 0.5, -0.5, 0.5)
    return blur(far.astype(np.float32), 1)


def distance_to(goal: Mask) -> Floats:
    """The Euclidean distance of every pixel to the nearest pixel of the goal (two passes, exact)."""
    height, width = goal.shape
    far = float(height + width)
    row = np.arange(height, dtype=np.float32)[:, None]
    above = np.maximum.accumulate(np.where(goal, row, -far), 0)
    below = np.minimum.accumulate(np.where(goal, row, 2 * far)[::-1], 0)[::-1]
    square = np.ascontiguousarray(np.minimum(row - above, below - row).T.astype(np.float32) ** 2)
    best, further = square.copy(), np.empty_like(square)
    for shift in range(1, width):
        if shift * shift > best.max():
            break
        np.add(square, np.float32(shift * shift), out=further)
        np.minimum(best[shift:], further[:-shift], out=best[shift:])
        np.minimum(best[:-shift], further[shift:], out=best[:-shift])
    return np.sqrt(np.ascontiguousarray(best.T)).astype(np.float64)


def blur(image: Single, times: int) -> Single:
    """An image (h, w) after so many passes of the binomial filter 1-2-1, edges repeated."""
    for _ in range(times):
        for axis in (0, 1):
            pad = np.pad(image, [(1, 1) if a == axis else (0, 0) for a in (0, 1)], mode="edge")
            before, after = (pad[s : s - 2 or None] if axis == 0 else pad[:, s : s - 2 or None] for s in (0, 2))
            image = np.asarray(0.25 * (before + after) + 0.5 * image, np.float32)
    return image
