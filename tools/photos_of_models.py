# SPDX-License-Identifier: GPL-3.0-or-later
"""Photos of known models by cameras of all kinds, drawn with numpy: what drafts are measured on."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from sam3d.engine.arrays import Floats, Mask, Pixels
from sam3d.engine.color import linear_to_srgb, srgb_to_linear
from sam3d.engine.gltf.painted import PaintedPart
from sam3d.engine.matching.camera import EYE, PhotoCamera, focal_of_lens
from sam3d.engine.raster import planes, scan

SIZE = 640  # pixels
BEHIND = 128  # gray, as sRGB, of what is behind the model
MOST_YAW, MOST_PITCH = 65.0, 42.0  # degrees
SHORTEST, LONGEST = 24.0, 85.0  # millimeters
LIGHT = np.array((-0.45, -0.55, 0.7))  # where it comes from, x right, y away, z up
GLOSS = 0.03  # of the light, that any surface throws back
FINEST = 2  # samples along each edge of a pixel


@dataclass(frozen=True)
class PhotoOfModel:
    """A photo (H, W, 3) sRGB of a model that stands on the ground, its mask (H, W) and its camera.

    place: (4, 4), takes the model as its file has it (y up) to the photo's frame.
    """

    picture: Pixels
    mask: Mask
    camera: PhotoCamera
    place: Floats


def usual_place(yaw: float, pitch: float, lens: float, points: Floats) -> tuple[PhotoCamera, Floats]:
    """A camera that looks at the middle of a model, whose points (V, 3) are y up, and the model's place (4, 4).

    yaw and pitch in degrees: how far the camera stands to the right of the model's front, and above.
    """
    camera = PhotoCamera(SIZE, SIZE, focal_of_lens(lens, SIZE, SIZE), np.radians(pitch))
    low, high = points.min(0), points.max(0)
    middle = (low + high) / 2
    turn = np.radians(-yaw)
    c, s = np.cos(turn), np.sin(turn)
    around = np.array([[c, s, 0], [s, -c, 0], [0, 0, 1.0]])[:, [0, 2, 1]]  # the front, +z, towards the eye
    seen = (points - middle) @ around.T @ camera.axes.T
    # As near as lets all of it be seen, with some room around it.
    half = 0.42 * SIZE / camera.focal
    distance = float((np.abs(seen[:, :2]).max(1) / half - seen[:, 2]).max())
    place = np.eye(4)
    place[:3, :3] = around
    place[:3, 3] = EYE + distance * camera.axes[2] - around @ middle
    return camera, place


def photographed(parts: list[PaintedPart], yaw: float, pitch: float, lens: float) -> PhotoOfModel:
    """A photo of a model in a soft light by a camera that looks at its middle."""
    points = np.concatenate([part.points for part in parts])
    camera, place = usual_place(yaw, pitch, lens, points)
    edge = SIZE * FINEST
    finer = camera.resized(edge, edge)
    color = np.full((edge * edge, 3), BEHIND / 255, np.float32)
    near = np.zeros(edge * edge, np.float32)
    for part in parts:
        _draw(part, place, finer, color, near)
    shape = (SIZE, FINEST, SIZE, FINEST)
    picture = color.reshape(*shape, 3).mean((1, 3))
    mask = (near > 0).reshape(shape).mean((1, 3)) > 0.5
    return PhotoOfModel((picture * 255 + 0.5).astype(np.uint8), mask, camera, place)


def _draw(
    part: PaintedPart, place: Floats, camera: PhotoCamera, color: NDArray[np.float32], near: NDArray[np.float32]
) -> None:
    """Draw what is nearer than what is there; `near` holds inverse depths."""
    pixels, depth = camera.project(part.points @ place[:3, :3].T + place[:3, 3])
    corners = pixels[part.faces]
    inverse = 1 / depth[part.faces]
    shares = np.eye(3)[None] * inverse[..., None]
    plane = planes(corners, np.concatenate([shares, inverse[..., None]], 2))
    face, column, row = scan(corners, camera.width, camera.height)
    at = plane[face]
    value = at[:, 0] * (column + 0.5)[:, None] + at[:, 1] * (row + 0.5)[:, None] + at[:, 2]
    where = row * camera.width + column
    seen = np.flatnonzero(value[:, 3] > near[where])
    seen = seen[np.argsort(value[seen, 3], kind="stable")]
    last = np.full(len(near), -1)
    last[where[seen]] = seen  # the nearest of each pixel comes last
    last = last[last >= 0]
    share = (value[last, :3] / value[last, 3:]).astype(np.float32)
    chosen = part.faces[face[last]]
    normal = np.einsum("tcd,tc->td", part.normals[chosen], share) @ place[:3, :3].T
    normal /= np.maximum(np.linalg.norm(normal, axis=1, keepdims=True), 1e-9)
    light = (0.55 + 0.45 * normal @ (LIGHT / np.linalg.norm(LIGHT)))[:, None]
    near[where[last]] = value[last, 3]
    own = srgb_to_linear(part.color_at(chosen, share)[:, :3].astype(np.float64))
    color[where[last]] = linear_to_srgb(((own + GLOSS) * light).astype(np.float32))


def views(count: int, seed: int) -> Iterator[tuple[float, float, float]]:
    """So many yaws, pitches (degrees) and lenses (millimeters) of cameras of all kinds, always the same for a seed."""
    rng = np.random.default_rng(seed)
    for _ in range(count):
        lens = SHORTEST * (LONGEST / SHORTEST) ** rng.random()
        yield float(rng.uniform(-MOST_YAW, MOST_YAW)), float(rng.uniform(0, MOST_PITCH)), float(lens)
