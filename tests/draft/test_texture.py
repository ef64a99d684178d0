# SPDX-License-Identifier: GPL-3.0-or-later
"""The unwrapping, and the painting of what the photo shows and of what it does not."""

from __future__ import annotations

import numpy as np
import pytest
from numpy.typing import NDArray
from solids import SIZE, box, silhouette, sphere

from sam3d.engine.draft.atlas import Atlas, unwrap
from sam3d.engine.draft.lathe import Lathe, section
from sam3d.engine.draft.posed_shape import Shape
from sam3d.engine.draft.texture import bake, resolution
from sam3d.engine.draft.texture_symmetry import Revolved
from sam3d.engine.gltf.writer import vertex_normals
from sam3d.engine.raster import planes, pull_push, scan

ATLAS = 512


def painted(shape: Shape, photo: NDArray[np.uint8]) -> tuple[Atlas, NDArray[np.uint8]]:
    atlas = unwrap(shape.vertices, shape.faces, resolution(shape), [ATLAS])
    normals = vertex_normals(shape.vertices, shape.faces)
    return atlas, bake(shape, normals, atlas, photo, silhouette(shape))


def texels(shape: Shape, atlas: Atlas, texture: NDArray[np.uint8]) -> tuple[NDArray[np.float32], NDArray[np.uint8]]:
    """The places (N, 3) on the shape of all texels, and their colors (N, 3)."""
    face, column, row = scan(atlas.corners, atlas.size, atlas.size)
    plane = planes(atlas.corners, shape.vertices[shape.faces])[face]
    points = plane[:, 0] * (column[:, None] + 0.5) + plane[:, 1] * (row[:, None] + 0.5) + plane[:, 2]
    return points, texture[row, column]


def test_scan_gives_each_pixel_of_a_shared_edge_to_one_triangle() -> None:
    square = np.array([[[0, 0], [8, 0], [8, 8]], [[0, 0], [8, 8], [0, 8]]], float)
    _, column, row = scan(square, 8, 8)
    assert sorted(zip(column.tolist(), row.tolist(), strict=True)) == [(x, y) for x in range(8) for y in range(8)]


def test_pull_push_keeps_what_is_known_and_fills_the_rest_between() -> None:
    picture = np.zeros((33, 70, 2), np.float32)
    picture[:, 0] = (10, 1)
    picture[:, -1] = (50, 1)
    filled = pull_push(picture)[..., 0]
    assert np.allclose(filled[:, 0], 10)
    assert np.allclose(filled[:, -1], 50)
    assert filled.min() >= 10
    assert filled.max() <= 50
    assert (np.diff(filled.mean(0)) > -0.5).all()


@pytest.mark.parametrize("shape", [sphere(), box()], ids=["sphere", "box"])
def test_no_two_faces_share_a_texel_and_charts_keep_apart(shape: Shape) -> None:
    atlas = unwrap(shape.vertices, shape.faces, resolution(shape), [ATLAS])
    assert atlas.corners.min() >= 0
    assert atlas.corners.max() <= ATLAS
    face, column, row = scan(atlas.corners, ATLAS, ATLAS)
    assert len(np.unique(row * ATLAS + column)) == len(face)
    owner = np.full((ATLAS, ATLAS), -1)
    owner[row, column] = atlas.chart[face]
    for axis in (0, 1):
        a, b = np.moveaxis(owner, axis, 0)[:-1], np.moveaxis(owner, axis, 0)[1:]
        assert not ((a >= 0) & (b >= 0) & (a != b)).any()


def test_a_box_unwraps_to_its_six_sides() -> None:
    shape = box()
    assert unwrap(shape.vertices, shape.faces, resolution(shape), [ATLAS]).chart.max() == 5


def test_no_chart_parts_a_quad() -> None:
    line = section(np.linspace(0, 1, 50), 0.2 + 0.1 * np.sin(np.linspace(0, 9, 50)), rounding=0.03)
    vertices, faces = Lathe(np.zeros(3), np.array([0.0, 1, 0]), np.array([1.0, 0, 0]), line).mesh()
    chart = unwrap(vertices, faces, np.ones(len(faces)), [ATLAS], quads=True).chart.reshape(-1, 2)
    assert (chart[:, 0] == chart[:, 1]).all()
    assert len(np.unique(chart)) >= 6


