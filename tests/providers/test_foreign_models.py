# SPDX-License-Identifier: GPL-3.0-or-later
"""A model in another format is named for what it is, kept under a name that other programs know, and never called
damaged."""

from __future__ import annotations

import io
import struct
import zipfile
from pathlib import Path
from typing import Any

import pytest
import trimesh

from sam3d.providers.delivery import to_model
from sam3d.providers.errors import UnexpectedResponse
from sam3d.providers.foreign_models import foreign_model

SERVICE = "Somebody"


def exported(kind: str) -> bytes:
    data: Any = trimesh.creation.icosphere(subdivisions=1).export(file_type=kind)
    return data.encode() if isinstance(data, str) else bytes(data)


def gltf() -> dict[str, bytes]:
    """The files of a glTF: its JSON and what it refers to."""
    scene: Any = trimesh.Scene(trimesh.creation.box())
    files: dict[str, bytes] = scene.export(file_type="gltf")
    return files


def zipped(files: dict[str, bytes]) -> bytes:
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w") as archive:
        for name, data in files.items():
            archive.writestr(name, data)
    return buffer.getvalue()


FBX = b"Kaydara FBX Binary  \0\x1a\0" + bytes(40)
OBJ = b"# a comment\r\n\r\nmtllib a.mtl\r\no box\r\nv 1 2 3\r\n"
FILES = [
    (FBX, "an FBX file", ".fbx", "File > Import > FBX"),
    (b"; FBX 7.3.0 project file\n", "an FBX file", ".fbx", "File > Import > FBX"),
    (OBJ, "an OBJ file", ".obj", "File > Import > Wavefront"),
    (exported("obj"), "an OBJ file", ".obj", "File > Import > Wavefront"),
    (exported("stl"), "an STL file", ".stl", "File > Import > STL"),
    (exported("stl_ascii"), "an STL file", ".stl", "File > Import > STL"),
    (b"\n" + gltf()["model.gltf"], "a glTF file without the files that it refers to", ".gltf", "choose GLB"),
    (b'{"asset": {"version": "2.0"}, "buffers": [{"uri": "data:,a"}]}', "a glTF file", ".gltf", "File > Import > glTF"),
    (zipped({"model.usdc": b"PXR-USDC", "a.png": b""}), "a USD file", ".usdz", "Universal Scene Description"),
    (b"PXR-USDC" + bytes(80), "a USD file", ".usdc", "Universal Scene Description"),
    (b"#usda 1.0\n", "a USD file", ".usda", "Universal Scene Description"),
    (b"Ogawa\xff", "an Alembic file", ".abc", "File > Import > Alembic"),
    (b"BLENDER-v405", "a Blender file", ".blend", "File > Append"),
    (b'<?xml version="1.0"?>\n<COLLADA xmlns="x">', "a COLLADA file", ".dae", "convert it to GLB"),
    (zipped({"[Content_Types].xml": b"", "3D/3dmodel.model": b""}), "a 3MF file", ".3mf", "convert it to GLB"),
]


@pytest.mark.parametrize(("content", "name", "extension", "advice"), FILES)
def test_it_is_named_and_kept(tmp_path: Path, content: bytes, name: str, extension: str, advice: str) -> None:
    file = tmp_path / "model.glb"
    file.write_bytes(content)
    with pytest.raises(UnexpectedResponse) as failure:
        to_model(file, SERVICE)
    sentence = str(failure.value)
    assert sentence.startswith(
        f"Somebody delivered {name} and no GLB: it is kept in the job's folder as model{extension};"
    )
    assert advice in sentence and sentence.endswith(".") and "\n" not in sentence
    (kept,) = tmp_path.iterdir()
    assert kept.name == f"model{extension}"
    assert kept.read_bytes() == content


@pytest.mark.parametrize(
    ("files", "name", "kept"),
    [
        ({"textures/a.png": b"\x89PNG", "box.obj": OBJ, "a.mtl": b"newmtl a"}, "an OBJ file", "box.obj"),
        ({"readme.txt": b"hello", "source/a.fbx": FBX}, "an FBX file", "source/a.fbx"),
        (gltf(), "a glTF file", "model.gltf"),
    ],
)
def test_it_is_found_in_a_zip(tmp_path: Path, files: dict[str, bytes], name: str, kept: str) -> None:
    file = tmp_path / "answer"
    file.write_bytes(zipped(files))
    with pytest.raises(UnexpectedResponse) as failure:
        to_model(file, SERVICE)
    sentence = str(failure.value)
    assert f"holds {name} and no GLB: it is kept, unpacked, in the job's folder as {Path('answer') / kept};" in sentence
    for path, content in files.items():
        assert (tmp_path / "answer" / path).read_bytes() == content


def test_beside_a_glb_it_does_not_matter(tmp_path: Path) -> None:
    file = tmp_path / "answer"
    file.write_bytes(zipped({"a.fbx": FBX, "a.glb": exported("glb")}))
    delivery = to_model(file, SERVICE)
    assert delivery.model == tmp_path / "answer" / "a.glb"
    assert tmp_path / "answer" / "a.fbx" in delivery.extras


@pytest.mark.parametrize(
    "content",
    [
        b"",
        b"{}",
        b'{"asset": 1}',
        b'{"asset": {"version": 2}, "buffers": 3}',
        b'{"asset": {"version": 2}, "buffers": [{"uri": 3}]}',
        b"[" * 100_000,
        b"{" + b'"a":{' * 100_000,
        b"<html>",
        b"solid ground",
        b"v",
        b"vegetables and more\nfruit\n",
        bytes(83),
        bytes(80) + struct.pack("<I", 2) + bytes(50),
        b"\xff\xd8\xff" + bytes(5000),
        zipped({}),
        zipped({"a.txt": b"usd"})[:-3],
        b"# only\n# comments\n",
    ],
)
def test_other_files_are_told_apart(tmp_path: Path, content: bytes) -> None:
    file = tmp_path / "model.obj"
    file.write_bytes(content)
    assert foreign_model(file) is None
