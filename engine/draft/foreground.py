# SPDX-License-Identifier: GPL-3.0-or-later
"""Finds the subject of a photo: by its mask, its alpha, its plain background, or as what stands out."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace

import numpy as np
from PIL import Image

from ..arrays import Ints, Mask, Pixels, Single
from ..clusters import cluster_means, nearest
from ..graph import components
from ..raster import box_mean
from ..selection import SelectionError, Selector
from .bars import inside_bars
from .errors import DraftError

Report = Callable[[float], None]

PLAIN_SIZE = 256  # longest edge at which a plain background is told
CENTER_SIZE = 144  # longest edge at which the middle of a photo is told from its surroundings
COLORS = 40  # clusters of color in a busy photo
NO_IDEA = 0.05  # the confidence of a guess where nothing stands out
DEEPEST_SHADE = 0.55  # of the light, in a contact shadow that is told from the subject
SHADE_COST = 0.6  # how much being darker than the surroundings still counts as being unlike them there
NOTHING = "Nothing stands out in the photo: choose another one, or paint a mask."
UNSURE = 0.75  # confidence below which the artist is told


@dataclass(frozen=True)
class Foreground:
    """The pixels of the subject.

    mask: (H, W) bool.
    source: 'mask', 'alpha', 'background' or 'center'.
    confidence: 0..1, how surely the mask is that of the subject.
    notes: sentences for the artist.
    """

    mask: Mask
    source: str
    confidence: float
    notes: tuple[str, ...] = ()


def find_foreground(
    photo: Pixels,
    alpha: Pixels | None = None,
    mask: Mask | None = None,
    report: Report = lambda fraction: None,
) -> Foreground:
    """The subject of a photo (H, W, 3) sRGB, with its alpha (H, W) and a mask (H, W) where there are.

    report(fraction) is called between steps and may raise. Raises DraftError where nothing can be the
    subject.
    """
    if mask is not None:
        return _given(mask, "mask")
    if alpha is not None and 0.0005 < (alpha > 127).mean() < 0.99:
        return _given(alpha > 127, "alpha")
    part = inside_bars(photo)
    found = _before_plain(photo[part]) or _before_busy(photo[part], report)
    if not found.mask.any():
        raise DraftError(NOTHING)
    if found.confidence < UNSURE:
        note = (
            "Only a guess: the subject could not be told surely from its background. Paint a mask for a better result."
        )
        found = replace(found, notes=(*found.notes, note))
    mask = np.zeros(photo.shape[:2], bool)
    mask[part] = found.mask
    return replace(found, mask=mask)


def _given(mask: Mask, source: str) -> Foreground:
    if not mask.any():
        raise DraftError("The mask is empty: paint the subject white, or remove the mask.")
    if mask.mean() > 0.995:
        note = "The mask covers the whole photo: the draft is a picture panel. Paint only the subject white."
        return Foreground(mask, source, 0.5, (note,))
    return Foreground(mask, source, 1.0)


# --- A plain background -------------------------------------------------------------------------------------


def _before_plain(photo: Pixels) -> Foreground | None:
    """The subject before a background of one color or a soft gradient; None where the background is not
    plain. Raises DraftError for what is too fine to be a subject.
    """
    small = _shrink(photo, PLAIN_SIZE)
    height, width = small.shape[:2]
    ring = np.ones((height, width), bool)
    edge = max(2, round(0.03 * min(height, width)))
    ring[edge:-edge, edge:-edge] = False
    backdrop, spread = _smooth_fit(small, ring)
    error = np.linalg.norm(small - backdrop, axis=2)
    limit = max(4 * spread, 7.0)
    plain = float((error[ring] < limit).mean())
    if plain < 0.75 or spread > 14:
        return None

    # Once more with all of the background, which fixes the gradient behind the subject far better than
    # its rim.
    outside = _flood(error < limit, ring)
    backdrop, spread = _smooth_fit(small, outside)
    limit = max(4 * spread, 7.0)
    error = np.linalg.norm(small - backdrop, axis=2)
    like = error < limit
    outside = _flood(like, ring)
    shadow = _soft_shadow(small, backdrop, limit, spread)
    # The narrow passages are left out: through a faint piece of outline the flood would run into the subject.
    shaded = _flood(outside | _shrink_mask(like | shadow), ring)
    shaded |= _grow(shaded) & shadow
    outside |= _fading(shaded & ~outside, outside)
    outside |= _windows((like | shadow) & ~outside, like, error, float(error[outside].mean()))
    inside = _main_parts(~outside)
    share = float(inside.mean())
    if not 0.001 < share < 0.97:
        return None

    rim = _grow(inside) & ~inside
    core = error[_shrink_mask(inside)]
    contrast = float(np.clip(np.median(core) / (4 * limit), 0, 1)) if share > 0.004 and core.size else 0.5
    touching = float(inside[ring].mean())
    sharp = float(np.mean(error[rim] < 2 * limit))
    confidence = plain * (0.6 + 0.4 * contrast) * (1 - 0.7 * touching) * (0.8 + 0.2 * sharp)
    mask = _refine(photo, small, inside, _grow(_grow(_grow(shadow & outside))))
    if not mask.any():  # a line, say
        raise DraftError(NOTHING)
    return Foreground(mask, "background", round(min(confidence, 0.98), 3))


def _smooth_fit(picture: Single, where: Mask) -> tuple[Single, float]:
    """A robust quadratic fit (H, W, 3) to the colors of a part of the picture, and the spread about it."""
    height, width = picture.shape[:2]
    y, x = np.meshgrid(np.linspace(-1, 1, height), np.linspace(-1, 1, width), indexing="ij")
    terms = np.stack([np.ones_like(x), x, y, x * x, x * y, y * y], 2).astype(np.float32)
    a, b = terms[where], picture[where]
    weight = np.linalg.norm(b - np.median(b, 0), axis=1) < 60
    weight = weight.astype(np.float32)
    spread = 1.0
    fit = np.zeros((6, 3), np.float32)
    for _ in range(6):
        normal = (a * weight[:, None]).T @ a + 1e-3 * np.eye(6, dtype=np.float32)
        fit = np.linalg.solve(normal, (a * weight[:, None]).T @ b).astype(np.float32)
        error = np.linalg.norm(b - a @ fit, axis=1)
        spread = max(float(np.median(error)), 0.7)
        weight = (1 / (1 + (error / (2 * spread)) ** 2)) ** 2  # Geman-McClure: what is far off does not count
    return terms @ fit, spread


def _soft_shadow(picture: Single, backdrop: Single, limit: float, spread: float) -> Mask:
    """Where the background is only darker, without an edge."""
    ratio = (picture * backdrop).sum(2) / np.maximum((backdrop * backdrop).sum(2), 1)
    off_hue = np.linalg.norm(picture - ratio[..., None] * backdrop, axis=2)
    # What stands in a shadow throws some of its own hue into it.
    tinted = limit + 0.25 * np.clip(1 - ratio, 0, 1) * np.linalg.norm(backdrop, axis=2)
    light = picture.mean(2)
    bend = np.abs(light - box_mean(np.pad(light, 2, mode="edge"), 2)[2:-2, 2:-2])
    return np.asarray((ratio > 0.3) & (ratio < 1.05) & (off_hue < tinted) & (bend < max(2.5, 1.5 * spread)))


def _fading(shaded: Mask, outside: Mask) -> Mask:
    """The parts of a shadow that pass into the open background; one that an edge parts from it is the subject's."""
    labels, number = components(shaded)
    fading = np.zeros(shaded.shape, bool)
    for label in np.flatnonzero(number > 0.0003 * shaded.size):
        part = labels == label
        around = _grow(_grow(part)) & ~part
        if label and (around & outside).sum() > 0.25 * around.sum():
            fading |= part
    return fading


