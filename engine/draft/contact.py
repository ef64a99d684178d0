# SPDX-License-Identifier: GPL-3.0-or-later
"""Where a body whose middle is an upright plane touches the ground, and how it is bent so that it does.

Feet further back are seen higher up; on that plane they would be feet higher up. Every point of the body is moved along
its line of sight, which leaves its outline in the photo as it is, so far that the feet come onto level ground and
the center of mass lies over them.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from ..arrays import Floats, Ints, Mask, Single
from .camera import View
from .sdf import Function
from .silhouette import Silhouette, bilinear, blur

PROMINENT = 0.05  # of the mask's height, by which a lower end reaches below what is beside it
LEVEL = 0.012  # of the mask's height, within which the bottom of a foot is even
LOWER = 0.55  # of the mask's height from above: lower ends above it do not stand on the ground
STRAIGHT = 0.015  # of the mask's height, by which a straight edge is off a line
LONG = 0.25  # least length of an edge, in the mask's width
LEAST_DOWN = 0.03  # of the way of a line of sight, that it must fall to tell how far the ground is
DEEPEST = 0.6  # of the body's width: how far behind the nearest foot others may stand
STIFF = 0.25  # of the square of the mask's width: how far apart feet must be to turn the whole body
STEEPEST = 0.7  # change of the way along the lines of sight, for one across them, by which a body is turned
COARSE = 4  # pixels of the mask for one of the image of factors
LEGS = 0.4  # of the mask's height from above: what is below is bent towards each foot
SWEEPS = 200
LEANS = np.linspace(-0.4, 0.4, 33)  # of the body's width, by which it is moved over its feet
TILTS = np.linspace(-1.2, 1.2, 25)  # logarithms of how much thicker a body is made to its right than to its left
FAR = 0.25  # of the body's width: what would stand only with so much more below it is no standing body
SPARE = 0.05  # of the body's width, that it needs below it beyond its center of mass
INNER = 0.75  # of the base, over which the center of mass is brought


@dataclass(frozen=True)
class Bend:
    """How much farther from the eye each point of a body is moved along its line of sight.

    factor: (h, w), one pixel for COARSE of the mask's. ground: the ground's height in the eye's frame.
    support: two places (2,), x and z, and a radius: what a body needs below it that would fall to one side.
    """

    silhouette: Silhouette
    view: View
    factor: Single
    ground: float
    support: tuple[Floats, Floats, float] | None = None

    @property
    def limits(self) -> tuple[float, float]:
        """The least and the largest factor."""
        return float(self.factor.min()), float(self.factor.max())

    def at(self, points: Floats) -> Floats:
        """The factors (N,) at points (N, 3) of the eye's frame."""
        return self.seen_at(self.view.project(points)[0])

    def seen_at(self, pixels: Floats) -> Floats:
        """The factors (N,) of what is seen at pixels (N, 2) of the photo."""
        return bilinear(self.factor, self.silhouette.to_work(pixels) / COARSE - 0.5)


