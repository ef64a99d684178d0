# SPDX-License-Identifier: GPL-3.0-or-later
"""The small picture of a model: in its colors, filling the frame, from the front."""

import io
import json
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from PIL import Image

from sam3d.engine.gltf.triangles import Unreadable, count_triangles
from sam3d.engine.gltf.writer import pack_glb, vertex_normals, write_glb
from sam3d.engine.thumbnail import SIZE, thumbnail_png

RED, GREEN = (200, 30, 20), (20, 160, 40)


def drawn(path: Path) -> np.ndarray:
    """Pixels (SIZE, SIZE, 4)."""
    with Image.open(io.BytesIO(thumbnail_png(path))) as picture:
        assert picture.size == (SIZE, SIZE)
        return np.asarray(picture)


def texture(left: tuple[int, int, int], right: tuple[int, int, int]) -> bytes:
    pixels = np.zeros((64, 64, 3), np.uint8)
    pixels[:, :32], pixels[:, 32:] = left, right
    stream = io.BytesIO()
    Image.fromarray(pixels).save(stream, "PNG")
    return stream.getvalue()


def box(size: tuple[float, float, float]) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Corners, coordinates on the texture by x, and faces."""
    corners = np.array([[x, y, z] for x in (0, 1) for y in (0, 1) for z in (0, 1)], np.float64)
    quads = [(0, 1, 3, 2), (4, 6, 7, 5), (0, 4, 5, 1), (2, 3, 7, 6), (0, 2, 6, 4), (1, 5, 7, 3)]
    faces = np.array([[q[0], *pair] for q in quads for pair in (q[1:3], q[2:4])])
    return (corners - 0.5) * size, corners[:, :2] * 0.8 + 0.1, faces


def write_box(path: Path, size: tuple[float, float, float]) -> Path:
    points, uv, faces = box(size)
    glb = write_glb(points, vertex_normals(points, faces), uv, faces, texture(RED, GREEN), mime="image/png")
    path.write_bytes(glb)
    return path


def test_colors_lie_where_the_texture_has_them(tmp_path: Path) -> None:
    pixels = drawn(write_box(tmp_path / "box.glb", (1.0, 1.0, 1.0)))
    assert pixels[0, 0, 3] == 0 and pixels[SIZE // 2, SIZE // 2, 3] == 255
    columns = np.flatnonzero(pixels[SIZE // 2, :, 3] == 255)
    left, right = pixels[SIZE // 2, columns[12], :3].astype(int), pixels[SIZE // 2, columns[-12], :3].astype(int)
    assert left[0] > 2 * left[1] and right[1] > 2 * right[0], (left, right)


@pytest.mark.parametrize(
    "size", [(1.0, 1.0, 1.0), (10.0, 0.1, 0.1), (0.1, 9.0, 0.1), (1e-4, 1e-4, 1e-4), (5e4, 1e4, 1e4)]
)
def test_any_shape_fills_the_frame(tmp_path: Path, size: tuple[float, float, float]) -> None:
    alpha = drawn(write_box(tmp_path / "box.glb", size))[..., 3] > 128
    spans = [np.flatnonzero(alpha.any(axis)) for axis in (0, 1)]
    widest = max(span[-1] - span[0] + 1 for span in spans)
    assert 0.9 * SIZE < widest <= SIZE
    for span in spans:
        assert abs((span[0] + span[-1]) / 2 - SIZE / 2) < 4, "in the middle"


def test_what_is_nearer_hides_what_is_behind(tmp_path: Path) -> None:
    """The front of a glTF model looks along +Z."""
    for near, far in ((0.5, -0.5), (-0.5, 0.5)):
        panes = [np.array([[-1, -1, z], [1, -1, z], [1, 1, z], [-1, 1, z]], np.float64) for z in (near, far)]
        points = np.concatenate(panes)
        uv = np.repeat([[0.1, 0.5], [0.9, 0.5]], 4, 0)
        faces = np.array([[0, 1, 2], [0, 2, 3], [4, 5, 6], [4, 6, 7]])
        glb = write_glb(points, vertex_normals(points, faces), uv, faces, texture(RED, GREEN), mime="image/png")
        (tmp_path / "panes.glb").write_bytes(glb)
        middle = drawn(tmp_path / "panes.glb")[SIZE // 2, SIZE // 2, :3].astype(int)
        assert (middle[0] > middle[1]) == (near > far)


def test_a_model_without_a_texture_has_its_material_or_its_vertex_colors(tmp_path: Path) -> None:
    points, _, faces = box((1.0, 1.0, 1.0))
    parts = [(points.astype("<f4").tobytes(), None), (faces.astype("<u4").tobytes(), None)]
    parts.append((np.full((8, 4), (20, 30, 220, 255), np.uint8).tobytes(), None))

    def document(**primitive: object) -> dict[str, Any]:
        starts = np.cumsum([0, *(len(part) for part, _ in parts)])
        return {
            "asset": {"version": "2.0"},
            "scenes": [{"nodes": [0]}],
            "nodes": [{"mesh": 0}],
            "meshes": [{"primitives": [{"attributes": {"POSITION": 0}, "indices": 1, **primitive}]}],
            "materials": [{"pbrMetallicRoughness": {"baseColorFactor": [0.6, 0.01, 0.01, 1]}}],
            "accessors": [
                {"bufferView": 0, "componentType": 5126, "count": 8, "type": "VEC3"},
                {"bufferView": 1, "componentType": 5125, "count": faces.size, "type": "SCALAR"},
                {"bufferView": 2, "componentType": 5121, "normalized": True, "count": 8, "type": "VEC4"},
            ],
            "bufferViews": [
                {"buffer": 0, "byteOffset": int(start), "byteLength": len(part)}
                for start, (part, _) in zip(starts, parts, strict=False)
            ],
            "buffers": [{"byteLength": sum(len(part) for part, _ in parts)}],
        }

    for primitive, strongest in (({"material": 0}, 0), ({"attributes": {"POSITION": 0, "COLOR_0": 2}}, 2)):
        told = document(**primitive)
        file = tmp_path / "plain.glb"
        text = json.dumps(told).encode()
        text += b" " * (-len(text) % 4)
        data = b"".join(part for part, _ in parts)
        length = 12 + 8 + len(text) + 8 + len(data)
        words = [0x46546C67, 2, length, len(text), 0x4E4F534A]
        file.write_bytes(
            np.array(words, "<u4").tobytes() + text + np.array([len(data), 0x004E4942], "<u4").tobytes() + data
        )
        middle = drawn(file)[SIZE // 2, SIZE // 2, :3]
        assert middle.argmax() == strongest and middle.max() > 1.5 * np.sort(middle)[1], middle


def test_what_holds_no_surface_is_told(tmp_path: Path) -> None:
    (tmp_path / "empty.glb").write_bytes(pack_glb({"asset": {"version": "2.0"}, "scenes": [{}]}, []))
    for content in (None, b"", b"glTF"):
        if content is not None:
            (tmp_path / "empty.glb").write_bytes(content)
        with pytest.raises(Unreadable):
            thumbnail_png(tmp_path / "empty.glb")
    with pytest.raises(OSError):
        thumbnail_png(tmp_path / "missing.glb")


def test_faces_are_counted_without_reading_them(tmp_path: Path) -> None:
    assert count_triangles(write_box(tmp_path / "box.glb", (1.0, 1.0, 1.0))) == 12
