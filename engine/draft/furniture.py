# SPDX-License-Identifier: GPL-3.0-or-later
"""Tables, chairs, benches, beds, sofas: a slab on four legs, with a back and with arms."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass

import numpy as np

from ..arrays import Floats
from ..matching.camera import PhotoCamera
from .box import Box, enclose
from .camera import View, look
from .convex import Convex, climb, comparison, together, upright_box
from .sdf import Solid, cone, smooth_min
from .silhouette import Silhouette

BACKS = ("", "-x", "+x", "-z", "+z")  # the sides of the slab on which a back may stand
SEATS = (0.3, 0.45, 0.6)  # heights of a slab with a back that are tried, of the whole
THICK = (0.08, 0.25, 1.0)  # thicknesses of a slab that are tried, of its height
LEG = 0.07  # width of a leg, of the shorter side, at first
BACK = 0.12  # thickness of a back, of the shorter side, at first
TURNS = tuple(np.arange(-45.0, 45.0, 10.0).tolist())  # degrees from which pieces of furniture are tried
FINER = (-5.0, -2.5, 2.5, 5.0)
FURTHEST = 50.0
PROMISING = 0.66  # overlap of a usual piece of furniture that may be made to fit
SLIM, STURDY = 0.03, 0.3  # least and largest width of a leg, of the shorter side
EDGE = 0.012  # rounding of edges, in the longest side
SLACK = 0.006  # of the longest side, by which parts may reach beyond the mask
LEAST = 0.02  # of each side, that a part takes at least


@dataclass(frozen=True)
class Furniture:
    """A piece of furniture.

    low, high: (3,) corners of the box around it, in the eye's frame. seat: the height of the slab's top, thick: its
    thickness, of that height; leg: width of the legs and back: thickness of the back, of the shorter side of the slab.
    arms: how high arms reach above the slab, of the rest; 0 without. behind: the side of the back, of BACKS.
    overlap: intersection over union of the mask and its silhouette.
    """

    low: Floats
    high: Floats
    seat: float
    thick: float
    leg: float
    back: float
    arms: float
    behind: str
    overlap: float

    def pieces(self) -> Sequence[Convex]:
        """Its parts."""
        values = np.array([self.seat, self.thick, self.leg, self.back, self.arms])
        return _pieces(self.low, self.high, values, self.behind)

    def solid(self, silhouette: Silhouette, view: View) -> Solid:
        """Its field, symmetric from side to side, without what a mask shows to be open."""
        size = self.high - self.low
        longest = float(size.max())
        axis = 2 if self.behind[1:] == "x" else 0
        middle = float(self.low[axis] + self.high[axis]) / 2
        mirror = (float(axis == 0), 0.0, float(axis == 2), middle)
        parts, seen = together(self.pieces(), EDGE * longest), cone(silhouette, view)

        def field(points: Floats) -> Floats:
            return smooth_min(parts(points), seen(points) + SLACK * longest, EDGE * longest)

        return Solid(field, self.low, self.high, mirror)


def find_furniture(silhouette: Silhouette, view: View) -> Furniture:
    """The piece of furniture that fits a mask best, in about the box around it."""
    around = enclose(silhouette, view)
    worth = _worth(silhouette, view, around)
    behind, values, most = _first(worth, SEATS, THICK)
    steps = np.array([0.08, 0.0, 0.08, 0.08, 0.08, 0.08, 0.1, 0.1, 0.05, 0.06, 0.2])
    if not behind:
        steps[[6, 9, 10]] = 0
    if most >= PROMISING:
        values, most = climb(values, steps, lambda tried: worth(tried, behind))
    side = around.high - around.low
    low, high = around.low + values[:3] * side, around.high + values[3:6] * side
    seat, thick, leg, back, arms = values[6:].tolist()
    return Furniture(low, high, seat, thick, leg, back, arms, behind, most)


def turn_of_furniture(silhouette: Silhouette, camera: PhotoCamera) -> tuple[float, float]:
    """The yaw of the camera, in degrees, -45..45, from which a piece of furniture fits a mask best, and how well."""

    def first(yaw: float) -> float:
        view = look(camera, yaw)
        return _first(_worth(silhouette, view, enclose(silhouette, view)), SEATS[1:], THICK[:2])[2]

    found = {yaw: first(yaw) for yaw in TURNS}
    best = max(found, key=lambda yaw: found[yaw])
    if found[best] < PROMISING:
        return best, 0.0
    found |= {yaw: first(yaw) for yaw in (best + turn for turn in FINER) if abs(yaw) <= FURTHEST}
    best = max(found, key=lambda yaw: found[yaw])
    return best, find_furniture(silhouette, look(camera, best)).overlap


def _worth(silhouette: Silhouette, view: View, around: Box) -> Callable[[Floats, str], float]:
    """The function to the overlap with a mask from a piece of furniture: the moves (6,) of the sides of the box around
    it, in its sides, and the sizes (5,) of its parts."""
    overlap = comparison(silhouette, view)
    side = around.high - around.low

    def worth(values: Floats, behind: str) -> float:
        low, high = around.low + values[:3] * side, around.high + values[3:6] * side
        if (high - low < LEAST * side.max()).any() or not _sane(values[6:], behind):
            return -1.0
        return overlap(_pieces(low, high, values[6:], behind))

    return worth


def _first(
    worth: Callable[[Floats, str], float], seats: Sequence[float], thick: Sequence[float]
) -> tuple[str, Floats, float]:
    """The best of usual pieces of furniture."""
    usual = [("", 1.0, each) for each in thick[:2]]
    usual += [(behind, seat, each) for behind in BACKS[1:] for seat in seats for each in thick]
    made = [(behind, np.array([0.0] * 6 + [seat, each, LEG, BACK, 0.0])) for behind, seat, each in usual]
    worths = [worth(values, behind) for behind, values in made]
    best = int(np.argmax(worths))
    return (*made[best], worths[best])


def _sane(values: Floats, behind: str) -> bool:
    seat, thick, leg, back, arms = values
    if not (SLIM <= leg <= STURDY and LEAST <= thick <= 1 and 0 <= arms <= 1):
        return False
    return 0.1 < seat < 0.9 and LEAST < back < 0.4 if behind else True


def _pieces(low: Floats, high: Floats, values: Floats, behind: str) -> list[Convex]:
    """The slab, the legs, the back and the arms in a box between two corners (3,)."""
    seat, thick, leg, back, arms = values
    size = high - low
    top = low[1] + seat * size[1]
    under = top - thick * seat * size[1]
    short = float(min(size[0], size[2]))
    pieces = [upright_box(np.array([low[0], under, low[2]]), np.array([high[0], top, high[2]]))]
    if thick < 1:
        wide = leg * short
        for x in (low[0], high[0] - wide):
            for z in (low[2], high[2] - wide):
                pieces.append(upright_box(np.array([x, low[1], z]), np.array([x + wide, under, z + wide])))
    if not behind:
        return pieces
    axis, far = (0 if behind[1] == "x" else 2), behind[0] == "+"

    def standing(axis: int, far: bool, deep: float, height: float) -> Convex:
        start, stop = low.copy(), high.copy()
        start[1], stop[1] = under, height
        if far:
            start[axis] = high[axis] - deep
        else:
            stop[axis] = low[axis] + deep
        return upright_box(start, stop)

    pieces.append(standing(axis, far, back * short, float(high[1])))
    if arms > 0:
        height = float(top + arms * (high[1] - top))
        pieces += [standing(2 - axis, side, back * short, height) for side in (False, True)]
    return pieces
