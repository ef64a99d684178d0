# SPDX-License-Identifier: GPL-3.0-or-later
"""What an import leaves in the scene, from files whole, odd and broken."""

from __future__ import annotations

import pathlib
import struct
from typing import Any

import bpy
import numpy as np
import pytest
from glb_files import Glb, box, png, sphere
from mathutils import Euler, Matrix, Vector
from numpy.typing import NDArray

from sam3d.engine.gltf.writer import vertex_normals, write_glb
from sam3d.scene.importing import ImportFailed, ResultInfo, can_import, import_result

PHOTO = "mug.png"
KINDS = (
    "scenes",
    "collections",
    "objects",
    "meshes",
    "armatures",
    "cameras",
    "lights",
    "actions",
    "materials",
    "images",
    "node_groups",
)


@pytest.fixture(autouse=True)
def empty_file() -> None:
    bpy.ops.wm.read_homefile(use_empty=True)
    bpy.ops.preferences.addon_enable(module="io_scene_gltf2")


def run(
    path: pathlib.Path,
    *,
    location: tuple[float, float, float] = (0, 0, 0),
    seed: int = 7,
    photo: str = PHOTO,
    **options: Any,
) -> bpy.types.Object:
    """Imports and gives the one object."""
    info = ResultInfo(job="j1", provider="DRAFT", model="draft-1", prompt="a mug", photo=photo, seed=seed, cost=0.25)
    options = {"collection_name": "mug", "object_name": "mug", **options}
    names = import_result(bpy.context, path, info=info, location=Vector(location), **options)
    return bpy.data.objects[names[0]]


def vertices(obj: bpy.types.Object) -> NDArray[Any]:
    """World coordinates (n, 3)."""
    return np.array([obj.matrix_world @ vertex.co for vertex in obj.data.vertices])


def contents() -> dict[str, list[str]]:
    return {kind: sorted(datablock.name for datablock in getattr(bpy.data, kind)) for kind in KINDS}


def assert_outward(obj: bpy.types.Object) -> None:
    """Faces and the normals that are shown point away from the middle of a convex object."""
    middle = vertices(obj).mean(axis=0)
    shown = [Vector(normal.vector) for normal in obj.data.corner_normals]
    for polygon in obj.data.polygons:
        away = polygon.center + obj.location - Vector(middle)
        assert polygon.normal.dot(away) > 0
        for corner in polygon.loop_indices:
            assert shown[corner].dot(polygon.normal) > 0.5


def simple_box(path: pathlib.Path, **node: Any) -> pathlib.Path:
    positions, faces, normals = box()
    glb = Glb()
    glb.node(mesh=glb.mesh(glb.primitive(positions, faces, normals=normals)), **node)
    return glb.write(path)


def colored_box(path: pathlib.Path, colors: NDArray[Any], **options: Any) -> pathlib.Path:
    positions, faces, _ = box()
    glb = Glb()
    material = glb.material(**options) if options else None
    glb.node(
        mesh=glb.mesh(glb.primitive(positions, faces, colors=np.tile(colors, (len(positions), 1)), material=material))
    )
    return glb.write(path)


def principled(material: bpy.types.Material) -> bpy.types.ShaderNode:
    return next(node for node in material.node_tree.nodes if node.type == "BSDF_PRINCIPLED")


def base_color_seen(obj: bpy.types.Object, folder: pathlib.Path) -> NDArray[Any]:
    """The sRGB color (3,), 0 to 255, in the middle of a render from the front of the base color alone."""
    for material in obj.data.materials:
        tree = material.node_tree
        socket = principled(material).inputs["Base Color"]
        emission = tree.nodes.new("ShaderNodeEmission")
        if socket.links:
            tree.links.new(socket.links[0].from_socket, emission.inputs["Color"])
        else:
            emission.inputs["Color"].default_value = socket.default_value
        output = next(node for node in tree.nodes if node.type == "OUTPUT_MATERIAL")
        tree.links.new(emission.outputs[0], output.inputs["Surface"])
    scene = bpy.context.scene
    camera = bpy.data.objects.new("camera", bpy.data.cameras.new("camera"))
    camera.data.type = "ORTHO"
    camera.data.ortho_scale = 0.1
    camera.location = vertices(obj).mean(axis=0) + np.array([0, -5, 0])
    camera.rotation_euler = (np.pi / 2, 0, 0)
    scene.collection.objects.link(camera)
    scene.camera = camera
    scene.render.engine = "CYCLES"
    scene.cycles.samples = 1
    scene.cycles.device = "CPU"
    scene.cycles.use_denoising = False
    scene.render.resolution_x = scene.render.resolution_y = 4
    scene.view_settings.view_transform = "Standard"
    scene.render.image_settings.file_format = "PNG"
    scene.render.filepath = str(folder / "seen.png")
    bpy.ops.render.render(write_still=True)
    image = bpy.data.images.load(scene.render.filepath)
    pixels = np.array(image.pixels[:]).reshape(4, 4, -1)
    seen: NDArray[Any] = pixels[1:3, 1:3, :3].mean(axis=(0, 1)) * 255
    return seen


# What stands in the scene


