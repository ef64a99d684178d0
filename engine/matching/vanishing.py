# SPDX-License-Identifier: GPL-3.0-or-later
"""The camera of a photo from its straight lines, what its file tells of the lens, and what is usual."""

from __future__ import annotations

from collections.abc import Callable, Sequence

import numpy as np
from PIL import Image

from ..arrays import Floats, Ints, Mask, Pixels
from .camera import PhotoCamera
from .camera_search import Peak, found_from, starts, support
from .edgelets import find_segments
from .evidence import CameraGuess, Source
from .ground import feet, ground_edge
from .line_evidence import Lines
from .usual import Usual

SIZE = 960  # pixels of the longer edge that lines are sought in
LEAST_SIZE = 16  # of the shorter one
MOST_LINES = 240
PANORAMA = 2.2
"""Photos of such shapes are put together of several, and straight edges are bent in them."""
OF_THINGS = 0.4  # of a line that lies in a thing's mask, from where it belongs to the thing
MOST_GUESSES = 4
UNLIKELY = 8.0  # logarithm of how much less likely than the best a camera may be
KNOWN = 0.6  # of the usual spread, below which something counts as told by lines


def find_camera(
    picture: Pixels,
    exif_focal: float | None = None,
    exif_is_certain: bool = True,
    masks: Sequence[Mask] = (),
    report: Callable[[float], None] | None = None,
) -> list[CameraGuess]:
    """The cameras that may have taken a photo, the likeliest first, at least one.

    picture: (h, w, 3). exif_focal: what the file tells of the focal length, in lengths of the photo's longer edge, and
    whether it is certain. masks: (h, w) of things that stand upright on the ground. report: is told the share that is
    done, 0..1.
    """
    height, width = picture.shape[:2]
    small = _reduced(picture)
    size = (small.shape[1], small.shape[0])
    segments = np.zeros((0, 4))
    if min(size) >= LEAST_SIZE and max(size) <= PANORAMA * min(size):
        segments = find_segments(small)[:MOST_LINES]
    group = _groups(segments, size, masks)
    standing = feet(masks) * (size[0] / width)
    edge = ground_edge(small, segments[group == 0], standing) if len(standing) else np.zeros((0, 2))
    lines = Lines.of(segments, size, group, 1 + len(masks))
    usual = Usual.of(exif_focal, exif_is_certain, _from_middle(standing, size), _from_middle(edge, size))
    peaks: list[Peak] = []
    candidates = starts(lines, usual)
    for number, start in enumerate(candidates, 1):
        peaks.append(found_from(lines, usual, start))
        if report:
            report(number / (len(candidates) + 1))
    peaks = _different(peaks)
    trusted = lines.trusted(support(lines, peaks[0]))
    if trusted is not lines:
        peaks = _different([found_from(trusted, usual, np.concatenate([peak.mean, peak.turns])) for peak in peaks])
    if report:
        report(1.0)
    likely = [peak for peak in peaks if peak.score > peaks[0].score - UNLIKELY]
    return [_guess(peak, usual, width, height, exif_focal is not None) for peak in likely]


def _different(peaks: list[Peak]) -> list[Peak]:
    """Those that are not the same camera as a likelier one, the likeliest first."""
    found: list[Peak] = []
    for peak in sorted(peaks, key=lambda peak: -peak.score):
        if all(peak.is_apart_from(other) for other in found):
            found.append(peak)
    return found[:MOST_GUESSES]


def _reduced(picture: Pixels) -> Pixels:
    height, width = picture.shape[:2]
    scale = SIZE / max(height, width)
    if scale >= 1:
        return picture
    size = (max(1, round(width * scale)), max(1, round(height * scale)))
    return np.asarray(Image.fromarray(picture).resize(size, Image.Resampling.BOX))


def _groups(segments: Floats, size: tuple[int, int], masks: Sequence[Mask]) -> Ints:
    """The numbers (N,) of the masks that segments (N, 4) of a picture of that size belong to, from 1; 0 for none."""
    group = np.zeros(len(segments), np.int64)
    share = np.linspace(0.05, 0.95, 10)[:, None, None]
    points = (segments[:, :2] * (1 - share) + segments[:, 2:] * share) / size
    for number, mask in enumerate(masks, 1):
        place = np.clip((points * mask.shape[::-1]).astype(np.int64), 0, np.array(mask.shape[::-1]) - 1)
        group[mask[place[..., 1], place[..., 0]].mean(0) > OF_THINGS] = number
    return group


def _from_middle(points: Floats, size: tuple[int, int]) -> Floats:
    """Points (N, 2) in pixels in longer edges from the picture's middle, x right and y up."""
    return (points - np.array(size) / 2) / max(size) * [1, -1]


def _guess(peak: Peak, usual: Usual, width: int, height: int, has_exif: bool) -> CameraGuess:
    focal, pitch, roll = float(np.exp(peak.mean[0])), float(peak.mean[1]), float(peak.mean[2])
    known = np.sqrt(np.diag(peak.spread)) < KNOWN * usual.spread
    lens = Source.EXIF if has_exif else Source.LINES if known[0] else Source.USUAL
    horizon = Source.LINES if known[1] else Source.USUAL
    return CameraGuess(
        PhotoCamera(width, height, focal * max(width, height), pitch, roll), peak.spread, peak.score, lens, horizon
    )
