# SPDX-License-Identifier: GPL-3.0-or-later
"""Turned bodies: bottles, cups, bowls, barrels, with handles."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
from numpy.typing import NDArray

from ..arrays import Floats, Mask, Single
from .camera import View
from .inflation import half_thickness, swell
from .lathe import Lathe, section
from .sdf import Function, Solid, cone, smooth_min, union
from .silhouette import Silhouette, blur, distance_to, opened, without_thin_parts
from .symmetry import Axis

STEPS = 96  # samples of the profile along the longer side of the body's half section
WALL = 0.14  # thickness of a hollow body's wall, in its largest radius
RIM = 0.94  # least radius at the rim of an opening, in the largest of the upper quarter
EDGE = 0.08  # size of the rounding of edges, in the largest radius
STEPPED = 2.0  # working pixels to both sides of an outline, in which it is smoothed
SLIVER = 3.0  # working pixels; what is narrower to both sides is no handle
BEYOND = 0.1  # of a body's height, that a handle on its upright plane may reach beyond its ends
LEAST_DOWN = 0.08  # of the way of a line of sight, that it must fall for a level handle to be made out
HANGS = 0.25  # of the height of the body without thin parts, by which those reach below it where they are not turned
THIN = 0.3  # of the widest disc in the mask: what is narrower is beside the body, or in front of it
TURNS = 24  # directions around the axis that the profile is carved from


def profile(silhouette: Silhouette, view: View, axis: Axis) -> tuple[Floats, Floats]:
    """Places along the axis (N,), from axis.point on, and the radius (N,) there, 0 beyond the ends.

    The radius is the largest whose circle lies within the mask all around: the visual hull of the photo turned about
    the axis. Seen at a slant, that hull ends in flat cones where the body has ends; they are cut off.
    """
    rays = view.rays(silhouette.pixels())
    on_plane = rays * ((axis.point @ axis.toward) / (rays @ axis.toward))[:, None] - axis.point
    along, out = on_plane @ axis.direction, np.abs(on_plane @ axis.side)
    most = float(out.max()) * 1.05
    # Toward or away from a slanted view, the ends show up to about a third of a radius beyond their true place.
    start, end = float(along.min()) - 0.35 * most, float(along.max()) + 0.35 * most
    step = max(end - start, most) / STEPS
    height = np.arange(start, end + step, step)
    radius = np.arange(0, most + step, step)
    seen = cone(silhouette, view)
    field = np.full((len(height), len(radius)), np.inf)
    for turn in np.arange(TURNS) * 2 * np.pi / TURNS:
        spoke = np.cos(turn) * axis.side + np.sin(turn) * axis.toward
        points = axis.point + height[:, None, None] * axis.direction + radius[:, None] * spoke
        np.minimum(field, seen(points.reshape(-1, 3)).reshape(field.shape), out=field)
    inside = np.logical_and.accumulate(field > 0, 1)
    last = inside.sum(1) - 1
    row = np.arange(len(height))
    here, beyond = field[row, last], field[row, np.minimum(last + 1, len(radius) - 1)]
    width = np.where(last >= 0, (last + here / np.maximum(here - beyond, 1e-9)) * step, 0.0)
    ray = axis.point + height[:, None] * axis.direction
    slant = np.abs(ray @ axis.direction) / np.linalg.norm(ray, axis=1)
    return height, _without_tips(width, step, np.sqrt(1 - slant * slant) / np.maximum(slant, 0.05))


def _without_tips(radius: Floats, step: float, slope: Floats) -> Floats:
    """The radii (N,) with the cones at both ends cut off, which widen by `slope` (N,) for one along the axis, as
    the line of sight does."""
    body = np.flatnonzero(radius > 0)
    if len(body) < 4:
        return radius
    steep = 0.65 * step * slope
    low, high = int(body[0]), int(body[-1])

    def conical(at: int, way: int) -> bool:
        return any(
            low <= at + way * reach <= high and radius[at + way * reach] - radius[at] > steep[at] * reach
            for reach in (2, 6)
        )

    first, last = low, high
    while first < high - 2 and conical(first, 1):
        first += 1
    while last > first + 2 and conical(last, -1):
        last -= 1
    cut = radius.copy()
    if first > low:
        cut[:first] = 0
        cut[first] = cut[first + 1]
    if last < high:
        cut[last + 1 :] = 0
        cut[last] = cut[last - 1]
    return cut


def revolve(silhouette: Silhouette, view: View, axis: Axis, *, handle: bool = False, hollow: bool = False) -> Solid:
    """The body of revolution about that axis; with what the mask shows beside it as a handle; opened at the top.

    Raises ValueError when the mask leaves no room for a body around the axis.
    """
    height, radius = profile(silhouette, view, axis)
    if handle:
        height, radius = _without_what_hangs(height, radius, *profile(without_thin_parts(silhouette, THIN), view, axis))
    body = np.flatnonzero(radius > 0)
    if len(body) < 4:
        raise ValueError("The mask shows no turned body.")
    if hollow:
        body = _up_to_the_rim(body, radius)
    place, start, end = height[body], float(height[body[0]]), float(height[body[-1]])
    padded = np.pad(radius[body], 1, mode="edge")
    width = 0.25 * (padded[:-2] + padded[2:]) + 0.5 * radius[body]
    steep = np.sqrt(1 + np.clip(np.gradient(width, place), -3, 3) ** 2)
    most = float(width.max())
    wall = WALL * most
    edge = EDGE * most

    def revolved(points: Floats) -> Floats:
        offset = points - axis.point
        along = offset @ axis.direction
        out = np.linalg.norm(offset - along[:, None] * axis.direction, axis=1)
        shell = (np.interp(along, place, width) - out) / np.interp(along, place, steep)
        solid = smooth_min(shell, np.minimum(along - start, end - along), edge)
        if not hollow:
            return solid
        cavity = smooth_min(shell - wall, along - start - wall, edge)
        return smooth_min(solid, -cavity, edge)

    field: Function = revolved
    part: Solid | None = None
    ends = axis.point + np.outer([start, end], axis.direction)
    room = most * (1 - np.abs(axis.direction))
    low, high = ends.min(0) - room, ends.max(0) + room
    beside = _beside(silhouette, view, axis, (start, end)) if handle else None
    if beside is not None:
        swollen, handle_low, handle_high = beside
        part = Solid(_outside(swollen, axis, place, width, wall), handle_low, handle_high)
        low, high = np.minimum(low, handle_low), np.maximum(high, handle_high)
        field = union(revolved, part.field)
    line = section(place, radius[body], rounding=edge, wall=wall if hollow else None)
    lathe = Lathe(axis.point, axis.direction, axis.side, line)
    return Solid(field, low, high, None, (axis.point, axis.direction), lathe, part)


def _without_what_hangs(whole: Floats, radius: Floats, body: Floats, body_radius: Floats) -> tuple[Floats, Floats]:
    """The profile of the whole mask, or that of the mask without thin parts where these hang far below it: a handle in
    front of the body. What is thin above it, as a knob or a neck, is turned with it.
    """
    if np.count_nonzero(body_radius) < 4:
        return whole, radius
    held = body[body_radius > 0]
    hangs = float(held.min() - whole[radius > 0].min())
    return (body, body_radius) if hangs > HANGS * float(np.ptp(held)) else (whole, radius)


def _up_to_the_rim(body: NDArray[np.intp], radius: Floats) -> NDArray[np.intp]:
    """The places of an open body without the last ones, where a rounded rim draws in: they would close the opening."""
    upper = radius[body[-max(4, len(body) // 4) :]]
    return body[: np.flatnonzero(radius[body] >= RIM * upper.max())[-1] + 1]


def _outside(part: Function, axis: Axis, place: Floats, width: Floats, wall: float) -> Function:
    """A part with roots that end within a turned wall."""

    def field(points: Floats) -> Floats:
        offset = points - axis.point
        along = offset @ axis.direction
        out = np.linalg.norm(offset - along[:, None] * axis.direction, axis=1)
        return np.asarray(np.minimum(part(points), out - np.interp(along, place, width) + wall / 2))

    return field


def _beside(
    silhouette: Silhouette, view: View, axis: Axis, ends: tuple[float, float]
) -> tuple[Function, Floats, Floats] | None:
    """What the mask shows beside an upright body of revolution (handle, spout), and the corners of a box around it.

    It lies on the plane through the axis that faces the camera. What would reach far beyond the body's ends there, as
    the handle of a pan, is level and lies just below the upper one.
    """
    height, width = silhouette.inside.shape
    rows, columns = np.mgrid[0:height, 0:width]
    rays = view.rays(silhouette.to_photo(np.stack([columns.ravel(), rows.ravel()], 1) + 0.5))
    there, _ = view.project(rays - 2 * np.outer(rays @ axis.side, axis.side))
    reflected = (silhouette.sample(there) * silhouette.scale).reshape(height, width).astype(np.float32)
    alone = opened(silhouette.inside & (reflected < -2), SLIVER)
    if alone.sum() < 0.01 * silhouette.inside.sum():
        return None
    # On that plane the body is narrower than its outline in the photo: the roots go on inwards to reach it.
    inwards = np.where((rays @ axis.side).reshape(height, width) * float(view.axes[0] @ axis.side) > 0, -1, 1)
    root = alone & (reflected > -6)
    part = alone | (silhouette.inside & (reflected < 0) & _near(alone, 4))
    for step in range(1, int(0.2 * float(silhouette.distance.max())) + 6):
        for way in (-1, 1):
            part |= np.roll(root & (inwards == way), way * step, axis=1) & silhouette.inside
    thickness = half_thickness(replace(silhouette, inside=part, distance=_distance_in(silhouette, part)))
    seen = rays.reshape(height, width, 3)[part]
    point, normal = axis.point, axis.toward
    on_plane = seen * ((point @ normal) / (seen @ normal))[:, None]
    along = (on_plane - axis.point) @ axis.direction
    room = BEYOND * (ends[1] - ends[0])
    low, high = np.quantile(along, (0.05, 0.95))
    if (low < ends[0] - room or high > ends[1] + room) and _seen_from_above(seen):
        point, normal = axis.point + (0.2 * ends[0] + 0.8 * ends[1]) * axis.direction, axis.direction
        on_plane = seen * ((point @ normal) / (seen @ normal))[:, None]
    most = float(thickness.max()) / silhouette.scale / view.focal * float((on_plane @ view.axes[2]).max()) * 1.5
    field = swell(silhouette, view, thickness, point, normal)
    return field, on_plane.min(0) - most, on_plane.max(0) + most


def _distance_in(silhouette: Silhouette, part: Mask) -> Single:
    """The signed distance (h, w) to the outline of a part of the mask, whose pixels' steps are smoothed out."""
    cut = silhouette.inside & ~part
    rows, columns = np.flatnonzero(part.any(1)), np.flatnonzero(part.any(0))
    around = np.s_[max(rows[0] - 2, 0) : rows[-1] + 3, max(columns[0] - 2, 0) : columns[-1] + 3]
    within = silhouette.distance.astype(np.float64)
    if cut[around].any():
        within[around] = np.minimum(within[around], distance_to(cut[around]) - 0.5)
    distance = np.where(cut, 0.5 - distance_to(part), within).astype(np.float32)
    return np.where(np.abs(distance) < STEPPED, blur(distance, 4), distance)


def _seen_from_above(rays: Floats) -> bool:
    """Whether level planes below the eye are seen along all of the rays (N, 3), and not nearly edge on."""
    return bool((rays[:, 1] < -LEAST_DOWN).all())


def _near(part: Mask, pixels: int) -> Mask:
    """The pixels of an image within that distance of a part."""
    return distance_to(part) <= pixels
