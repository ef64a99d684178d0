# SPDX-License-Identifier: GPL-3.0-or-later
"""What each photo of a thing tells alone: shapes that are held against the other photos."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from ...matching.models import BACK_TO_Z_UP, Model, model_of, spread
from ..posed_shape import Shape
from ..projection import Projection
from ..sdf import Solid
from ..shape import shape_and_solid
from .posed_view import PosedView

if TYPE_CHECKING:
    from .. import Seen

SAMPLES = 4000  # on the surface, of which those are kept whose colors are seen
SEEN = 0.3  # least weight of a color that is


@dataclass(frozen=True)
class Reading:
    """One photo's shape.

    own: the photo, in the shape's frame. solid: what the shape is the surface of. model: the shape as it is laid on the
    masks of the other photos; it has the colors that its own photo shows.
    """

    own: PosedView
    shape: Shape
    solid: Solid
    model: Model


def read(number: int, seen: Seen, kind: str, *, closed: bool, opened: bool) -> Reading:
    """The reading of a photo as that kind of shape, closed and opened as for `make_solid`. Raises ValueError."""
    shape, solid = shape_and_solid(seen.features, kind, closed=closed, opened=opened)
    own = PosedView(number, seen, seen.features.view.axes, shape.camera.position)
    return Reading(own, shape, solid, _model(shape, seen))


def _model(shape: Shape, seen: Seen) -> Model:
    points, normals = spread(shape.vertices.astype(np.float64), shape.faces.astype(np.int64), SAMPLES)
    photo = Projection(shape, seen.near.picture, seen.near.mask)
    colors, weight = photo.look(points.astype(np.float32), normals.astype(np.float32))
    known = weight > SEEN
    upright = BACK_TO_Z_UP.T
    return model_of(
        shape.vertices.astype(np.float64) @ upright,
        shape.faces.astype(np.int64),
        points[known] @ upright,
        normals[known] @ upright,
        np.asarray(colors[known] / 255, np.float32),
    )
