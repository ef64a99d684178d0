# SPDX-License-Identifier: GPL-3.0-or-later
"""The straight edges of a picture, to a fraction of a pixel.

Edge pixels are those whose gradient is the strongest across the edge (Canny 1986); those that hang together and look
the same way are one edge (Burns, Hanson and Riseman, "Extracting straight lines", 1986), which is cut where it bends.
Pieces of one line that something interrupts, as the joints of a floor do each other, are joined again.
"""

from __future__ import annotations

import numpy as np

from ..arrays import Floats, Ints, Mask, Pixels, Single
from ..graph import connected

TURNS = 12  # of the ways that edges look; each edge is sought in two of them, half a turn apart
LEAST_CONTRAST = 3.0  # of 255, over two pixels
EDGES = 0.2  # of the pixels that may belong to edges
BORDER = 3  # pixels that are left out
SHORTEST = 0.02  # of the picture's longer edge
BEND = 0.9  # pixels that an edge may leave its line
TAKEN = 0.4  # of an edge's pixels that a longer one may have in common with it
SAME_LINE = 1.2  # pixels that the middles of two pieces of a line may lie beside each other's lines
SAME_WAY = np.radians(2.0)
GAP = 1.0  # between two pieces of a line, in lengths of the longer one


def find_segments(picture: Pixels) -> Floats:
    """The straight edges of a picture (h, w, 3): their ends (N, 4) x1, y1, x2, y2 in pixels, the longest first."""
    gradient = _gradient(picture)
    strength = np.hypot(gradient[..., 0], gradient[..., 1])
    ridge, places = _ridge(gradient, strength)
    rows, columns = np.nonzero(ridge)
    if not len(rows):
        return np.zeros((0, 4))
    way = np.arctan2(gradient[rows, columns, 1], gradient[rows, columns, 0]) / (2 * np.pi) * TURNS
    least = max(14.0, SHORTEST * max(picture.shape[:2]))
    found: list[tuple[Floats, Ints]] = []
    for shift in (0.0, 0.5):
        turn = np.floor(way + shift).astype(np.int64) % TURNS
        label = connected(len(rows), _neighbors(ridge, rows, columns, turn))
        order = np.argsort(label, kind="stable")
        for pixels in np.split(order, np.flatnonzero(np.diff(label[order])) + 1):
            if len(pixels) >= 0.7 * least:
                found += _straight(places, pixels, least)
    found.sort(key=lambda one: -_length(one[0]))
    taken, kept = np.zeros(len(rows), bool), []
    for ends, pixels in found:
        if taken[pixels].mean() < TAKEN:
            taken[pixels] = True
            kept.append((ends, pixels))
    return _joined(places, kept, way)


def _gradient(picture: Pixels) -> Single:
    """(h, w, 2): of the channel where it is the strongest, of the picture softened by a pixel."""
    soft = picture.astype(np.float32)
    for axis in (0, 1):
        padded = np.moveaxis(np.pad(soft, [(2, 2) if a == axis else (0, 0) for a in range(3)], mode="edge"), axis, 0)
        count = soft.shape[axis]
        total = np.zeros((count, *padded.shape[1:]), np.float32)
        for k, weight in enumerate((1, 4, 6, 4, 1)):
            total += np.float32(weight / 16) * padded[k : k + count]
        soft = np.moveaxis(total, 0, axis)
    gradient = np.zeros((*soft.shape, 2), np.float32)
    gradient[:, 1:-1, :, 0] = soft[:, 2:] - soft[:, :-2]
    gradient[1:-1, :, :, 1] = soft[2:] - soft[:-2]
    strongest = np.square(gradient).sum(3).argmax(2)
    return np.take_along_axis(gradient, strongest[..., None, None], 2)[:, :, 0]


def _ridge(gradient: Single, strength: Single) -> tuple[Mask, Floats]:
    """Where edges are the strongest across: (h, w), and their places (N, 2) to a fraction of a pixel."""
    height, width = strength.shape
    least = max(LEAST_CONTRAST, float(np.quantile(strength[::2, ::2], 1 - EDGES)))
    inside = np.zeros_like(strength, bool)
    inside[BORDER:-BORDER, BORDER:-BORDER] = True
    rows, columns = np.nonzero((strength > least) & inside)
    unit = gradient[rows, columns] / strength[rows, columns, None]
    step = np.rint(unit).astype(np.int64)
    here = strength[rows, columns]
    before = strength[rows - step[:, 1], columns - step[:, 0]]
    after = strength[rows + step[:, 1], columns + step[:, 0]]
    best = (here > before) & (here >= after)
    rows, columns, step = rows[best], columns[best], step[best]
    here, before, after = here[best], before[best], after[best]
    # The crest of a parabola through the three.
    offset = 0.5 * (before - after) / np.minimum(before - 2 * here + after, -1e-6)
    ridge = np.zeros((height, width), bool)
    ridge[rows, columns] = True
    places = np.stack([columns, rows], 1) + 0.5 + np.clip(offset, -0.5, 0.5)[:, None] * step
    return ridge, places