def test_object_stands_at_the_place(tmp_path: pathlib.Path) -> None:
    obj = run(simple_box(tmp_path / "a.glb", translation=[5, 6, 7]), location=(1, 2, 3))
    found = vertices(obj)
    assert obj.name == obj.data.name == "mug"
    np.testing.assert_allclose(found.min(axis=0), (0.5, 1.5, 3), atol=1e-5)
    np.testing.assert_allclose(found.max(axis=0), (1.5, 2.5, 4), atol=1e-5)
    assert tuple(obj.location) == (1, 2, 3)
    assert tuple(obj.scale) == (1, 1, 1)
    assert obj.rotation_euler[:] == (0, 0, 0)
    assert list(bpy.data.objects) == [obj]
    assert bpy.context.view_layer.objects.active == obj
    assert bpy.context.selected_objects == [obj]


def test_front_of_the_file_faces_the_front_view(tmp_path: pathlib.Path) -> None:
    positions, faces, normals = box()
    positions[positions[:, 2] > 0] *= (0.2, 1, 1)  # narrow towards +Z
    glb = Glb()
    glb.node(mesh=glb.mesh(glb.primitive(positions, faces, normals=normals)))
    found = vertices(run(glb.write(tmp_path / "a.glb")))
    assert np.ptp(found[found[:, 1] < 0][:, 0]) < np.ptp(found[found[:, 1] > 0][:, 0])


def test_properties_say_where_it_comes_from(tmp_path: pathlib.Path) -> None:
    obj = run(simple_box(tmp_path / "a.glb"))
    assert {key: value for key, value in obj.items() if key.startswith("sam3d_")} == {
        "sam3d_job": "j1",
        "sam3d_provider": "DRAFT",
        "sam3d_model": "draft-1",
        "sam3d_prompt": "a mug",
        "sam3d_photo": PHOTO,
        "sam3d_seed": 7,
        "sam3d_cost": 0.25,
    }


@pytest.mark.parametrize(("seed", "kept"), [(2**31 - 1, 2**31 - 1), (2**31, "2147483648"), (2**63, str(2**63))])
def test_large_seeds_are_kept_as_text(tmp_path: pathlib.Path, seed: int, kept: int | str) -> None:
    assert run(simple_box(tmp_path / "a.glb"), seed=seed)["sam3d_seed"] == kept


def test_results_of_a_photo_share_its_collection(tmp_path: pathlib.Path) -> None:
    path = simple_box(tmp_path / "a.glb")
    artists = bpy.data.collections.new("mug")
    bpy.context.scene.collection.children.link(artists)
    first, second, other = run(path), run(path), run(path, photo="/other/mug.png")
    assert len(artists.objects) == 0
    assert first.users_collection == second.users_collection != other.users_collection
    assert {first.name, second.name, other.name} == {"mug", "mug.001", "mug.002"}
    assert len(bpy.context.scene.collection.children) == 3
    assert not bpy.context.scene.collection.objects


def test_height_scales_evenly_and_stays_applied(tmp_path: pathlib.Path) -> None:
    obj = run(simple_box(tmp_path / "a.glb", scale=[1, 4, 2]), height=0.5)
    np.testing.assert_allclose(np.ptp(vertices(obj), axis=0), (0.125, 0.25, 0.5), atol=1e-6)
    assert tuple(obj.scale) == (1, 1, 1)


def test_height_is_in_meters_whatever_the_scene_counts_in(tmp_path: pathlib.Path) -> None:
    bpy.context.scene.unit_settings.scale_length = 0.01
    obj = run(simple_box(tmp_path / "a.glb"), height=0.5)
    np.testing.assert_allclose(np.ptp(vertices(obj), axis=0), (50, 50, 50), atol=1e-4)


@pytest.mark.parametrize(("system", "units"), [("METRIC", 100), ("IMPERIAL", 100), ("NONE", 1)])
@pytest.mark.parametrize("height", [0.0, 1.8])
def test_lengths_are_what_blender_shows(tmp_path: pathlib.Path, system: str, units: float, height: float) -> None:
    """Blender goes by the scale of the units where it shows any."""
    settings = bpy.context.scene.unit_settings
    settings.system, settings.scale_length = system, 0.01
    obj = run(simple_box(tmp_path / "a.glb"), height=height)
    np.testing.assert_allclose(np.ptp(vertices(obj), axis=0), [units * (height or 1)] * 3, rtol=1e-5)
    assert settings.scale_length == pytest.approx(0.01)


def test_photos_of_one_name_have_collections_of_their_own(tmp_path: pathlib.Path) -> None:
    path = simple_box(tmp_path / "a.glb")
    sources = ("/a/mug.png", "/b/mug.png", "/a/mug.png")
    found = [run(path, photo_source=source).users_collection[0] for source in sources]
    assert found[0] == found[2] != found[1]
    assert {collection["sam3d_photo"] for collection in found} == {PHOTO}


def test_a_collection_of_an_earlier_version_is_used_on(tmp_path: pathlib.Path) -> None:
    path = simple_box(tmp_path / "a.glb")
    collection = run(path).users_collection[0]
    del collection["sam3d_photo_source"]
    assert run(path, photo_source="/a/mug.png").users_collection[0] == collection


