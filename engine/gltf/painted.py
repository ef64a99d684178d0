# SPDX-License-Identifier: GPL-3.0-or-later
"""The surfaces of a GLB with their colors, to be drawn: points, faces, normals, and what is painted on them."""

from __future__ import annotations

import io
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
from PIL import Image

from ..arrays import Floats, Ints, Pixels, Single
from ..color import linear_to_srgb
from .accessors import read_numbers, read_values
from .container import Data, Json, read_glb
from .data_addresses import decode_data_address
from .extent import posed_points
from .nodes import placed_nodes
from .triangles import TRIANGLES, Unreadable, corners_of, plain_accessor

MOST_POINTS, MOST_FACES = 3_000_000, 6_000_000
"""That are drawn small: more would take too much memory for that."""
TEXTURE_EDGE = 1024
"""Larger textures are reduced on the way in: a picture of a few hundred pixels shows no more."""
PLACE_BITS = 20
AT_ONCE = 100_000
"""Faces that are looked at in one go: other threads wait for no more."""
GRAY = 0.75
"""Of a surface that has no color."""


@dataclass(frozen=True)
class PaintedPart:
    """One primitive where its node puts it, y up: points (V, 3), faces (F, 3), normals (V, 3) of any length.

    `color` (4,) counts for all of it, `colors` (V, 4) for its vertices, `texture` (H, W, 3) where its `uv` (V, 2) say;
    all are sRGB.
    """

    points: Floats
    faces: Ints
    normals: Floats
    color: Single
    colors: Single | None = None
    texture: Pixels | None = None
    uv: Floats | None = None

    def color_at(self, corners: Ints, shares: Single) -> Single:
        """The colors (n, 4) where the vertices `corners` (n, 3) count by their `shares` (n, 3)."""
        found = np.repeat(self.color[None], len(corners), 0)
        if self.colors is not None:
            found[:, :3] *= np.einsum("tcd,tc->td", self.colors[corners][..., :3], shares)
        if self.texture is not None and self.uv is not None:
            found[:, :3] *= _sampled(self.texture, np.einsum("tcd,tc->td", self.uv[corners], shares))
        found[:, 3] = 1.0
        return found


def read_painted(path: Path) -> list[PaintedPart]:
    """All surfaces of a GLB, skinned ones as they are posed; raises Unreadable and OSError."""
    content = path.read_bytes()
    try:
        gltf, data = read_glb(content)
        parts = [part for part in _parts(gltf, data) if len(part.faces)]
    except (AttributeError, IndexError, KeyError, TypeError, ValueError) as error:
        raise Unreadable(str(error)) from error
    if not parts:
        raise Unreadable("no triangles")
    return parts


def _parts(gltf: Json, data: Data) -> Iterator[PaintedPart]:
    placed, points_left, faces_left = list(placed_nodes(gltf)), MOST_POINTS, MOST_FACES
    frames = {number: place for number, _, place in placed}
    textures: dict[int, Pixels | None] = {}
    for _, node, place in placed:
        for primitive in gltf["meshes"][node["mesh"]]["primitives"] if "mesh" in node else ():
            if primitive.get("mode", TRIANGLES) != TRIANGLES:
                continue
            attributes = primitive["attributes"]
            points_left -= gltf["accessors"][attributes["POSITION"]]["count"]
            faces_left -= gltf["accessors"][primitive.get("indices", attributes["POSITION"])]["count"] // 3
            if points_left < 0 or faces_left < 0:
                raise ValueError("too large")
            if "skin" in node:
                points = posed_points(gltf, data, node, primitive, frames)
            else:
                points = _numbers(gltf, data, attributes["POSITION"]) @ place[:3, :3].T + place[:3, 3]
            if not np.isfinite(points).all():
                raise ValueError("a place that is not a number")
            faces = corners_of(gltf, data, primitive, len(points))
            yield PaintedPart(points, faces, _normals(points, faces), **_paint(gltf, data, primitive, textures))


def _numbers(gltf: Json, data: Data, index: int) -> Floats:
    return read_numbers(gltf, data, plain_accessor(gltf, index))


