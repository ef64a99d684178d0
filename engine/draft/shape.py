# SPDX-License-Identifier: GPL-3.0-or-later
"""From a mask to a closed mesh: which kind of shape it is, and the shape."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from ..arrays import Mask, Pixels
from ..matching.camera import PhotoCamera
from .camera import place, usual_camera
from .kinds import plausible, rank
from .mask_features import MaskFeatures
from .meshing import mesh
from .posed_shape import Shape
from .sdf import Solid
from .silhouette import from_mask
from .solids import KINDS, make_solid


def build_shape(
    mask: NDArray[np.floating] | Mask,
    image: Pixels,
    camera: PhotoCamera | None = None,
    *,
    kind: str | None = None,
    alternative: int = 0,
    closed: bool = False,
) -> Shape:
    """The shape that a photo most likely shows.

    mask: (H, W) coverage 0..1 of the object. image: (H, W, 3), the photo. camera: a level one that has the object in
    its middle; the usual one without.
    kind: one of KINDS to force it; None to choose. alternative: 0 for the best guess, n for the n-th next plausible
    one, from the start again after the last. closed: whether it is known to have no opening.
    Raises ValueError, with a sentence for the user, for an empty or too thin mask or an unknown kind.
    """
    if kind is not None and kind not in KINDS:
        raise ValueError(f"There is no kind of shape called {kind}. Choose one of {', '.join(KINDS)}.")
    features = MaskFeatures(from_mask(mask), camera or usual_camera(mask.shape[1], mask.shape[0]), image)
    chosen = kind or rank(features)[0]
    if alternative and not kind:
        readings = plausible(features, closed=closed)
        chosen = readings[alternative % len(readings)]
    return shape_of(features, chosen, closed=closed)


def shape_of(features: MaskFeatures, kind: str, *, closed: bool = False) -> Shape:
    """The shape of that kind, or an organic one where the mask leaves no room for that. Raises ValueError."""
    return shape_and_solid(features, kind, closed=closed)[0]


def shape_and_solid(
    features: MaskFeatures, kind: str, *, closed: bool = False, opened: bool = False
) -> tuple[Shape, Solid]:
    """The same with the solid that it is the surface of, both in the object's frame. opened: as for `make_solid`."""
    try:
        solid = make_solid(features, kind, features.picture, closed=closed, opened=opened)
        vertices, faces = mesh(solid)
    except ValueError:
        if kind == "organic":
            raise
        kind = "organic"  # nothing of the other kinds fits into the mask: no body of revolution into a ring
        solid = make_solid(features, kind, features.picture, closed=closed)
        vertices, faces = mesh(solid)
    placed, seen, origin, scale = place(vertices, features.view)
    moved = solid.moved(origin, scale)
    shape = Shape(placed.astype(np.float32), faces.astype(np.int32), seen, kind, moved.mirror, moved.axis, solid.bend)
    return shape, moved