def test_a_result_appears_in_no_linked_copy_of_the_scene(tmp_path: pathlib.Path) -> None:
    path = simple_box(tmp_path / "a.glb")
    run(path)
    scene = bpy.context.scene
    copy = scene.copy()
    before = set(copy.collection.all_objects)
    obj = run(path)
    assert obj.name in scene.objects and set(copy.collection.all_objects) == before
    assert run(path).users_collection[0] == obj.users_collection[0]


def test_parts_of_a_tree_become_one_object(tmp_path: pathlib.Path) -> None:
    positions, faces, normals = box()
    glb = Glb()
    red, blue = glb.material(baseColorFactor=[1, 0, 0, 1]), glb.material(baseColorFactor=[0, 0, 1, 1])
    lower = glb.mesh(glb.primitive(positions, faces, normals=normals, material=red))
    upper = glb.mesh(glb.primitive(positions, faces, normals=normals, uvs=positions[:, :2], material=blue))
    glb.json["cameras"] = [{"type": "perspective", "perspective": {"yfov": 1, "znear": 0.1}}]
    glb.json["extensions"] = {"KHR_lights_punctual": {"lights": [{"type": "point"}]}}
    glb.json["extensionsUsed"] = ["KHR_lights_punctual"]
    leaf = glb.node(root=False, mesh=upper, translation=[0, 1, 0])
    again = glb.node(root=False, mesh=upper, translation=[0, 2, 0])
    camera = glb.node(root=False, camera=0)
    light = glb.node(root=False, extensions={"KHR_lights_punctual": {"light": 0}})
    stem = glb.node(root=False, children=[leaf, again, camera, light], scale=[2, 2, 2])
    glb.node(children=[stem], rotation=[0, np.sqrt(0.5), 0, np.sqrt(0.5)], translation=[0, 0.5, 0])
    glb.node(mesh=lower)
    obj = run(glb.write(tmp_path / "a.glb"))
    assert list(bpy.data.objects) == [obj]
    assert list(bpy.data.meshes) == [obj.data]
    assert not bpy.data.cameras and not bpy.data.lights
    np.testing.assert_allclose(np.ptp(vertices(obj), axis=0), (2, 2, 6), atol=1e-5)
    assert len(obj.data.polygons) == 36
    assert {tuple(principled(slot).inputs["Base Color"].default_value) for slot in obj.data.materials} == {
        (1, 0, 0, 1),
        (0, 0, 1, 1),
    }
    counts = np.bincount([polygon.material_index for polygon in obj.data.polygons])
    assert sorted(counts) == [12, 24]
    assert obj.data.uv_layers
    assert obj.data.has_custom_normals


@pytest.mark.parametrize("scale", [(-1, 1, 1), (-1, -1, -1), (2, 0.5, 1), (-3, 1, 0.5), (1, 1, 1)])
@pytest.mark.parametrize("normals", [True, False])
def test_outside_stays_outside(tmp_path: pathlib.Path, scale: tuple[float, float, float], normals: bool) -> None:
    positions, faces, _ = sphere(24, 13)
    glb = Glb()
    mesh = glb.mesh(glb.primitive(positions, faces, normals=positions if normals else None))
    inner = glb.node(root=False, mesh=mesh, scale=list(scale))
    glb.node(children=[inner], rotation=[0.5, 0.5, 0.5, 0.5])
    obj = run(glb.write(tmp_path / "a.glb"), height=3)
    assert_outward(obj)
    if normals:
        # an ellipsoid's own normals
        half = np.ptp(vertices(obj), axis=0) / 2
        middle = obj.location + Vector((0, 0, half[2]))
        shown = np.array([normal.vector for normal in obj.data.corner_normals])
        corners = vertices(obj)[[loop.vertex_index for loop in obj.data.loops]] - np.array(middle)
        true = corners / half**2
        true /= np.linalg.norm(true, axis=1, keepdims=True)
        assert np.median((shown * true).sum(axis=1)) > 0.999


def test_hard_edges_of_the_file_stay_hard(tmp_path: pathlib.Path) -> None:
    obj = run(simple_box(tmp_path / "a.glb", scale=[1, 2, 3]))
    for polygon in obj.data.polygons:
        for corner in polygon.loop_indices:
            assert Vector(obj.data.corner_normals[corner].vector).dot(polygon.normal) > 0.999


def test_without_normals_round_is_smooth_and_edges_are_sharp(tmp_path: pathlib.Path) -> None:
    positions, faces, uvs = sphere(48, 25)
    glb = Glb()
    glb.node(mesh=glb.mesh(glb.primitive(positions, faces, uvs=uvs)))
    obj = run(glb.write(tmp_path / "a.glb"))
    smooth = [
        Vector(normal.vector).dot((Vector(corner) - Vector((0, 0, 1))).normalized())
        for normal, corner in zip(
            obj.data.corner_normals,
            vertices(obj)[[loop.vertex_index for loop in obj.data.loops]],
            strict=True,
        )
    ]
    assert min(smooth) > 0.99  # across the UV seam too
    positions, faces, _ = box()
    glb = Glb()
    glb.node(mesh=glb.mesh(glb.primitive(positions, faces)))
    assert_outward(run(glb.write(tmp_path / "b.glb")))