def _normals(points: Floats, faces: Ints) -> Floats:
    """Those of the faces at a vertex, larger ones counting more. (A file's own may be missing, wrong or for bumps.)

    Vertices at one place are one: a seam of the texture is none of the surface.
    """
    same = _places(points)
    count = int(same.max()) + 1
    total = np.zeros((count, 3))
    for start in range(0, len(faces), AT_ONCE):
        corners = faces[start : start + AT_ONCE]
        a, b, c = points[corners.T]
        across = np.cross(b - a, c - a)
        for at in same[corners.T]:
            for axis in range(3):
                total[:, axis] += np.bincount(at, across[:, axis], count)
    return total[same]


def _places(points: Floats) -> Ints:
    """The same number for each of the points that lie at one place, a millionth of the whole apart at most.

    One grid, quickly, which parts some of them at its borders: nobody sees that in a picture. A rig must weld them all.
    """
    low = points.min(0)
    steps = (points - low) * ((2**PLACE_BITS - 1) / max(float((points.max(0) - low).max()), 1e-30))
    x, y, z = steps.astype(np.int64).T
    _, same = np.unique((x << 2 * PLACE_BITS) | (y << PLACE_BITS) | z, return_inverse=True)
    return same


def _paint(gltf: Json, data: Data, primitive: Json, textures: dict[int, Pixels | None]) -> dict[str, Any]:
    """The colors of a primitive, as arguments of PaintedPart."""
    attributes = primitive["attributes"]
    surface = gltf["materials"][primitive["material"]] if "material" in primitive else {}
    surface = surface.get("pbrMetallicRoughness", {})
    factor = np.array(surface.get("baseColorFactor", (1.0, 1.0, 1.0, 1.0)), np.float32)
    paint: dict[str, Any] = {"color": linear_to_srgb(factor)}
    if "COLOR_0" in attributes:
        paint["colors"] = _vertex_colors(gltf, data, attributes["COLOR_0"])
    if "baseColorTexture" in surface:
        told = surface["baseColorTexture"]
        index = told["index"]
        if index not in textures:
            textures[index] = _texture(gltf, data, gltf["textures"][index])
        name = f"TEXCOORD_{told.get('texCoord', 0)}"
        if textures[index] is not None and name in attributes:
            paint |= {"texture": textures[index], "uv": _numbers(gltf, data, attributes[name])}
    if len(paint) == 1 and "baseColorFactor" not in surface:
        paint["color"] = np.array((GRAY, GRAY, GRAY, 1.0), np.float32)
    return paint


def _vertex_colors(gltf: Json, data: Data, index: int) -> Single:
    """Those in bytes are sRGB already in what reconstructions write; others are linear, as glTF has it."""
    colors = _numbers(gltf, data, index).astype(np.float32)
    in_bytes = read_values(gltf, data, index).dtype == np.uint8
    return colors if in_bytes else linear_to_srgb(np.clip(colors, 0, 1))


def _texture(gltf: Json, data: Data, texture: Json) -> Pixels | None:
    """The pixels of an image; None for a format that is not known here."""
    source = texture.get("source", texture.get("extensions", {}).get("EXT_texture_webp", {}).get("source"))
    if source is None:
        return None
    image = gltf["images"][source]
    if "bufferView" in image:
        view = gltf["bufferViews"][image["bufferView"]]
        begin = view.get("byteOffset", 0)
        content = bytes(data[begin : begin + view["byteLength"]])
    else:
        content, _ = decode_data_address(image["uri"])
    try:
        with Image.open(io.BytesIO(content)) as opened:
            opened.draft("RGB", (TEXTURE_EDGE, TEXTURE_EDGE))
            times = max(1, -(-max(opened.size) // TEXTURE_EDGE))
            return np.asarray(opened.convert("RGB").reduce(times))
    except (OSError, ValueError, Image.DecompressionBombError):
        return None


def _sampled(texture: Pixels, uv: Floats) -> Floats:
    """The colors (n, 3) of a texture that repeats, between its pixels."""
    height, width = texture.shape[:2]
    x, y = uv[:, 0] * width - 0.5, uv[:, 1] * height - 0.5
    left, top = np.floor(x), np.floor(y)
    right, low = (x - left)[:, None], (y - top)[:, None]
    columns = [(left + step).astype(np.int64) % width for step in (0, 1)]
    rows = [(top + step).astype(np.int64) % height for step in (0, 1)]
    above = texture[rows[0], columns[0]] * (1 - right) + texture[rows[0], columns[1]] * right
    below = texture[rows[1], columns[0]] * (1 - right) + texture[rows[1], columns[1]] * right
    return np.asarray((above * (1 - low) + below * low) / 255.0)
