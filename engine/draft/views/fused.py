# SPDX-License-Identifier: GPL-3.0-or-later
"""One shape from several photos: the reading that agrees best with all of them, carved by all of their masks."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

import numpy as np

from ...arrays import Floats
from ..meshing import mesh
from ..posed_shape import Shape
from ..sdf import Solid, smooth_min
from ..solids import shows_opening
from .cameras import best_stands, covered, space_around, stands_of
from .posed_view import PosedView
from .readings import Reading, read

if TYPE_CHECKING:
    from .. import Seen

FITS = 0.75  # least overlap of a reading with the mask of a photo that shows the same thing
COVERED = 0.9  # least share of that mask which the other masks leave
TURNED = 0.8  # least overlap with all masks of a turned body that stays as the lathe makes it
SLACK = 0.004  # of the longest side, that is not carved away, as no camera is known exactly
CREASE = 0.006  # of the longest side, over which carved edges are rounded
NOT_WORSE = 0.08  # by which the overlap with the first mask may be less than with one photo alone


@dataclass(frozen=True)
class Fused:
    """A shape that several photos show. views: the first photo and those of the others that fit it, in its frame."""

    shape: Shape
    views: tuple[PosedView, ...]


@dataclass(frozen=True)
class Agreement:
    """A reading, and the views of the photos that fit it, by their numbers.

    worth: how well they do, the more photos the better.
    """

    reading: Reading
    views: tuple[PosedView, ...]
    worth: float


def fuse(subjects: Sequence[Seen], kinds: Sequence[str], *, closed: bool) -> Fused | None:
    """The shape of what photos show, each read as one of the kinds (N,) first; None where none fits the first one.

    Every photo is read alone. Each reading is laid on the masks of the others, which tells their cameras; the reading
    that agrees best with all counts, and what one of the masks does not show is carved off (the visual hull, Laurentini
    1994, of which the reading tells what no silhouette does).
    """
    readings = read_all(subjects, kinds, closed=closed)
    alone = next((reading for reading in readings if reading.own.number == 0), None)
    return fused_from([_agreement(reading, subjects) for reading in readings], alone)


def fused_from(agreements: Sequence[Agreement], alone: Reading | None) -> Fused | None:
    """The shape of the best agreement; None where none has more than the first photo, or where the shape covers the
    first mask much worse than the reading of the first photo alone does."""
    fit = [found for found in agreements if len(found.views) > 1 and found.views[0].number == 0]
    if not fit:
        return None
    best = max(fit, key=lambda found: found.worth)
    try:
        fused = _placed(_carved(best), best.views)
    except ValueError:  # nothing is left
        return None
    if alone is not None and _overlap(fused.views[0], fused.shape) < _overlap(alone.own, alone.shape) - NOT_WORSE:
        return None
    return fused


def read_all(subjects: Sequence[Seen], kinds: Sequence[str], *, closed: bool) -> list[Reading]:
    """The readings of photos, each as one of the kinds (N,). What one shows to be open is open in all."""
    opened = any(
        kind == "revolution" and shows_opening(seen.features, seen.features.picture)
        for kind, seen in zip(kinds, subjects, strict=True)
    )
    found = []
    for number, (seen, kind) in enumerate(zip(subjects, kinds, strict=True)):
        try:
            found.append(read(number, seen, kind, closed=closed, opened=opened))
        except ValueError:  # what is too small in one photo may be seen in another
            continue
    return found


def _agreement(reading: Reading, subjects: Sequence[Seen]) -> Agreement:
    """The views of all photos that fit a reading, and how well they do."""
    others = [stands_of(reading, n, seen) for n, seen in enumerate(subjects) if n != reading.own.number]
    points = space_around(reading.solid.low, reading.solid.high)
    return agreement_of(reading, best_stands(reading, others, points))


def agreement_of(reading: Reading, views: Sequence[PosedView]) -> Agreement:
    """How well a reading agrees with views of it, of which those that do not fit are left out."""
    points = space_around(reading.solid.low, reading.solid.high)
    views = [view for view in views if _overlap(view, reading.shape) >= FITS]
    shares = covered(views, points)
    views = [view for view, share in zip(views, shares, strict=True) if share >= COVERED]
    overlaps = [_overlap(view, reading.shape) for view in views]
    worth = sum(one * share for one, share in zip(overlaps, covered(views, points), strict=True))
    return Agreement(reading, tuple(sorted(views, key=lambda view: view.number)), worth)


def _overlap(view: PosedView, shape: Shape) -> float:
    return view.overlap(shape.vertices.astype(np.float64), shape.faces.astype(np.int64))


def _carved(agreement: Agreement) -> Shape:
    """The reading's shape without what is not within all masks. Raises ValueError where nothing is left."""
    shape, solid = agreement.reading.shape, agreement.reading.solid
    if shape.kind == "revolution" and min(_overlap(view, shape) for view in agreement.views) >= TURNED:
        return shape

    def field(points: Floats) -> Floats:
        inside = solid.field(points)
        for view in agreement.views:
            inside = smooth_min(inside, view.cone(points) + SLACK, CREASE)
        return inside

    vertices, faces = mesh(Solid(field, solid.low, solid.high))
    return replace(shape, vertices=vertices.astype(np.float32), faces=faces, bend=None)


def _placed(shape: Shape, views: Sequence[PosedView]) -> Fused:
    """The shape in a frame of its own, the side that the first photo sees most of towards its front."""
    eye = views[0].eye - (shape.vertices.min(0) + shape.vertices.max(0)) / 2
    quarter = round(float(np.arctan2(eye[0], eye[2])) / (np.pi / 2))
    c, s = np.cos(quarter * np.pi / 2), np.sin(quarter * np.pi / 2)
    turn = np.array([[c, 0, -s], [0, 1, 0], [s, 0, c]]).round()
    turned = shape.vertices @ turn.T
    low, high = turned.min(0), turned.max(0)
    origin = turn.T @ np.array([(low[0] + high[0]) / 2, low[1], (low[2] + high[2]) / 2])
    scale = float(1 / (high - low).max())
    moved = tuple(view.moved(turn, origin, scale) for view in views)
    mirror, axis = shape.mirror, shape.axis
    if mirror is not None:
        normal = turn @ np.array(mirror[:3])
        away = float(mirror[3] - np.array(mirror[:3]) @ origin) * scale
        mirror = (float(normal[0]), float(normal[1]), float(normal[2]), away)
    if axis is not None:
        axis = (scale * turn @ (axis[0] - origin), turn @ axis[1])
    vertices = (scale * (shape.vertices - origin) @ turn.T).astype(np.float32)
    return Fused(Shape(vertices, shape.faces, moved[0].camera, shape.kind, mirror, axis), moved)
