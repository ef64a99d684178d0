# SPDX-License-Identifier: GPL-3.0-or-later
"""Where else a shape looks alike: its symmetries tell what the photo does not show."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np

from ..arrays import Floats, Single
from ..raster import planes, scan
from .posed_shape import Shape
from .projection import Projection

Likeness = Callable[[Single, Single], tuple[Single, Single]]  # points and normals (N, 3) to those of a like place

ALIKE = 0.66  # least share of the back of a box that has the shape of its front
THROUGH = 192  # pixels along the longer side of the picture of the side that is seen
AWAY = 0.3  # least cosine between the direction away from that side and the normal of what takes its colors
LAYERS_OF_BODY = 48  # along the axis of a surface of revolution
TURN = float(np.radians(68))  # how far from the eye's direction the photo serves a surface of revolution
UNLIKE = 6.0  # least levels of 255 by which both sides differ where a handle hides one
BEFORE_HANDLE = float(np.radians(7))  # where they still are alike, but for the shadow of the handle
LEAST_FREE = float(np.radians(12))  # of the body that is read on the side of a handle
BESIDE_HANDLE = float(np.radians(40))  # the same on the side of a handle


def likenesses(shape: Shape, normals: Single, photo: Projection, revolved: Revolved | None) -> list[Likeness]:
    """The places that look alike on a shape of its kind, the likeliest first."""
    found: list[Likeness] = []
    if revolved is not None:
        found.append(revolved.like)
    if shape.mirror is not None:
        found.append(_reflect(np.array(shape.mirror[:3]), shape.mirror[3]))
    if shape.kind == "box":
        # The back of most boxes is more like their front than like anything else, if their shape is.
        back = _reflect(np.array([0.0, 0.0, 1.0]), float(shape.vertices[:, 2].min() + shape.vertices[:, 2].max()) / 2)
        if photo.agreement(*back(shape.vertices, normals)) > ALIKE:
            found.append(back)
    if shape.kind in ("box", "carved"):
        found += [_through(shape, normals, axis) for axis in (2, 0)]
    return found


def _reflect(normal: Floats, distance: float) -> Likeness:
    n = (normal / np.linalg.norm(normal)).astype(np.float32)
    d = np.float32(distance / np.linalg.norm(normal))

    def like(points: Single, normals: Single) -> tuple[Single, Single]:
        return points - 2 * (points @ n - d)[:, None] * n, normals - 2 * (normals @ n)[:, None] * n

    return like


def _through(shape: Shape, normals: Single, axis: int) -> Likeness:
    """The side that the eye sees, straight through the shape along a level axis from the side that it does not see.

    So the colors of the front keep their places on the back, whatever the shapes of both.
    """
    low, high = shape.vertices.min(0), shape.vertices.max(0)
    sign = np.float32(1 if shape.camera.position[axis] > (low[axis] + high[axis]) / 2 else -1)
    across = [k for k in range(3) if k != axis]
    scale = (THROUGH - 1) / float((high - low)[across].max())
    corners = ((shape.vertices - low)[:, across] * scale + 0.5)[shape.faces]
    plane = planes(corners, np.concatenate([shape.vertices[:, [axis]], normals], 1)[shape.faces])
    face, column, row = scan(corners, THROUGH, THROUGH)
    value = plane[face, 0] * (column[:, None] + 0.5) + plane[face, 1] * (row[:, None] + 0.5) + plane[face, 2]
    order = np.argsort(sign * value[:, 0], kind="stable")  # the outermost last
    seen = np.full((THROUGH, THROUGH, 4), np.nan, np.float32)
    seen[row[order], column[order]] = value[order]

    def like(points: Single, normals: Single) -> tuple[Single, Single]:
        u, v = np.clip((points - low)[:, across] * scale + 0.5, 0, THROUGH - 1).astype(np.int64).T
        there, moved, turned = seen[v, u], points.copy(), -normals
        behind = (sign * normals[:, axis] < -AWAY) & np.isfinite(there[:, 0])
        moved[behind, axis] = there[behind, 0]
        turned[behind] = there[behind, 1:] / np.linalg.norm(there[behind, 1:], axis=1, keepdims=True)
        return moved, turned

    return like


class Revolved:
    """A surface of revolution, with or without a handle, as the camera sees it.

    Its local frame has x to the right, y along the axis, z to the camera; angles are taken from z to x.
    """

    def __init__(self, shape: Shape, origin: Floats, direction: Floats) -> None:
        up = direction / np.linalg.norm(direction)
        front = shape.camera.position - origin
        front = front - (front @ up) * up
        front /= np.linalg.norm(front)
        self.frame = np.stack([np.cross(up, front), up, front]).astype(np.float32)
        self.origin = origin.astype(np.float32)
        local = self._local(shape.vertices)
        angle, radius = np.arctan2(local[:, 0], local[:, 2]), np.hypot(local[:, 0], local[:, 2])
        edges = np.linspace(local[:, 1].min(), local[:, 1].max(), LAYERS_OF_BODY + 1)
        layer = np.clip(np.digitize(local[:, 1], edges) - 1, 0, LAYERS_OF_BODY - 1)
        sector = np.floor(angle * 6 / np.pi).astype(np.int64) % 12
        outline = np.zeros((LAYERS_OF_BODY, 12))
        np.maximum.at(outline, (layer, sector), radius)
        self.heights = (edges[:-1] + edges[1:]) / 2
        usual = np.median(outline, 1)
        rings = usual > 0  # of a body of few rings not every layer holds one
        self.radius = np.interp(self.heights, self.heights[rings], usual[rings])
        self.most = 1.2 * self.radius + 0.03  # a handle is farther out
        angle = angle[radius > self.most[layer]]
        # The body is read where it is seen well and free of a handle, whose place is less sure than its side.
        self.right, self.left = (
            TURN if not (side > 0).any() else float(np.clip(side[side > 0].min() - 0.5, 0.35, BESIDE_HANDLE))
            for side in (angle, -angle)
        )

    def free_of_handle(self, photo: Projection) -> None:
        """Reads the body on the side of a handle only as far as it looks there as on the other side: what the photo
        shows farther on may be the handle before it."""
        angles = np.radians(np.arange(5.0, np.degrees(BESIDE_HANDLE) + 5, 2.5))
        seen = [self._colors(photo, way * angles) for way in (1, -1)]
        both = np.minimum(seen[0][1], seen[1][1]) > 0.5
        apart = np.abs(seen[0][0] - seen[1][0]).max(2) * both
        unlike = apart.sum(1) / np.maximum(both.sum(1), 1)
        usual = float(np.median(unlike[: len(unlike) // 3]))
        odd = np.flatnonzero(unlike > max(2 * usual, UNLIKE))
        if len(odd):
            free = max(float(angles[odd[0]]) - BEFORE_HANDLE, LEAST_FREE)
            self.right, self.left = (min(side, free) if side < TURN else side for side in (self.right, self.left))

    def _colors(self, photo: Projection, angles: Floats) -> tuple[Single, Single]:
        """The photo's colors (A, LAYERS_OF_BODY, 3) on the body at some angles (A,), and their weights."""
        way = np.stack([np.sin(angles), 0 * angles, np.cos(angles)], 1)[:, None]
        local = way * self.radius[:, None] + self.heights[:, None] * np.array([0.0, 1.0, 0.0])
        points = (local.reshape(-1, 3).astype(np.float32) @ self.frame) + self.origin
        normals = np.broadcast_to(way, local.shape).reshape(-1, 3).astype(np.float32) @ self.frame
        color, weight = photo.look(points, normals)
        return color.reshape(*local.shape), weight.reshape(local.shape[:2])

    def _local(self, points: Single) -> Single:
        return np.asarray((points - self.origin) @ self.frame.T, np.float32)

    def like(self, points: Single, normals: Single) -> tuple[Single, Single]:
        """The unseen side turned to the front: mirrored where the seen one ends, and widened to close."""
        local, normal = self._local(points), np.asarray(normals @ self.frame.T, np.float32)
        angle = np.arctan2(local[:, 0], local[:, 2])
        # 0..1 from the right limit, around the back, to the left one
        beyond = np.mod(angle - self.right, 2 * np.pi) / (2 * np.pi - self.right - self.left)
        turn = np.where(beyond < 1, self.right - beyond * (self.right + self.left) - angle, 0)
        c, s = np.cos(turn), np.sin(turn)

        def turned(v: Single) -> Single:
            flat = np.stack([c * v[:, 0] + s * v[:, 2], v[:, 1], c * v[:, 2] - s * v[:, 0]], 1)
            return np.asarray(flat @ self.frame, np.float32)

        return np.asarray(turned(local) + self.origin), turned(normal)

    def trust(self, points: Single) -> Single | float:
        """How far (N,) the photo shows the body there, rather than a handle that may stand before it."""
        if min(self.right, self.left) == TURN:
            return 1.0
        local = self._local(points)
        angle = np.arctan2(local[:, 0], local[:, 2])
        over = np.maximum(angle - self.right if self.right < TURN else 0, -angle - self.left if self.left < TURN else 0)
        body = np.hypot(local[:, 0], local[:, 2]) < np.interp(local[:, 1], self.heights, self.most)
        return np.where(body, np.clip(1 - over / 0.2, 0, 1), 1).astype(np.float32)
