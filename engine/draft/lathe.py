# SPDX-License-Identifier: GPL-3.0-or-later
"""Turned bodies as a lathe makes them: a half section, and the even rings that it makes about an axis."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from ..arrays import Floats

SEGMENTS = (24, 80)  # fewest and most faces around the axis
ROWS = (16, 84)  # fewest and most rings
BEND = float(np.radians(9))  # that a ring turns at most away from the next, where there are enough of them
SIDES = 1.4  # height of a face in its greatest width, where the section is straight
SAMPLES = 1600  # along the section, from which the rings are chosen
SMOOTH = 0.012  # of the section's length along the axis, over which the profile is smoothed
KINK = 0.004  # of the largest radius: what a straight line leaves so much of is taken for a corner
REACH = 4  # samples of the profile that a line is laid through, to one side
EVEN = 0.015  # of the section's length, over which the rings' distances change gradually
CENTER = 0.04  # of the largest radius, that of the ring around the middle of an end


@dataclass(frozen=True)
class Lathe:
    """What a body is turned from, in the eye's frame.

    point, direction, side: (3,) a place on the axis, the axis' direction, and a unit vector at right angles to it.
    section: (N, 2) the half section as radius and place along the axis, from the axis at one end over the outside
        to the axis again, which comes back on the inside of a hollow body.
    """

    point: Floats
    direction: Floats
    side: Floats
    section: Floats

    def mesh(self) -> tuple[Floats, NDArray[np.int32]]:
        """A closed mesh of rings: vertices (V, 3) and triangles (F, 3), counter-clockwise from outside.

        The two triangles of a quad follow each other, cut along the same diagonal everywhere.
        """
        rings = _rings(self.section)
        number = segments(rings)
        turn = np.arange(number) * 2 * np.pi / number
        spokes = np.cos(turn)[:, None] * self.side + np.sin(turn)[:, None] * np.cross(self.direction, self.side)
        ring = rings[1:-1]
        around = self.point + ring[:, None, 1:] * self.direction + ring[:, None, :1] * spokes
        ends = self.point + rings[[0, -1], 1:] * self.direction
        return np.concatenate([around.reshape(-1, 3), ends]), _faces(len(ring), number)

    def holds(self, points: Floats) -> NDArray[np.bool_]:
        """Whether points (N, 3) lie within the outside of the body."""
        offset = points - self.point
        along = offset @ self.direction
        out = np.linalg.norm(offset - along[:, None] * self.direction, axis=1)
        outside = self.section[: int(self.section[:, 1].argmax()) + 1]
        order = np.argsort(outside[:, 1], kind="stable")
        return np.asarray(out < np.interp(along, outside[order, 1], outside[order, 0], 0, 0))


def section(place: Floats, radius: Floats, *, rounding: float, wall: float | None = None) -> Floats:
    """The half section (N, 2), radius and place, of a body whose outside has these radii (M,) at rising places (M,).

    Its edges are rounded over `rounding`; with a wall it is hollow, open at the last place, and everywhere at least so
    thick; where it is thinner than two walls it stays solid.
    """
    start, end = float(place[0]), float(place[-1])
    fine = np.linspace(start, end, SAMPLES // 4)
    outside = np.interp(fine, place, smoothed(radius, KINK * float(radius.max())))
    line = [np.array([[0.0, start]]), np.stack([outside, fine], 1)]
    inside = np.zeros_like(fine) if wall is None else np.where(fine < start + wall, 0, _inside(fine, outside, wall))
    floor = int(np.flatnonzero(np.append(0, inside) <= 0)[-1])  # from there up it is hollow
    if wall is not None and floor < len(fine):
        line += [np.stack([inside, fine], 1)[floor:][::-1], np.array([[0.0, fine[floor]]])]
        rounding = min(rounding, 0.45 * wall)
    else:
        line.append(np.array([[0.0, end]]))
    return _rounded(np.concatenate(line), rounding, SMOOTH * (end - start))


def smoothed(values: Floats, kink: float) -> Floats:
    """Evenly spaced values (N,) without spikes and noise, but with their corners.

    Lines are laid through the values before each one, around it and after it; the better one fits, the more it counts
    (Hall and Titterington, "Edge-preserving and peak-preserving smoothing", 1992).
    """
    padded = np.pad(values, 2, mode="edge")
    spread = np.median(np.stack([padded[k : k + len(values)] for k in range(5)]), 0)
    spread[[0, 1, -2, -1]] = values[[0, 1, -2, -1]]
    padded = np.pad(spread, REACH, mode="reflect", reflect_type="odd") if len(values) > REACH else np.pad(spread, REACH)
    total, weight = np.zeros(len(values)), np.zeros(len(values))
    for low, high in ((-REACH, 0), (-REACH // 2, REACH // 2), (0, REACH)):
        steps = np.arange(low, high + 1, dtype=float)
        window = np.stack([padded[REACH + int(k) : REACH + int(k) + len(values)] for k in steps])
        line = np.stack([np.ones_like(steps), steps], 1)
        fit = np.linalg.pinv(line) @ window
        left = np.sqrt(((window - line @ fit) ** 2).mean(0))
        worth = 1 / (left * left + kink * kink) ** 2
        total += worth * fit[0]
        weight += worth
    return np.asarray(total / weight)


def _inside(place: Floats, radius: Floats, wall: float) -> Floats:
    """The largest radii (N,) whose circles keep a wall away from the outside, which goes on beyond its end."""
    step = place[1] - place[0]
    reach = min(int(wall / step), len(place) - 1)
    beyond = np.pad(radius, reach, mode="edge")
    shifts = np.arange(-reach, reach + 1)
    depth = np.sqrt(np.maximum(wall * wall - (shifts * step) ** 2, 0))
    least = np.full(len(radius), np.inf)
    for shift, way in zip(shifts, depth, strict=True):
        np.minimum(least, beyond[reach + shift : reach + shift + len(radius)] - way, out=least)
    return least


def _rounded(line: Floats, edge: float, little: float) -> Floats:
    """A section resampled evenly, a little smoothed, and rounded where it turns sharply; it stays on the axis at its
    ends."""
    along = _length(line)
    even = np.linspace(0, along[-1], SAMPLES)
    line = np.stack([np.interp(even, along, line[:, k]) for k in range(2)], 1)
    step = even[1]
    wide = _blurred(line, edge / 2 / step)
    slight = _blurred(line, little / 2 / step)
    turning = np.linalg.norm(np.gradient(np.gradient(slight, axis=0), axis=0), axis=1) / step
    sharp = np.clip(turning * edge / step - 0.5, 0, 1)
    reach = max(1, int(edge / step))
    sharp = np.max([np.roll(np.pad(sharp, reach), k)[reach:-reach] for k in range(-reach, reach + 1)], 0)
    share = _blurred(np.stack([sharp, sharp], 1), reach / 2)[:, :1]
    rounded = share * wide + (1 - share) * slight
    rounded[:, 0] = np.maximum(rounded[:, 0], 0)
    rounded[[0, -1], 0] = 0
    return np.asarray(rounded)


def _blurred(line: Floats, sigma: float) -> Floats:
    """A section (N, 2) smoothed by a Gaussian of so many samples, as part of the whole section to both sides of the
    axis."""
    reach = min(int(3 * sigma) + 1, len(line) - 1)
    kernel = np.exp(-0.5 * (np.arange(-reach, reach + 1) / max(sigma, 0.3)) ** 2)
    kernel /= kernel.sum()
    mirror = np.array([-1.0, 1.0])
    whole = np.concatenate([line[reach:0:-1] * mirror, line, line[-2 : -reach - 2 : -1] * mirror])
    return np.stack([np.convolve(whole[:, k], kernel, "valid") for k in range(2)], 1)


def _length(line: Floats) -> Floats:
    """The way (N,) along a line (N, 2) up to each of its points."""
    return np.concatenate([[0.0], np.cumsum(np.linalg.norm(np.diff(line, axis=0), axis=1))])


def segments(rings: Floats) -> int:
    """The number of faces around the axis: fewer where most of a body is far longer than wide."""
    length = float(_length(rings)[-1])
    number = 2 * np.pi * float(rings[:, 0].max()) * SIDES / length * ROWS[1]
    return int(np.clip(4 * round(number / 4), *SEGMENTS))


def _rings(line: Floats) -> Floats:
    """The points (R, 2) of a section that become rings, closer where it bends; the first and last lie on the axis."""
    along = _length(line)
    step = np.maximum(np.diff(along), 1e-12)
    way = np.unwrap(np.arctan2(*np.diff(line, axis=0).T[::-1]))
    most = float(line[:, 0].max())
    spacing = SIDES * 2 * np.pi * most / SEGMENTS[1]
    density = 1 / spacing + np.abs(np.gradient(way)) / step / BEND
    sigma = EVEN * len(density)
    reach = int(3 * sigma)
    kernel = np.exp(-0.5 * (np.arange(-reach, reach + 1) / sigma) ** 2)
    density = np.convolve(np.pad(density, reach, mode="reflect"), kernel / kernel.sum(), "valid")
    total = np.concatenate([[0.0], np.cumsum(density * step)])
    number = int(np.clip(np.ceil(total[-1]), *ROWS))
    # The ends of the row of rings are small circles around the axis.
    first = float(np.interp(CENTER * most, np.maximum.accumulate(line[:, 0]), total))
    last = total[-1] - float(np.interp(CENTER * most, np.maximum.accumulate(line[::-1, 0]), total[-1] - total[::-1]))
    chosen = np.interp(np.concatenate([[0.0], np.linspace(first, last, number), [total[-1]]]), total, along)
    return np.stack([np.interp(chosen, along, line[:, k]) for k in range(2)], 1)


def _faces(rings: int, number: int) -> NDArray[np.int32]:
    """The triangles (F, 3) between rings of so many vertices each, and of the fans to the two last vertices."""
    here, turn = (grid.ravel() for grid in np.meshgrid(np.arange(rings - 1), np.arange(number), indexing="ij"))
    a, b = here * number + turn, here * number + (turn + 1) % number
    c, d = a + number, b + number
    quads = np.stack([np.stack([a, b, d], 1), np.stack([a, d, c], 1)], 1).reshape(-1, 3)
    turn = np.arange(number)
    following = (turn + 1) % number
    last = (rings - 1) * number
    low = np.stack([np.full(number, rings * number), following, turn], 1)
    high = np.stack([np.full(number, rings * number + 1), last + turn, last + following], 1)
    return np.concatenate([low, quads, high]).astype(np.int32)
