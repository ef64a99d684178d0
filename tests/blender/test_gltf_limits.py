# SPDX-License-Identifier: GPL-3.0-or-later
"""Files that Blender's importer cannot read as they are, or that ask too much: one true sentence, or they come in."""

from __future__ import annotations

import base64
import pathlib
import struct
import time
import zlib
from typing import Any

import bpy
import numpy as np
import pytest
from glb_files import Glb, box, png, sphere
from mathutils import Vector
from mathutils.kdtree import KDTree
from numpy.typing import NDArray

from sam3d.scene import gltf_limits
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
    return next(name for name in names if not readable.get(name))


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
    if name in (readable_extensions() or ()):  # nothing in the file needs what decodes it
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


@pytest.mark.parametrize("name", ["EXT_meshopt_compression", "KHR_draco_mesh_compression"])
def test_plain_geometry_beside_compressed_one_is_taken(tmp_path: pathlib.Path, name: str) -> None:
    if (readable_extensions() or {}).get(name):
        pytest.skip("this Blender reads what is compressed")
    glb = textured_box()
    extension(glb, name, required=False)
    primitive = glb.json["meshes"][0]["primitives"][0]
    for part in (glb.json["bufferViews"][1], primitive):
        part["extensions"] = {name: {"buffer": 0, "bufferView": 0, "byteLength": 9, "attributes": {"POSITION": 0}}}
    assert len(run(glb, tmp_path).data.polygons) == 12


def test_motion_with_a_plain_fallback_is_taken(tmp_path: pathlib.Path) -> None:
    glb = moving(textured_box())
    name = unreadable("EXT_meshopt_compression", "EXT_from_the_future")
    extension(glb, name, required=False)
    view = glb.json["bufferViews"][-1]
    view["extensions"] = {name: dict(view)}
    run(glb, tmp_path)
    assert len(bpy.data.actions) == 1


def test_a_texture_without_a_fallback_is_named(tmp_path: pathlib.Path) -> None:
    glb = textured_box()
    name = unreadable("KHR_texture_basisu", "MSFT_texture_dds")
    extension(glb, name, required=False)
    texture = glb.json["textures"][0]
    texture["extensions"] = {name: {"source": texture.pop("source")}}
    assert "textures compressed as" in refusal(glb, tmp_path)


def test_a_picture_without_data_is_no_obstacle(tmp_path: pathlib.Path) -> None:
    glb = boxes(300)
    glb.json["images"] = [{"name": "lost"}]
    assert len(run(glb, tmp_path).data.polygons) == 3600


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


@pytest.mark.parametrize("number", [*NO_NUMBERS, 1e30])
def test_a_vertex_of_no_face_does_not_matter(tmp_path: pathlib.Path, number: float) -> None:
    positions, faces, normals = box()
    glb = Glb()
    spare = np.full((1, 3), number)
    glb.node(
        mesh=glb.mesh(
            glb.primitive(np.concatenate([positions, spare]), faces, normals=np.concatenate([normals, np.ones((1, 3))]))
        )
    )
    obj = run(glb, tmp_path)
    assert len(obj.data.vertices) == 24
    assert max(obj.dimensions) == pytest.approx(1)


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


# Many of everything


