# SPDX-License-Identifier: GPL-3.0-or-later
"""Whatever a field is like: its surface is closed, an edge belongs to two faces alone, and it lies where it is 0."""

from __future__ import annotations

import numpy as np
import pytest
import trimesh

from sam3d.engine.arrays import Single
from sam3d.engine.draft.surface_nets import extract

SIZE = 12


def noise(seed: int, share: float) -> Single:
    """Samples of which a share is inside, none at the border."""
    numbers = np.random.default_rng(seed)
    field = np.full((SIZE, SIZE + 2, SIZE + 4), -1.0, np.float32)
    inner = numbers.uniform(0.1, 1.0, tuple(n - 4 for n in field.shape)).astype(np.float32)
    field[2:-2, 2:-2, 2:-2] = np.where(numbers.random(inner.shape) < share, inner, -inner)
    return field


@pytest.mark.parametrize("share", [0.03, 0.2, 0.5, 0.8, 0.97])
@pytest.mark.parametrize("seed", range(4))
def test_any_field_has_a_surface_that_is_a_manifold(seed: int, share: float) -> None:
    vertices, faces = extract(noise(seed, share))
    edges = np.concatenate([faces[:, [0, 1]], faces[:, [1, 2]], faces[:, [2, 0]]])
    directed, times = np.unique(edges, axis=0, return_counts=True)
    assert (times == 1).all()  # neighbors run along their edge in opposite directions, and are two
    assert {tuple(edge) for edge in directed.tolist()} == {tuple(edge[::-1]) for edge in directed.tolist()}
    assert set(np.unique(faces)) == set(range(len(vertices)))
    assert trimesh.Trimesh(vertices, faces, process=False).volume > 0


@pytest.mark.parametrize("corner", [(0, 0, 0), (0, 0, 1), (0, 1, 0), (1, 0, 0)])
@pytest.mark.parametrize("sign", [1, -1])
def test_two_samples_at_opposite_corners_of_a_cell_are_joined_or_parted(
    corner: tuple[int, int, int], sign: int
) -> None:
    field = np.full((8, 8, 8), -1.0, np.float32)
    if sign < 0:
        field[1:-1, 1:-1, 1:-1] = 1.0
    one = np.array((3, 3, 3)) + corner
    other = np.array((4, 4, 4)) - corner
    field[tuple(one)] = field[tuple(other)] = sign
    vertices, faces = extract(field)
    mesh = trimesh.Trimesh(vertices, faces, process=False)
    assert mesh.is_watertight and mesh.is_winding_consistent
    around = np.concatenate([faces[:, [0, 1]], faces[:, [1, 2]], faces[:, [2, 0]]])
    assert np.unique(around, axis=0, return_counts=True)[1].max() == 1
    assert mesh.volume > 0


def test_a_ball_is_where_its_field_is_nothing() -> None:
    places = np.stack(np.meshgrid(*(np.arange(n) for n in (20, 22, 24)), indexing="ij"), -1)
    center, radius = np.array([9.3, 10.6, 11.4]), 7.2
    field = (radius - np.linalg.norm(places - center, axis=-1)).astype(np.float32)
    vertices, faces = extract(field)
    np.testing.assert_allclose(np.linalg.norm(vertices - center, axis=1), radius, atol=0.25)
    mesh = trimesh.Trimesh(vertices, faces, process=False)
    assert mesh.volume == pytest.approx(4 / 3 * np.pi * radius**3, rel=0.03)
    assert mesh.euler_number == 2


def test_quads_are_cut_along_the_shorter_diagonal() -> None:
    """The top of a block with one corner drawn in is one layer of quads, whose shapes differ."""
    field = np.full((7, 7, 7), -1.0, np.float32)
    field[2:5, 2:5, 2:5] = 1.0
    field[4, 4, 4] = 0.1
    vertices, faces = extract(field)
    mesh = trimesh.Trimesh(vertices, faces, process=False)
    checked = 0
    for pair, edge in zip(mesh.face_adjacency, mesh.face_adjacency_edges, strict=True):
        across = [(set(faces[face].tolist()) - set(edge.tolist())).pop() for face in pair]
        cut, other = (vertices[ends[0]] - vertices[ends[1]] for ends in (edge, across))
        sides = [vertices[a] - vertices[b] for a in edge for b in across]
        if max(np.linalg.norm(side) for side in sides) < 0.999 * np.linalg.norm(cut):  # a diagonal, not a side
            assert np.linalg.norm(cut) <= np.linalg.norm(other) + 1e-9
            checked += 1
    assert checked > 20
