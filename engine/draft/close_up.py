# SPDX-License-Identifier: GPL-3.0-or-later
"""The subject as a level camera sees it that stands where the photo's does and looks at the middle of the subject.

This takes out of the picture what perspective does to a subject beside the middle of its photo, and what comes of a
camera that was not held level. All that is worked out from it need not know of either.
"""

from __future__ import annotations

from dataclasses import dataclass
from math import asin

import numpy as np
from PIL import Image

from ..arrays import Floats, Mask, Pixels, Single
from ..matching.camera import PhotoCamera
from .camera import View
from .errors import DraftError
from .input_photo import WORKING_SIZE, Photo

MARGIN = 4  # pixels of background around the subject
AIMINGS = 3  # times that the camera is turned to the middle of what it sees


@dataclass(frozen=True)
class CloseUp:
    """A picture (h, w, 3) sRGB, how far the subject covers each pixel (h, w) of it, 0..1, and its camera.

    turn: (3, 3), takes the right, up and forward parts of a direction in this camera to those in the photo's camera.
    """

    picture: Pixels
    coverage: Single
    camera: PhotoCamera
    turn: Floats

    @property
    def mask(self) -> Mask:
        """Where the subject covers at least half of a pixel (h, w)."""
        return self.coverage > 0.5


def close_up(photo: Photo, mask: Mask, view: View) -> CloseUp:
    """The subject in all the pixels that the photo has of it, up to the working size.

    mask (h, w) and view are those of the photo in working size; the view's axes are in a frame whose third axis is up.
    Raises DraftError for a subject of no more than about a pixel.
    """
    rays = view.rays(_outline(mask))
    axes = view.axes
    for _ in range(AIMINGS):
        seen = rays @ axes.T
        across = seen[:, :2] / seen[:, 2:]
        axes = _level(np.append((across.min(0) + across.max(0)) / 2, 1.0) @ axes, axes[0])
    seen = rays @ axes.T
    reach = np.abs(seen[:, :2] / seen[:, 2:]).max(0)
    finest = view.focal * photo.full.shape[1] / mask.shape[1]
    focal = min(finest, (WORKING_SIZE / 2 - MARGIN) / float(reach.max()))
    width, height = (2 * (int(np.ceil(focal * half)) + MARGIN) for half in reach)
    there = view.matrix() @ axes.T @ _rays_of(width, height, focal)
    camera = PhotoCamera(width, height, focal, asin(float(np.clip(-axes[2, 2], -1, 1))))
    flat = Image.fromarray(mask.astype(np.uint8) * 255)
    warped = flat.transform((width, height), Image.Transform.PERSPECTIVE, _data(there), Image.Resampling.BILINEAR)
    coverage = np.asarray(warped, np.float32) / np.float32(255)
    if coverage.max() <= 0.5:
        raise DraftError("The subject is too small in the photo: crop the photo around it.")
    picture = _picture(photo, mask, there, (width, height), focal / finest)
    return CloseUp(picture, coverage, camera, view.axes @ axes.T)


def _picture(photo: Photo, mask: Mask, there: Floats, size: tuple[int, int], scale: float) -> Pixels:
    """The photo seen by another camera: `there` (3, 3) takes its pixels to those of the mask."""
    zoom = np.array(photo.full.shape[1::-1]) / mask.shape[1::-1]
    corners = np.array([(x, y, 1) for x in (0, size[0]) for y in (0, size[1])]) @ there.T
    corners = corners[:, :2] / corners[:, 2:] * zoom
    low = np.clip(np.floor(corners.min(0)) - 1, 0, None)
    high = np.clip(np.ceil(corners.max(0)) + 1, low + 1, photo.full.shape[1::-1])
    goal = np.maximum(np.round((high - low) * scale), 1).astype(int)
    part = Image.fromarray(photo.full).resize(tuple(goal), Image.Resampling.BILINEAR, (*low, *high))
    x, y = zoom * goal / (high - low)
    left, top = low * goal / (high - low)
    into_part = np.array([[x, 0, -left], [0, y, -top], [0, 0, 1]])
    coefficients = _data(into_part @ there)
    return np.asarray(part.transform(size, Image.Transform.PERSPECTIVE, coefficients, Image.Resampling.BICUBIC))


def _level(forward: Floats, right: Floats) -> Floats:
    """The axes, as rows, of a level camera that looks that way (3,); straight down, `right` (3,) remains its right."""
    forward = forward / np.linalg.norm(forward)
    level = np.cross(forward, (0.0, 0.0, 1.0))
    level = level if np.linalg.norm(level) > 1e-6 else right
    level = level / np.linalg.norm(level)
    return np.stack([level, np.cross(level, forward), forward])


def _outline(mask: Mask) -> Floats:
    """The corners (N, 2) of the first and last pixels of a mask in each of its rows and columns."""
    rows, columns = np.flatnonzero(mask.any(1)), np.flatnonzero(mask.any(0))
    left, top = mask[rows].argmax(1), mask[:, columns].argmax(0)
    right, bottom = mask.shape[1] - mask[rows, ::-1].argmax(1), mask.shape[0] - mask[::-1, columns].argmax(0)
    ends = [(left, rows), (left, rows + 1), (right, rows), (right, rows + 1)]
    ends += [(columns, top), (columns + 1, top), (columns, bottom), (columns + 1, bottom)]
    return np.concatenate([np.stack(end, 1) for end in ends]).astype(np.float64)


def _rays_of(width: int, height: int, focal: float) -> Floats:
    """The matrix (3, 3) from homogeneous pixels to directions right, up and forward."""
    return np.array([[1, 0, -width / 2], [0, -1, height / 2], [0, 0, focal]]) / focal


def _data(homography: Floats) -> list[float]:
    """A homography as Pillow takes it."""
    return [float(value) for value in (homography / homography[2, 2]).ravel()[:8]]