def scattered(count: int) -> Glb:
    """Parts of several kinds, some in trees, one level turned, stretched and mirrored; one mesh in many instances."""
    random = np.random.default_rng(3)
    positions, faces, normals = box((1, 2, 3))
    ball, ball_faces, uvs = sphere(8, 5)
    glb = Glb()
    textured, red, bright = glb.material(RED), glb.material(baseColorFactor=[1, 0, 0, 1]), glb.material()
    for index, name in enumerate(("textured", "red", "bright")):
        glb.json["materials"][index]["name"] = name
    colors = np.full((len(positions), 4), 32_768, np.uint16)
    meshes = [
        glb.mesh(glb.primitive(ball, ball_faces, normals=ball, uvs=uvs, material=textured)),
        glb.mesh(
            glb.primitive(positions, faces, normals=normals, material=red),
            glb.primitive(positions + 4, faces, normals=normals, colors=colors, material=bright),
        ),
        glb.mesh(glb.primitive(positions[faces].reshape(-1, 3), None, material=red)),
    ]
    for index in range(count // 2):
        turn = random.normal(size=4)
        child = glb.node(
            root=False,
            mesh=meshes[index % 3],
            translation=random.normal(size=3).tolist(),
            rotation=(turn / np.linalg.norm(turn)).tolist(),
            scale=(random.uniform(0.5, 2, 3) * (-1, 1, 1)[index % 3]).tolist(),
        )
        matrix = np.eye(4)
        matrix[:3, :3] *= (2, 1, -1.5 if index % 4 == 0 else 1.5)
        matrix[:3, 3] = random.uniform(-30, 30, 3)
        glb.node(mesh=meshes[0], matrix=matrix.T.ravel().tolist(), children=[child])
    extension(glb, "EXT_mesh_gpu_instancing", required=False)
    turns = random.normal(size=(count, 4)).astype(np.float32)
    attributes = {
        "TRANSLATION": glb.array(random.uniform(-30, 30, (count, 3)).astype(np.float32)),
        "ROTATION": glb.array((turns / np.linalg.norm(turns, axis=1, keepdims=True)).astype(np.float32)),
        "SCALE": glb.array(random.uniform(0.5, 2, (count, 3)).astype(np.float32)),
    }
    glb.node(
        mesh=meshes[1],
        translation=[50, 0, 0],
        scale=[2, 1, 1],
        extensions={"EXT_mesh_gpu_instancing": {"attributes": attributes}},
    )
    return glb


def corners_shown() -> tuple[NDArray[Any], NDArray[Any], list[str], NDArray[Any]]:
    """Of each corner of each face: a place a bit within it (n, 3), its normal and that of its face (n, 6), its
    material, and its color and UV (n, 6)."""
    bpy.context.view_layer.update()
    places, sides, normals, materials, values = [], [], [], [], []
    for obj in (obj for obj in bpy.data.objects if obj.type == "MESH"):
        mesh, world = obj.data, np.array(obj.matrix_world)
        spots = np.array([vertex.co for vertex in mesh.vertices]) @ world[:3, :3].T + world[:3, 3]
        loops = np.array([list(face.vertices) for face in mesh.polygons])
        triangles = spots[loops]
        outside = np.cross(triangles[:, 1] - triangles[:, 0], triangles[:, 2] - triangles[:, 0])
        outside *= np.sign(np.linalg.det(world[:3, :3])) / np.maximum(np.linalg.norm(outside, axis=1), 1e-12)[:, None]
        sides.append(np.repeat(outside, 3, axis=0))
        places.append((triangles * 0.9 + triangles.mean(axis=1, keepdims=True) * 0.1).reshape(-1, 3))
        turned = np.array([item.vector for item in mesh.corner_normals]) @ np.linalg.inv(world[:3, :3])
        normals.append(turned / np.linalg.norm(turned, axis=1, keepdims=True))
        slots = [slot.name.partition(".")[0] for slot in mesh.materials]
        materials += [slots[face.material_index] for face in mesh.polygons for _ in range(3)]
        rows = np.ones((len(loops) * 3, 6))
        if mesh.color_attributes:
            rows[:, :4] = [item.color for item in mesh.color_attributes[0].data]
        if mesh.uv_layers:
            rows[:, 4:] = [item.uv for item in mesh.uv_layers[0].data]
        values.append(rows)
    return (
        np.concatenate(places),
        np.c_[np.concatenate(normals), np.concatenate(sides)],
        materials,
        np.concatenate(values),
    )


def test_many_parts_look_as_blenders_importer_shows_them(tmp_path: pathlib.Path) -> None:
    glb = scattered(300)
    obj = run(glb, tmp_path)
    assert len(bpy.data.objects) == 1
    assert sorted(material.name for material in obj.data.materials) == ["bright", "red", "textured"]
    places, normals, materials, values = corners_shown()
    empty_file_again()
    bpy.ops.import_scene.gltf(filepath=str(tmp_path / "a.glb"), merge_vertices=False)
    for other in [other for other in bpy.data.objects if other.type == "MESH"]:
        if not other.data.has_custom_normals:  # as the import shades what has no normals
            other.data.shade_smooth()
            other.data.set_sharp_from_angle(angle=np.radians(45))
    theirs, their_normals, their_materials, their_values = corners_shown()
    assert len(places) == len(theirs)
    shift = (theirs.min(axis=0) + theirs.max(axis=0) - places.min(axis=0) - places.max(axis=0)) / 2
    tree = KDTree(len(theirs))
    for index, place in enumerate(theirs - shift):
        tree.insert(place, index)
    tree.balance()
    near = [tree.find(place) for place in places]
    assert max(distance for _, _, distance in near) < 1e-3
    found = [index for _, index, _ in near]
    assert len(set(found)) > 0.99 * len(found)  # corners that lie in one place are told apart by nothing
    assert [their_materials[index] for index in found] == materials
    assert np.percentile(np.abs(their_normals[found] - normals).max(axis=1), 99) < 0.02
    apart = np.abs(their_values[found] - values)
    assert apart[:, :4].max() < 0.02
    assert apart[np.array(materials) == "textured", 4:].max() < 0.02


def empty_file_again() -> None:
    bpy.ops.wm.read_homefile(use_empty=True)
    bpy.ops.preferences.addon_enable(module="io_scene_gltf2")


def boxes(count: int, *, materials: int = 1) -> Glb:
    """Boxes of a mesh each in a row, with these materials in turn."""
    glb = Glb()
    positions, faces, normals = box()
    shared = glb.primitive(positions, faces, normals=normals)
    for _ in range(materials):
        glb.material()
    for index in range(count):
        mesh = glb.mesh({**shared, "material": index % materials})
        glb.node(mesh=mesh, name="part", translation=[index % 100 * 2, 0, index // 100 * 2])
    return glb


def instanced(count: int) -> Glb:
    glb = textured_box()
    extension(glb, "EXT_mesh_gpu_instancing")
    places = glb.array(np.random.default_rng(1).uniform(-9, 9, (count, 3)).astype(np.float32))
    glb.json["nodes"][0]["extensions"] = {"EXT_mesh_gpu_instancing": {"attributes": {"TRANSLATION": places}}}
    return glb


def chained(count: int) -> Glb:
    glb = textured_box()
    glb.json["scenes"][0]["nodes"] = [1]
    for index in range(1, count):
        below = index + 1 if index + 1 < count else 0
        glb.node(root=False, translation=[0.01, 0, 0], children=[below])
    return glb


def in_one_mesh(count: int) -> Glb:
    """Boxes that are primitives of one mesh."""
    glb = boxes(1)
    glb.json["meshes"][0]["primitives"] *= count
    return glb


def moving(glb: Glb) -> Glb:
    """Every node moves."""
    moments = glb.array(np.array([0, 1], np.float32))
    places = glb.array(np.array([[0, 0, 0], [1, 2, 3]], np.float32))
    targets = [{"node": index, "path": "translation"} for index in range(len(glb.json["nodes"]))]
    channels = [{"sampler": 0, "target": target} for target in targets]
    glb.json["animations"] = [{"samplers": [{"input": moments, "output": places}], "channels": channels}]
    return glb


@pytest.mark.parametrize(
    ("glb", "faces"),
    [
        (lambda: boxes(5_000), 60_000),
        (lambda: boxes(1_000, materials=500), 12_000),
        (lambda: instanced(20_000), 240_000),
        (lambda: chained(3_000), 12),
        (lambda: in_one_mesh(10_000), 120_000),
    ],
    ids=["nodes", "materials", "instances", "chain", "primitives"],
)
def test_many_parts_come_in_soon(tmp_path: pathlib.Path, glb: Any, faces: int) -> None:
    """Where the time grew with the square of the parts, each of these took minutes."""
    start = time.process_time()
    obj = run(glb(), tmp_path)
    assert len(obj.data.polygons) == faces
    assert time.process_time() - start < 20


def with_nodes(count: int) -> Glb:
    glb = textured_box()
    glb.json["nodes"] += [{}] * (count - 1)
    return glb


def with_count(count: int, **accessor: Any) -> Glb:
    """Positions and indices that the file does not hold."""
    glb = textured_box()
    primitive = glb.json["meshes"][0]["primitives"][0]
    glb.json["accessors"].append({"componentType": 5126, "type": "VEC3", "count": count, **accessor})
    primitive["attributes"] = {"POSITION": len(glb.json["accessors"]) - 1}
    return glb


def with_targets(count: int) -> Glb:
    positions, faces, _ = sphere(199, 99)
    glb = Glb()
    primitive = glb.primitive(positions, faces)
    glb.node(mesh=glb.mesh(primitive))
    primitive["targets"] = [{"POSITION": primitive["attributes"]["POSITION"]}] * count
    return glb


def with_keyframes(channels: int, count: int) -> Glb:
    """Channels that share their values."""
    glb = boxes(channels)
    moments = glb.array(np.arange(count, dtype=np.float32))
    places = glb.array(np.zeros((count, 3), np.float32) + np.arange(count, dtype=np.float32)[:, None])
    targets = [{"node": index, "path": "translation"} for index in range(channels)]
    animation = {"samplers": [{"input": moments, "output": places}]}
    glb.json["animations"] = [animation | {"channels": [{"sampler": 0, "target": target} for target in targets]}]
    return glb


def with_textures(count: int) -> Glb:
    glb = textured_box()
    glb.json["images"] *= count
    return glb


SPARSE = {
    "count": 1,
    "indices": {"bufferView": 0, "componentType": 5125},
    "values": {"bufferView": 0},
}


@pytest.mark.parametrize(
    ("glb", "words"),
    [
        (lambda: with_nodes(100_001), "100,001 parts, more than the 100,000"),
        (lambda: moving(boxes(3_001)), "3,001 objects, more than the 3,000"),
        (lambda: boxes(4_001, materials=4_001), "4,001 materials, more than the 4,000"),
        (lambda: moving(chained(400)), "400 levels of objects below objects, more than the 300"),
        (lambda: instanced(1_700_000), "20,400,000 faces, more than the 20,000,000"),
        (lambda: with_count(4_000_000_000), "4,000,000,000 vertices, more than the 60,000,000"),
        (lambda: with_count(4_000_000_000, bufferView=0, sparse=SPARSE), "4,000,000,000 vertices"),
        (lambda: with_targets(3_000), "60,020,000 vertices"),
        (lambda: with_targets(2_001), "2,001 morph targets, more than the 2,000"),
        (lambda: with_keyframes(300, 70_000), "21,000,000 keyframes, more than the 20,000,000"),
        (lambda: with_textures(4_001), "4,001 textures, more than the 4,000"),
    ],
    ids=[
        "nodes",
        "moving",
        "materials",
        "depth",
        "instances",
        "absent",
        "sparse",
        "targets",
        "keys",
        "keyframes",
        "textures",
    ],
)
def test_too_many_are_refused_with_their_number(tmp_path: pathlib.Path, glb: Any, words: str) -> None:
    made = glb()
    start = time.process_time()
    assert words in refusal(made, tmp_path)
    assert time.process_time() - start < 20


@pytest.mark.parametrize("count", [-1, 2.5, "24", None, True, [24]])
def test_a_count_must_be_one(tmp_path: pathlib.Path, count: Any) -> None:
    glb = textured_box()
    glb.json["accessors"][0]["count"] = count
    assert "damaged" in refusal(glb, tmp_path)


@pytest.mark.parametrize("key", ["byteOffset", "byteLength", "byteStride"])
def test_arrays_do_not_begin_before_the_file(tmp_path: pathlib.Path, key: str) -> None:
    """Also those that only the importer reads, which would reach into its own memory."""
    glb = textured_box()
    glb.json["bufferViews"].append({**glb.json["bufferViews"][0], key: -4096})
    glb.json["accessors"].append({**glb.json["accessors"][0], "bufferView": len(glb.json["bufferViews"]) - 1})
    assert "damaged" in refusal(glb, tmp_path)


def flat_png(width: int, height: int) -> bytes:
    """One of one color, a few kilobytes however large it is."""

    def chunk(kind: bytes, body: bytes) -> bytes:
        return struct.pack(">I", len(body)) + kind + body + struct.pack(">I", zlib.crc32(kind + body))

    packer = zlib.compressobj(9)
    rows = b"".join(packer.compress(bytes(width // 8 + 2)) for _ in range(height)) + packer.flush()
    header = struct.pack(">IIBBBBB", width, height, 1, 0, 0, 0, 0)
    return b"\x89PNG\r\n\x1a\n" + chunk(b"IHDR", header) + chunk(b"IDAT", rows) + chunk(b"IEND", b"")


def test_a_huge_texture_is_refused(tmp_path: pathlib.Path) -> None:
    glb = textured_box()
    glb.material(flat_png(20_000, 20_000))
    assert "a texture of 20,000 x 20,000 pixels, more than the 16,384 x 16,384" in refusal(glb, tmp_path)


def test_all_textures_count_together(tmp_path: pathlib.Path, monkeypatch: pytest.MonkeyPatch) -> None:
    glb = textured_box()
    for _ in range(4):
        glb.material(flat_png(1000, 2000))
    monkeypatch.setattr(gltf_limits, "MAX_PIXELS", 8 * 10**6)  # sixteen more are within it
    assert "textures have 8 million pixels together, more than the 8 million" in refusal(glb, tmp_path)
    monkeypatch.setattr(gltf_limits, "MAX_PIXELS", 8 * 10**6 + 16)
    assert len(run(glb, tmp_path).data.polygons) == 12
