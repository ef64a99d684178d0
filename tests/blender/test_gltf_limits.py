# SPDX-License-Identifier: GPL-3.0-or-later
"""Files that Blender's importer cannot read as they are, or that ask too much: one true sentence, or they come in."""

from __future__ import annotations

import base64
import pathlib

import bpy
import numpy as np
import pytest
from glb_files import Glb, box, png
from mathutils import Vector

from sam3d.scene.gltf_extensions import readable_extensions
from sam3d.scene.import_failed import ImportFailed
from sam3d.scene.importing import ResultInfo, import_result

RED = png(np.full((4, 4, 3), (200, 30, 30), np.uint8))
INFO = ResultInfo(job="j1", provider="DRAFT", model="draft-1", prompt="", photo="mug.png", seed=1, cost=0)


@pytest.fixture(autouse=True)
def empty_file() -> None:
    bpy.ops.wm.read_homefile(use_empty=True)
    bpy.ops.preferences.addon_enable(module="io_scene_gltf2")


def run(glb: Glb, folder: pathlib.Path) -> bpy.types.Object:
    """Imports and gives the first object."""
    path = glb.write(folder / "a.glb")
    names = import_result(
        bpy.context, path, info=INFO, collection_name="mug", object_name="mug", location=Vector((0, 0, 0))
    )
    return bpy.data.objects[names[0]]


def refusal(glb: Glb, folder: pathlib.Path) -> str:
    """The sentence that it is refused with; nothing of it is left."""
    before = [len(getattr(bpy.data, kind)) for kind in ("objects", "meshes", "materials", "images")]
    with pytest.raises(ImportFailed) as failure:
        run(glb, folder)
    assert [len(getattr(bpy.data, kind)) for kind in ("objects", "meshes", "materials", "images")] == before
    sentence = str(failure.value)
    assert "\n" not in sentence and sentence.endswith(".") and sentence[0].isupper()
    return sentence


def textured_box() -> Glb:
    positions, faces, normals = box()
    glb = Glb()
    material = glb.material(RED)
    uvs = np.zeros((len(positions), 2))
    glb.node(mesh=glb.mesh(glb.primitive(positions, faces, normals=normals, uvs=uvs, material=material)))
    return glb


def extension(glb: Glb, name: str, *, required: bool = True) -> None:
    for kind in ("extensionsUsed", "extensionsRequired")[: 1 + required]:
        glb.json.setdefault(kind, []).append(name)


def unreadable(*names: str) -> str:
    """The first of the extensions that this Blender cannot read."""
    readable = readable_extensions()
    assert readable is not None and "KHR_texture_transform" in readable
    return next(name for name in names if name not in readable)


# Extensions


@pytest.mark.parametrize(
    ("name", "words"),
    [
        ("EXT_meshopt_compression", "compressed with meshopt"),
        ("KHR_meshopt_compression", "compressed with meshopt"),
        ("KHR_draco_mesh_compression", "compressed with Draco"),
        ("KHR_texture_basisu", "KTX2 (Basis Universal)"),
        ("MSFT_texture_dds", "DDS"),
        ("EXT_from_the_future", "glTF extension EXT_from_the_future"),
    ],
)
def test_what_blender_cannot_read_is_named(tmp_path: pathlib.Path, name: str, words: str) -> None:
    glb = textured_box()
    extension(glb, name)
    if name in (readable_extensions() or ()):
        assert len(run(glb, tmp_path).data.polygons) == 12
        return
    sentence = refusal(glb, tmp_path)
    assert "damaged" not in sentence and "make it again without that" in sentence
    assert words in sentence


def test_compressed_geometry_is_not_called_damaged(tmp_path: pathlib.Path) -> None:
    """Its bytes are elsewhere and its plain buffer is empty, as compressors write it."""
    glb = textured_box()
    name = unreadable("EXT_meshopt_compression", "EXT_from_the_future")
    extension(glb, name)
    positions = glb.json["bufferViews"][1]
    positions["extensions"] = {name: dict(positions, count=24, byteStride=12, mode="ATTRIBUTES")}
    positions |= {"buffer": 1, "byteOffset": 10_000}
    glb.json["buffers"] = [{}, {"byteLength": 20_000, "extensions": {name: {"fallback": True}}}]
    assert "which this Blender cannot read" in refusal(glb, tmp_path)


def test_a_plain_fallback_is_taken(tmp_path: pathlib.Path) -> None:
    """Used and not required: the plain bytes of a buffer view, and the plain picture of a texture."""
    glb = textured_box()
    for name in ("EXT_meshopt_compression", "KHR_texture_basisu"):
        extension(glb, name, required=False)
    glb.json["images"].append({"bufferView": 0, "mimeType": "image/ktx2"})
    glb.json["textures"][0]["extensions"] = {"MSFT_texture_dds": {"source": 1}}
    obj = run(glb, tmp_path)
    assert len(obj.data.polygons) == 12
    assert [tuple(image.size) for image in bpy.data.images] == [(4, 4)]