def test_seams_of_the_uvs_leave_the_surface_closed(tmp_path: pathlib.Path) -> None:
    positions, faces, uvs = sphere(24, 13)
    glb = Glb()
    glb.node(mesh=glb.mesh(glb.primitive(positions, faces, normals=positions, uvs=uvs)))
    obj = run(glb.write(tmp_path / "a.glb"))
    counts: dict[tuple[int, int], int] = {}
    for polygon in obj.data.polygons:
        for edge in polygon.edge_keys:
            counts[edge] = counts.get(edge, 0) + 1
    assert set(counts.values()) == {2}


def test_only_the_files_own_scene_comes(tmp_path: pathlib.Path) -> None:
    positions, faces, normals = box()
    glb = Glb()
    mesh = glb.mesh(glb.primitive(positions, faces, normals=normals))
    wanted = glb.node(mesh=mesh)
    hidden = glb.node(root=False, mesh=mesh, translation=[9, 0, 0])
    glb.node(root=False, mesh=mesh, translation=[0, 9, 0])  # in no scene
    glb.json["scenes"] = [{"nodes": [hidden]}, {"nodes": [wanted], "extras": {"frame": "mine"}}]
    glb.json["scene"] = 1
    obj = run(glb.write(tmp_path / "a.glb"))
    assert len(bpy.data.scenes) == 1
    assert "frame" not in bpy.context.scene
    assert [collection.name for collection in bpy.data.collections] == ["mug"]
    np.testing.assert_allclose(np.ptp(vertices(obj), axis=0), (1, 1, 1), atol=1e-6)


def skinned_body(path: pathlib.Path) -> pathlib.Path:
    """A ball on two bones, off the origin, under an armature of two meters."""
    positions, faces, _ = sphere(24, 13)
    glb = Glb()
    primitive = glb.primitive(positions, faces, normals=positions)
    weights = np.tile(np.array([1, 0, 0, 0], np.float32), (len(positions), 1))
    joints = np.zeros((len(positions), 4), np.uint8)
    joints[:, 0] = positions[:, 1] > 0
    primitive["attributes"] |= {"JOINTS_0": glb.array(joints), "WEIGHTS_0": glb.array(weights)}
    tip = glb.node(root=False, name="tip", translation=[0, 1, 0])
    hips = glb.node(root=False, name="hips", translation=[0, -1, 0], children=[tip])
    inverse = np.tile(np.eye(4, dtype=np.float32), (2, 1, 1))
    inverse[0, 3, 1] = 1  # column-major: the translation is the last row
    glb.json["skins"] = [{"joints": [hips, tip], "inverseBindMatrices": glb.array(inverse.reshape(2, 16))}]
    body = glb.node(root=False, mesh=glb.mesh(primitive), skin=0)
    glb.node(children=[hips, body], translation=[4, 0, 0])
    return glb.write(path)


TURN = 0.7
SEEN = Matrix.LocRotScale((3, 4, 5), Euler((0.05, 0.02, TURN)), (0.4, 0.4, 0.4))
"""From a model to the world, as a match has it."""


def shown(obj: bpy.types.Object) -> NDArray[Any]:
    """World coordinates (n, 3) of what is shown now."""
    bpy.context.view_layer.update()
    evaluated = obj.evaluated_get(bpy.context.evaluated_depsgraph_get())
    return np.array([evaluated.matrix_world @ vertex.co for vertex in evaluated.data.vertices])


def test_what_is_seen_in_a_photo_stands_there_with_a_turn_alone(tmp_path: pathlib.Path) -> None:
    plain = vertices(run(simple_box(tmp_path / "a.glb", scale=(1, 2, 3), translation=(5, 0, 0))))
    bpy.ops.wm.read_homefile(use_empty=True)
    obj = run(simple_box(tmp_path / "a.glb", scale=(1, 2, 3), translation=(5, 0, 0)), seen=SEEN, turn=TURN)
    assert obj.scale[:] == (1, 1, 1) and obj.rotation_euler[:] == pytest.approx((0, 0, TURN))
    found, linear = vertices(obj), np.array(SEEN)[:3, :3]
    np.testing.assert_allclose(found - found.mean(0), (plain - plain.mean(0)) @ linear.T, atol=1e-5)
    assert np.linalg.norm(found.mean(0) - np.array(SEEN)[:3] @ (5, 0, 0, 1)) < 1e-4
    own = np.array([vertex.co for vertex in obj.data.vertices])
    np.testing.assert_allclose((own.min(0) + own.max(0))[:2], 0, atol=1e-5)
    assert own[:, 2].min() == pytest.approx(0, abs=1e-5)


def test_a_skinned_body_that_is_seen_in_a_photo_stands_there(tmp_path: pathlib.Path) -> None:
    (mesh,) = [obj for obj in run(skinned_body(tmp_path / "a.glb")).children if obj.type == "MESH"]
    plain = shown(mesh)
    bpy.ops.wm.read_homefile(use_empty=True)
    armature = run(skinned_body(tmp_path / "a.glb"), seen=SEEN, turn=TURN)
    found, linear = shown(armature.children[0]), np.array(SEEN)[:3, :3]
    np.testing.assert_allclose(found - found.mean(0), (plain - plain.mean(0)) @ linear.T, atol=1e-4)


