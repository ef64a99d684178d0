# SPDX-License-Identifier: GPL-3.0-or-later
"""Meshes in PLY files (Stanford's Polygon File Format) become GLB.

Axes stay as they are: the PLYs of SAM 3D Body's own exporter are already turned to glTF's y up. Vertices and faces
keep their order, which tells a body's topology.
"""

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from .arrays import Floats, Ints, Pixels, Single
from .color import linear_16_bit
from .gltf.accessors import FLOAT, UNSIGNED_INT, UNSIGNED_SHORT
from .gltf.writer import ARRAY_BUFFER, ELEMENT_ARRAY_BUFFER, GENERATOR, pack_glb

MOST_HEADER = 64 * 1024  # bytes
MOST_ELEMENTS, MOST_PROPERTIES = 64, 256
MOST_TEXT = 128 * 1024**2  # bytes
MOST_ROWS = MOST_TRIANGLES = 10_000_000
LARGEST_COORDINATE = 1e6  # meters
GRAY = 0.5  # linear

FORMATS = {"ascii": "<", "binary_little_endian": "<", "binary_big_endian": ">"}
TYPES = {
    **{"char": "i1", "uchar": "u1", "short": "i2", "ushort": "u2", "int": "i4", "uint": "u4"},
    **{"int8": "i1", "uint8": "u1", "int16": "i2", "uint16": "u2", "int32": "i4", "uint32": "u4"},
    **{"float": "f4", "double": "f8", "float32": "f4", "float64": "f8"},
}
FULL = {"f4": 1, "f8": 1, "u2": 65535}  # of a color; whole numbers of any other type are bytes
DAMAGED = "its header is damaged"
CUT_SHORT = "it is cut short"


class PlyError(ValueError):
    """There is no mesh to be had from a PLY; the text tells why in a few words, for a sentence."""


class PointCloud(PlyError):
    """The PLY holds points without faces; the text tells what kind of points."""


@dataclass(frozen=True)
class Mesh:
    """Triangles as a PLY holds them: vertices (V, 3) float32, faces (F, 3) uint32.

    normals (V, 3) float32, unit; colors (V, 4) uint8, sRGB with alpha; None where the file has none.
    """

    vertices: Single
    faces: NDArray[np.uint32]
    normals: Single | None = None
    colors: Pixels | None = None


def read_mesh(file: Path) -> Mesh:
    """Read the mesh of a PLY, ASCII or binary; polygons become fans of triangles.

    Raises PointCloud where it has no faces, PlyError where it cannot be read.
    """
    data = file.read_bytes()
    text, elements, start = _header(data)
    counts = {element.name: element.count for element in elements}
    if not counts.get("face"):
        names = {prop.name for element in elements if element.name == "vertex" for prop in element.properties}
        splat = {"f_dc_0", "rot_0"} <= names
        raise PointCloud("a point cloud (Gaussian splat)" if splat else "a point cloud")
    if text:
        data, start = _numbers(data, start), 0
    tables: dict[str, Table] = {}
    for element in elements:
        tables[element.name], start = _rows(data, start, element)
        if "vertex" in tables and "face" in tables:
            return _mesh(tables["vertex"], tables["face"])
    raise PlyError("it has no vertices")


def join(meshes: Sequence[Mesh]) -> Mesh:
    """Several meshes as one, where they are; with normals and colors only if all have them."""
    starts = np.cumsum([0] + [len(mesh.vertices) for mesh in meshes])
    normals = [mesh.normals for mesh in meshes if mesh.normals is not None]
    colors = [mesh.colors for mesh in meshes if mesh.colors is not None]
    return Mesh(
        np.concatenate([mesh.vertices for mesh in meshes]),
        np.concatenate([mesh.faces + np.uint32(start) for mesh, start in zip(meshes, starts, strict=False)]),
        np.concatenate(normals) if len(normals) == len(meshes) else None,
        np.concatenate(colors) if len(colors) == len(meshes) else None,
    )


