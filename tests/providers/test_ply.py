# SPDX-License-Identifier: GPL-3.0-or-later
"""Meshes in PLY files: read as another program wrote them, refused where they are none, and the same again as GLB."""

from __future__ import annotations

import io
import json
import struct
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import trimesh
from numpy.typing import NDArray

from sam3d.engine.gltf.container import read_glb
from sam3d.engine.ply import Mesh, PlyError, PointCloud, join, read_mesh, to_glb

SHARED = Path(__file__).resolve().parents[2].parent / "shared" / "data"
HEADER = """ply
format {format} 1.0
comment made by hand
element vertex 5
property double x
property float y
property float z
property uchar red
property uchar green
property uchar blue
element face 2
property uchar flags
property list uchar {index} vertex_indices
property list uchar float texcoord
end_header
"""
PLACES = [(0.0, 0, 0), (1, 0, 0), (1, 1, 0), (0, 1, 0), (0.5, 0.5, 1)]
FACES = [(0, 1, 2, 3), (3, 2, 4)]
TRIANGLES = [[0, 1, 2], [0, 2, 3], [3, 2, 4]]


def by_hand(order: str, index: str = "i") -> bytes:
    """A PLY of a square and a triangle with columns to be skipped; `order` is that of `struct`, or "" for text."""
    names = {"i": "int", "H": "ushort", "B": "uchar"}
    form = {"<": "binary_little_endian", ">": "binary_big_endian", "": "ascii"}[order]
    header = HEADER.format(format=form, index=names[index]).encode()
    if not order:
        lines = [f"{x} {y} {z} 255 128 0" for x, y, z in PLACES]
        lines += [f"7 {len(face)} {' '.join(map(str, face))} {len(face)}" + " 0.5" * len(face) for face in FACES]
        return header + "\n".join(lines).encode() + b"\n"
    body = b"".join(struct.pack(order + "dffBBB", *place, 255, 128, 0) for place in PLACES)
    for face in FACES:
        size = len(face)
        body += struct.pack(f"{order}BB{size}{index}B{size}f", 7, size, *face, size, *[0.5] * size)
    return header + body


def read(folder: Path, content: bytes) -> Mesh:
    file = folder / "mesh.ply"
    file.write_bytes(content)
    return read_mesh(file)


def ball(subdivisions: int = 3) -> Any:
    mesh: Any = trimesh.creation.icosphere(subdivisions=subdivisions)
    mesh.visual.vertex_colors = np.random.default_rng(0).integers(0, 256, (len(mesh.vertices), 4)).astype(np.uint8)
    return mesh


def seen_by_another_reader(glb: bytes) -> Any:
    return trimesh.load(io.BytesIO(glb), file_type="glb", force="mesh", process=False)


@pytest.mark.parametrize("encoding", ["binary", "ascii"])
def test_what_another_program_wrote_is_read_in_its_order(tmp_path: Path, encoding: str) -> None:
    mesh = ball()
    found = read(tmp_path, mesh.export(file_type="ply", encoding=encoding, vertex_normal=True))
    assert np.allclose(found.vertices, mesh.vertices, atol=1e-6)
    assert (found.faces == mesh.faces).all()
    assert found.colors is not None
    assert (found.colors == mesh.visual.vertex_colors).all()
    assert found.normals is not None
    assert np.allclose(found.normals, mesh.vertex_normals, atol=1e-5)


@pytest.mark.parametrize("order", ["<", ">", ""], ids=["little", "big", "text"])
@pytest.mark.parametrize("index", ["i", "H", "B"])
def test_polygons_become_fans_and_other_columns_are_skipped(tmp_path: Path, order: str, index: str) -> None:
    found = read(tmp_path, by_hand(order, index))
    assert found.vertices.tolist() == [list(place) for place in PLACES]
    assert found.faces.tolist() == TRIANGLES
    assert found.normals is None
    assert found.colors is not None
    assert found.colors.tolist() == [[255, 128, 0, 255]] * 5