def _windows(enclosed: Mask, like: Mask, error: Single, usual: float) -> Mask:
    """The parts of the background that are seen through the subject: nearly as like it as usual."""
    labels, number = components(enclosed & (like | _grow(_shrink_mask(enclosed))))
    alike = np.bincount(labels.ravel(), like.ravel(), len(number))
    mean = np.bincount(labels.ravel(), (error * like).ravel(), len(number)) / np.maximum(alike, 1)
    window = (mean < 1.75 * usual) & (alike > 0.3 * number) & (number > 0.0004 * enclosed.size)
    window[0] = False
    return np.asarray(window[labels])


# --- A busy photo -------------------------------------------------------------------------------------------


def _before_busy(photo: Pixels, report: Report) -> Foreground:
    """What stands out in a photo whose background is not plain."""
    small = _shrink(photo, CENTER_SIZE)
    if np.ptp(small, axis=(0, 1)).max() < 6:
        raise DraftError(NOTHING)
    report(0.1)
    middle = _in_the_middle(small)
    report(0.5)
    try:
        found = Selector(photo).standing_out(middle)
    except SelectionError:
        return Foreground(_refine(photo, small, middle), "center", NO_IDEA)
    # Squared, for on photographs a third of what is expected to overlap by 0.8 is bad.
    return Foreground(found.mask, "center", round(found.confidence**2, 3))