def to_glb(mesh: Mesh, name: str) -> bytes:
    """A glTF 2.0 binary file of the mesh.

    Colors are written as glTF wants them, linear, with 16 bits so that none of the sRGB steps is lost.
    """
    count = len(mesh.vertices)
    wide = count >= 65535
    parts: list[tuple[bytes, int | None]] = [(mesh.vertices.astype("<f4").tobytes(), ARRAY_BUFFER)]
    parts.append((mesh.faces.astype("<u4" if wide else "<u2").tobytes(), ELEMENT_ARRAY_BUFFER))
    low, high = mesh.vertices.min(0).tolist(), mesh.vertices.max(0).tolist()
    accessors: list[dict[str, Any]] = [
        {"bufferView": 0, "componentType": FLOAT, "count": count, "type": "VEC3", "min": low, "max": high},
        {
            "bufferView": 1,
            "componentType": UNSIGNED_INT if wide else UNSIGNED_SHORT,
            "count": mesh.faces.size,
            "type": "SCALAR",
        },
    ]
    attributes = {"POSITION": 0}
    if mesh.normals is not None:
        attributes["NORMAL"] = len(parts)
        accessors.append({"bufferView": len(parts), "componentType": FLOAT, "count": count, "type": "VEC3"})
        parts.append((mesh.normals.astype("<f4").tobytes(), ARRAY_BUFFER))
    surface: dict[str, Any] = {"metallicFactor": 0, "roughnessFactor": 0.8}
    if mesh.colors is None:
        surface["baseColorFactor"] = [GRAY, GRAY, GRAY, 1]
    else:
        attributes["COLOR_0"] = len(parts)
        accessors.append(
            {
                "bufferView": len(parts),
                "componentType": UNSIGNED_SHORT,
                "normalized": True,
                "count": count,
                "type": "VEC4",
            }
        )
        parts.append((linear_16_bit(mesh.colors).astype("<u2").tobytes(), ARRAY_BUFFER))
    document = {
        "asset": {"version": "2.0", "generator": GENERATOR},
        "scene": 0,
        "scenes": [{"nodes": [0]}],
        "nodes": [{"name": name, "mesh": 0}],
        "meshes": [{"name": name, "primitives": [{"attributes": attributes, "indices": 1, "material": 0}]}],
        "materials": [{"name": name, "pbrMetallicRoughness": surface}],
        "accessors": accessors,
    }
    return pack_glb(document, parts)


@dataclass(frozen=True)
class _Property:
    """A column: its type as declared and as stored in the data, and for a list the stored type of its length."""

    name: str
    declared: np.dtype[Any]
    stored: np.dtype[Any]
    length: np.dtype[Any] | None = None


@dataclass(frozen=True)
class _Element:
    name: str
    count: int
    properties: list[_Property]


@dataclass(frozen=True)
class _Column:
    """The values of a property: (rows,) of a scalar; of a list one after another, with each row's `lengths`."""

    values: NDArray[Any]
    declared: np.dtype[Any]
    lengths: Ints | None = None


Table = dict[str, _Column]


def _header(data: bytes) -> tuple[bool, list[_Element], int]:
    """Whether the body is text, the elements in the file's order, and where the body starts."""
    newline = b"\r\n" if data.startswith(b"ply\r\n") else data[3:4]
    end = re.compile(rb"(?:\r|\n)end_header[ \t]*" + re.escape(newline)).search(data, 0, MOST_HEADER)
    if newline not in (b"\n", b"\r", b"\r\n") or not data.startswith(b"ply") or end is None:
        raise PlyError(DAMAGED)
    lines = [line.split() for line in data[3 : end.start()].decode("ascii", "replace").splitlines()]
    order = ""
    text = False
    elements: list[_Element] = []
    for words in lines:
        match words:
            case [] | ["comment" | "obj_info", *_]:
                pass
            case ["format", form, _] if form in FORMATS and not order:
                order, text = FORMATS[form], form == "ascii"
            case ["element", name, count] if re.fullmatch(r"\d{1,12}", count, re.ASCII) and order:
                elements.append(_Element(name, int(count), []))
            case ["property", *rest, name] if elements:
                elements[-1].properties.append(_property(name, rest, order, text))
            case _:
                raise PlyError(DAMAGED)
    if (
        len(elements) > MOST_ELEMENTS
        or any(len(element.properties) > MOST_PROPERTIES for element in elements)
        or len({element.name for element in elements}) != len(elements)
    ):
        raise PlyError(DAMAGED)
    return text, elements, end.end()


