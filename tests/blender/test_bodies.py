# SPDX-License-Identifier: GPL-3.0-or-later
"""Bare bodies become armatures with meshes that can be posed at once."""

from __future__ import annotations

import functools
import pathlib
from typing import Any

import bpy
import numpy as np
import pytest
from glb_files import Glb
from mathutils import Euler, Matrix, Vector
from numpy.typing import NDArray

from sam3d.engine.rigging import find_joints
from sam3d.engine.rigging.person import Person, rig_people
from sam3d.engine.rigging.skeleton import BONES
from sam3d.scene.bodies import rebind, rig
from sam3d.scene.ik import add_ik, follow_limbs, remove_ik
from sam3d.scene.importing import ResultInfo, import_result
from sam3d.scene.poses import take_pose

Mesh = tuple[NDArray[np.float64], NDArray[np.int64]]

DATA = pathlib.Path(__file__).resolve().parents[3] / "shared" / "data"
needs_data = pytest.mark.skipif(not DATA.is_dir(), reason="needs the human meshes beside the repository")


@pytest.fixture(autouse=True)
def empty_file() -> None:
    bpy.ops.wm.read_homefile(use_empty=True)
    bpy.ops.preferences.addon_enable(module="io_scene_gltf2")


def human(name: str) -> Mesh:
    """A real body (V, 3), (F, 3), y up, in meters."""
    with np.load(DATA / f"{name}.npz") as data:
        return data["v"].astype(np.float64) * (0.1 if name.startswith("humans") else 1), data["f"].astype(np.int64)


@functools.lru_cache(maxsize=16)
def people(vertices: bytes, faces: bytes) -> list[Person]:
    """Those in a mesh (V, 3), (F, 3), who are found once for all tests: it takes a second."""
    points, triangles = np.frombuffer(vertices, np.float64), np.frombuffer(faces, np.int64)
    return rig_people(points.reshape(-1, 3), triangles.reshape(-1, 3))


def bring(folder: pathlib.Path, *bodies: Mesh, height: float = 0.0, **options: Any) -> list[bpy.types.Object]:
    """What a GLB with all bodies in one mesh leaves in the scene, by way of the joints found in it."""
    vertices = np.concatenate([points for points, _ in bodies])
    starts = np.cumsum([0] + [len(points) for points, _ in bodies])
    faces = np.concatenate([triangles + start for (_, triangles), start in zip(bodies, starts, strict=False)])
    glb = Glb()
    glb.node(mesh=glb.mesh(glb.primitive(vertices, faces)))
    path = glb.write(folder / "a.glb")
    info = ResultInfo(job="j", provider="LOCAL", model="m", prompt="", photo="p", seed=1, cost=0.0)
    names = import_result(
        bpy.context,
        path,
        info=info,
        collection_name="p",
        object_name="ann",
        location=Vector((1, 2, 0)),
        people=people(vertices.tobytes(), faces.tobytes()),
        height=height,
        **options,
    )
    return [bpy.data.objects[name] for name in names]


def world(obj: bpy.types.Object) -> NDArray[np.float64]:
    bpy.context.view_layer.update()
    shown = obj.evaluated_get(bpy.context.evaluated_depsgraph_get())
    return np.array([shown.matrix_world @ vertex.co for vertex in shown.data.vertices])


@needs_data
@pytest.mark.parametrize("name", ["humans/avg_tpose", "humans/female_sit", "humans/child_walk", "mhr/subj00"])
def test_elbows_and_knees_bend_with_positive_x_in_every_pose(tmp_path: pathlib.Path, name: str) -> None:
    armature = bring(tmp_path, human(name))[0]
    bones = armature.pose.bones
    left = bones["thigh.L"].head - bones["thigh.R"].head
    front = np.array(left.cross(bones["head"].head - bones["hips"].head).normalized())
    for upper, lower, way in (("upper_arm", "forearm", front), ("thigh", "shin", -front)):
        for side in "LR":
            above, turned = bones[f"{upper}.{side}"], bones[f"{lower}.{side}"]
            bend = above.vector.angle(turned.vector)
            before = np.array(turned.tail)
            turned.rotation_mode, turned.rotation_euler = "XYZ", (0.3, 0, 0)
            bpy.context.view_layer.update()
            more = above.vector.angle(turned.vector) - bend
            assert more > 0.2 or (bend < 0.55 and (np.array(turned.tail) - before) @ way > 0), turned.name
            turned.rotation_euler = (0, 0, 0)
            bpy.context.view_layer.update()


