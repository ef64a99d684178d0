# SPDX-License-Identifier: GPL-3.0-or-later
"""The GLB files: valid, closed, smooth across the texture's seams, the same in other readers."""

from __future__ import annotations

import io
import json
import struct
from typing import Any

import numpy as np
import pytest
from PIL import Image
from solids import box, read, sphere

from sam3d.engine.draft.atlas import split_vertices, unwrap
from sam3d.engine.draft.posed_shape import Shape
from sam3d.engine.gltf.writer import vertex_normals, write_glb


def written(shape: Shape) -> bytes:
    normals = vertex_normals(shape.vertices, shape.faces)
    atlas = unwrap(shape.vertices, shape.faces, np.ones(len(shape.faces)), [256])
    original, faces, uv = split_vertices(shape.faces, atlas)
    picture = io.BytesIO()
    Image.new("RGB", (256, 256), (200, 90, 40)).save(picture, "JPEG")
    return write_glb(
        shape.vertices[original],
        normals[original],
        uv,
        faces,
        picture.getvalue(),
        name="ball",
        kind=shape.kind,
    )


def parts(glb: bytes) -> tuple[dict[str, Any], bytes]:
    magic, version, length = struct.unpack_from("<4sII", glb)
    assert (magic, version, length) == (b"glTF", 2, len(glb))
    size, kind = struct.unpack_from("<I4s", glb, 12)
    assert kind == b"JSON"
    assert size % 4 == 0
    rest, kind = struct.unpack_from("<I4s", glb, 20 + size)
    assert kind == b"BIN\0"
    assert 28 + size + rest == len(glb)
    return json.loads(glb[20 : 20 + size]), glb[28 + size :]


def test_the_document_says_what_the_bytes_hold() -> None:
    shape = sphere()
    document, binary = parts(written(shape))
    assert document["asset"]["version"] == "2.0"
    for view in document["bufferViews"]:
        assert view["byteOffset"] % 4 == 0
        assert view["byteOffset"] + view["byteLength"] <= len(binary)
    position = document["accessors"][0]
    view = document["bufferViews"][0]
    points = np.frombuffer(binary, "<f4", position["count"] * 3, view["byteOffset"]).reshape(-1, 3)
    assert position["min"] == points.min(0).tolist()
    assert position["max"] == points.max(0).tolist()
    indices = np.frombuffer(binary, "<u2", document["accessors"][3]["count"], document["bufferViews"][3]["byteOffset"])
    assert indices.max() == position["count"] - 1
    material = document["materials"][0]["pbrMetallicRoughness"]
    assert material["metallicFactor"] == 0
    assert material["roughnessFactor"] == 0.8
    assert document["meshes"][0]["extras"] == {"draft": "revolution"}


@pytest.mark.parametrize("shape", [sphere(), box()], ids=["sphere", "box"])
def test_another_reader_finds_a_closed_textured_mesh(shape: Shape) -> None:
    mesh = read(written(shape))
    assert len(mesh.faces) == len(shape.faces)
    assert mesh.visual.material.baseColorTexture.size == (256, 256)
    uv = mesh.visual.uv
    assert uv.min() >= 0
    assert uv.max() <= 1
    mesh.merge_vertices(merge_tex=True, merge_norm=True)
    assert mesh.is_watertight
    assert mesh.is_winding_consistent
    assert mesh.volume > 0


def test_shading_has_no_seams() -> None:
    document, binary = parts(written(sphere()))
    count = document["accessors"][0]["count"]
    points, normals = (
        np.frombuffer(binary, "<f4", count * 3, document["bufferViews"][k]["byteOffset"]).reshape(-1, 3) for k in (0, 1)
    )
    _, same = np.unique(points, axis=0, return_inverse=True)
    assert same.max() + 1 < count  # seams do split vertices
    order = np.argsort(same.ravel(), kind="stable")
    twins = same.ravel()[order][1:] == same.ravel()[order][:-1]
    assert (normals[order][1:][twins] == normals[order][:-1][twins]).all()
    outward = (points - [0, 0.5, 0]) / 0.5
    assert (normals * outward).sum(1).min() > 0.99


def test_many_vertices_need_wide_indices() -> None:
    vertices = np.random.default_rng(0).random((70_000, 3))
    faces = np.arange(69_999).reshape(-1, 3)
    glb = write_glb(vertices, vertices, vertices[:, :2], faces, b"\xff\xd8")
    document, binary = parts(glb)
    assert document["accessors"][3]["componentType"] == 5125
    start = document["bufferViews"][3]["byteOffset"]
    assert (np.frombuffer(binary, "<u4", faces.size, start) == faces.ravel()).all()
