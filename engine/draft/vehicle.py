# SPDX-License-Identifier: GPL-3.0-or-later
"""Cars, vans, buses, trucks: a long body and a cabin that is narrower on top, on wheels."""

from __future__ import annotations

from dataclasses import dataclass
from math import log

import numpy as np

from ..arrays import Floats
from ..matching.camera import PhotoCamera
from .box import Box, enclose
from .camera import View, look
from .convex import Convex, climb, comparison, frustum, together, upright_box, wheel
from .sdf import Solid, cone, intersection, mirrored
from .silhouette import Silhouette

NARROW = 0.42  # width of a vehicle, in its length
NARROWEST, BROADEST = 0.3, 0.55
ABSURD = 0.25  # the same of a height, beyond what vehicles differ by
TALL, TALLER = 0.9, 0.25  # height of a vehicle, in its width, and the logarithm by which it is more or less
TURNS = tuple(np.arange(-45.0, 45.0, 10.0).tolist())  # degrees from which vehicles are tried
PROMISING = 0.7  # what a usual vehicle is worth that may be made to fit
UNUSUAL = 0.1  # overlap that it takes to believe in a width that is e times as usual
USUAL = (  # a saloon, a hatchback, a van: shares as told at `_pieces`
    (0.55, 0.25, 0.12, 0.42, 0.25, 0.2),
    (0.55, 0.2, 0.02, 0.38, 0.12, 0.2),
    (0.45, 0.05, 0.0, 0.18, 0.03, 0.18),
)
STEPS = (0.1, 0.1, 0.1, 0.1, 0.1, 0.04)
TUMBLEHOME = 0.12  # by which a cabin is narrower on top, to each side, in the vehicle's width
CLEARANCE = 0.45  # of a wheel's radius, that the body is above the ground
TIRE = 0.16  # width of a wheel, in the vehicle's
LONGEST_END = 0.33  # how far a bonnet or a boot reaches at most, in the length
AXLES = (0.2, 0.8)  # where they are, along the vehicle
ROOM = 0.03  # by which the pieces are widened, in their longest side, before the mask cuts them
EDGE, CREASE = 0.04, 0.006  # sizes of the rounding of edges, in the longest side


@dataclass(frozen=True)
class Vehicle:
    """A vehicle along coordinate axis `along`.

    low, high: (3,) corners of the box around it, in the eye's frame. forward: whether its front is at the higher end.
    shares: (6,) sizes of its parts, as told at `_pieces`. overlap: intersection over union of mask and silhouette.
    """

    low: Floats
    high: Floats
    along: int
    forward: bool
    shares: Floats
    overlap: float

    def solid(self, silhouette: Silhouette, view: View) -> Solid:
        """Its field, within the mask and its mirror image."""
        longest = float((self.high - self.low).max())
        room = ROOM * longest
        low, high = self.low - room, self.high + room
        low[1] = self.low[1]
        parts = together(_pieces(low, high, self.along, self.forward, self.shares), EDGE * longest)
        across = 2 - self.along
        middle = float(self.low[across] + self.high[across]) / 2
        seen = cone(silhouette, view)
        views = intersection([seen, mirrored(seen, across, middle)], CREASE * longest)
        normal = np.eye(3)[across]
        plane = (float(normal[0]), 0.0, float(normal[2]), middle)
        return Solid(intersection([parts, views], EDGE * longest), low, high, plane)


def find_vehicle(silhouette: Silhouette, view: View) -> Vehicle:
    """The vehicle that fits a mask best."""
    search = _Search(silhouette, view)
    along, forward, values, _ = search.first()
    steps = np.array([0.1, 0.0, 0.1, 0.1, 0.1, 0.1, *STEPS])
    values, _ = climb(values, steps, lambda tried: search.worth(tried, along, forward))
    low, high = search.corners(values, along)
    overlap = search.overlap(_pieces(low, high, along, forward, values[6:]))
    return Vehicle(low, high, along, forward, values[6:], overlap)


def turn_of_vehicle(silhouette: Silhouette, camera: PhotoCamera) -> tuple[float, float]:
    """The yaw of the camera, in degrees, -45..45, from which a vehicle fits a mask best, and how well."""
    found = {yaw: _Search(silhouette, look(camera, yaw)).first()[3] for yaw in TURNS}
    best = max(found, key=lambda yaw: found[yaw])
    if found[best] < PROMISING:
        return best, 0.0
    return best, find_vehicle(silhouette, look(camera, best)).overlap