def _neighbors(ridge: Mask, rows: Ints, columns: Ints, turn: Ints) -> Ints:
    """Pairs (P, 2) of edge pixels that touch and look the same way."""
    index = np.full(np.array(ridge.shape) + 2, -1)
    index[rows + 1, columns + 1] = np.arange(len(rows))
    pairs = []
    for down, right in ((0, 1), (1, -1), (1, 0), (1, 1)):
        other = index[rows + 1 + down, columns + 1 + right]
        same = (other >= 0) & (turn[other] == turn)
        pairs.append(np.stack([np.flatnonzero(same), other[same]], 1))
    return np.concatenate(pairs)


def _fit(places: Floats) -> tuple[Floats, Floats, Floats]:
    """The middle, the direction, and how far along and beside the line (N, 2) each place lies."""
    middle = places.mean(0)
    apart = places - middle
    direction = np.linalg.eigh(apart.T @ apart)[1][:, 1]
    normal = np.array([-direction[1], direction[0]])
    return middle, direction, np.stack([apart @ direction, apart @ normal], 1)


def _ends(middle: Floats, direction: Floats, along: Floats) -> Floats:
    return np.concatenate([middle + along.min() * direction, middle + along.max() * direction])


def _straight(places: Floats, pixels: Ints, least: float) -> list[tuple[Floats, Ints]]:
    """The straight pieces of an edge: their ends, and the pixels of each."""
    middle, direction, local = _fit(places[pixels])
    if np.ptp(local[:, 0]) < least or len(pixels) < 0.7 * least:
        return []
    beside = np.abs(local[:, 1])
    if beside.max() <= BEND or np.sqrt(np.square(beside).mean()) < 0.4 * BEND:
        return [(_ends(middle, direction, local[:, 0]), pixels)]
    # Cut where it leaves the line through its two ends the farthest.
    order = np.argsort(local[:, 0])
    first, last = local[order[:3]].mean(0), local[order[-3:]].mean(0)
    chord = first[1] + (local[order, 0] - first[0]) / max(last[0] - first[0], 1e-6) * (last[1] - first[1])
    cut = int(np.clip(np.abs(local[order, 1] - chord).argmax(), 3, len(order) - 3))
    pieces = pixels[order]
    return _straight(places, pieces[:cut], least) + _straight(places, pieces[cut:], least)


def _length(ends: Floats) -> float:
    return float(np.hypot(ends[2] - ends[0], ends[3] - ends[1]))


def _joined(places: Floats, found: list[tuple[Floats, Ints]], way: Floats) -> Floats:
    """The ends (N, 4) of all, with the pieces of one line as one."""
    if not found:
        return np.zeros((0, 4))
    ends = np.array([one for one, _ in found])
    middle, apart = (ends[:, :2] + ends[:, 2:]) / 2, ends[:, 2:] - ends[:, :2]
    length = np.linalg.norm(apart, axis=1)
    # Along the edge with the brighter side on one hand, so that two sides of a bar stay two.
    angle = np.array([2 * np.pi / TURNS * way[pixels[len(pixels) // 2]] for _, pixels in found])
    along = apart / length[:, None]
    along *= np.where(along[:, 1] * np.cos(angle) - along[:, 0] * np.sin(angle) < 0, -1, 1)[:, None]
    between = middle[None] - middle[:, None]
    beside = np.abs(along[:, None, 0] * between[..., 1] - along[:, None, 1] * between[..., 0])
    turned = along[:, None, 0] * along[None, :, 1] - along[:, None, 1] * along[None, :, 0]
    same_way = (np.abs(turned) < np.sin(SAME_WAY)) & (along @ along.T > 0)
    gap = np.linalg.norm(between, axis=2) - (length[:, None] + length) / 2
    near = gap < GAP * np.maximum(length[:, None], length)
    one, other = np.nonzero(same_way & (np.maximum(beside, beside.T) < SAME_LINE) & near)
    label = connected(len(found), np.stack([one, other], 1))
    lines = []
    for k in range(label.max() + 1):
        members = np.flatnonzero(label == k)
        together, direction, local = _fit(places[np.concatenate([found[m][1] for m in members])])
        if len(members) == 1 or np.abs(local[:, 1]).max() <= 1.5 * BEND:
            lines.append(_ends(together, direction, local[:, 0]))
        else:
            lines += [ends[m] for m in members]
    return np.array(sorted(lines, key=lambda one: -_length(one)))