@needs_data
@pytest.mark.parametrize("name", ["humans/avg_walk", "humans/female_sit", "mhr/subj00"])
def test_a_bare_body_arrives_rigged_in_the_photos_pose(tmp_path: pathlib.Path, name: str) -> None:
    vertices, faces = human(name)
    armature, mesh = bring(tmp_path, (vertices, faces))
    assert armature.type == "ARMATURE" and armature.name == "ann" and mesh.parent == armature
    assert {bone.name for bone in armature.data.bones} == set(BONES)
    found = world(mesh)
    upright = vertices[:, [0, 2, 1]] * (1, -1, 1)
    upright -= [*((upright.min(0) + upright.max(0)) / 2)[:2], upright[:, 2].min()]
    np.testing.assert_allclose(found - (1, 2, 0), upright, atol=1e-4)
    for vertex in mesh.data.vertices:
        weights = [element.weight for element in vertex.groups]
        assert 1 <= len(weights) <= 4
        assert sum(weights) == pytest.approx(1, abs=1e-4)


@needs_data
def test_two_people_in_one_mesh_keep_their_places(tmp_path: pathlib.Path) -> None:
    one, other = human("humans/avg_walk"), human("humans/child_rest")
    objects = bring(tmp_path, one, (other[0] + (1.5, 0, -0.5), other[1]))
    armatures = [obj for obj in objects if obj.type == "ARMATURE"]
    assert [obj.name for obj in armatures] == ["ann", "ann.001"]
    apart = armatures[1].matrix_world.translation - armatures[0].matrix_world.translation
    assert apart.x == pytest.approx(1.5, abs=0.2) and apart.y == pytest.approx(0.5, abs=0.2)
    assert min(world(obj)[:, 2].min() for obj in objects if obj.type == "MESH") == pytest.approx(0, abs=1e-4)


@needs_data
def test_people_that_are_seen_in_a_photo_stand_there_together(tmp_path: pathlib.Path) -> None:
    one, other = human("humans/avg_walk"), human("humans/child_rest")
    seen = Matrix.LocRotScale((3, 4, 5), Euler((0, 0, 0.7)), (0.5, 0.5, 0.5))
    objects = bring(tmp_path, one, (other[0] + (1.5, 0, -0.5), other[1]), seen=seen, turn=0.7)
    armatures = [obj for obj in objects if obj.type == "ARMATURE"]
    assert all(obj.scale[:] == (1, 1, 1) and obj.rotation_euler.z == pytest.approx(0.7) for obj in armatures)
    points = np.concatenate([one[0], other[0] + (1.5, 0, -0.5)])[:, [0, 2, 1]] * (1, -1, 1)
    there = points @ np.array(seen)[:3, :3].T + np.array(seen)[:3, 3]
    found = np.concatenate([world(obj) for obj in objects if obj.type == "MESH"])
    np.testing.assert_allclose(found, there, atol=1e-4)
    for armature in armatures:
        head = armature.matrix_world @ armature.pose.bones["head"].head
        assert np.linalg.norm(there - np.array(head), axis=1).min() < 0.1


@needs_data
def test_no_face_is_lost(tmp_path: pathlib.Path) -> None:
    """Also of what lies apart from the people, who are rigged all the same."""
    one, other = human("humans/avg_walk"), human("humans/child_rest")
    stray = human("humans/avg_rest")[0][:40] * 0.1 + (-1.2, 0.3, 0), np.arange(39).reshape(-1, 3)
    (_, mesh) = bring(tmp_path, one, stray)
    assert len(mesh.data.polygons) == len(one[1]) + len(stray[1])
    bpy.ops.wm.read_homefile(use_empty=True)
    objects = bring(tmp_path, one, (other[0] + (1.5, 0, -0.5), other[1]), stray)
    meshes = [obj for obj in objects if obj.type == "MESH"]
    assert [len(obj.data.polygons) for obj in meshes] == [len(one[1]) + len(stray[1]), len(other[1])]


@needs_data
def test_a_tiny_body_becomes_life_size_and_a_height_is_kept(tmp_path: pathlib.Path) -> None:
    vertices, faces = human("humans/avg_rest")
    (_, mesh) = bring(tmp_path, (vertices * 0.01, faces))
    assert np.ptp(world(mesh)[:, 2]) == pytest.approx(1.7, abs=0.2)
    bpy.ops.wm.read_homefile(use_empty=True)
    (_, mesh) = bring(tmp_path, (vertices, faces), height=0.3)
    assert np.ptp(world(mesh)[:, 2]) == pytest.approx(0.3, abs=1e-4)