def central_guess(photo: Pixels) -> Mask:
    """An estimate (h, w) of the central subject of a photo (H, W, 3), smaller than the photo."""
    return _in_the_middle(_shrink(photo, CENTER_SIZE))


def _in_the_middle(small: Single) -> Mask:
    """An estimate of the central subject by its colors.

    Colors are learned in turn for subject and background, as in GrabCut (Rother et al. 2004), from histograms
    over clusters of color; between the turns their votes are spread along the picture, not over its edges,
    as in random walks with priors (Grady 2005).
    """
    height, width = small.shape[:2]
    y, x = np.meshgrid(np.linspace(-1, 1, height), np.linspace(-1, 1, width), indexing="ij")
    far = (x * x + y * y).astype(np.float32)
    frame = np.maximum(np.abs(x), np.abs(y)) > 0.93
    inside = _turns(_clusters(small), np.exp(-4 * far), frame, _Spread(small))
    return inside if 0.002 < inside.mean() < 0.95 else far < 0.5


def _turns(cluster: Ints, middle: Single, frame: Mask, spread: _Spread) -> Mask:
    """The subject (H, W), learned from a first guess `middle`."""
    chance = 0.8 * middle
    for _ in range(6):
        votes = _vote(cluster, chance, frame)
        prior = 0.75 * votes + 0.25 * votes * middle
        prior[frame] *= 0.2
        chance = spread(prior)
    return _fill(_central_part(chance > 0.5, middle))


def _clusters(picture: Single) -> Ints:
    """The cluster of color (H, W) of each pixel, by k-means from evenly spread starts."""
    points = picture.reshape(-1, 3)
    order = np.argsort(points @ np.array([0.5, 1.0, 0.25], np.float32))
    centers = points[order[np.linspace(0, len(order) - 1, COLORS).astype(int)]]
    label = np.zeros(len(points), np.int64)
    for _ in range(8):
        label = nearest(points, centers)
        centers = cluster_means(points, label, len(centers))[0].astype(np.float32)
    return label.reshape(picture.shape[:2])


def _vote(cluster: Ints, chance: Single, frame: Mask) -> Single:
    """The chance that a pixel of this color is the subject's, from the present chances of all pixels."""
    own = np.bincount(cluster.ravel(), chance.ravel(), COLORS)
    other = np.bincount(cluster.ravel(), 1 - chance.ravel(), COLORS)
    rim = np.bincount(cluster[frame], minlength=COLORS)
    own = 0.4 * own / own.sum()
    other = 0.6 * (0.6 * other / other.sum() + 0.4 * rim / rim.sum())
    return np.asarray(((own + 1e-4) / (own + other + 2e-4))[cluster], np.float32)


class _Spread:
    """Evens out chances along a picture: each pixel pulls at its neighbors the more, the more alike they
    look.
    """

    def __init__(self, picture: Single) -> None:
        across = np.square(np.diff(picture, axis=1)).sum(2)
        down = np.square(np.diff(picture, axis=0)).sum(2)
        beta = 1 / max(2 * float(np.concatenate([across.ravel(), down.ravel()]).mean()), 1e-3)
        self.across, self.down = np.exp(-beta * across), np.exp(-beta * down)
        self.total = np.full(picture.shape[:2], 0.06, np.float32)
        self.total[:, 1:] += self.across
        self.total[:, :-1] += self.across
        self.total[1:] += self.down
        self.total[:-1] += self.down

    def __call__(self, prior: Single) -> Single:
        chance = prior.copy()
        for _ in range(40):
            pull = 0.06 * prior
            pull[:, 1:] += self.across * chance[:, :-1]
            pull[:, :-1] += self.across * chance[:, 1:]
            pull[1:] += self.down * chance[:-1]
            pull[:-1] += self.down * chance[1:]
            chance = pull / self.total
        return np.asarray(chance, np.float32)