def _property(name: str, kind: list[str], order: str, text: bool) -> _Property:
    try:
        declared = [np.dtype(order + TYPES[word]) for word in (kind[1:] if kind[0] == "list" else kind)]
    except (KeyError, IndexError):
        raise PlyError(DAMAGED) from None
    # text is read as if it were binary with nothing but doubles
    stored = [np.dtype("<f8")] * len(declared) if text else declared
    if kind[0] != "list" and len(declared) == 1:
        return _Property(name, declared[0], stored[0])
    if kind[0] == "list" and len(declared) == 2 and declared[0].kind in "iu":
        return _Property(name, declared[1], stored[1], stored[0])
    raise PlyError(DAMAGED)


def _numbers(data: bytes, start: int) -> bytes:
    """The numbers of a text as doubles; a piece at a time, for each is an object while it is read."""
    if len(data) - start > MOST_TEXT:
        raise PlyError("it is too large for a PLY of text")
    pieces = []
    try:
        for piece in _pieces(data, start):
            pieces.append(np.array([float(word) for word in piece.split()], "<f8").tobytes())
    except ValueError:
        raise PlyError("it has something else among its numbers") from None
    return b"".join(pieces)


def _pieces(data: bytes, start: int) -> Iterator[bytes]:
    """The text in pieces that end with a number."""
    space = re.compile(rb"\s")
    while start < len(data):
        found = space.search(data, start + 1024**2)
        end = found.end() if found else len(data)
        yield data[start:end]
        start = end


def _rows(data: bytes, start: int, element: _Element) -> tuple[Table, int]:
    """The table of an element that starts there, and where the next starts."""
    if element.count > MOST_ROWS:
        raise PlyError("it is too large")
    least = sum((prop.length or prop.stored).itemsize for prop in element.properties)
    if element.count * least > len(data) - start:
        raise PlyError(CUT_SHORT)
    if not element.count or not element.properties:
        return {}, start
    row = _row_like_first(data, start, element)
    if row is not None:
        table = np.frombuffer(data, row, element.count, start)
        if all(
            (table[f"length {k}"] == table[f"length {k}"][0]).all()
            for k, prop in enumerate(element.properties)
            if prop.length is not None
        ):
            columns = {}
            for k, prop in enumerate(element.properties):
                values = table[f"value {k}"]
                lengths = None
                if prop.length is not None:
                    lengths = np.full(element.count, values.shape[1], np.int64)
                    values = values.reshape(-1)
                columns[prop.name] = _Column(values, prop.declared, lengths)
            return columns, start + row.itemsize * element.count
    return _ragged_rows(data, start, element)


def _row_like_first(data: bytes, start: int, element: _Element) -> np.dtype[Any] | None:
    """The type of a row whose lists are as long as the first row's; None where so many do not fit into the file."""
    fields: list[tuple[str, Any] | tuple[str, Any, tuple[int]]] = []
    size = 0
    for k, prop in enumerate(element.properties):
        if prop.length is None:
            fields.append((f"value {k}", prop.stored))
            size += prop.stored.itemsize
            continue
        length = _length(data, start + size, prop.length)
        fields += [(f"length {k}", prop.length), (f"value {k}", prop.stored, (length,))]
        size += prop.length.itemsize + length * prop.stored.itemsize
        if size * element.count > len(data) - start:
            return None
    return np.dtype(fields)


def _ragged_rows(data: bytes, start: int, element: _Element) -> tuple[Table, int]:
    """As `_rows`, for lists of several lengths, one row after another; keeps only the lists."""
    lists = [(k, prop) for k, prop in enumerate(element.properties) if prop.length is not None]
    pieces: dict[int, list[bytes]] = {k: [] for k, _ in lists}
    lengths: dict[int, list[int]] = {k: [] for k, _ in lists}
    for _ in range(element.count):
        for k, prop in enumerate(element.properties):
            if prop.length is None:
                start += prop.stored.itemsize
                continue
            length = _length(data, start, prop.length)
            start += prop.length.itemsize
            end = start + length * prop.stored.itemsize
            if end > len(data):
                raise PlyError(CUT_SHORT)
            pieces[k].append(data[start:end])
            lengths[k].append(length)
            start = end
    return {
        prop.name: _Column(np.frombuffer(b"".join(pieces[k]), prop.stored), prop.declared, np.array(lengths[k]))
        for k, prop in lists
    }, start


