# SPDX-License-Identifier: GPL-3.0-or-later
"""What a mask tells about the kind of shape behind it."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property

import numpy as np
from numpy.typing import NDArray

from ..arrays import Floats, Pixels
from ..matching.camera import PhotoCamera
from .box import Box, enclose, fit
from .camera import View, look
from .contact import feet
from .explained import explained
from .furniture import Furniture, find_furniture, turn_of_furniture
from .revolution import revolve
from .silhouette import Silhouette, without_thin_parts
from .symmetry import Axis, find_axis
from .turn import turn_of
from .vehicle import Vehicle, find_vehicle, turn_of_vehicle

REVOLVED = 0.93  # of the mask covered by its mirror image: perhaps a body of revolution
REVOLVED_BODY = 0.97  # the same for the mask without its thin parts: a body of revolution with a handle
HANDLED = 0.93  # least share of the mask that a body of revolution with a handle shows
BODY = 0.6  # least share of the mask without its thin parts
TIE = 0.03  # share of the mask: what shows so little more or less of it is as plausible
END_ON = 0.4  # cosine between the view and the axis of a lying body of revolution that is seen for one
FURNITURE = 0.85  # intersection over union of the mask and the silhouette of a piece of furniture
BETTER = 0.1  # by which that is more than the one of a box
SLAB = 0.8  # thickness of a slab on legs, of its height
ROOM_BELOW = 0.15  # of the mask's height, that is free below what stands on legs
WIDE_OPEN = 0.35  # share of the width between lower ends where so much is free
VEHICLE = 0.87  # intersection over union of the mask and the silhouette of a vehicle
CABIN = 0.03  # by which that is more than the one of a box
DARK, DARKEST = 0.6, 90.0  # lightness of tires, beside that of the whole, and 0..255, at most
TIRES = 0.12  # of the mask's height, that tires are seen above its lower outline
SHOD = 0.3  # share of the lower outline where tires or their shadows are
LONGISH = 0.8  # width of a vehicle that is seen, in its height, at least
ANGULAR = 0.96  # share of its convex hull that it fills at most
COMPACT = 0.8  # share of its convex hull that the mask fills


@dataclass(frozen=True)
class MaskFeatures:
    """Measures of a mask that a level camera sees in its middle, each worked out when it is first asked for.

    picture: (H, W, 3), what the camera sees.
    """

    silhouette: Silhouette
    camera: PhotoCamera
    picture: Pixels

    @cached_property
    def body(self) -> Silhouette:
        """The mask without its thin parts."""
        return without_thin_parts(self.silhouette)

    @cached_property
    def yaw(self) -> float:
        """Where the camera stands, in degrees to the right of the object's front."""
        if self.on_legs:
            yaw, overlap = turn_of_furniture(self.silhouette, self.camera)
            if overlap >= FURNITURE:
                return yaw
        if self.on_wheels:
            yaw, overlap = turn_of_vehicle(self.silhouette, self.camera)
            if overlap >= VEHICLE:
                return yaw
        return turn_of(self.silhouette, self.camera, self.picture)

    @cached_property
    def view(self) -> View:
        """How the camera is taken to see the object."""
        return look(self.camera, self.yaw)

    @cached_property
    def around(self) -> Box:
        """The box that encloses the mask."""
        return enclose(self.silhouette, self.view)

    @cached_property
    def box(self) -> Box:
        """The box that fits the mask best."""
        return fit(self.silhouette, self.view, self.around)

    @cached_property
    def upright(self) -> Axis:
        """The vertical axis about which the mask is most symmetric."""
        return find_axis(self.silhouette, self.view, 1)

    @cached_property
    def upright_body(self) -> Axis:
        """The same for the mask without its thin parts."""
        return find_axis(self.body, self.view, 1)

    @cached_property
    def lying(self) -> tuple[Axis, Axis]:
        """The same for axes from left to right and from front to back."""
        return find_axis(self.silhouette, self.view, 0), find_axis(self.silhouette, self.view, 2)

    @cached_property
    def shown_upright(self) -> float:
        """The share of the mask that a body of revolution about the vertical axis shows."""
        return self._shown_turned(self.upright)

    @cached_property
    def shown_with_handle(self) -> float:
        """The same for one with what is beside it as a handle."""
        return self._shown_turned(self.upright_body, handle=True)

    @cached_property
    def has_handle(self) -> bool:
        """Whether the mask is a body of revolution about a vertical axis with something thin beside it."""
        if self.upright_body.overlap < max(REVOLVED_BODY, self.upright.overlap + TIE / 2):
            return False
        if self.body.inside.sum() < BODY * self.silhouette.inside.sum():
            return False
        return self.shown_with_handle >= max(HANDLED, self.box.overlap + TIE, self.shown_upright + TIE / 2)

    @cached_property
    def axis(self) -> Axis:
        """The most plausible axis of revolution."""
        if self.has_handle:
            return self.upright_body
        lying = [axis for axis in self.lying if abs(axis.direction @ self.view.axes[2]) > END_ON]
        likeliest = max(lying, key=lambda axis: axis.overlap)
        return likeliest if likeliest.overlap >= max(REVOLVED, self.upright.overlap + TIE / 2) else self.upright

    @cached_property
    def shown_turned(self) -> float:
        """The share of the mask that a body of revolution about that axis shows."""
        if self.has_handle:
            return self.shown_with_handle
        return self.shown_upright if self.axis is self.upright else self._shown_turned(self.axis)

    def _shown_turned(self, axis: Axis, *, handle: bool = False) -> float:
        try:
            solid = revolve(self.silhouette, self.view, axis, handle=handle)
        except ValueError:
            return 0.0
        return explained(solid, self.silhouette, self.view)

    @cached_property
    def hull(self) -> Floats:
        """The corners (N, 2) of the mask's convex hull, in working pixels, in turn."""
        rows = np.flatnonzero(self.silhouette.inside.any(1))
        left = self.silhouette.inside[rows].argmax(1)
        right = self.silhouette.inside.shape[1] - self.silhouette.inside[rows, ::-1].argmax(1)
        corners = np.concatenate(
            [np.stack([left, rows + half], 1) for half in (0, 1)]
            + [np.stack([right, rows + half], 1) for half in (0, 1)]
        )
        return np.array(_hull(corners), np.float64)

    @cached_property
    def solidity(self) -> float:
        """The share of its convex hull that the mask fills."""
        x, y = self.hull.T
        area = abs(float(x @ np.roll(y, -1) - y @ np.roll(x, -1))) / 2
        return float(self.silhouette.inside.sum() / max(area, 1))

    @cached_property
    def topped(self) -> float:
        """The share of the top of the box around it that the mask covers: nearly 1 under a table's top."""
        low, high = self.around.low, self.around.high
        along = np.linspace(0.05, 0.95, 12)
        x, z = (grid.ravel() for grid in np.meshgrid(along, along))
        share = np.stack([x, np.ones_like(x), z], 1)
        pixels, _ = self.view.project(low + share * (high - low))
        return float(self.silhouette.covers(pixels).mean())

    @cached_property
    def legged(self) -> bool:
        """Whether the lower half falls into three or more parts side by side over a good part of its height."""
        starts = np.diff(self.silhouette.inside.astype(np.int8), axis=1) == 1
        lower = starts.sum(1)[int(0.55 * len(starts)) :]
        return float((lower >= 3).mean()) > 0.3

    @cached_property
    def on_legs(self) -> bool:
        """Whether there is much room below the mask, between three feet or more."""
        inside = self.silhouette.inside
        ends = feet(inside)
        between = inside[:, int(ends[:, 0].min()) : int(ends[:, 0].max()) + 1]
        height = int(inside.any(1).sum())
        below = between[::-1].argmax(0) - (inside.shape[0] - 1 - ends[:, 1].max())
        return len(ends) > 2 and float((below > ROOM_BELOW * height).mean()) > WIDE_OPEN

    @cached_property
    def furniture(self) -> Furniture:
        """The piece of furniture that fits the mask best."""
        return find_furniture(self.silhouette, self.view)

    @cached_property
    def is_furniture(self) -> bool:
        """Whether the mask is that of something with a slab on legs."""
        if not self.on_legs:
            return False
        found = self.furniture
        return found.thick < SLAB and found.overlap >= max(FURNITURE, self.box.overlap + BETTER)

    @cached_property
    def on_wheels(self) -> bool:
        """Whether the mask is compact and long, and as dark along its lower outline as tires and their shadows are."""
        inside = self.silhouette.inside
        rows, columns = np.flatnonzero(inside.any(1)), np.flatnonzero(inside.any(0))
        if len(columns) < LONGISH * len(rows) or not COMPACT <= self.solidity <= ANGULAR:
            return False
        pixels = self.silhouette.pixels().astype(int)
        pixels = np.clip(pixels, 0, (self.picture.shape[1] - 1, self.picture.shape[0] - 1))
        light = np.zeros(inside.shape)
        light[inside] = self.picture[pixels[:, 1], pixels[:, 0]].mean(1)
        dark = inside & (light < min(DARK * float(np.median(light[inside])), DARKEST))
        lowest = inside.shape[0] - inside[::-1, columns].argmax(0)
        low = lowest > rows.mean()
        band = np.arange(inside.shape[0])[:, None] >= lowest - TIRES * len(rows)
        shod = (dark[:, columns] & band).sum(0) > (inside[:, columns] & band).sum(0) / 2
        return float(shod[low].mean()) > SHOD

    @cached_property
    def vehicle(self) -> Vehicle:
        """The vehicle that fits the mask best."""
        return find_vehicle(self.silhouette, self.view)

    @cached_property
    def is_vehicle(self) -> bool:
        """Whether the mask is that of something on wheels, with a cabin."""
        return self.on_wheels and self.vehicle.overlap >= max(VEHICLE, self.box.overlap + CABIN)

    @cached_property
    def stands_along(self) -> tuple[float, float]:
        """How far what touches the ground reaches along x and along z, in the eye's height above the ground."""
        return _footprint(self.silhouette, self.view)


