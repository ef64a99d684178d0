# SPDX-License-Identifier: GPL-3.0-or-later
"""One subject before a camera: how it may stand, and how likely that is by its outline and its colors."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from itertools import product

import numpy as np

from ..arrays import Floats, Mask, Pixels
from .appearance import Look, look_of, unlikeness
from .camera import PhotoCamera
from .coarse import Tried, try_all
from .evidence import KnownPose, PhotoSubject
from .known import is_sound, stance_of_known, upright_for_known
from .models import read_model
from .refine import WITNESSES, Fitted, Prior, camera_values, cost_of, errors_of, refine, rim_in
from .rim import silhouette
from .shown import shown_in
from .stance import Stance

MOST_CHOICES = 4
TRUSTED_OVERLAP = 0.6
"""A pose of an engine is believed where it covers so much of the mask."""
BAD_OVERLAP = 0.82
"""A model that covers no more of its mask may lie on its face."""
MUCH_LIKELIER = 6.0
"""By its logarithm: how much a model must gain by lying on another side."""


@dataclass(frozen=True)
class Case:
    """A subject: what is fitted, its colors, and how its engine has seen it."""

    fitted: Fitted
    look: Look
    pose: KnownPose | None


def read_case(picture: Pixels, subject: PhotoSubject, others: Mask) -> Case:
    """The case of a subject beside all the others' masks (h, w); raises Unreadable and OSError for its model."""
    model = read_model(subject.model)
    pose = subject.pose if subject.pose is not None and is_sound(subject.pose) else None
    if pose is not None:
        model = upright_for_known(model, pose)
    return Case(Fitted(model, shown_in(subject.mask, others)), look_of(picture, subject.mask), pose)


def choices(case: Case, tried: Tried, camera: PhotoCamera, number: int) -> list[Stance]:
    """How a subject may stand before that camera, whose number was tried, the likeliest first."""
    known = known_stance(case, camera)
    if known is not None:
        return [known]
    stances = [Stance(np.append(values, (0.0, 0.0))) for values in tried.values[number]]
    colors = [unlikeness(case.look, case.fitted.model, camera, stance) for stance in stances]
    costs = WITNESSES / 2 * tried.costs[number] + np.array(colors)
    lowest = (costs <= np.roll(costs, 1)) & (costs <= np.roll(costs, -1))
    return [stances[number] for number in np.argsort(costs) if lowest[number]]


def known_stance(case: Case, camera: PhotoCamera) -> Stance | None:
    """How its engine has seen a subject stand; None where that is not told, or does not cover its mask."""
    if case.pose is None:
        return None
    known = stance_of_known(case.fitted.model, case.pose, camera)
    return known if overlap_of(case.fitted, camera, known) >= TRUSTED_OVERLAP else None


def best_of(case: Case, camera: PhotoCamera, found: Stance, others: Sequence[Stance]) -> Stance:
    """The likeliest of a stance and others, when each has been made as good as it can be before that camera."""
    best = found, whole_cost(case, camera, found)
    for other in others:
        stance = settled(case, camera, other)
        cost = whole_cost(case, camera, stance)
        if cost < best[1]:
            best = stance, cost
    return best[0]


def settled(case: Case, camera: PhotoCamera, stance: Stance) -> Stance:
    """The stance made as good as it can be before a camera."""
    known = Prior(camera_values(camera), np.eye(3))
    return refine([case.fitted], camera, [stance], known, fixed=True, rounds=5)[0].stances[0]


def whole_cost(case: Case, camera: PhotoCamera, stance: Stance) -> float:
    """The negative logarithm of the likelihood of a stance by outline and colors."""
    one = case.fitted
    errors = errors_of(one, stance.seen(camera, rim_in(one, camera, stance), one.model)[0])
    return cost_of(one, errors, stance) + unlikeness(case.look, one.model, camera, stance)


def on_its_best_side(case: Case, camera: PhotoCamera, stance: Stance) -> tuple[Case, Stance]:
    """The subject as it is; or lying on another side of its box where it covers its mask badly and that is much better.

    Services sometimes give a model that lies on its face.
    """
    if case.pose is not None or overlap_of(case.fitted, camera, stance) >= BAD_OVERLAP:
        return case, stance
    best = case, stance, whole_cost(case, camera, stance) - MUCH_LIKELIER
    for rotation in SIDES:
        lying = replace(case, fitted=replace(case.fitted, model=case.fitted.model.turned(rotation)))
        tried = try_all(lying.fitted.model, lying.fitted.shown, [camera])
        first, *others = choices(lying, tried, camera, 0)[:MOST_CHOICES]
        there = best_of(lying, camera, settled(lying, camera, first), others)
        cost = whole_cost(lying, camera, there)
        if cost < best[2]:
            best = lying, there, cost
    return best[:2]


def _sides() -> list[Floats]:
    """Rotations (3, 3) that bring each of a box's sides but the one it stands on to the ground."""
    found = []
    for axis, way in product(range(3), (1, -1)):
        up = way * np.eye(3)[axis]
        if up[2] == 1:
            continue
        side = np.eye(3)[(axis + 1) % 3]
        found.append(np.stack([side, np.cross(up, side), up]))
    return found


SIDES = _sides()


def overlap_of(one: Fitted, camera: PhotoCamera, stance: Stance) -> float:
    """Intersection over union of the silhouette and the mask, where nothing may hide the subject."""
    pixels = stance.seen(camera, one.model.points, one.model)[0]
    at = (pixels - one.shown.corner) * one.shown.scale
    height, width = one.shown.mask.shape
    covered = silhouette(at[one.model.faces], width, height)
    free: Mask = ~one.shown.hidden
    return float((covered & one.shown.mask).sum() / max(1, ((covered | one.shown.mask) & free).sum()))