@pytest.mark.parametrize("newline", ["\r\n", "\r"])
def test_lines_may_end_as_on_other_systems(tmp_path: Path, newline: str) -> None:
    assert read(tmp_path, by_hand("").replace(b"\n", newline.encode())).faces.tolist() == TRIANGLES
    header, body = by_hand("<").split(b"end_header\n")
    crossed = header.replace(b"\n", newline.encode()) + b"end_header" + newline.encode() + body
    assert read(tmp_path, crossed).faces.tolist() == TRIANGLES


@pytest.mark.parametrize(
    ("kind", "values"), [("float", (1.0, 0.5, 0.0)), ("double", (1.0, 0.5, 0.0)), ("ushort", (65535, 32896, 0))]
)
def test_colors_of_any_type(tmp_path: Path, kind: str, values: tuple[float, ...]) -> None:
    content = by_hand("").decode()
    for name in ("red", "green", "blue"):
        content = content.replace(f"uchar {name}", f"{kind} {name}")
    content = content.replace("255 128 0", " ".join(map(str, values)))
    found = read(tmp_path, content.encode())
    assert found.colors is not None
    assert found.colors[0].tolist() == [255, 128, 0, 255]


@pytest.mark.parametrize("subdivisions", [3, 7], ids=["narrow indices", "wide indices"])
def test_the_glb_is_the_same_mesh_to_another_reader(subdivisions: int) -> None:
    mesh = ball(subdivisions)
    vertices, normals = mesh.vertices.astype(np.float32), mesh.vertex_normals.astype(np.float32)
    colors = np.asarray(mesh.visual.vertex_colors)
    glb = to_glb(Mesh(vertices, mesh.faces.astype(np.uint32), normals, colors), "thing")
    found = seen_by_another_reader(glb)
    assert (found.vertices == vertices).all()
    assert (found.faces == mesh.faces).all()
    assert np.allclose(found.vertex_normals, normals, atol=1e-4)
    size = int.from_bytes(glb[12:16], "little")
    document = json.loads(glb[20 : 20 + size])
    color = document["accessors"][document["meshes"][0]["primitives"][0]["attributes"]["COLOR_0"]]
    start = 28 + size + document["bufferViews"][color["bufferView"]]["byteOffset"]
    stored = np.frombuffer(glb, "<u2", color["count"] * 4, start).reshape(-1, 4) / 65535
    assert np.allclose(stored, linear(colors), atol=1e-5)


def test_normals_go_along_where_all_meshes_have_them() -> None:
    mesh = ball(1)
    vertices, faces = mesh.vertices.astype(np.float32), mesh.faces.astype(np.uint32)
    one = Mesh(vertices, faces, mesh.vertex_normals.astype(np.float32), None)
    both = join([one, one])
    assert both.normals is not None and len(both.normals) == len(both.vertices) == 2 * len(vertices)
    assert join([one, replace(one, normals=None)]).normals is None
    document, _ = read_glb(to_glb(both, "thing"))
    [primitive] = document["meshes"][0]["primitives"]
    assert primitive["attributes"] == {"POSITION": 0, "NORMAL": 2}


def linear(colors: NDArray[np.uint8]) -> NDArray[np.float64]:
    """What glTF wants of sRGB bytes, by the words of the standard."""
    share = colors / 255
    rgb = np.where(share <= 0.04045, share / 12.92, ((share + 0.055) / 1.055) ** 2.4)
    return np.hstack([rgb[:, :3], share[:, 3:]])


def test_a_real_body_keeps_its_topology(tmp_path: Path) -> None:
    source = SHARED / "mhr" / "subj00.npz"
    if not source.exists():
        pytest.skip("the bodies of ../shared/data/mhr are not here")
    with np.load(source) as body:
        vertices, faces = body["v"], body["f"]
    mesh: Any = trimesh.Trimesh(vertices, faces, process=False)
    found = read(tmp_path, mesh.export(file_type="ply"))
    assert np.allclose(found.vertices, vertices, atol=1e-6)
    assert (found.faces == faces).all()
    again = seen_by_another_reader(to_glb(found, "body"))
    assert np.allclose(again.vertices, vertices, atol=1e-6)
    assert (again.faces == faces).all()