def _hull(points: NDArray[np.integer]) -> list[tuple[int, int]]:
    """The corners of the convex hull of points (N, 2), in turn (Andrew's monotone chain)."""
    ordered = sorted({(int(x), int(y)) for x, y in points})
    chain: list[tuple[int, int]] = []
    for way in (ordered, ordered[::-1]):
        part: list[tuple[int, int]] = []
        for x, y in way:
            while len(part) > 1 and (
                (part[-1][0] - part[-2][0]) * (y - part[-2][1]) <= (part[-1][1] - part[-2][1]) * (x - part[-2][0])
            ):
                part.pop()
            part.append((x, y))
        chain += part[:-1]
    return chain


def _footprint(silhouette: Silhouette, view: View) -> tuple[float, float]:
    """The lengths along x and z of the lower edges of the mask's hull, taken to lie on the ground."""
    columns = np.flatnonzero(silhouette.inside.any(0))
    lowest = silhouette.inside.shape[0] - silhouette.inside[::-1, columns].argmax(0)
    corners = np.array(_hull(np.stack([columns, lowest], 1)), float)
    following = np.roll(corners, -1, 0)
    step = following - corners
    # In this order the edges that face downwards run to the left; steep ones are sides, not ground.
    below = -step[:, 0] > np.abs(step[:, 1])
    rays = view.rays(silhouette.to_photo(np.concatenate([corners, following])))
    on_ground = rays / np.maximum(-rays[:, 1:2], 0.02)
    edge = np.abs(on_ground[len(corners) :] - on_ground[: len(corners)])[below]
    length = np.hypot(edge[:, 0], edge[:, 2])
    along = np.degrees(np.arctan2(edge[:, 2], edge[:, 0]))
    return float(length[along < 25].sum()), float(length[along > 65].sum())