@needs_data
@pytest.mark.parametrize("size", [1.0, 0.01])
def test_a_body_is_rigged_whatever_the_scene_counts_in(tmp_path: pathlib.Path, size: float) -> None:
    vertices, faces = human("humans/avg_walk")
    armature, mesh = bring(tmp_path, (vertices * size, faces))
    expected, tall = heads(armature), np.ptp(world(mesh)[:, 2])
    bpy.ops.wm.read_homefile(use_empty=True)
    bpy.context.scene.unit_settings.scale_length = 0.01
    armature, mesh = bring(tmp_path, (vertices * size, faces))
    assert np.ptp(world(mesh)[:, 2]) == pytest.approx(tall * 100, rel=1e-3)
    for name, place in heads(armature).items():
        np.testing.assert_allclose(place, expected[name] * 100, atol=0.1)


def heads(armature: bpy.types.Object) -> dict[str, NDArray[np.float64]]:
    bpy.context.view_layer.update()
    return {bone.name: np.array(bone.head) for bone in armature.pose.bones if bone.name in BONES}


@needs_data
def test_controls_leave_the_pose_and_move_the_limbs(tmp_path: pathlib.Path) -> None:
    armature, _ = bring(tmp_path, human("humans/avg_walk"))
    before = heads(armature)
    add_ik(bpy.context, armature)
    for name, place in heads(armature).items():
        np.testing.assert_allclose(place, before[name], atol=2e-3, err_msg=name)
    take_pose(armature, "neutral")
    follow_limbs(bpy.context, armature)
    neutral = heads(armature)
    hand = armature.pose.bones["hand_ik.L"]
    hand.matrix = hand.matrix.copy()
    hand.location = hand.location + hand.bone.matrix_local.to_3x3().inverted() @ Vector((-0.15, -0.1, 0.1))
    moved = heads(armature)
    np.testing.assert_allclose(moved["hand.L"] - neutral["hand.L"], (-0.15, -0.1, 0.1), atol=0.01)
    np.testing.assert_allclose(moved["hand.R"], neutral["hand.R"], atol=1e-3)
    remove_ik(bpy.context, armature)
    for name, place in heads(armature).items():
        np.testing.assert_allclose(place, moved[name], atol=2e-3, err_msg=name)
    assert {bone.name for bone in armature.data.bones} == set(BONES)


@needs_data
def test_corrected_joints_bind_anew(tmp_path: pathlib.Path) -> None:
    armature, mesh = bring(tmp_path, human("humans/avg_rest"))
    bpy.context.view_layer.objects.active = armature
    bpy.ops.object.mode_set(mode="EDIT")
    elbow = armature.data.edit_bones["forearm.L"]
    armature.data.edit_bones["upper_arm.L"].tail = elbow.head + 0.5 * (elbow.tail - elbow.head)
    bpy.ops.object.mode_set(mode="OBJECT")
    before = sum(weights_of(mesh, "forearm.L"))
    assert rebind(bpy.context, armature) == ""
    assert sum(weights_of(mesh, "forearm.L")) < 0.8 * before
    assert [modifier.type for modifier in mesh.modifiers] == ["ARMATURE"]


@needs_data
def test_seams_stay_shut_in_every_pose() -> None:
    """A file splits vertices along the seams of its texture, and bone heat binds each piece by itself."""
    points, triangles = human("humans/avg_rest")
    points = points[:, [0, 2, 1]] * (1, -1, 1)
    height = points[triangles].mean(1)[:, 2]
    slices = np.array_split(np.argsort(height, kind="stable"), 12)
    used = [np.unique(triangles[each]) for each in slices]
    starts = np.cumsum([0, *map(len, used)])
    faces = [
        np.searchsorted(mine, triangles[each]) + start for mine, each, start in zip(used, slices, starts, strict=False)
    ]
    number = np.concatenate(used)
    mesh = bpy.data.meshes.new("ann")
    mesh.from_pydata(points[number].tolist(), [], np.concatenate(faces).tolist())
    body = bpy.data.objects.new("ann", mesh)
    bpy.context.scene.collection.objects.link(body)
    armature = rig(bpy.context, body, find_joints(points, triangles, up="Z"), "ann Rig")
    before = world(body)
    for bone, turn in (("thigh.L", 0.9), ("shin.R", -1.2), ("upper_arm.L", 1.0), ("spine", 0.5), ("forearm.R", 1.1)):
        armature.pose.bones[bone].rotation_mode = "XYZ"
        armature.pose.bones[bone].rotation_euler = (turn, 0.3 * turn, 0)
    after = world(body)
    assert np.linalg.norm(after - before, axis=1).max() > 0.2
    first = np.unique(number, return_index=True)[1]
    assert len(number) - len(first) > 200
    np.testing.assert_array_equal(after, after[first][number])


def weights_of(mesh: bpy.types.Object, bone: str) -> list[float]:
    index = mesh.vertex_groups[bone].index
    return [element.weight for vertex in mesh.data.vertices for element in vertex.groups if element.group == index]