def test_points_without_faces_are_told_apart(tmp_path: Path) -> None:
    points = "ply\nformat ascii 1.0\nelement vertex 1\nproperty float x\nproperty float y\nproperty float z\n"
    with pytest.raises(PointCloud, match=r"^a point cloud$"):
        read(tmp_path, f"{points}end_header\n0 0 0\n".encode())
    with pytest.raises(PointCloud, match="Gaussian splat"):
        read(tmp_path, f"{points}property float f_dc_0\nproperty float rot_0\nend_header\n0 0 0 1 1\n".encode())
    faces = "element face 2\nproperty list uchar int vertex_indices\nend_header\n0 0 0\n2 0 0\n0\n"
    with pytest.raises(PointCloud):
        read(tmp_path, (points + faces).encode())


@pytest.mark.parametrize(
    ("old", "new", "reason"),
    [
        ("end_header", "end_of_header", "header is damaged"),
        ("element vertex 5", "element vertex 5000000", "cut short"),
        ("element vertex 5", "element vertex 99999999999", "too large"),
        ("element vertex 5", "element vertex -5", "header is damaged"),
        ("element vertex 5", "element vertex 5" + "0" * 5000, "header is damaged"),
        ("double x", "quadruple x", "header is damaged"),
        ("list uchar int", "list float int", "header is damaged"),
        ("list uchar int", "list", "header is damaged"),
        ("double x", "double q", "no places"),
        ("vertex_indices", "corners", "no vertices"),
        ("element face 2", "element vertex 2", "header is damaged"),
        ("comment", "comment " + "x" * 70_000, "header is damaged"),
        ("1.0 1 0 255", "nan 1 0 255", "impossible place"),
        ("1.0 1 0 255", "1e9 1 0 255", "impossible place"),
        ("1.0 1 0 255", "one 1 0 255", "something else"),
        ("7 3 3 2 4", "7 3 3 2 5", "without its vertices"),
        ("7 3 3 2 4", "7 3 3 2 -1", "without its vertices"),
        ("7 3 3 2 4", "7 3 3 2 nan", "without its vertices"),
        ("7 3 3 2 4", "7 -3 3 2 4", "impossible size"),
        ("7 3 3 2 4", "7 nan 3 2 4", "impossible size"),
        ("7 3 3 2 4", "7 1e300 3 2 4", "cut short"),
    ],
)
def test_a_hostile_file_is_refused_in_a_few_words(tmp_path: Path, old: str, new: str, reason: str) -> None:
    content = by_hand("").decode().replace("\n1 1 0 255", "\n1.0 1 0 255")
    assert old in content
    with pytest.raises(PlyError, match=reason):
        read(tmp_path, content.replace(old, new, 1).encode())


@pytest.mark.parametrize("order", ["<", ">", ""], ids=["little", "big", "text"])
def test_damage_anywhere_is_either_harmless_or_refused(tmp_path: Path, order: str) -> None:
    random = np.random.default_rng(2)
    whole = by_hand(order)
    for length in range(4, len(whole) - 24):  # without the last row's end there is no last face
        with pytest.raises(PlyError):
            read(tmp_path, whole[:length])
    for _ in range(1500):
        content = bytearray(whole)
        for position in random.integers(4, len(whole), random.integers(1, 4)):
            content[position] ^= 1 << random.integers(8)
        try:
            found = read(tmp_path, bytes(content))
        except PlyError:
            continue
        assert np.isfinite(found.vertices).all()
        assert found.faces.max() < len(found.vertices)
        to_glb(found, "thing")