class _Search:
    """What vehicles seen in a view are worth that are tried for a mask.

    A vehicle is the moves (6,) of the sides of a box of usual width, in its sides, and the shares (6,) of its parts.
    """

    def __init__(self, silhouette: Silhouette, view: View) -> None:
        self.overlap = comparison(silhouette, view)
        around = enclose(silhouette, view)
        self._usual = {along: _usual(around, view, along) for along in (0, 2)}

    def corners(self, values: Floats, along: int) -> tuple[Floats, Floats]:
        """The corners (3,) of the box around it."""
        low, high = self._usual[along]
        return low + values[:3] * (high - low), high + values[3:6] * (high - low)

    def worth(self, values: Floats, along: int, forward: bool) -> float:
        """The overlap with the mask, less for unusual sizes."""
        low, high = self.corners(values, along)
        side = high - low
        if not _sane(side, along, values[6:]):
            return -1.0
        width = float(side[2 - along])
        unusual = UNUSUAL * abs(log(width / side[along] / NARROW))
        unusual += ABSURD * max(abs(log(side[1] / width / TALL)) - TALLER, 0.0)
        return self.overlap(_pieces(low, high, along, forward, values[6:])) - unusual

    def first(self) -> tuple[int, bool, Floats, float]:
        """The best usual vehicle, and what it is worth."""
        starts = [
            (along, forward, np.array([0.0] * 6 + list(shares)))
            for along in (0, 2)
            for forward in (False, True)
            for shares in USUAL
        ]
        worths = [self.worth(values, along, forward) for along, forward, values in starts]
        best = int(np.argmax(worths))
        return (*starts[best], worths[best])


def _usual(box: Box, view: View, along: int) -> tuple[Floats, Floats]:
    """The corners (3,) of a box that is as wide as vehicles along an axis are, where a box is.

    What is seen from its side shows no width, and what is seen on end no length: the other one is kept.
    """
    across = 2 - along
    low, high = box.low.copy(), box.high.copy()
    side = high - low
    from_side = abs(view.axes[2, along]) < abs(view.axes[2, across])
    changed, goal = (across, NARROW * side[along]) if from_side else (along, side[across] / NARROW)
    if view.axes[2, changed] > 0:  # the lower end is the nearer one
        high[changed] = low[changed] + goal
    else:
        low[changed] = high[changed] - goal
    return low, high


def _sane(side: Floats, along: int, shares: Floats) -> bool:
    belt, front, back, roof_front, roof_back, radius = shares
    return (
        bool((side > 0.05 * side.max()).all())
        and NARROWEST < side[2 - along] / side[along] < BROADEST
        and 0.35 < belt < 0.8
        and 0 <= front <= min(roof_front, LONGEST_END)
        and 0 <= back <= min(roof_back, LONGEST_END)
        and roof_front + roof_back < 0.85
        and 0.1 < radius < 0.3
    )


def _pieces(low: Floats, high: Floats, along: int, forward: bool, shares: Floats) -> list[Convex]:
    """A body, a cabin and four wheels in a box between two corners (3,).

    shares: how high the body is, in the height; how far behind the front and before the back the cabin begins and its
    roof does, in the length; the radius of the wheels, in the height.
    """
    belt, front, back, roof_front, roof_back, radius = shares.tolist()
    if forward:
        front, back, roof_front, roof_back = back, front, roof_back, roof_front
    across = 2 - along
    side = high - low
    wheels = radius * float(side[1])
    start, stop = low.copy(), high.copy()
    start[1] += CLEARANCE * wheels
    stop[1] = low[1] + belt * side[1]
    pieces = [upright_box(start, stop)]
    start, stop = low.copy(), high.copy()
    start[1] = low[1] + belt * side[1]
    start[along] += front * side[along]
    stop[along] -= back * side[along]
    narrower = TUMBLEHOME * side[across]
    roof = np.stack([low, high])
    roof[:, along] += np.array([roof_front, -roof_back]) * side[along]
    roof[:, across] += np.array([narrower, -narrower])
    pieces.append(frustum(start, stop, roof[0, [0, 2]], roof[1, [0, 2]]))
    half = TIRE * side[across] / 2
    for axle in AXLES:
        for place in (low[across] + half, high[across] - half):
            middle = low + wheels
            middle[along] = low[along] + axle * side[along]
            middle[across] = place
            pieces.append(wheel(middle, wheels, half, across))
    return pieces