def find_bend(body: Function, silhouette: Silhouette, view: View, center: Floats, normal: Floats) -> Bend | None:
    """How a body is bent to stand on its lower ends; None where their lines of sight meet no ground.

    The middle of the body is the plane through a center (3,) with that normal (3,), where its field is half of its
    thickness.
    """
    height, width = (COARSE * (-(-size // COARSE)) for size in silhouette.inside.shape)
    rows, columns = np.mgrid[0:height, 0:width] + 0.5
    rays = view.rays(silhouette.to_photo(np.stack([columns.ravel(), rows.ravel()], 1)))
    points = rays * ((center @ normal) / (rays @ normal))[:, None]
    thickness = body(points).reshape(height, width)
    points = points.reshape(height, width, 3)
    inside = thickness > 0
    if not inside.any():
        return None
    ends = lower_ends(inside)
    foot = points[ends[:, 1].astype(int), ends[:, 0].astype(int)]
    distance = np.linalg.norm(foot, axis=1)
    if -foot[0, 1] < LEAST_DOWN * distance[0]:
        return None
    side = np.cross((0.0, 1.0, 0.0), normal)
    broad = float(np.ptp(points[inside] @ side))
    away = 1 / np.maximum(-foot[:, 1], 1e-9)  # factors that bring the feet onto the ground at a height of -1
    stands = (-foot[:, 1] > LEAST_DOWN * distance) & ((away / away[0] - 1) * distance < DEEPEST * broad)
    ends, foot, away = ends[stands], foot[stands], away[stands]
    # The scale is free: the feet stand on the average where the body's middle is.
    wide = np.sqrt(ends[:, 2])
    ground = -1 / float(np.average(away, weights=wide))
    factor = -ground * away
    middle = float(np.average(foot @ side, weights=wide))
    place = foot @ side - middle
    slope = float((wide * place) @ (factor - 1) / (wide @ (place * place) + STIFF * broad * broad * wide.mean()))
    few, fewer, thick = _reduced(points), _any(inside), _reduced(np.maximum(thickness, 0))
    # What is beyond the feet is turned no further than they are.
    reach = np.clip(few @ side - middle, place.min(), place.max())
    turned = 1 + float(np.clip(slope * distance[0], -STEEPEST, STEEPEST)) / distance[0] * reach
    at = (ends[:, :2] / COARSE).astype(int)
    half = np.maximum(ends[:, 2] / 2 / COARSE, 0.5)
    own, near = _spread(fewer, at, half, [factor - turned[at[:, 1], at[:, 0]], np.ones(len(at))])
    base = foot * factor[:, None]
    pixel = float(np.linalg.norm(points[0, 1] - points[0, 0]))
    sole = ends[:, 2:] / 2 * pixel * side
    deep = np.maximum(thick[np.maximum(at[:, 1] - 1, 0), at[:, 0]], pixel)[:, None] * normal
    corners = np.concatenate([base + sole + deep, base + sole - deep, base - sole + deep, base - sole - deep])
    leant = turned + own
    corners = corners[:, [0, 2]]
    mass = (thick * fewer / (thick * fewer).sum())[..., None] * few
    start, change = (mass * leant[..., None]).sum((0, 1))[[0, 2]], (mass * (1 - near)[..., None]).sum((0, 1))[[0, 2]]
    lean = _lean(start, change, corners, broad / distance[0])
    leant = leant + lean * (1 - near)
    middle = start + lean * change
    return Bend(silhouette, view, leant.astype(np.float32), ground, _support(corners, middle, broad))


def balanced(thickness: Single, inside: Mask) -> Single:
    """Half a thickness (h, w) changed from one side of a mask to the other, as far as that brings the center of mass
    over its lower ends."""
    ends = lower_ends(inside)
    low, high = float((ends[:, 0] - ends[:, 2] / 2).min()), float((ends[:, 0] + ends[:, 2] / 2).max())
    middle, half = (low + high) / 2, INNER * (high - low) / 2
    columns = np.arange(inside.shape[1])
    place = columns / (np.ptp(np.flatnonzero(inside.any(0))) + 1)
    mass = np.where(inside, np.maximum(thickness, 0), 0).sum(0)

    def outside(tilt: float) -> float:
        weight = mass * np.exp(tilt * place)
        return max(abs(float(weight @ columns / weight.sum()) - middle) - half, 0.0) + 1e-3 * abs(tilt)

    tilt = min(TILTS, key=outside)
    thicker = np.exp(tilt * (place - float(mass @ place / mass.sum())))
    return np.asarray(thickness * thicker, np.float32)


def feet(inside: Mask) -> Floats:
    """What reaches further down than what is beside it, the lowest first: (N, 3) columns, rows, widths in pixels."""
    columns, rows = np.flatnonzero(inside.any(0)), np.flatnonzero(inside.any(1))
    bottom = np.full(inside.shape[1], -1.0)
    bottom[columns] = inside.shape[0] - 1 - inside[::-1, columns].argmax(0)
    height = len(rows)
    level, least = max(LEVEL * height, 1.0), max(PROMINENT * height, 3.0)
    found: list[tuple[float, float, float]] = []
    taken = np.zeros(len(bottom), bool)
    for column in np.argsort(-bottom, kind="stable"):
        low = float(bottom[column])
        if low < rows[0] + LOWER * height:
            break
        if taken[column]:
            continue
        around = slice(*_hang(bottom, int(column), low - least))
        if not taken[around].any():  # else the outline has not gone up since a lower place
            left, right = _hang(bottom, int(column), low - level)
            found.append(((left + right - 1) / 2, low, float(right - left)))
        taken[around] = True
    return np.array(found).reshape(-1, 3)


def lower_ends(inside: Mask) -> Floats:
    """The feet of a mask and the ends of straight edges along its lower outline, as `feet`."""
    columns, rows = np.flatnonzero(inside.any(0)), np.flatnonzero(inside.any(1))
    bottom = inside.shape[0] - 1.0 - inside[::-1, columns].argmax(0)
    found = list(feet(inside))
    for end in _edges(columns, bottom, len(rows)):
        if all(abs(end[0] - other[0]) > max(other[2] / 2, LEVEL * len(rows), 1.0) for other in found):
            found.append(np.array(end))
    return np.stack(found)


def _edges(columns: Ints, bottom: Floats, height: int) -> list[tuple[float, float, float]]:
    """The ends, as of `lower_ends`, of the straight edges along the lower outline of a mask that is so high."""
    chain: list[int] = []
    for index in range(len(columns)):
        while len(chain) > 1 and (
            (columns[chain[-1]] - columns[chain[-2]]) * (bottom[index] - bottom[chain[-2]])
            >= (bottom[chain[-1]] - bottom[chain[-2]]) * (columns[index] - columns[chain[-2]])
        ):
            chain.pop()
        chain.append(index)
    # Short edges along one line are one.
    tolerance = max(STRAIGHT * height, 1.0)
    found = []
    start = 0
    while start < len(chain) - 1:
        stop = start + 1
        while stop + 1 < len(chain) and _sagitta(columns, bottom, chain[start], chain[stop + 1]) < tolerance:
            stop += 1
        a, b = chain[start], chain[stop]
        across, down = float(columns[b] - columns[a]), float(bottom[b] - bottom[a])
        if across > LONG * (columns[-1] - columns[0] + 1) and abs(down) < across:
            found += [(float(columns[at]), float(bottom[at]), LONG / 4 * across) for at in (a, b)]
        start = stop
    return found


def _sagitta(columns: Ints, bottom: Floats, a: int, b: int) -> float:
    """How far the outline from one of its columns to another is from the line between its ends."""
    line = np.interp(columns[a : b + 1], columns[[a, b]], bottom[[a, b]])
    return float(np.abs(bottom[a : b + 1] - line).max())


def _hang(bottom: Floats, column: int, least: float) -> tuple[int, int]:
    """The first of the columns around one where the outline is at least so low, and the one after the last."""
    high = bottom < least
    before, after = np.flatnonzero(high[:column]), np.flatnonzero(high[column:])
    return (int(before[-1]) + 1 if len(before) else 0), (column + int(after[0]) if len(after) else len(bottom))


def _reduced(image: Floats) -> Floats:
    """The means (h, w, ...) of squares of COARSE pixels."""
    height, width = image.shape[:2]
    parts = image.reshape(height // COARSE, COARSE, width // COARSE, COARSE, *image.shape[2:])
    return np.asarray(parts.mean((1, 3)))


def _any(inside: Mask) -> Mask:
    return _reduced(inside.astype(np.float64)) > 0


def _spread(inside: Mask, at: Floats, half: Floats, values: list[Floats]) -> list[Floats]:
    """Images (h, w) that have given values (N,) at the feet, are 0 in the upper part of a mask, and go evenly from the
    ones to the other, by Laplace's equation.

    at: (N, 2) columns and rows; half: (N,) half the feet's widths.
    """
    rows, columns = np.nonzero(inside)
    apart = np.abs(columns[:, None] - at[:, 0]) - half
    apart = np.hypot(np.maximum(apart, 0), rows[:, None] - at[:, 1])
    nearest = apart.argmin(1)
    upper = rows[0] + LEGS * (rows[-1] - rows[0])
    share = np.clip((rows - upper) / np.maximum(at[nearest, 1] - upper, 1), 0, 1)
    held = (apart.min(1) < 1) | (share == 0)
    padded = np.pad(inside, 1).astype(np.float64)

    def beside(image: Floats) -> Floats:
        return np.asarray(image[:-2, 1:-1] + image[2:, 1:-1] + image[1:-1, :-2] + image[1:-1, 2:])

    count = np.maximum(beside(padded), 1)
    found = []
    for value in values:
        image = np.zeros_like(padded)
        image[rows + 1, columns + 1] = first = value[nearest] * share
        for _ in range(SWEEPS):
            image[1:-1, 1:-1] = beside(image) / count * inside
            image[rows[held] + 1, columns[held] + 1] = first[held]
        found.append(_beyond(image[1:-1, 1:-1], inside))
    return found


def _beyond(image: Floats, inside: Mask) -> Floats:
    """An image (h, w) continued beyond a mask, a few pixels far, and smoothed."""
    value, weight = image.astype(np.float32) * inside, inside.astype(np.float32)
    for _ in range(4):
        value, weight = blur(value, 1), blur(weight, 1)
        value = np.where(inside, image.astype(np.float32), value / np.maximum(weight, 1e-6) * (weight > 1e-3))
        weight = np.where(inside, np.float32(1), (weight > 1e-3).astype(np.float32))
        value = value * weight
    return np.asarray(value, np.float64)


def _lean(center: Floats, change: Floats, base: Floats, width: float) -> float:
    """How far a body must be moved, in units of `change`, to bring its center of mass over a base of corners (N, 2).

    center, change: (2,), x and z, of the center of mass, and how far it comes with the body.
    """
    inner = base.mean(0) + INNER * (base - base.mean(0))
    outside = [_outside(inner, center + lean * width * change) + 1e-3 * abs(lean) * width for lean in LEANS]
    return float(LEANS[int(np.argmin(outside))]) * width


def _support(base: Floats, center: Floats, width: float) -> tuple[Floats, Floats, float] | None:
    """What joins a base of corners (N, 2) to the center of mass (2,) that is a little beside it."""
    out = _outside(base.mean(0) + INNER * (base - base.mean(0)), center)
    if not 0 < out < FAR * width:
        return None
    start = base[np.argmin(np.linalg.norm(base - center, axis=1))]
    way = center - start
    return start, center + SPARE * width * way / max(float(np.linalg.norm(way)), 1e-9), SPARE * width


def _outside(corners: Floats, point: Floats) -> float:
    """How far a point (2,) is outside of the convex hull of corners (N, 2); 0 inside."""
    turns = np.linspace(0, 2 * np.pi, 72, endpoint=False)
    ways = np.stack([np.cos(turns), np.sin(turns)], 1)
    return float(max((ways @ point - (corners @ ways.T).max(0)).max(), 0.0))
