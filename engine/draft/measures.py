# SPDX-License-Identifier: GPL-3.0-or-later
"""Numbers that a mask and its picture show of the kind of shape behind them."""

from __future__ import annotations

import numpy as np

from ..arrays import Floats
from ..graph import components
from .appearance import appearance_about
from .camera import YAW
from .edges import Edges, inner_edges, outline_edges
from .mask_features import MaskFeatures
from .outline_shape import bends, straight_sides
from .straight import straightness

ALONG = 6.0  # degrees within which an edge runs along a side of a box
DIRECTIONS = 24  # bins of the directions of an outline
EVEN = 0.01  # standard deviation of a gray, 0..1, that shows nothing
FEW = 0.8  # roots of the area: shorter edges tell nothing of their directions
LARGEST = 3.0  # spreads from its middle beyond which a measure tells no more

MEASURES = (
    "boxy",  # overlap of the best box
    "box_depth",  # logarithm of its depth, in its width
    "box_height",  # the same of its height
    "turned",  # whether any box fits well enough to tell a turn
    "mirrored",  # overlap with the mirror image about an upright axis
    "mirrored_body",  # the same without thin parts
    "mirrored_lying",  # the same about a lying axis, the better of two
    "shown_turned",  # of the mask by a body of revolution
    "shown_with_handle",  # the same by one with a handle
    "solidity",
    "body",  # share of the mask that is left without thin parts
    "around",  # length of the outline, in roots of the area
    "deepest",  # radius of the largest disc inside, in roots of the area
    "depth",  # mean distance to the outline, in the largest
    "aspect",  # logarithm of height, in widths
    "foot",  # width of the lowest tenth, in the largest width
    "head",  # the same of the uppermost tenth
    "bend_below",  # how much better an arc than a corner follows the lower outline, logarithm
    "bend_above",  # the same of the upper one
    "two_sides",  # share of the hull's perimeter that its two longest sides take
    "four_sides",
    "six_sides",
    "topped",
    "legs",  # share of rows of the lower half with three or more parts
    "parts",  # mean number of parts in a row
    "parts_across",  # the same in a column
    "holes",  # area of holes, in the mask's
    "outline_upright",  # share of the outline that runs upright
    "outline_level",  # along the other sides of a box
    "outline_turns",  # entropy of its directions, 0..1
    "straight",  # how much more of the level edges inside runs along a box than around the axis
    "edges",  # length of the edges inside, in roots of the area
    "edges_upright",
    "edges_level",
    "edges_turns",
    "banded",  # how much of the colors' variance the place along the axis and the light explain
    "uneven",  # standard deviation of what is left, 0..1
    "alike",  # correlation of what is left with its mirror image
    "crossed",  # how much steeper colors change around the axis than along it, logarithm
    "dark_below",  # gray of the lowest fifth against the rest, in standard deviations
    "colorful",  # mean saturation
    "contrast",  # standard deviation of the gray, 0..1
    "green",  # share of green pixels
)
OF_PICTURE = MEASURES[MEASURES.index("straight") :]
"""Those that a mask alone does not tell."""