@pytest.mark.parametrize("face_limit", [0, 200])
def test_a_skinned_body_keeps_its_skeleton(tmp_path: pathlib.Path, face_limit: int) -> None:
    armature = run(skinned_body(tmp_path / "a.glb"), location=(1, 2, 3), height=4, face_limit=face_limit)
    assert armature.type == "ARMATURE"
    assert {bone.name for bone in armature.data.bones} == {"hips", "tip"}
    mesh = next(obj for obj in bpy.data.objects if obj.type == "MESH")
    assert len(bpy.data.objects) == 2
    assert mesh.parent == armature
    assert [(modifier.type, modifier.object, modifier.show_viewport) for modifier in mesh.modifiers] == [
        ("ARMATURE", armature, True)
    ]
    assert {group.name for group in mesh.vertex_groups} == {"hips", "tip"}
    assert all(vertex.groups for vertex in mesh.data.vertices)
    assert len(mesh.data.polygons) == (face_limit or 576)
    assert mesh["sam3d_job"] == armature["sam3d_job"] == "j1"
    shown = mesh.evaluated_get(bpy.context.evaluated_depsgraph_get())
    corners = np.array([shown.matrix_world @ vertex.co for vertex in shown.data.vertices])
    np.testing.assert_allclose(corners.min(axis=0)[2], 3, atol=1e-4)
    np.testing.assert_allclose(np.ptp(corners, axis=0), (4, 4, 4), atol=0.2)
    np.testing.assert_allclose((corners.min(axis=0) + corners.max(axis=0)) / 2, (1, 2, 5), atol=0.02)


# How it looks


@pytest.mark.parametrize(
    ("factors", "metallic"),
    [({}, 0), ({"metallicFactor": 1}, 1), ({"roughnessFactor": 0.3}, 0), ({"metallicFactor": 0.4}, 0.4)],
)
def test_metal_is_only_what_the_file_calls_metal(
    tmp_path: pathlib.Path, factors: dict[str, Any], metallic: float
) -> None:
    positions, faces, normals = box()
    glb = Glb()
    glb.node(mesh=glb.mesh(glb.primitive(positions, faces, normals=normals, material=glb.material(**factors))))
    node = principled(run(glb.write(tmp_path / "a.glb")).data.materials[0])
    assert node.inputs["Metallic"].default_value == pytest.approx(metallic)
    assert node.inputs["Roughness"].default_value == pytest.approx(factors.get("roughnessFactor", 1))


def test_a_material_without_any_values_is_no_metal(tmp_path: pathlib.Path) -> None:
    positions, faces, normals = box()
    glb = Glb()
    glb.json["materials"] = [{"name": "bare"}]
    glb.node(mesh=glb.mesh(glb.primitive(positions, faces, normals=normals, material=0)))
    assert principled(run(glb.write(tmp_path / "a.glb")).data.materials[0]).inputs["Metallic"].default_value == 0


@pytest.mark.parametrize("color", [(200, 100, 50), (12, 255, 130), (3, 40, 250)])
@pytest.mark.parametrize("with_material", [False, True])
def test_bytes_of_vertex_colors_show_as_they_are(
    tmp_path: pathlib.Path, color: tuple[int, int, int], with_material: bool
) -> None:
    colors = np.array([[*color, 255]], np.uint8)
    obj = run(colored_box(tmp_path / "a.glb", colors, **({"roughnessFactor": 1} if with_material else {})))
    np.testing.assert_allclose(base_color_seen(obj, tmp_path), color, atol=1)


def test_vertex_colors_in_floats_are_linear_as_gltf_says(tmp_path: pathlib.Path) -> None:
    obj = run(colored_box(tmp_path / "a.glb", np.array([[0.5, 0.2, 0.05]], np.float32)))
    np.testing.assert_allclose(base_color_seen(obj, tmp_path), (188, 124, 63), atol=1)


def test_a_texture_shows_as_it_is(tmp_path: pathlib.Path) -> None:
    positions, faces, normals = box()
    glb = Glb()
    material = glb.material(png(np.full((8, 8, 3), (200, 100, 50), np.uint8)))
    glb.node(
        mesh=glb.mesh(glb.primitive(positions, faces, normals=normals, uvs=positions[:, :2] + 0.5, material=material))
    )
    obj = run(glb.write(tmp_path / "a.glb"))
    assert all(image.packed_file for image in bpy.data.images if image.name == "photo")
    np.testing.assert_allclose(base_color_seen(obj, tmp_path), (200, 100, 50), atol=1)


def test_without_material_and_color_it_is_gray(tmp_path: pathlib.Path) -> None:
    seen = base_color_seen(run(simple_box(tmp_path / "a.glb")), tmp_path)
    assert np.ptp(seen) < 1
    assert 120 < seen.mean() < 220


