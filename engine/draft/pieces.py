# SPDX-License-Identifier: GPL-3.0-or-later
"""Makes one again of the pieces of a mask that something in front has cut apart.

Two pieces are joined by a strip: what lies between them on lines of one direction. It is the direction along which most
of the narrower piece continues the other one, by a strip that is short and narrow: so the ends of a bench are joined
along the bench, whichever way the pole before it runs, and a hoof along its leg. Large pieces between which the photo
shows the background are two things, as a pair of shoes, and stay apart.
"""

from __future__ import annotations

import numpy as np

from ..arrays import Floats, Ints, Mask, Pixels
from ..graph import components

SPECK = 0.02  # of the largest piece: smaller ones that are not joined are dropped
DUST = 0.002  # the same of what is dropped at once
FURTHEST = 0.5  # of the image's longer side, that a piece is joined over
REACH = 6.0  # the same, in roots of the piece's area
DIRECTIONS = 72  # in which strips are tried
WASTE = 0.25  # of the narrower piece, that must be continued to make up for a strip as long or as wide as its root
LONGEST = 2.0  # of the lines of a strip, in its middle one
POINTS = 400  # of an outline, by which distances are told
A_THING = 0.2  # of the largest piece: so large ones may be a thing each
LEVELS = 8  # of each color, by which the background is known
LIKE_BACKGROUND = 0.3  # as often as the background's own colors


def joined(inside: Mask, picture: Pixels | None = None) -> Mask:
    """A mask (h, w) whose pieces are joined to the largest one, the nearest first, without its specks.

    picture: (h, w, 3), what the mask is of.
    """
    label, size = components(inside)
    size[0] = 0
    numbers = np.argsort(-size, kind="stable")
    pieces: list[Mask] = [label == number for number in numbers[size[numbers] > DUST * size.max()]]
    whole, others = pieces[0], pieces[1:]
    outlines = [_outline(piece) for piece in others]
    apart = np.zeros_like(inside)
    while others:
        outline = _outline(whole)
        away = [_distance(outline, other) for other in outlines]
        nearest = int(np.argmin(away))
        piece, other = others.pop(nearest), outlines.pop(nearest)
        reach = min(FURTHEST * max(inside.shape), REACH * float(np.sqrt(piece.sum())))
        strip = _strip(outline, other, piece, reach) if away[nearest] <= reach else None
        if strip is not None and picture is not None and piece.sum() > A_THING * size.max():
            strip = None if _shows_background(picture, inside, *strip) else strip
        if strip is not None:
            whole = whole | piece | strip[0]
        elif piece.sum() >= SPECK * size.max():
            apart = apart | piece
    return whole | apart


def _outline(piece: Mask) -> Floats:
    """The columns and rows (N, 2) of the pixels along the outline of a piece, a chain by pixel edges."""
    padded = np.pad(piece, 1)
    height, width = piece.shape
    inner = np.logical_and.reduce([padded[y : y + height, x : x + width] for y in range(3) for x in range(3)])
    return np.argwhere(piece & ~inner)[:, ::-1].astype(np.float64)


def _distance(one: Floats, other: Floats) -> float:
    """About the least distance of outlines (N, 2) and (M, 2)."""
    few, fewer = (outline[:: len(outline) // POINTS + 1] for outline in (one, other))
    return float(np.hypot(*(few[:, None] - fewer).T).min())


def _shows_background(picture: Pixels, inside: Mask, strip: Mask, between: Mask) -> bool:
    """Whether a strip (h, w) has the colors of what is around a mask (h, w). What is `between` the pieces, also above
    and below the strip, tells nothing of that: what stands before them goes on there."""
    color = picture.astype(np.int64) * LEVELS // 256 @ (1, LEVELS, LEVELS * LEVELS)
    around = color[~inside & ~between]
    if not len(around):
        return False
    often = np.bincount(around, minlength=LEVELS**3) / len(around)
    return bool(often[color[strip & ~inside]].mean() > LIKE_BACKGROUND * often[around].mean())


def _strip(here: Floats, there: Floats, piece: Mask, reach: float) -> tuple[Mask, Mask] | None:
    """What joins the outline (N, 2) of the whole to that of a piece (M, 2), and all that is as far along its direction;
    None where only a strip longer than `reach` would."""
    turns = np.arange(DIRECTIONS) * 2 * np.pi / DIRECTIONS
    root = float(np.sqrt(piece.sum()))
    best, found = -np.inf, None
    for way in np.stack([np.cos(turns), np.sin(turns)], 1):
        start, end, share = _lines(here, there, way)
        lines = np.count_nonzero(end > start)
        if not lines:
            continue
        length = float(np.median((end - start)[end > start]))
        worth = share - WASTE * (length + lines) / root
        if length <= reach and worth > best:
            best, found = worth, (way, start, end)
    if found is None:
        return None
    way, start, end = found
    rows, columns = np.indices(piece.shape)
    line, place = _along(np.stack([columns.ravel(), rows.ravel()], 1), way, here)
    line = np.clip(line, 0, len(start) - 1)  # the first and the last are empty
    strip = np.asarray((place > start[line]) & (place < end[line])).reshape(piece.shape)
    joins = end > start
    between = np.asarray((place > start[joins].min()) & (place < end[joins].max())).reshape(piece.shape)
    return strip, between


def _lines(here: Floats, there: Floats, way: Floats) -> tuple[Floats, Floats, float]:
    """The lines of one direction between two outlines (N, 2) and (M, 2): where they leave the one and meet the other,
    as told by `_along` of the first, with nothing from 0 to 0; and the share of the narrower one that they join."""
    line, place = _along(here, way, here)
    other, goal = _along(there, way, here)
    count = int(line.max()) + 2
    other = np.clip(other, 0, count - 1)
    end, start = np.full(count, np.inf), np.full(count, -np.inf)
    order = np.argsort(-goal)
    end[other[order]] = goal[order]  # of several the last one stays, which is the nearest
    before = np.flatnonzero(place < end[line])
    order = before[np.argsort(place[before])]
    start[line[order]] = place[order]
    met = np.isfinite(start) & np.isfinite(end)
    met[[0, -1]] = False
    if not met.any():
        return np.zeros(count), np.zeros(count), 0.0
    length = np.where(met, end, 0) - np.where(met, start, 0)
    met &= length <= LONGEST * np.median(length[met]) + 1
    narrower = min(len(np.unique(line)), int(np.ptp(_along(there, way, here)[0])) + 1)
    return np.where(met, start, 0), np.where(met, end, 0), float(met.sum() / narrower)


def _along(points: Floats, way: Floats, origin: Floats) -> tuple[Ints, Floats]:
    """The lines (N,) that run one way (2,) through points (N, 2), numbered from 1 at the first one through an outline
    (M, 2), and the places along them."""
    across = np.array([-way[1], way[0]])
    first = float((origin @ across).min())
    return np.rint(points @ across - first).astype(np.int64) + 1, points @ way
