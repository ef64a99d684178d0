# SPDX-License-Identifier: GPL-3.0-or-later
"""Completes what the photo's border cuts off, where the half that is seen tells the other one.

An upright turned body, and what is seen from its front, is its own mirror image in the plane through the eye and its
middle. That plane is looked for beyond the middle of what is seen: the mask must agree with its mirror image as far as
both are within the photo. Where what is seen is as symmetric as it is, nothing tells that more of it is missing.
"""

from __future__ import annotations

import numpy as np

from ..arrays import Floats, Mask
from ..matching.camera import PhotoCamera
from .camera import View, look
from .silhouette import Silhouette, from_mask

CUT = 0.15  # of the mask's height, that lies along the border of a photo that cuts something off
ALIKE = 0.008  # of the mask's height, by which its outline and the mirror image of that are apart at most
CLEARER = 2.2  # times as far apart as that they must be where nothing is missing
AS_GOOD = 1.25  # times as far: of planes that agree as well the one counts that more of the outline tells
EVIDENCE = 0.2  # of the outline, whose mirror image lies within the photo
WRONG = 0.1  # of the mask's height: what is further apart is so for other reasons
TRIES = 40  # planes
SEAM = 1.5  # working pixels, over which both halves are both
RIM = 3.0  # working pixels from the border, within which an outline is the border's


def cut_sides(mask: Mask, view: View) -> list[Floats]:
    """The sides of a photo that cut off a subject with that mask (H, W): of the left and of the right one that do, the
    normals (3,), to the right, up and forward, of the plane through the eye; within the photo is above it."""
    least = CUT * np.count_nonzero(mask.any(1))
    sides = [(mask[:, 0], (1.0, 0.0, view.center[0])), (mask[:, -1], (-1.0, 0.0, mask.shape[1] - view.center[0]))]
    normals = [np.array(normal) / (1.0, 1.0, view.focal) for along, normal in sides if along.sum() > least]
    return [normal / np.linalg.norm(normal) for normal in normals]


def completed(silhouette: Silhouette, camera: PhotoCamera, side: Floats) -> Silhouette:
    """A silhouette with the half that is missing, or as it is.

    camera: a level one that has what is seen in its middle. side: the normal (3,), to the camera's right, up and
    forward, of the plane through the eye beyond which the photo shows nothing.
    """
    view = look(camera, 0)
    border = view.axes.T @ side
    plane = _middle(silhouette, view, border)
    return silhouette if plane is None else _with_mirror_image(silhouette, view, border, plane)


def _middle(silhouette: Silhouette, view: View, border: Floats) -> Floats | None:
    """The normal (3,) of the plane through the eye that the missing half is the mirror image in, if it is clear."""
    rows, columns = np.nonzero(np.abs(silhouette.distance) < 0.8)
    rays = view.rays(silhouette.to_photo(np.stack([columns, rows], 1) + 0.5))
    across, middle = view.axes[0], np.cross((0.0, 1.0, 0.0), view.axes[0])
    angle = np.arctan2(rays @ across, rays @ middle)
    low, high = (angle.min(), angle.max()) if border @ across < 0 else (angle.max(), angle.min())
    tried = np.linspace((low + high) / 2, high, TRIES)
    normals = np.cos(tried)[:, None] * across - np.sin(tried)[:, None] * middle
    free = rays[rays @ border * view.focal > RIM / silhouette.scale]
    apart = np.array([_apart(silhouette, view, free, border, normal) for normal in normals])
    best = float(apart.min())
    if best > min(ALIKE, apart[0] / CLEARER):
        return None
    return np.asarray(normals[int(np.argmax(apart <= AS_GOOD * best))])


def _apart(silhouette: Silhouette, view: View, rays: Floats, border: Floats, normal: Floats) -> float:
    """How far the outline of a mask, seen along rays (N, 3), and its mirror image are apart on the average where both
    are in the photo, in the mask's height; much where they are so in few places."""
    image = rays - 2 * np.outer(rays @ normal, normal)
    within = image @ border * view.focal > RIM / silhouette.scale
    if within.sum() < EVIDENCE * len(rays):
        return np.inf
    away = np.abs(silhouette.sample(view.project(image[within])[0])) * silhouette.scale
    return float(np.minimum(away / np.count_nonzero(silhouette.inside.any(1)), WRONG).mean())


def _with_mirror_image(silhouette: Silhouette, view: View, border: Floats, normal: Floats) -> Silhouette:
    """A silhouette and beyond the border its mirror image."""
    rays = view.rays(silhouette.pixels())
    image = silhouette.to_work(view.project(rays - 2 * np.outer(rays @ normal, normal))[0])
    corner = np.floor(np.minimum(image.min(0), 0)).astype(int) - 2
    width, height = np.ceil(np.maximum(image.max(0), silhouette.inside.shape[::-1])).astype(int) + 2 - corner
    rows, columns = np.indices((height, width)) + 0.5
    pixels = silhouette.to_photo(np.stack([columns.ravel(), rows.ravel()], 1) + corner)
    rays = view.rays(pixels)
    mirrored = silhouette.sample(view.project(rays - 2 * np.outer(rays @ normal, normal))[0])
    beyond = rays @ border * view.focal < SEAM / silhouette.scale
    distance = np.maximum(silhouette.sample(pixels), np.where(beyond, mirrored, -1)) * silhouette.scale
    whole = from_mask(np.clip(distance + 0.5, 0, 1).reshape(height, width))
    return Silhouette(
        whole.inside, whole.distance, silhouette.scale * whole.scale, silhouette.to_photo(whole.corner + corner)
    )