def test_a_texture_without_a_fallback_is_named(tmp_path: pathlib.Path) -> None:
    glb = textured_box()
    name = unreadable("KHR_texture_basisu", "MSFT_texture_dds")
    extension(glb, name, required=False)
    texture = glb.json["textures"][0]
    texture["extensions"] = {name: {"source": texture.pop("source")}}
    assert "textures compressed as" in refusal(glb, tmp_path)


def test_what_only_refines_a_material_is_no_obstacle(tmp_path: pathlib.Path) -> None:
    glb = textured_box()
    extension(glb, "KHR_materials_from_the_future")
    assert len(run(glb, tmp_path).data.polygons) == 12


def test_required_and_not_said_to_be_used_is_no_obstacle(tmp_path: pathlib.Path) -> None:
    glb = textured_box()
    glb.json["extensionsRequired"] = ["KHR_mesh_quantization"]
    assert len(run(glb, tmp_path).data.polygons) == 12


# Data addresses


def address(data: bytes, kind: str) -> str:
    return f"data:{kind};base64,{base64.b64encode(data).decode()}"


def test_data_addresses_are_part_of_the_file(tmp_path: pathlib.Path) -> None:
    """The geometry in one, the picture in another, and no chunk of data."""
    glb = textured_box()
    glb.json["buffers"] = [{"uri": address(bytes(glb.binary), "application/octet-stream")}]
    glb.json["images"] = [{"uri": address(RED, "image/png"), "name": "photo"}]
    glb.json["buffers"][0]["byteLength"], glb.binary = len(glb.binary), bytearray()
    obj = run(glb, tmp_path)
    assert len(obj.data.polygons) == 12
    assert max(obj.dimensions) == pytest.approx(1)
    (image,) = bpy.data.images
    assert image.packed_file is not None and tuple(image.size) == (4, 4)


@pytest.mark.parametrize("uri", ["x.bin", "file:///etc/hosts", "http://127.0.0.1/x"])
@pytest.mark.parametrize("kind", ["buffers", "images"])
def test_other_addresses_are_refused(tmp_path: pathlib.Path, kind: str, uri: str) -> None:
    glb = textured_box()
    glb.json.setdefault(kind, [{}]).append({"uri": uri, "byteLength": 4})
    assert "refers to other files" in refusal(glb, tmp_path)


# Numbers that are none


NO_NUMBERS = [float("nan"), float("inf"), float("-inf")]


@pytest.mark.parametrize("number", NO_NUMBERS)
def test_where_it_does_not_matter_a_number_may_be_none(tmp_path: pathlib.Path, number: float) -> None:
    glb = textured_box()
    glb.json["accessors"][0] |= {"min": [number] * 3, "max": [0, 1, number]}
    glb.json["asset"]["extras"] = {"took": number, "all": [[1, number], {"deep": number}], "kept": [1, 2]}
    node = glb.json["nodes"][0]
    node |= {"extras": {"weight": number, "kept": 4}, "weights": [number]}
    surface = glb.json["materials"][0]["pbrMetallicRoughness"]
    surface |= {"baseColorFactor": [1, number, 1, 1], "roughnessFactor": number}
    glb.json["samplers"] = [{"wrapS": number}]
    glb.node(mesh=0, root=False, translation=[number] * 3)  # of no scene
    obj = run(glb, tmp_path)
    assert max(obj.dimensions) == pytest.approx(1)
    assert len(obj.data.polygons) == 12


@pytest.mark.parametrize("number", NO_NUMBERS)
@pytest.mark.parametrize(
    "place", [{"translation": 3}, {"rotation": 4}, {"scale": 3}, {"matrix": 16}], ids=lambda place: next(iter(place))
)
def test_a_part_must_stand_somewhere(tmp_path: pathlib.Path, place: dict[str, int], number: float) -> None:
    glb = textured_box()
    for key, length in place.items():
        glb.json["nodes"][0][key] = [1.0] * (length - 1) + [number]
    sentence = refusal(glb, tmp_path)
    assert "a place that is not a number" in sentence and "damaged" not in sentence


def test_normals_uvs_and_colors_may_miss_some(tmp_path: pathlib.Path) -> None:
    """A normal of a face without area, say, spoils neither the others nor the import."""
    positions, faces, normals = box()
    uvs, colors = np.full((24, 2), 0.5), np.full((24, 4), 0.5, np.float32)
    normals, uvs[1], colors[2] = normals.copy(), np.inf, np.nan
    normals[0] = np.nan
    glb = Glb()
    primitive = glb.primitive(positions, faces, normals=normals, uvs=uvs, colors=colors)
    primitive["targets"] = [{"POSITION": glb.array(np.full((24, 3), np.nan, np.float32))}]
    glb.node(mesh=glb.mesh(primitive))
    mesh = run(glb, tmp_path).data
    assert len(mesh.polygons) == 12
    for layer, key in ((mesh.corner_normals, "vector"), (mesh.uv_layers[0].data, "uv"), (mesh.vertices, "co")):
        values = np.array([getattr(item, key) for item in layer])
        assert np.isfinite(values).all()
    colored = np.array([item.color for item in mesh.color_attributes[0].data])
    assert set(np.round(colored[:, 0], 1)) == {0.5, 1.0}
    shown = np.array([normal.vector for normal in mesh.corner_normals])
    assert np.abs(shown).max(axis=1) == pytest.approx(1)
