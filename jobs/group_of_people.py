# SPDX-License-Identifier: GPL-3.0-or-later
"""People of one photo in files of their own: one scale for all, and where each stands to the others. No bpy."""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from ..engine.gltf.extent import read_box
from ..engine.gltf.triangles import Unreadable
from ..engine.rigging.keypoints import LEFT, NECK, RIGHT
from ..engine.rigging.person import life_size
from ..photos.layout import GAP, PERSON
from .body_joints import keypoints_of, read_rig

Floats = NDArray[np.float64]

NEAR = 0.5
"""Of a person's width, from each other: places that are nearer say nothing, for people do not stand in one another."""


@dataclass(frozen=True)
class Standing:
    """Where one of several people stands, (x, y, z) in meters from the middle of them all, y away from the viewer.

    `height` is in meters; 0 for as delivered.
    """

    offset: tuple[float, float, float]
    height: float


@dataclass(frozen=True)
class _Body:
    """A person's box in its file, y up, and the factor that makes it life-size by itself."""

    low: Floats
    high: Floats
    factor: float

    @property
    def size(self) -> Floats:
        return self.high - self.low

    @property
    def foot(self) -> Floats:
        """The middle of the box's base."""
        x, _, z = (self.low + self.high) / 2
        return np.array([x, self.low[1], z])


def stand_together(models: Sequence[Path | None], extras: Sequence[Path], height: float) -> list[Standing]:
    """How people stand to each other: as the service's files say, else in a row from left to right.

    models: each person's file, None for one that is missing. height: of the tallest in meters, 0 for life-size. A
    child stays smaller than its mother in either case.
    """
    bodies = [_body(model) for model in models]
    known = [body for body in bodies if body is not None]
    tallest = max((body.size[1] for body in known), default=0.0)
    common = height / tallest if height and tallest else float(np.median([body.factor for body in known] or [1.0]))
    width = common * float(np.mean([body.size[0] for body in known])) if known else PERSON / 2
    widths = [common * body.size[0] if body else width for body in bodies]
    places = next((each for each in _told_places(bodies, extras) if _are_apart(each * common, width)), np.empty((0, 3)))
    offsets = places * common if len(places) and len(known) == len(bodies) else _row(widths)
    lefts, rights = offsets[:, 0] - np.array(widths) / 2, offsets[:, 0] + np.array(widths) / 2
    offsets = offsets - [(lefts.min() + rights.max()) / 2, (offsets[:, 1].min() + offsets[:, 1].max()) / 2, 0]
    offsets[:, 2] -= offsets[:, 2].min()
    return [
        Standing((x, y, z), _height(body, common, height))
        for (x, y, z), body in zip(offsets.tolist(), bodies, strict=True)
    ]


def _height(body: _Body | None, common: float, height: float) -> float:
    if body is None:
        return height
    return float(common * body.size[1]) if height or body.factor != common else 0.0


def _body(model: Path | None) -> _Body | None:
    if model is None:
        return None
    try:
        low, high = read_box(model)
    except (Unreadable, OSError):
        return None
    joints = [person.joints for person in read_rig(model) if person.joints]
    size = float((high - low).max())
    return _Body(low, high, life_size(joints[0], size) if joints else 1.0)


def _told_places(bodies: Sequence[_Body | None], extras: Sequence[Path]) -> list[Floats]:
    """Where the files say that each one stands (N, 3), x to the right, y away from the viewer, z up; the best first.

    By a camera the height of a place is not told: it may look down.
    """
    feet = np.array([np.zeros(3) if body is None else body.foot for body in bodies])
    found = []
    for matrices in _matrices(extras, len(bodies)):
        seen = [matrix[:3, :3] @ foot + matrix[:3, 3] for matrix, foot in zip(matrices, feet, strict=True)]
        found.append(np.array([(x, -z, 0.0) for x, _, z in seen]))
    found.append(feet[:, [0, 2, 1]] * (1, -1, 1))
    keypoints = [keypoints_of(extras, number, len(bodies)) for number in range(len(bodies))]
    if all(len(each) == 1 for each in keypoints):
        found.append(np.array([_seen(each[0]) for each in keypoints]))
    return found


def _seen(points: Floats) -> tuple[float, float, float]:
    """The place of keypoints (70, 3), which come with y up and z to the viewer, or with both the other way round."""
    middle = (points.min(0) + points.max(0)) / 2
    is_upright = points[[LEFT["foot"], RIGHT["foot"]], 1].mean() < points[NECK, 1]
    return float(middle[0]), float(-middle[2] if is_upright else middle[2]), 0.0


def _matrices(extras: Sequence[Path], count: int) -> list[list[Floats]]:
    """From each person's own frame into the camera's (4, 4), as the own server tells them."""
    found = []
    for file in extras:
        try:
            told = json.loads(file.read_bytes()) if file.suffix == ".json" else {}
            matrices = [np.array(person["matrix"], np.float64) for person in told["people"]]
        except (OSError, ValueError, KeyError, TypeError):
            continue
        if len(matrices) == count and all(one.shape == (4, 4) and np.isfinite(one).all() for one in matrices):
            found.append(matrices)
    return found


def _are_apart(places: Floats, width: float) -> bool:
    """Whether no two of these places (N, 3) are one: files that each have their person in the middle say nothing."""
    away = np.linalg.norm(places[:, None, :2] - places[None, :, :2], axis=-1)
    away[np.diag_indices(len(places))] = np.inf
    return bool(np.isfinite(places).all() and away.min() > NEAR * width)


def _row(widths: Sequence[float]) -> Floats:
    """Places (N, 3) beside one another."""
    room = np.array(widths) * (1 + GAP)
    return np.stack([np.cumsum(room) - room / 2, np.zeros(len(room)), np.zeros(len(room))], axis=1)