def _length(data: bytes, start: int, kind: np.dtype[Any]) -> int:
    """The length of the list that starts there."""
    if start + kind.itemsize > len(data):
        raise PlyError(CUT_SHORT)
    if kind.kind in "iu":
        length = int.from_bytes(
            data[start : start + kind.itemsize], "big" if kind.byteorder == ">" else "little", signed=kind.kind == "i"
        )
    else:
        number = float(np.frombuffer(data, kind, 1, start)[0])
        length = int(number) if number.is_integer() else -1
    if length < 0:
        raise PlyError("it has a polygon of an impossible size")
    return length


def _mesh(vertex: Table, face: Table) -> Mesh:
    positions = _columns(vertex, "x", "y", "z")
    if positions is None:
        raise PlyError("it has no places for its vertices")
    if not (np.abs(positions) <= LARGEST_COORDINATE).all():  # not a number, too
        raise PlyError("it has a vertex at an impossible place")
    polygons = face.get("vertex_indices") or face.get("vertex_index")
    if polygons is None or polygons.lengths is None:
        raise PlyError("its faces have no vertices")
    if len(polygons.values) and not (polygons.values.min() >= 0 and polygons.values.max() < len(positions)):
        raise PlyError("it has a face without its vertices")
    faces = _fans(polygons.values.astype(np.uint32), polygons.lengths)
    if not len(faces):
        raise PointCloud("a point cloud")
    return Mesh(positions.astype(np.float32), faces, _normals(vertex), _colors(vertex))


def _fans(corners: NDArray[np.uint32], sizes: Ints) -> NDArray[np.uint32]:
    """Triangles (F, 3) of polygons whose `corners` lie one after another: fans about each one's first corner."""
    count = np.maximum(sizes - 2, 0)
    total = int(count.sum())
    if total > MOST_TRIANGLES:
        raise PlyError(f"it has more than {MOST_TRIANGLES:,} faces")
    if (sizes == 3).all():
        return corners.reshape(-1, 3)
    first = np.repeat(np.cumsum(sizes) - sizes, count)
    step = np.arange(total) - np.repeat(np.cumsum(count) - count, count)
    return np.stack([corners[first], corners[first + step + 1], corners[first + step + 2]], axis=1)


def _normals(vertex: Table) -> Single | None:
    """Unit normals (V, 3), where every vertex has one."""
    normals = _columns(vertex, "nx", "ny", "nz")
    if normals is None or not (np.abs(normals) <= LARGEST_COORDINATE).all():
        return None
    length = np.linalg.norm(normals, axis=1, keepdims=True)
    return (normals / length).astype(np.float32) if (length > 1e-6).all() else None


def _colors(vertex: Table) -> Pixels | None:
    """Colors (V, 4) in bytes, opaque where the file has no alpha."""
    colors = _columns(vertex, "red", "green", "blue", of_one=True)
    if colors is None:
        return None
    alpha = _columns(vertex, "alpha", of_one=True)
    if alpha is None:
        alpha = np.ones((len(colors), 1))
    rgba = np.nan_to_num(np.hstack([colors, alpha]), nan=0.0)
    return (rgba.clip(0, 1) * 255).round().astype(np.uint8)


def _columns(table: Table, *names: str, of_one: bool = False) -> Floats | None:
    """Scalar columns side by side (rows, names), with `of_one` whole numbers as shares of the most they stand for."""
    columns = [table.get(name) for name in names]
    found = [column for column in columns if column is not None and column.lengths is None]
    if len(found) < len(names):
        return None
    with np.errstate(invalid="ignore"):  # some bits are not even a proper NaN
        values = np.stack([column.values.astype(np.float64) for column in found], axis=1)
    if of_one:
        values /= [FULL.get(column.declared.str[1:], 255) for column in found]
    return values