def measure(features: MaskFeatures) -> Floats:
    """The MEASURES (M,) of a mask; those OF_PICTURE are not a number where the picture shows
    nothing of them."""
    silhouette, view = features.silhouette, features.view
    inside = silhouette.inside
    root = float(np.sqrt(np.count_nonzero(inside)))
    width, height, depth = features.box.high - features.box.low
    outer, inner = outline_edges(silhouette), inner_edges(silhouette, features.picture)
    widths = inside.sum(1)[inside.any(1)]
    tenth = max(1, len(widths) // 10)
    rows = np.count_nonzero(np.diff(inside.astype(np.int8), axis=1) == 1, axis=1)
    columns = np.count_nonzero(np.diff(inside.astype(np.int8), axis=0) == 1, axis=0)
    numbers = [
        features.box.overlap,
        float(np.log(depth / width)),
        float(np.log(height / width)),
        float(features.yaw != YAW),
        features.upright.overlap,
        features.upright_body.overlap,
        max(axis.overlap for axis in features.lying),
        features.shown_upright,
        features.shown_with_handle,
        features.solidity,
        features.body.inside.sum() / inside.sum(),
        outer.weight.sum() * silhouette.scale / root,
        silhouette.distance.max() / root,
        float(silhouette.distance[inside].mean() / silhouette.distance.max()),
        float(np.log(inside.any(1).sum() / inside.any(0).sum())),
        widths[-tenth:].mean() / widths.max(),
        widths[:tenth].mean() / widths.max(),
        *bends(inside),
        *straight_sides(features.hull),
        features.topped,
        float((rows[int(0.55 * len(rows)) :] >= 3).mean()),
        rows[rows > 0].mean(),
        columns[columns > 0].mean(),
        _holes(features) / root**2,
        *_directions(outer, features),
        straightness(inner, silhouette, view, features.upright),
        inner.weight.sum() * silhouette.scale / root,
        *_directions(inner, features),
        *appearance_about(features.upright, silhouette, view, features.picture),
        *_colors(features),
    ]
    found = np.array(numbers, np.float64)
    if found[MEASURES.index("edges")] < FEW:
        found[[name.startswith("edges_") for name in MEASURES]] = np.nan
    if found[MEASURES.index("contrast")] < EVEN:
        found[[name in OF_PICTURE for name in MEASURES]] = np.nan
    return found


def _holes(features: MaskFeatures) -> float:
    """The area of what the mask surrounds."""
    label, size = components(~features.silhouette.inside)
    outside = set(np.unique(np.concatenate([label[0], label[-1], label[:, 0], label[:, -1]])).tolist())
    return float(sum(count for number, count in enumerate(size) if number and number not in outside))


def _directions(edges: Edges, features: MaskFeatures) -> tuple[float, float, float]:
    """Shares of edges along the vertical and along the other sides of a box, and the entropy of their directions."""
    total = float(edges.weight.sum())
    if total <= 0:
        return 0.0, 0.0, 1.0
    view = features.view
    rays = view.rays(edges.places)
    angle = np.degrees(np.arctan2(edges.along[:, 1], edges.along[:, 0]))
    along = []
    for direction in np.eye(3)[[1, 0, 2]]:
        way = view.project(rays + 1e-3 * direction)[0] - view.project(rays - 1e-3 * direction)[0]
        off = np.abs((angle - np.degrees(np.arctan2(way[:, 1], way[:, 0])) + 90) % 180 - 90)
        along.append(off < ALONG)
    count = np.bincount(((angle % 180) * DIRECTIONS / 180).astype(int) % DIRECTIONS, edges.weight, DIRECTIONS) / total
    entropy = float(-(count * np.log(np.maximum(count, 1e-9))).sum() / np.log(DIRECTIONS))
    return float(edges.weight @ along[0]) / total, float(edges.weight @ (along[1] | along[2])) / total, entropy


def _colors(features: MaskFeatures) -> tuple[float, float, float, float]:
    """How dark the lowest fifth is, mean saturation, contrast, and the share of green."""
    silhouette, picture = features.silhouette, features.picture
    pixels = silhouette.pixels()[::7]
    column = np.clip(pixels[:, 0].astype(int), 0, picture.shape[1] - 1)
    row = np.clip(pixels[:, 1].astype(int), 0, picture.shape[0] - 1)
    color = picture[row, column, :3].astype(np.float64) / 255
    gray = color.mean(1)
    low = row > np.quantile(row, 0.8)
    spread = float(gray.std())
    most, least = color.max(1), color.min(1)
    saturation = (most - least) / np.maximum(most, 0.05)
    green = (color[:, 1] > 1.1 * color[:, 0]) & (color[:, 1] > 1.1 * color[:, 2])
    below = (gray[low].mean() - gray[~low].mean()) / max(spread, 0.02) if low.any() and (~low).any() else 0.0
    return float(below), float(saturation.mean()), spread, float(green.mean())