def test_colored_and_textured_parts_join_with_both(tmp_path: pathlib.Path) -> None:
    positions, faces, normals = box()
    glb = Glb()
    texture = glb.material(png(np.full((8, 8, 3), (200, 100, 50), np.uint8)))
    front = glb.primitive(positions, faces, normals=normals, uvs=positions[:, :2] + 0.5, material=texture)
    colors = np.tile(np.array([[10, 220, 90, 255]], np.uint8), (len(positions), 1))
    glb.node(mesh=glb.mesh(front), translation=[0, 0, 1])
    glb.node(mesh=glb.mesh(glb.primitive(positions, faces, normals=normals, colors=colors)))
    obj = run(glb.write(tmp_path / "a.glb"))
    np.testing.assert_allclose(base_color_seen(obj, tmp_path), (200, 100, 50), atol=1)
    turned = [
        loop
        for polygon in obj.data.polygons
        if "Vertex" in obj.data.materials[polygon.material_index].name
        for loop in polygon.loop_indices
    ]
    values = np.array([obj.data.color_attributes[0].data[loop].color_srgb[:3] for loop in turned])
    np.testing.assert_allclose(values * 255, np.tile((10, 220, 90), (len(turned), 1)), atol=0.6)


def rainbow(direction: NDArray[Any]) -> NDArray[Any]:
    """A color for each direction (n, 3), without a jump anywhere."""
    unit: NDArray[Any] = direction / np.linalg.norm(direction, axis=1, keepdims=True)
    return (unit + 1) / 2


@pytest.mark.parametrize("normals", [True, False])
def test_face_limit_keeps_the_texture_in_place(tmp_path: pathlib.Path, normals: bool) -> None:
    positions, faces, uvs = sphere(96, 49)
    around, down = (np.arange(256) + 0.5) / 256 * 2 * np.pi, (np.arange(128) + 0.5) / 128 * np.pi
    angle, polar = np.meshgrid(around, down)
    texels = rainbow(
        np.stack([np.sin(polar) * np.cos(angle), np.cos(polar), -np.sin(polar) * np.sin(angle)], axis=-1).reshape(-1, 3)
    ).reshape(128, 256, 3)
    glb = Glb()
    material = glb.material(png((texels * 255).astype(np.uint8)))
    glb.node(
        mesh=glb.mesh(
            glb.primitive(positions, faces, normals=positions if normals else None, uvs=uvs, material=material)
        )
    )
    obj = run(glb.write(tmp_path / "a.glb"), face_limit=1000, height=2)
    assert 900 <= len(obj.data.polygons) <= 1000
    np.testing.assert_allclose(vertices(obj).min(axis=0)[2], 0, atol=1e-6)
    np.testing.assert_allclose(vertices(obj).max(axis=0)[2], 2, atol=1e-6)
    assert [material.name for material in obj.data.materials] == ["surface"]
    mesh = obj.data
    place = np.array([polygon.center for polygon in mesh.polygons]) - (0, 0, 1)
    uv = np.array([[mesh.uv_layers[0].uv[loop].vector for loop in polygon.loop_indices] for polygon in mesh.polygons])
    column, row = (uv.mean(axis=1) * (256, 128)).astype(int).T
    seen = texels[127 - np.clip(row, 0, 127), np.clip(column, 0, 255)]
    true = rainbow(np.stack([place[:, 0], place[:, 2], -place[:, 1]], axis=1))
    error = np.abs(seen - true).max(axis=1)
    assert np.percentile(error, 95) < 0.08
    assert error.max() < 0.3
    assert_outward(obj)


def test_face_limit_keeps_colors_and_hard_edges_together(tmp_path: pathlib.Path) -> None:
    """A cube of six finely divided sides, each of its own color, told apart by nothing but normals."""
    side = np.linspace(-0.5, 0.5, 21)
    u, v = (grid.ravel() for grid in np.meshgrid(side, side))
    index = np.arange(441).reshape(21, 21)
    a, b, c, d = (
        index[:-1, :-1].ravel(),
        index[:-1, 1:].ravel(),
        index[1:, 1:].ravel(),
        index[1:, :-1].ravel(),
    )
    quads = np.concatenate([np.stack([a, b, c], 1), np.stack([a, c, d], 1)])
    positions: list[NDArray[Any]] = []
    faces: list[NDArray[Any]] = []
    normals: list[NDArray[Any]] = []
    colors: list[NDArray[Any]] = []
    for axis in range(3):
        for sign in (-1, 1):
            eye = np.eye(3)
            place = sign * 0.5 * eye[axis] + u[:, None] * eye[(axis + 1) % 3] + v[:, None] * eye[(axis + 2) % 3]
            faces.append((quads if sign > 0 else quads[:, ::-1]) + 441 * len(positions))
            positions.append(place)
            normals.append(np.tile(sign * eye[axis], (441, 1)))
            colors.append(np.tile([axis * 100, 128 + sign * 100, 77, 255], (441, 1)))
    glb = Glb()
    glb.node(
        mesh=glb.mesh(
            glb.primitive(
                np.concatenate(positions),
                np.concatenate(faces),
                normals=np.concatenate(normals),
                colors=np.concatenate(colors).astype(np.uint8),
            )
        )
    )
    obj = run(glb.write(tmp_path / "a.glb"), face_limit=200)
    mesh = obj.data
    assert len(mesh.polygons) <= 200
    np.testing.assert_allclose(np.ptp(vertices(obj), axis=0), (1, 1, 1), atol=0.02)
    assert all(len(set(polygon.loop_indices)) == 3 for polygon in mesh.polygons)
    edges: dict[tuple[int, int], int] = {}
    for polygon in mesh.polygons:
        for edge in polygon.edge_keys:
            edges[edge] = edges.get(edge, 0) + 1
    assert set(edges.values()) == {2}, "the surface has torn"
    wrong = 0
    for polygon in mesh.polygons:
        axis = int(np.argmax(np.abs(polygon.normal)))
        gltf_axis, sign = ((0, 1), (2, -1), (1, 1))[axis]
        true = (gltf_axis * 100, 128 + np.sign(polygon.normal[axis]) * sign * 100, 77)
        seen = np.mean([mesh.color_attributes[0].data[loop].color_srgb[:3] for loop in polygon.loop_indices], axis=0)
        wrong += bool(np.abs(seen * 255 - true).max() > 4)
    assert wrong <= 0.02 * len(mesh.polygons)


