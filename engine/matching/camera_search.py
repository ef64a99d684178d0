# SPDX-License-Identifier: GPL-3.0-or-later
"""The search for the cameras that explain a photo's lines best.

All cameras are tried roughly, by what the lines say (line_evidence.py) and what is usual (usual.py); the best are made
exact by expectation and maximization with Gauss and Newton's steps, while lines are believed ever more exactly; around
each of those, samples weighed by their likelihood (importance sampling) tell how far it is certain.

A camera is (3,): the logarithm of the focal length in lengths of the photo's longer edge, the pitch and the roll; the
turns of the groups of lines may follow.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from ..arrays import Floats
from .line_evidence import Lines, Numbers, log_mean
from .usual import Usual

MOST_ROUGHLY = 110  # lines
ROUGH = np.radians(1.6)  # that lines may be off at first
ROLLS = np.radians([-6.0, -2.0, 0.0, 2.0, 6.0])
PITCHES = np.radians([*np.arange(-4.0, 46.0, 3.5), 52.0, 60.0, 68.0])
FOCALS = np.exp(np.linspace(np.log(0.45), np.log(3.6), 10))
TURNS = 24  # in a right angle
STARTS = 10
APART_ROUGHLY = np.array([0.3, np.radians(4.0), np.radians(3.0)])
FINER = np.radians([1.2, 0.6, 0.3, 0.12, 0.0])
STEPS = 4
FARTHEST_STEP = np.array([0.3, 0.12, 0.12])
TINY = 1e-5
LEAST_KNOWN = 1e-3  # of turns that no line tells
ROUNDS, SAMPLES = 3, 300
WIDER = 2.0  # samples are drawn from a wider distribution than the one that is expected
LEAST_SPREAD = np.array([0.01, np.radians(0.15), np.radians(0.1)])
APART = np.array([0.08, np.radians(1.5), np.radians(1.0)])


@dataclass(frozen=True)
class Peak:
    """A camera's mean (3,), its covariance (3, 3), and the logarithm of how likely it is next to others.

    turns: (groups,) of the axes of each group of lines.
    """

    mean: Floats
    turns: Floats
    spread: Floats
    score: float

    def is_apart_from(self, other: Peak) -> bool:
        """Whether the other one is another camera."""
        apart = self.mean - other.mean
        return bool(np.abs(apart / APART).max() > 1) and float(apart @ np.linalg.solve(self.spread, apart)) > 4


def found_from(lines: Lines, usual: Usual, start: Floats) -> Peak:
    """The camera near a start (3 + groups,), and how far it is certain."""
    return _sampled(lines, usual, *_refined(lines, usual, start))


def support(lines: Lines, peak: Peak) -> float:
    """The share, by length, of the lines that a camera explains as upright ones or along an axis: 0 where is none."""
    if not len(lines):
        return 0.0
    at = np.concatenate([peak.mean, peak.turns])
    follows = lines.followers(lines.rules(*_unpacked(lines, at))).sum(0)
    return float(np.average(follows, weights=lines.length))


def starts(lines: Lines, usual: Usual) -> list[Floats]:
    """The best cameras of a grid, with the turns (3 + groups,) of the groups of lines."""
    focals = usual.focals(FOCALS)
    chosen = np.sort(np.argsort(lines.sigma, kind="stable")[:MOST_ROUGHLY])
    few = lines.some(chosen).blurred(float(ROUGH))
    pitch, roll = (axis.reshape(-1, 1, 1).astype(np.float32) for axis in np.meshgrid(PITCHES, ROLLS, indexing="ij"))
    turn = (np.arange(TURNS) / TURNS * np.pi / 2).astype(np.float32)[:, None]
    grid, score, turns = [], [], []
    for focal in focals:
        grid.append(np.stack([np.full(len(pitch), np.log(focal)), pitch.ravel(), roll.ravel()], 1))
        by_turn = few.log_likelihood(np.array([focal], np.float32), pitch, roll, turn)
        turns.append(turn[by_turn.argmax(1), 0])
        score.append(log_mean(by_turn, 1).sum(1))
    cameras = np.concatenate([np.concatenate(grid), np.concatenate(turns)], 1)
    whole = np.concatenate(score) + usual.log_density(cameras[:, :3])
    found: list[Floats] = []
    for camera in cameras[np.argsort(-whole)]:
        if all(np.abs((camera - one)[:3] / APART_ROUGHLY).max() > 1 for one in found):
            found.append(camera)
        if len(found) == STARTS:
            break
    return found


def _refined(lines: Lines, usual: Usual, start: Floats) -> tuple[Floats, Floats]:
    """The likeliest camera near a start, with its turns, and the information (3 + groups, 3 + groups) there."""
    at, information = start, np.eye(len(start))
    for blur in FINER:
        sharp = lines.blurred(float(blur))
        for _ in range(STEPS):
            information, pull = _normal_equations(sharp, usual, at)
            step = np.linalg.solve(information, pull)
            step /= max(1.0, float(np.abs(step[:3] / FARTHEST_STEP).max()))
            at = usual.within(at + step)
    return at, information


def _sampled(lines: Lines, usual: Usual, at: Floats, information: Floats) -> Peak:
    """How far a camera with its turns is certain, by samples around it; the turns follow the camera."""
    own, shared = information[3:, 3:], information[3:, :3]
    follow = -np.linalg.solve(own, shared)
    mean, spread = at[:3], np.linalg.inv(information[:3, :3] + shared.T @ follow)
    score, rng = 0.0, np.random.default_rng(0)
    for _ in range(ROUNDS):
        root = np.linalg.cholesky(WIDER * spread + np.diag(LEAST_SPREAD**2))
        normal = rng.standard_normal((SAMPLES, 3))
        cameras = mean + normal @ root.T
        turns = at[3:] + (cameras - at[:3]) @ follow.T
        focal, pitch, roll = np.exp(cameras[:, :1]), cameras[:, 1:2], cameras[:, 2:3]
        likely = lines.log_likelihood(focal, pitch, roll, turns[:, lines.group]).sum(1)
        ratio = likely + usual.log_density(cameras) + 0.5 * np.square(normal).sum(1) + np.log(np.diag(root)).sum()
        weight = np.exp(ratio - ratio.max())
        score = float(ratio.max() + np.log(weight.mean()))
        weight /= weight.sum()
        mean = weight @ cameras
        apart = cameras - mean
        spread = (weight[:, None] * apart).T @ apart + np.diag(LEAST_SPREAD**2)
    return Peak(usual.within(mean), at[3:] + follow @ (mean - at[:3]), np.asarray(spread), score)


def _unpacked(lines: Lines, at: Floats) -> tuple[Numbers, Numbers, Numbers, Numbers]:
    return np.exp(at[:1]), at[1:2], at[2:3], at[3:][lines.group]


def _normal_equations(lines: Lines, usual: Usual, at: Floats) -> tuple[Floats, Floats]:
    """The information (3 + groups, 3 + groups), and the pull (3 + groups,) of the lines and of what is usual."""
    weight = lines.temper * lines.followers(lines.rules(*_unpacked(lines, at))) / lines.sigma**2
    off = lines.angles(*_unpacked(lines, at))
    slopes = []
    for k in range(4):
        moved = at.copy()
        moved[k if k < 3 else slice(3, None)] += TINY
        slopes.append((lines.angles(*_unpacked(lines, moved)) - off) / TINY)
    count = len(at)
    information, pull = np.zeros((count, count)), np.zeros(count)
    for group in range(count - 3):
        mine = lines.group == group
        slope = np.stack([one[:, mine].ravel() for one in slopes], 1)
        weighted = slope * weight[:, mine].reshape(-1, 1)
        place = np.array([0, 1, 2, 3 + group])
        information[np.ix_(place, place)] += weighted.T @ slope
        pull[place] -= weighted.T @ off[:, mine].ravel()
    prior = np.concatenate([usual.spread**-2.0, np.full(count - 3, LEAST_KNOWN)])
    pull[:3] -= prior[:3] * (at[:3] - usual.mean)
    return information + np.diag(prior), pull
