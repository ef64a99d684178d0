# SPDX-License-Identifier: GPL-3.0-or-later
"""What the photo shows of a shape: which places, in which colors."""

from __future__ import annotations

import numpy as np

from ..arrays import Mask, Pixels, Single
from ..raster import box_mean, planes, scan
from .back_view import back_view
from .grain import Grain
from .halo import without_halo
from .posed_shape import Shape
from .shading import Shading, find_shading

# cosines to the eye below which the photo is not used, and above which it is used alone
GRAZING, FACING = 0.06, 0.28
DEPTH_SIZE = 512  # pixels along the longest side of the depth picture
DEPTH_TOLERANCE = 0.02  # of the longest side; steeper than the depth picture's pixels at grazing angles


class Projection:
    """What the camera sees of the shape: the photo's colors, and how far to trust them at each pixel."""

    def __init__(self, shape: Shape, image: Pixels, mask: Mask) -> None:
        self.camera = shape.camera
        height, width = mask.shape
        self.scale = DEPTH_SIZE / max(height, width)
        self.unit = float(np.linalg.norm(shape.camera.projection[2, :3]))
        self.near = self._nearest(shape, int(width * self.scale + 1), int(height * self.scale + 1))
        image = without_halo(image, mask)
        trust = _trust(mask, self._steps(), self.scale)
        self.photo = np.concatenate([image * trust[..., None], trust[..., None]], 2)
        self.behind = self.photo
        self.shading: Shading | None = None
        self.grain = Grain(image, mask)
        if shape.kind == "organic":
            back = back_view(image, mask, self.grain)
            self.behind = np.concatenate([back * trust[..., None], trust[..., None]], 2)

    def _nearest(self, shape: Shape, width: int, height: int) -> Single:
        """The inverse depth (height, width) of the nearest surface, 0 where there is none."""
        pixels, depth = self.camera.project(shape.vertices)
        corners = (pixels * self.scale)[shape.faces]
        plane = planes(corners, (self.unit / depth)[shape.faces][..., None])[..., 0]
        face, column, row = scan(corners, width, height)
        at = plane[face]
        near = np.zeros(width * height, np.float32)
        np.maximum.at(near, row * width + column, at[:, 0] * (column + 0.5) + at[:, 1] * (row + 0.5) + at[:, 2])
        return near.reshape(height, width)

    def _steps(self) -> Mask:
        """Where the depth jumps within the shape: there the photo may show one part and the shape another."""
        depth = np.where(self.near > 0, 1 / np.maximum(self.near, 1e-6), np.nan)
        jump = np.zeros(depth.shape, bool)
        for axis in (0, 1):
            step = np.abs(np.diff(depth, axis=axis)) > 2 * DEPTH_TOLERANCE
            jump |= np.pad(step, [(0, int(a == axis)) for a in (0, 1)])
            jump |= np.pad(step, [(int(a == axis), 0) for a in (0, 1)])
        return jump

    def even_light(self, shape: Shape, normals: Single) -> None:
        """Takes the light on the shape, whose vertices have these normals (V, 3), out of the colors."""
        self.shading = find_shading(*self.look(shape.vertices, normals), normals, shape.faces)

    def agreement(self, points: Single, normals: Single) -> float:
        """The share of the points (N, 3) facing the eye that lie on what it sees of the surface."""
        to_eye = self.camera.position.astype(np.float32) - points
        facing = dot(to_eye, normals) > FACING * np.linalg.norm(to_eye, axis=1)
        _, weight = self.look(points[facing], normals[facing])
        return float((weight > 0).mean()) if facing.any() else 0.0

    def grain_at(self, points: Single) -> Single:
        """The grain (N,), levels of 255, that goes on from the photo's outline at points (N, 3) which it does not show,
        at the same height."""
        pixels, depth = self.camera.project(points)
        scale = np.linalg.norm(self.camera.projection[0, :3]) / np.median(depth) if len(depth) else 1.0
        along = pixels[:, 0] + depth / self.unit * scale
        return self.grain.at(pixels[:, 1].astype(np.int64), along.astype(np.int64))

    def look(self, points: Single, normals: Single, *, behind: bool = False) -> tuple[Single, Single]:
        """The photo's colors (N, 3) at points and unit normals (N, 3), and their weights (N,) 0..1.

        behind: whether the colors are for the back of the shape, which has no face or print.
        """
        pixels, depth = (v.astype(np.float32) for v in self.camera.project(points))
        depth /= self.unit
        to_eye = self.camera.position.astype(np.float32) - points
        cosine = dot(to_eye, normals) / np.sqrt(np.maximum(dot(to_eye, to_eye), 1e-12))
        weight = np.clip((cosine - GRAZING) / (FACING - GRAZING), 0, 1)
        weight = weight * weight * (3 - 2 * weight)

        height, width = self.near.shape
        column = np.clip(pixels[:, 0] * self.scale, 0, width - 1).astype(np.int64)
        row = np.clip(pixels[:, 1] * self.scale, 0, height - 1).astype(np.int64)
        near = self.near[row, column]
        weight[(near == 0) | (np.abs(depth * near - 1) > DEPTH_TOLERANCE * near)] = 0

        seen = np.flatnonzero(weight)
        sample = _sample(self.behind if behind else self.photo, pixels[seen])
        weight[seen] *= sample[:, 3]
        color = np.zeros((len(points), 3), np.float32)
        color[seen] = sample[:, :3] / np.maximum(sample[:, 3:], 1e-6)
        if self.shading is not None:
            color[seen] = self.shading.evened(color[seen], normals[seen])
        return color, np.asarray(weight, np.float32)


def dot(a: Single, b: Single) -> Single:
    """The scalar products (N,) of vectors (N, C)."""
    return np.asarray(np.einsum("ij,ij->i", a, b))


def _sample(picture: Single, pixels: Single) -> Single:
    """The values (N, C) of a picture (H, W, C) between its pixels, at pixels (N, 2)."""
    height, width = picture.shape[:2]
    x = np.clip(pixels[:, 0] - 0.5, 0, width - 1.001)
    y = np.clip(pixels[:, 1] - 0.5, 0, height - 1.001)
    column, row = x.astype(np.int64), y.astype(np.int64)
    u, v = (x - column)[:, None].astype(np.float32), (y - row)[:, None].astype(np.float32)
    flat = picture.reshape(-1, picture.shape[2])
    first = row * width + column
    upper = flat[first] * (1 - u) + flat[first + 1] * u
    lower = flat[first + width] * (1 - u) + flat[first + width + 1] * u
    return np.asarray(upper * (1 - v) + lower * v, np.float32)


def _trust(mask: Mask, steps: Mask, scale: float) -> Single:
    """How far each pixel of the photo (H, W) shows the subject alone: 0 at its rim and at steps of depth, 1
    within.
    """
    height, width = mask.shape
    rows = np.minimum(((np.arange(height) + 0.5) * scale).astype(np.int64), steps.shape[0] - 1)
    columns = np.minimum(((np.arange(width) + 0.5) * scale).astype(np.int64), steps.shape[1] - 1)
    good = (mask & ~steps[rows][:, columns]).astype(np.float32)
    # The rim's own pixels mix subject and background; a narrow ramp hides where one source of color
    # meets the next.
    rim = max(1, round(max(height, width) / 512))
    inner = (box_mean(good, rim) > 0.999).astype(np.float32)
    if not inner.any():  # thinner than its own rim
        return np.asarray(good)
    return np.asarray(inner * box_mean(inner, rim))