def test_the_front_shows_the_photo_and_nothing_of_the_background() -> None:
    shape = sphere()
    mask = silhouette(shape)
    photo = np.zeros((SIZE, SIZE, 3), np.uint8)
    photo[..., 0] = np.arange(SIZE) // 2 + 60  # a gradient along x
    photo[~mask] = (0, 255, 0)
    atlas, texture = painted(shape, photo)
    points, colors = texels(shape, atlas, texture)
    assert colors[:, 1].max() <= 2  # no green anywhere, at the rim neither
    to_eye = shape.camera.position - points
    facing = ((points - [0, 0.5, 0]) * to_eye).sum(1) / np.linalg.norm(to_eye, axis=1) > 0.5 * 0.6
    pixels, _ = shape.camera.project(points[facing])
    wanted = np.clip(pixels[:, 0], 0, SIZE - 1) // 2 + 60
    assert np.abs(colors[facing, 0] - wanted).mean() < 2


def test_the_back_continues_the_colors_without_a_seam() -> None:
    shape = sphere()
    mask = silhouette(shape)
    photo = np.zeros((SIZE, SIZE, 3), np.uint8)
    photo[: SIZE // 2] = (220, 40, 40)
    photo[SIZE // 2 :] = (40, 40, 220)
    photo[~mask] = 255
    for plain in (Shape(shape.vertices, shape.faces, shape.camera, "round"), shape):
        atlas, texture = painted(plain, photo)
        points, colors = texels(plain, atlas, texture)
        back = (points - [0, 0.5, 0]) @ shape.camera.position < -0.5
        above, below = back & (points[:, 1] > 0.75), back & (points[:, 1] < 0.25)
        assert np.abs(colors[above].mean(0) - (220, 40, 40)).max() < 25
        assert np.abs(colors[below].mean(0) - (40, 40, 220)).max() < 25
        # Texels that are neighbors in space are neighbors in color, wherever the charts' borders are.
        cell = np.round(points * 24).astype(np.int64) @ (1, 100, 10_000)
        _, cell = np.unique(cell, return_inverse=True)
        number = np.bincount(cell)
        mean = np.bincount(cell, colors[:, 0]) / number
        spread = np.bincount(cell, np.abs(colors[:, 0] - mean[cell])) / number
        away = np.abs(np.bincount(cell, points[:, 1]) / number - 0.5) > 0.2
        assert spread[away].max() < 20


def test_a_mirrored_side_is_that_of_the_photo() -> None:
    shape = box()
    shape = Shape(shape.vertices, shape.faces, shape.camera, "box", (1, 0, 0, 0))
    pixels, _ = shape.camera.project(np.array([[0.5, 0.25, 0.0]]))
    photo = np.full((SIZE, SIZE, 3), (200, 200, 40), np.uint8)
    y, x = np.indices((SIZE, SIZE))
    photo[np.hypot(x - pixels[0, 0], y - pixels[0, 1]) < 8] = (20, 20, 20)  # a mark on the right side
    atlas, texture = painted(shape, photo)
    points, colors = texels(shape, atlas, texture)
    mark = np.linalg.norm(points - [-0.5, 0.25, 0], axis=1) < 0.03
    assert colors[mark].mean() < 60


def test_a_subject_thinner_than_its_rim_is_not_black() -> None:
    shape = sphere()
    photo = np.full((SIZE, SIZE, 3), (200, 60, 60), np.uint8)
    mask = np.zeros((SIZE, SIZE), bool)
    mask[:, SIZE // 2] = True
    atlas = unwrap(shape.vertices, shape.faces, resolution(shape), [ATLAS])
    texture = bake(shape, vertex_normals(shape.vertices, shape.faces), atlas, photo, mask)
    assert np.abs(texture.astype(int) - (200, 60, 60)).max() <= 2


@pytest.mark.parametrize("before", [12, 38])
def test_the_body_of_a_mug_does_not_show_its_handle_twice(before: int) -> None:
    cup, grip = sphere(), box(half=(0.1, 0.05, 0.05))
    vertices = np.concatenate([cup.vertices, grip.vertices + np.array([0.6, 0.45, 0], np.float32)])
    faces = np.concatenate([cup.faces, grip.faces + len(cup.vertices)])
    shape = Shape(vertices, faces, cup.camera, "revolution", None, cup.axis)
    mask = silhouette(shape)
    beside = mask & ~silhouette(cup)
    columns = np.flatnonzero(beside.any(0))
    photo = np.full((SIZE, SIZE, 3), (200, 60, 60), np.uint8)
    photo[:, columns[0] - before :] = (20, 20, 250)  # the handle, reaching before the body
    atlas = unwrap(vertices, faces, resolution(shape), [ATLAS])
    texture = bake(shape, vertex_normals(vertices, faces), atlas, photo, mask)
    points, colors = texels(shape, atlas, texture)
    body = np.linalg.norm(points - [0, 0.5, 0], axis=1) < 0.51
    level = body & (np.abs(points[:, 1] - 0.5) < 0.2)
    assert (colors[level, 2] > 150).mean() < 0.02
    assert (colors[points[:, 0] > 0.6, 2] > 150).mean() > 0.5


def test_work_can_be_cancelled() -> None:
    def stop(fraction: float) -> None:
        raise InterruptedError

    shape = sphere()
    atlas = unwrap(shape.vertices, shape.faces, resolution(shape), [ATLAS])
    normals = vertex_normals(shape.vertices, shape.faces)
    photo = np.zeros((SIZE, SIZE, 3), np.uint8)
    with pytest.raises(InterruptedError):
        bake(shape, normals, atlas, photo, silhouette(shape), report=stop)


def test_the_light_on_a_ball_is_evened_out_where_that_is_asked_for() -> None:
    shape = sphere()
    mask = silhouette(shape)
    eye, lens = shape.camera.position, shape.camera.projection
    y, x = np.indices((SIZE, SIZE)) + 0.5
    rays = np.stack([x, y, np.ones_like(x)], -1).reshape(-1, 3) @ np.linalg.inv(lens[:, :3]).T
    rays /= np.linalg.norm(rays, axis=1, keepdims=True)
    off = eye - [0, 0.5, 0]
    along = rays @ off
    hit = -along - np.sqrt(np.maximum(along**2 - off @ off + 0.25, 0))
    normals = ((off + hit[:, None] * rays) / 0.5).reshape(SIZE, SIZE, 3)
    light = np.clip(0.4 + 0.5 * normals @ np.array([0.9, 0.3, 0.3]), 0.05, 1)
    photo = (np.array([200, 120, 60]) * light[..., None] ** (1 / 2.2)).astype(np.uint8)
    atlas = unwrap(shape.vertices, shape.faces, resolution(shape), [ATLAS])
    spreads = []
    for even in (False, True):
        texture = bake(shape, vertex_normals(shape.vertices, shape.faces), atlas, photo, mask, even_light=even)
        points, colors = texels(shape, atlas, texture)
        seen = ((points - [0, 0.5, 0]) @ off) > 0.3 * np.linalg.norm(off)
        spreads.append(float(colors[seen, 0].std()))
        ratio = colors[seen, 0] / np.maximum(colors[seen, 2], 1)
        assert np.median(ratio) == pytest.approx(200 / 60, rel=0.05)
    assert spreads[0] > 15
    assert spreads[1] < 0.5 * spreads[0]


def test_what_is_across_a_box_has_its_colors() -> None:
    shape = box()
    shape = Shape(shape.vertices, shape.faces, shape.camera, "carved")
    pixels, _ = shape.camera.project(np.array([[0.2, 0.25, 0.3], [0.5, 0.25, 0.1]]))
    photo = np.full((SIZE, SIZE, 3), (200, 200, 40), np.uint8)
    y, x = np.indices((SIZE, SIZE))
    for (column, row), color in zip(pixels, ((20, 20, 20), (220, 30, 30)), strict=True):
        photo[np.hypot(x - column, y - row) < 8] = color
    atlas, texture = painted(shape, photo)
    points, colors = texels(shape, atlas, texture)
    for place, color in (((0.2, 0.25, -0.3), (20, 20, 20)), ((-0.5, 0.25, 0.1), (220, 30, 30))):
        mark = np.linalg.norm(points - place, axis=1) < 0.03
        assert np.abs(colors[mark].mean(0) - color).max() < 60


def test_a_body_of_few_rings_does_not_show_its_handle_in_bands() -> None:
    cup = sphere(8)
    outline = Revolved(cup, *cup.axis).most if cup.axis is not None else np.zeros(1)
    ring = np.sqrt(0.25 - (np.linspace(0, 1, len(outline)) - 0.5) ** 2)
    middle = slice(len(outline) // 6, -len(outline) // 6)
    assert (outline[middle] > 0.95 * ring[middle]).all()