def test_face_limit_holds_for_many_loose_pieces(tmp_path: pathlib.Path) -> None:
    positions, faces, _ = sphere(8, 5, seam=False)
    size = np.linspace(0.1, 1, 40)[:, None, None]
    place = np.arange(40)[:, None, None] * (3.0, 0, 0)
    glb = Glb()
    glb.node(
        mesh=glb.mesh(
            glb.primitive(
                (positions * size + place).reshape(-1, 3),
                (faces + np.arange(40)[:, None, None] * len(positions)).reshape(-1, 3),
            )
        )
    )
    obj = run(glb.write(tmp_path / "a.glb"), face_limit=100)
    assert 50 <= len(obj.data.polygons) <= 100
    assert np.ptp(vertices(obj)[:, 0]) > 40


def test_face_limit_above_the_faces_changes_nothing(tmp_path: pathlib.Path) -> None:
    obj = run(simple_box(tmp_path / "a.glb"), face_limit=500)
    assert len(obj.data.polygons) == 12
    assert obj.data.has_custom_normals


# Where Blender is in another state


def test_it_waits_for_object_mode(tmp_path: pathlib.Path) -> None:
    path = simple_box(tmp_path / "a.glb")
    assert can_import(bpy.context) == ""
    obj = run(path)
    for mode, words in (("EDIT", "Edit Mode"), ("SCULPT", "Sculpt Mode"), ("WEIGHT_PAINT", "Paint Mode")):
        bpy.ops.object.mode_set(mode=mode)
        assert words in can_import(bpy.context)
        with pytest.raises(ImportFailed, match=words):
            run(path)
        assert bpy.context.mode != "OBJECT"
        bpy.ops.object.mode_set(mode="OBJECT")
    assert list(bpy.data.objects) == [obj]


@pytest.mark.parametrize("how", ["exclude", "hide_viewport", "hide"])
def test_hidden_collections_are_no_obstacle(tmp_path: pathlib.Path, how: str) -> None:
    path = simple_box(tmp_path / "a.glb")
    view_layer = bpy.context.view_layer
    artists = bpy.data.collections.new("hidden")
    bpy.context.scene.collection.children.link(artists)
    view_layer.active_layer_collection = view_layer.layer_collection.children["hidden"]
    if how == "hide":
        artists.hide_viewport = True
    else:
        setattr(view_layer.layer_collection.children["hidden"], how, True)
    active = view_layer.active_layer_collection.collection
    first = run(path)
    assert view_layer.active_layer_collection.collection == active
    view_layer.layer_collection.children["mug"].exclude = True
    first.users_collection[0].hide_viewport = True
    second = run(path)
    assert first.users_collection == second.users_collection
    assert second.visible_get()
    assert bpy.context.selected_objects == [second]


def test_a_scene_of_another_file_is_left_alone(tmp_path: pathlib.Path) -> None:
    path = simple_box(tmp_path / "a.glb")
    bpy.context.scene.name = "theirs"
    bpy.ops.wm.save_as_mainfile(filepath=str(tmp_path / "theirs.blend"))
    bpy.ops.wm.read_homefile(use_empty=True)
    with bpy.data.libraries.load(str(tmp_path / "theirs.blend"), link=True) as (_, wanted):
        wanted.scenes = ["theirs"]
    bpy.context.window.scene = next(scene for scene in bpy.data.scenes if scene.library)
    assert "another file" in can_import(bpy.context)
    with pytest.raises(ImportFailed):
        run(path)


def test_without_the_importer_it_says_so(tmp_path: pathlib.Path) -> None:
    bpy.ops.preferences.addon_disable(module="io_scene_gltf2")
    with pytest.raises(ImportFailed, match="glTF"):
        run(simple_box(tmp_path / "a.glb"))


# Files that are no good


def with_broken_geometry(how: str) -> Glb:
    """A box, and for some a whole one beside it, in a file that is otherwise well-formed."""
    positions, faces, normals = box()
    glb = Glb()
    if how == "not a number":
        positions[3, 1] = np.nan
    elif how == "infinite":
        positions[3, 1] = np.inf
    elif how == "huge":
        positions *= 1e30
    elif how == "no size":
        positions *= 0
    elif how == "index":
        faces[5, 2] = 99
    elif how == "no faces":
        faces = faces[:0]
    mode = {"points": 0, "lines": 1}.get(how)
    primitive = glb.primitive(positions, faces, normals=normals, mode=mode)
    if how == "uvs":
        primitive["attributes"]["TEXCOORD_0"] = primitive["attributes"]["POSITION"]
    elif how == "texture":  # found out by Blender's importer, in the midst of its work
        primitive["material"] = glb.material(baseColorTexture={"index": 5})
    if how not in ("points", "lines", "no faces", "no size"):
        glb.node(mesh=glb.mesh(glb.primitive(*box()[:2])))
    if how != "no mesh":
        glb.node(mesh=glb.mesh(primitive))
    else:
        glb.json["scenes"] = [{"nodes": []}]
    return glb