def _central_part(mask: Mask, middle: Single) -> Mask:
    """The connected part with the most of the picture's middle."""
    labels, number = components(mask)
    weight = np.bincount(labels.ravel(), middle.ravel() ** 2, len(number))
    weight[0] = -1
    return np.asarray(labels == weight.argmax())


# --- Masks --------------------------------------------------------------------------------------------------


def _shrink(photo: Pixels, size: int) -> Single:
    """The photo with its longest edge reduced to `size`, as floats 0..255."""
    height, width = photo.shape[:2]
    scale = min(1.0, size / max(height, width))
    goal = max(1, round(width * scale)), max(1, round(height * scale))
    return np.asarray(Image.fromarray(photo).resize(goal, Image.Resampling.BOX), np.float32)


def _refine(photo: Pixels, small: Single, inside: Mask, shaded: Mask | None = None) -> Mask:
    """A small mask at the photo's size: along its rim, each pixel goes with the side that it looks like.

    shaded: where the surroundings lie in a contact shadow; a shade of them counts as their color there, and more of
    the rim is looked at.
    """
    height, width = photo.shape[:2]
    sure_inside = _shrink_mask(_shrink_mask(inside))
    sure_outside = _shrink_mask(_shrink_mask(~inside))
    picture = Image.fromarray((inside * 255).astype(np.uint8)).resize((width, height), Image.Resampling.BILINEAR)
    soft = np.asarray(picture, np.float32) / 255
    result = soft > 0.5
    scale = height / small.shape[0]
    rim = 1.0 if shaded is None else 2.0  # pixels of the small mask
    near = box_mean(result.astype(np.float32), max(1, round(rim * scale)))
    band = np.flatnonzero((near > 0.002) & (near < 0.998))
    color = photo.reshape(-1, 3)[band].astype(np.float32)
    rows = (band // width) * small.shape[0] // height
    columns = (band % width) * small.shape[1] // width
    own, other = (_local_mean(small, side)[rows, columns] for side in (sure_inside, sure_outside))
    shade = (color * other).sum(1) / np.maximum((other * other).sum(1), 1)
    deepest = 1.0 if shaded is None else np.where(shaded[rows, columns], DEEPEST_SHADE, 1.0)
    lit = np.clip(shade, deepest, 1.0)[:, None]
    unlike = np.hypot(
        np.linalg.norm(color - other * lit, axis=1), SHADE_COST * np.linalg.norm(other * (1 - lit), axis=1)
    )
    nearer = unlike - np.linalg.norm(color - own, axis=1)
    # Where the sides look alike the outline stays where it was.
    contrast = np.maximum(np.linalg.norm(own - other, axis=1), 12)
    result.ravel()[band] = nearer / contrast + 1.2 * (near.ravel()[band] - 0.5) > 0
    smooth = box_mean(result.astype(np.float32), max(1, round(scale / 2))) > 0.5
    return _main_parts(np.asarray(smooth))


def _local_mean(picture: Single, where: Mask) -> Single:
    """The mean color (H, W, 3) of a part of the picture around each pixel."""
    weight = where.astype(np.float32)
    total = np.full((*where.shape, 3), 128, np.float32)
    for radius in (12, 4):
        near = box_mean(weight, radius)
        mean = np.stack([box_mean(picture[..., k] * weight, radius) for k in range(3)], 2)
        total = np.where(near[..., None] > 0.02, mean / np.maximum(near, 1e-6)[..., None], total)
    return total.astype(np.float32)


def _flood(passable: Mask, start: Mask) -> Mask:
    """The part of `passable` that hangs together with `start`."""
    labels, number = components(passable)
    reached = np.zeros(len(number), bool)
    reached[labels[start]] = True
    reached[0] = False
    return np.asarray(reached[labels])


def _main_parts(mask: Mask) -> Mask:
    """The mask without specks: parts below a fiftieth of the largest."""
    labels, number = components(mask)
    number[0] = 0
    keep = number > 0.02 * number.max()
    return np.asarray(keep[labels])


def _fill(mask: Mask) -> Mask:
    """The mask with its small holes closed."""
    labels, number = components(~mask)
    small = number < 0.01 * mask.size
    small[0] = False
    return mask | small[labels]


def _grow(mask: Mask) -> Mask:
    return np.asarray(box_mean(mask.astype(np.float32), 1) > 0.001)


def _shrink_mask(mask: Mask) -> Mask:
    return np.asarray(box_mean(np.pad(mask, 1, mode="edge").astype(np.float32), 1)[1:-1, 1:-1] > 0.999)
