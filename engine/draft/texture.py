# SPDX-License-Identifier: GPL-3.0-or-later
"""Paints a shape with the colors of the photo, and continues them where the photo does not see."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import replace
from typing import TYPE_CHECKING

import numpy as np

from ..arrays import Floats, Ints, Mask, Pixels, Single
from ..raster import planes, pull_push, scan
from .atlas import Atlas
from .posed_shape import Shape
from .projection import Projection, dot
from .texture_symmetry import Likeness, Revolved, likenesses
from .views.blend import look_all

if TYPE_CHECKING:
    from .views.posed_view import PosedView

VOXELS = 40  # cells along each horizontal side of the volume in which unseen colors are found
LAYERS = 2.5  # times as far colors go around as they go up and down: most things are colored in layers
LIFT = 0.08  # of the longest side, outward: keeps the sides of an edge and of a thin part apart
CHUNK = 1 << 16  # texels painted at a time


def bake(
    shape: Shape,
    normals: Single,
    atlas: Atlas,
    image: Pixels,
    mask: Mask,
    *,
    even_light: bool = False,
    others: Sequence[PosedView] = (),
    report: Callable[[float], None] = lambda fraction: None,
) -> Pixels:
    """The texture (size, size, 3), sRGB, of a shape unwrapped by an atlas.

    normals (V, 3) of the shape's vertices; image (H, W, 3) sRGB and mask (H, W) are the photo that shape.camera shot.
    Each texel takes, as far as they are visible and face the eye: the photos; the photos at the symmetrical place; the
    colors of the surface around it. even_light: whether the light on the subject is taken out of its colors. others:
    more photos of it. report(fraction) is called between steps and may raise.
    """
    photo = Projection(shape, image, mask)
    photos = [photo]
    for view in others:
        near = view.seen.near
        photos.append(Projection(replace(shape, camera=view.camera), near.picture, near.mask))
    if even_light:
        for one in photos:
            one.even_light(shape, normals)
    report(0.2)
    face, column, row = scan(atlas.corners, atlas.size, atlas.size)
    plane = planes(atlas.corners, np.concatenate([shape.vertices, normals], 1)[shape.faces])
    revolved = None if shape.axis is None else Revolved(shape, *shape.axis)
    if revolved is not None:
        revolved.free_of_handle(photo)
    alike = likenesses(shape, normals, photo, revolved)
    points = np.empty((len(face), 3), np.float32)
    color = np.empty((len(face), 3), np.float32)
    missing = np.empty(len(face), np.float32)
    for start in range(0, len(face), CHUNK):
        part = slice(start, start + CHUNK)
        x, y = (v[part, None].astype(np.float32) + np.float32(0.5) for v in (column, row))
        at = plane[face[part]]
        value: Single = at[:, 0] * x + at[:, 1] * y + at[:, 2]
        length = np.sqrt(np.maximum(dot(value[:, 3:], value[:, 3:]), 1e-12))
        normal = np.asarray(value[:, 3:] / length[:, None], np.float32)
        trust = 1.0 if revolved is None else revolved.trust(value[:, :3])
        color[part], missing[part] = _gather(photos, alike, trust, value[:, :3], normal)
        points[part] = (value[:, :3] + LIFT * normal) * np.array([1, LAYERS, 1], np.float32)
        report(0.2 + 0.5 * start / len(face))
    unseen = np.flatnonzero(missing > 0.004)
    plain = _continue(points, color, 1 - missing, points[unseen])
    color[unseen] += missing[unseen, None] * (plain + photo.grain_at(points[unseen] / (1, LAYERS, 1))[:, None])
    report(0.85)
    return _with_gutters(atlas.size, column, row, color)


def _with_gutters(size: int, column: Ints, row: Ints, color: Single) -> Pixels:
    """The texture with the colors (N, 3) at their texels, drawn on into the space between the charts."""
    half = (size + 1) // 2
    index = (row // 2) * half + column // 2
    known = [np.bincount(index, values, half * half) for values in color.T]
    known.append(np.bincount(index, minlength=half * half).astype(np.float64))
    filled = pull_push(np.stack(known, 1).reshape(half, half, 4).astype(np.float32))
    texture = np.clip(filled + 0.5, 0, 255).astype(np.uint8).repeat(2, 0).repeat(2, 1)[:size, :size]
    texture[row, column] = np.clip(color + 0.5, 0, 255)
    return np.asarray(texture)


def resolution(shape: Shape, others: Sequence[PosedView] = ()) -> Floats:
    """The share (F,) of the full resolution that each face needs: what no photo shows has fewer details."""
    corners = shape.vertices[shape.faces]
    normal = np.cross(corners[:, 1] - corners[:, 0], corners[:, 2] - corners[:, 0])
    eyes = [shape.camera.position, *(view.eye for view in others)]
    seen = np.any([(normal * (eye - corners[:, 0])).sum(1) > 0 for eye in eyes], axis=0)
    return np.where(seen, 1.0, 0.45)


def _gather(
    photos: list[Projection], alike: list[Likeness], trust: Single | float, points: Single, normals: Single
) -> tuple[Single, Single]:
    """The photos' colors (N, 3) at the points and their like places, and the share (N,) left open.

    trust (N,) says how far the first photo shows the point itself.
    """
    color, weight = look_all(photos, points, normals, trust=trust)
    color *= weight[:, None]
    missing = 1 - weight
    for likeness in alike:
        open_ = np.flatnonzero(missing > 0.004)
        more, weight = look_all(photos, *likeness(points[open_], normals[open_]), behind=True)
        weight *= missing[open_]
        color[open_] += weight[:, None] * more
        missing[open_] -= weight
    return color, missing


def _continue(points: Single, color: Single, weight: Single, unseen: Single) -> Single:
    """The colors (M, 3) at unseen points (M, 3), drawn on from those known at points (N, 3).

    color (N, 3) is already multiplied by weight (N,). Colors spread through the volume, not along the
    texture, so they meet without a seam where charts do.
    """
    low = points.min(0)
    step = (1 + 2 * LIFT) / VOXELS
    cell = ((points - low) / step + 0.5).astype(np.int64)
    shape = cell.max(0) + 1
    index = (cell[:, 0] * shape[1] + cell[:, 1]) * shape[2] + cell[:, 2]
    usual = _usual(color, weight)
    known = [np.bincount(index, usual * values, shape.prod()) for values in (*color.T, weight)]
    fill = pull_push(np.stack(known, 1).reshape(*shape, 4).astype(np.float32)).reshape(-1, 3)

    where = ((unseen - low) / step).astype(np.float32)
    base = np.clip(where.astype(np.int64), 0, np.maximum(shape - 2, 0))
    u, v, w = np.clip(where - base, 0, 1).astype(np.float32).T
    ahead = np.minimum(shape - 1, 1) * (shape[1] * shape[2], shape[2], 1)
    first = (base[:, 0] * shape[1] + base[:, 1]) * shape[2] + base[:, 2]
    result = np.zeros((len(unseen), 3), np.float32)
    for i, along_x in ((0, 1 - u), (ahead[0], u)):
        for j, along_y in ((0, 1 - v), (ahead[1], v)):
            for k, along_z in ((0, 1 - w), (ahead[2], w)):
                result += (along_x * along_y * along_z)[:, None] * fill[first + (i + j + k)]
    return result


def _usual(color: Single, weight: Single) -> Single:
    """How much (N,) each color counts in a mean: the usual ones far more, so that the unseen side takes
    after them.
    """
    red, green, blue = (color.T / (32 * np.maximum(weight, 1e-3))).astype(np.int64).clip(0, 7)
    bins = 64 * red + 8 * green + blue
    number = np.bincount(bins, weight, 512)
    worth: Single = ((number / max(number.max(), 1e-6)) ** 2 * 50 + 0.5).astype(np.float32)
    return np.asarray(worth[bins])
