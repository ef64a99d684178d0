# SPDX-License-Identifier: GPL-3.0-or-later
"""How an upright object with straight edges is turned, under a camera whose pitch and focal length are known."""

from __future__ import annotations

import numpy as np

from ..arrays import Floats, Pixels
from ..matching.camera import PhotoCamera
from .box import enclose, fit
from .camera import YAW, look
from .edges import inner_edges, outline_edges
from .silhouette import Silhouette

TURNS = np.arange(-45.0, 45.0, 7.5)  # degrees at which boxes are tried
NO_BOX = 0.75  # overlap below which a box tells no turn
EDGES_COUNT = 0.015  # overlap of a box that edges are worth which agree e times as much
LEAST_AGREEMENT = 0.35  # of that of the turn with which most edges agree: less tells nothing more
STRAIGHT = 4.0  # pixels to both sides that an edge is followed
UPRIGHT = np.sin(np.radians(12.0))  # an edge so near to upright tells no turn
UNSURE = np.radians(1.5)  # by which the direction of an edge is off
SURE_ENOUGH = np.radians(25.0)


def turn_of(silhouette: Silhouette, camera: PhotoCamera, picture: Pixels) -> float:
    """The yaw of the camera, in degrees, -45..45: how far it stands to the right of the side that faces it most.

    A box that is turned the right way fits the mask best, and edges of the object run along the box's sides. What no
    box fits is taken to be turned as usual.
    picture: (H, W, 3), what the camera sees.
    """
    overlaps = [fit(silhouette, view, enclose(silhouette, view)).overlap for view in (look(camera, t) for t in TURNS)]
    if max(overlaps) < NO_BOX:
        return YAW
    every = np.arange(-45.0, 45.0)
    overlap = np.interp(every, np.append(TURNS, 45.0), np.append(overlaps, overlaps[0]))
    agreement = _agreement(silhouette, camera, picture)
    share = agreement / max(float(agreement.max()), 1e-9)
    return float(every[int(np.argmax(overlap + EDGES_COUNT * np.log(np.maximum(share, LEAST_AGREEMENT))))])


def _agreement(silhouette: Silhouette, camera: PhotoCamera, picture: Pixels) -> Floats:
    """How many edges run along a level box that is seen from each degree from -45 (90,).

    An edge and the eye span a plane; if the edge is level, it runs where that plane is level.
    """
    inner, outer = inner_edges(silhouette, picture), outline_edges(silhouette)
    places, along = np.concatenate([inner.places, outer.places]), np.concatenate([inner.along, outer.along])
    weight = np.concatenate([inner.weight, outer.weight])
    view = look(camera, 0.0)

    def level(turned: float) -> tuple[Floats, Floats]:
        c, s = np.cos(turned), np.sin(turned)
        step = STRAIGHT * along @ np.array([[c, s], [-s, c]])
        normal = np.cross(view.rays(places - step), view.rays(places + step))
        normal /= np.maximum(np.linalg.norm(normal, axis=1, keepdims=True), 1e-12)
        return np.arctan2(normal[:, 0], -normal[:, 2]), normal

    angle, normal = level(0.0)
    apart = level(UNSURE)[0] - level(-UNSURE)[0]
    spread = np.maximum(np.abs((apart + np.pi / 2) % np.pi - np.pi / 2) / 2, UNSURE)
    tells = (np.abs(normal[:, 1]) > UPRIGHT) & (spread < SURE_ENOUGH)
    at, wide = np.degrees(angle[tells]) % 90, np.degrees(spread[tells])
    off = (at - np.arange(-45.0, 45.0)[:, None] + 45) % 90 - 45
    return np.asarray((np.exp(-((off / wide) ** 2) / 2) * (weight[tells] / wide)).sum(1), np.float64)