def break_json(how: str, glb: Glb) -> None:
    node = glb.json["nodes"][-1]
    if how == "huge node":
        node["scale"] = [1e300] * 3
    elif how == "loop":
        node["children"] = [len(glb.json["nodes"]) - 1]
    elif how == "no such mesh":
        node["mesh"] = 17
    elif how == "other file":
        glb.json["images"] = [{"uri": "../../secret.png"}]
    elif how == "extension":
        glb.json["extensionsUsed"] = glb.json["extensionsRequired"] = ["EXT_from_the_future"]
    elif how == "long array":
        glb.json["accessors"][-1]["count"] = 4_000_000_000
    elif how == "version":
        glb.json["asset"]["version"] = "1.0"


def broken_bytes(how: str, content: bytes) -> bytes:
    half = len(content) // 2

    def only_json(text: bytes) -> bytes:
        return struct.pack("<4sIII4s", b"glTF", 2, 20 + len(text), len(text), b"JSON") + text

    return {
        "cut": content[:half],
        "cut, with its length put right": content[:8] + struct.pack("<I", half) + content[12:half],
        "web page": b"<!doctype html><title>404</title>",
        "json": content.replace(b'{"asset"', b'["asset"'),
        "nesting": only_json(b"[" * 100_000),
        "list": only_json(b"[1, 2]  "),
        "nothing": b"",
    }.get(how, content)


@pytest.mark.parametrize(
    "how",
    [
        "points",
        "lines",
        "no mesh",
        "no faces",
        "not a number",
        "infinite",
        "huge",
        "huge node",
        "no size",
        "index",
        "uvs",
        "texture",
        "loop",
        "no such mesh",
        "other file",
        "extension",
        "long array",
        "version",
        "cut",
        "cut, with its length put right",
        "web page",
        "json",
        "nesting",
        "list",
        "nothing",
        "missing",
    ],
)
def test_a_bad_file_leaves_nothing_but_one_sentence(tmp_path: pathlib.Path, how: str) -> None:
    path = tmp_path / "a.glb"
    if how != "missing":
        glb = with_broken_geometry(how)
        break_json(how, glb)
        path.write_bytes(broken_bytes(how, glb.bytes()))
    mine = bpy.data.objects.new("mine", bpy.data.meshes.new("mine"))
    bpy.context.scene.collection.objects.link(mine)
    mine.select_set(True)
    bpy.context.view_layer.objects.active = mine
    before = contents()
    with pytest.raises(ImportFailed) as failure:
        run(path)
    sentence = str(failure.value)
    assert "\n" not in sentence and "Traceback" not in sentence
    assert sentence.endswith(".") and sentence[0].isupper()
    assert contents() == before
    assert bpy.context.selected_objects == [mine]
    assert bpy.context.view_layer.objects.active == mine
    assert bpy.context.mode == "OBJECT"


@pytest.mark.parametrize("kind", ["revolution", "organic"])
def test_the_rings_of_a_turned_draft_are_quads(tmp_path: pathlib.Path, kind: str) -> None:
    rings, sides = 7, 24
    turn = np.arange(sides) * 2 * np.pi / sides
    around = np.stack([0.3 * np.cos(turn), 0 * turn, -0.3 * np.sin(turn)], 1)
    points = np.concatenate(
        [*(np.add(around, (0, height, 0)) for height in np.linspace(0, 1, rings)), [(0, 0, 0), (0, 1, 0)]]
    )
    ring, side = (index.ravel() for index in np.mgrid[0 : rings - 1, 0:sides])
    a, b = ring * sides + side, ring * sides + (side + 1) % sides
    quads = np.stack([a, b, b + sides, a, b + sides, a + sides], 1).reshape(-1, 3)
    last, following = (rings - 1) * sides, (np.arange(sides) + 1) % sides
    low = np.stack([np.full(sides, rings * sides), following, np.arange(sides)], 1)
    high = np.stack([np.full(sides, rings * sides + 1), last + np.arange(sides), last + following], 1)
    faces = np.concatenate([low, quads, high])
    uv = np.stack([(points[:, 0] + 1) / 2, points[:, 1]], 1)
    glb = write_glb(
        points,
        vertex_normals(points, faces),
        uv,
        faces,
        png(np.full((2, 2, 3), 99, np.uint8)),
        mime="image/png",
        kind=kind,
    )
    path = tmp_path / "can.glb"
    path.write_bytes(glb)
    obj = run(path)
    corners = np.bincount([len(polygon.vertices) for polygon in obj.data.polygons], minlength=5)
    assert_outward(obj)
    if kind == "organic":
        assert corners.tolist() == [0, 0, 0, len(faces), 0]
    else:
        assert corners[3] + 2 * corners[4] == len(faces)
        wall = [len(polygon.vertices) for polygon in obj.data.polygons if abs(polygon.normal.z) < 0.1]
        assert wall == [4] * (rings - 1) * sides
