# SPDX-License-Identifier: GPL-3.0-or-later
"""Skeletons that come with a file: names, helpers, bones, and the shape that must not change."""

from __future__ import annotations

import pathlib
from typing import Any

import bpy
import numpy as np
import pytest
from mathutils import Vector
from numpy.typing import NDArray
from people import COMFYUI, LYING, MESHY, MHR, MIXAMO, PLAIN, Joint, write_person

from sam3d.engine.rigging.skeleton import BONES
from sam3d.scene.importing import ResultInfo, import_result
from sam3d.scene.poses import take_pose

HALF = 2**-0.5
WAVING = {
    "l_uparm": (0.0, 0.0, HALF, HALF),
    "l_lowarm": (0.0, -HALF, 0.0, HALF),
    "l_uparm_twist1_proc": (0.3826834, 0.0, 0.0, 0.9238795),
    "r_lowleg": (HALF, 0.0, 0.0, HALF),
}


@pytest.fixture(autouse=True)
def empty_file() -> None:
    bpy.ops.wm.read_homefile(use_empty=True)
    bpy.ops.preferences.addon_enable(module="io_scene_gltf2")


def bring(path: pathlib.Path) -> tuple[bpy.types.Object, bpy.types.Object]:
    """The armature and the mesh of an imported file."""
    info = ResultInfo(job="j", provider="LOCAL", model="m", prompt="", photo="p", seed=1, cost=0.0)
    names = import_result(bpy.context, path, info=info, collection_name="p", object_name="ann", location=Vector())
    armature, mesh = (bpy.data.objects[name] for name in names)
    return armature, mesh


def plain_import(path: pathlib.Path) -> NDArray[np.float64]:
    """The posed vertices (V, 3) as Blender's importer alone brings them, the lowest at zero."""
    bpy.ops.import_scene.gltf(filepath=str(path), merge_vertices=False)
    found = posed(next(obj for obj in bpy.data.objects if obj.type == "MESH" and obj.vertex_groups))
    bpy.ops.wm.read_homefile(use_empty=True)
    return found


def in_world(mesh: bpy.types.Object) -> NDArray[np.float64]:
    """The posed vertices (V, 3)."""
    bpy.context.view_layer.update()
    shown = mesh.evaluated_get(bpy.context.evaluated_depsgraph_get())
    return np.array([shown.matrix_world @ vertex.co for vertex in shown.data.vertices])


def posed(mesh: bpy.types.Object) -> NDArray[np.float64]:
    """The posed vertices (V, 3) about the middle of their base."""
    places = in_world(mesh)
    middle = (places.min(axis=0) + places.max(axis=0)) / 2
    return np.asarray(places - (middle[0], middle[1], places[:, 2].min()))


@pytest.mark.parametrize(
    ("joints", "more"),
    [
        (MHR, {"c_spine0", "c_spine2", "l_index1", "r_index1"}),
        (COMFYUI, {"c_spine0", "c_spine2", "l_index1", "r_index1"}),
        (MIXAMO, {"mixamorig:Spine1"}),
        (MESHY, {"Spine01"}),
    ],
    ids=["MHR", "ComfyUI", "Mixamo", "Meshy"],
)
def test_bones_have_our_names_and_helpers_are_gone(
    tmp_path: pathlib.Path, joints: dict[str, Joint], more: set[str]
) -> None:
    armature, mesh = bring(write_person(tmp_path / "a.glb", joints))
    assert {bone.name for bone in armature.data.bones} == set(BONES) | more
    assert {group.name for group in mesh.vertex_groups} <= set(BONES) | more
    heads = {bone.name: np.array(bone.head_local) for bone in armature.data.bones}
    assert heads["hand.L"][0] > 0 > heads["hand.R"][0]
    assert armature.data.bones["hand.L"].parent.name == "forearm.L"
    assert heads["hips"][2] < heads["spine"][2] < heads["chest"][2] < heads["neck"][2] < heads["head"][2]
    for vertex in mesh.data.vertices:
        assert sum(element.weight for element in vertex.groups) == pytest.approx(1, abs=1e-5)


def test_the_mesh_stays_as_it_was_in_the_pose_of_the_file(tmp_path: pathlib.Path) -> None:
    path = write_person(tmp_path / "a.glb", MHR, WAVING)
    before = plain_import(path)
    _, mesh = bring(path)
    np.testing.assert_allclose(posed(mesh), before, atol=2e-4)
    assert np.ptp(before[:, 0]) < 1.8  # the pose is there


def test_bones_end_at_the_next_joint_and_bend_about_x(tmp_path: pathlib.Path) -> None:
    armature, _ = bring(write_person(tmp_path / "a.glb", MHR))
    bones = armature.data.bones
    for name, following in (("upper_arm.L", "forearm.L"), ("thigh.R", "shin.R"), ("neck", "head")):
        np.testing.assert_allclose(bones[name].tail_local, bones[following].head_local, atol=1e-5)
    assert bones["head"].tail_local.z == pytest.approx(1.75 + bones["hips"].head_local.z - 0.95, abs=1e-4)
    for side in "LR":
        for name, way in (("shin", (0, 1, 0)), ("forearm", (0, -1, 0))):
            turned = armature.pose.bones[f"{name}.{side}"]
            before = np.array(turned.tail)
            turned.rotation_mode, turned.rotation_euler = "XYZ", (0.5, 0, 0)
            bpy.context.view_layer.update()
            assert (np.array(turned.tail) - before) @ np.array(way) > 0.05, name


def bent(joints: dict[str, Joint], moves: dict[str, tuple[float, float, float]]) -> dict[str, Joint]:
    """The same skeleton with these joints, and what hangs on them, elsewhere: by (x, y, z), x outwards."""

    def move(name: str | None) -> NDArray[np.float64]:
        if name is None:
            return np.zeros(3)
        joint = joints[name]
        sign = np.sign(joint.place[0]) or 1.0
        own = next((place for end, place in moves.items() if name.endswith(end)), (0, 0, 0))
        return move(joint.parent) + np.array(own) * (sign, 1, 1)

    return {
        name: Joint(joint.parent, tuple(np.array(joint.place) + move(name)), joint.weighted)
        for name, joint in joints.items()
    }


AHEAD, BACK = (0, -1, 0.3), (0, 1, 0.3)
RESTS: dict[str, tuple[dict[str, tuple[float, float, float]], Any, Any]] = {
    # where joints are from those of a straight body with its arms out, and where hands and feet go when they bend; x is
    # outwards
    "straight": ({}, AHEAD, BACK),
    "a little the wrong way": ({"ForeArm": (0, 0, 0.03), "Hand": (0, 0, -0.06), "Foot": (0, 0, 0.08)}, AHEAD, BACK),
    "hanging forearms": ({"Hand": (-0.02, -0.08, 0)}, AHEAD, BACK),
    "half lowered arms": ({"ForeArm": (-0.08, -0.19, 0), "Hand": (-0.1, -0.2, 0)}, AHEAD, BACK),
    "knees a little outwards": ({"Foot": (0.06, 0, 0)}, AHEAD, BACK),
    "bent": ({"Hand": (-0.1, 0, 0.2), "Foot": (0, 0.1, -0.25)}, (-1, -0.4, 0), (0, 1, 1)),
    "sitting": ({"UpLeg": (0, 0, 0), "Leg": (0, 0.38, 0.38)}, AHEAD, (0, 1, 0)),
    "arms stretched ahead": ({"ForeArm": (-0.27, 0, 0.27), "Hand": (-0.25, 0, 0.25)}, (0, 0, 1), BACK),
}


def assert_bends(armature: bpy.types.Object, hands: Any = AHEAD, feet: Any = BACK) -> None:
    """Of bodies that face -Y at rest: a positive turn about X takes hands and feet where they go, x outwards."""
    armature.animation_data_clear()
    for bone in armature.pose.bones:
        bone.matrix_basis.identity()
        bone.rotation_mode, bone.rotation_euler, bone.location = "XYZ", (0, 0, 0), (0, 0, 0)
    for name, way in (("forearm", hands), ("shin", feet)):
        for side, sign in (("L", 1), ("R", -1)):
            turned = armature.pose.bones[f"{name}.{side}"]
            bpy.context.view_layer.update()
            before = np.array(armature.matrix_world @ turned.tail)
            turned.rotation_euler = (0.5, 0, 0)
            bpy.context.view_layer.update()
            moved = np.array(armature.matrix_world @ turned.tail) - before
            turned.rotation_euler = (0, 0, 0)
            assert moved * (sign, 1, 1) @ way > 0.8 * np.linalg.norm(moved) * np.linalg.norm(way), turned.name


@pytest.mark.parametrize("under", [None, LYING], ids=["upright", "lying in centimeters"])
@pytest.mark.parametrize("moves", ["", "LINEAR"], ids=["at rest", "moving"])
@pytest.mark.parametrize("rest", RESTS)
def test_elbows_and_knees_bend_with_positive_x(tmp_path: pathlib.Path, rest: str, moves: str, under: Any) -> None:
    places, hands, feet = RESTS[rest]
    armature, _ = bring(write_person(tmp_path / "a.glb", bent(PLAIN, places), moves=moves, under=under))
    assert bool(armature.animation_data) == bool(moves)
    assert_bends(armature, hands, feet)


@pytest.mark.parametrize("moves", ["", "LINEAR"], ids=["at rest", "moving"])
@pytest.mark.parametrize("joints", [MHR, COMFYUI, MIXAMO, MESHY], ids=["MHR", "ComfyUI", "Mixamo", "Meshy"])
def test_so_they_do_on_skeletons_of_every_maker(tmp_path: pathlib.Path, joints: dict[str, Joint], moves: str) -> None:
    armature, _ = bring(write_person(tmp_path / "a.glb", joints, moves=moves))
    assert set(BONES) <= set(armature.pose.bones.keys())
    assert_bends(armature)


def test_a_stretched_bone_does_not_keep_others_from_bending(tmp_path: pathlib.Path) -> None:
    armature, _ = bring(write_person(tmp_path / "a.glb", MIXAMO, moves="LINEAR", stretches="mixamorig:Spine1"))
    assert_bends(armature)


def test_a_moving_person_keeps_all_bones_and_plays_on(tmp_path: pathlib.Path) -> None:
    armature, _ = bring(write_person(tmp_path / "a.glb", MHR, moves="LINEAR"))
    assert len(armature.data.bones) == len(MHR)
    assert armature.animation_data.action is not None
    elbow = armature.data.bones["upper_arm.L"]
    np.testing.assert_allclose(elbow.tail_local, armature.data.bones["forearm.L"].head_local, atol=1e-5)


def test_the_neutral_pose_of_a_skeleton_with_other_axes_stands(tmp_path: pathlib.Path) -> None:
    armature, mesh = bring(write_person(tmp_path / "a.glb", MIXAMO, under=LYING))
    take_pose(armature, "neutral")
    places = in_world(mesh)
    assert np.ptp(places[:, 2]) > 1.5 and places[:, 2].min() == pytest.approx(0, abs=1e-4)


def test_a_skeleton_that_is_no_person_keeps_its_names(tmp_path: pathlib.Path) -> None:
    snake = {
        "Hips": Joint(None, (0, 0.1, 0)),
        "Spine": Joint("Hips", (0, 0.1, 0.3)),
        "Tail": Joint("Spine", (0, 0.1, 0.6)),
    }
    armature, _ = bring(write_person(tmp_path / "a.glb", snake))
    assert {bone.name for bone in armature.data.bones} == set(snake)


def test_a_neutral_pose_and_the_photos_can_be_taken_in_turn(tmp_path: pathlib.Path) -> None:
    armature, mesh = bring(write_person(tmp_path / "a.glb", MHR, WAVING))
    photo = posed(mesh)
    ground = in_world(mesh)[:, 2].min()
    take_pose(armature, "neutral")
    assert in_world(mesh)[:, 2].min() == pytest.approx(ground, abs=1e-4)
    heads = {bone.name: np.array(bone.head) for bone in armature.pose.bones}
    for side, sign in (("L", 1), ("R", -1)):
        arm = heads[f"hand.{side}"] - heads[f"upper_arm.{side}"]
        np.testing.assert_allclose(arm / np.linalg.norm(arm), (sign * HALF, 0, -HALF), atol=0.1)
        leg = heads[f"foot.{side}"] - heads[f"thigh.{side}"]
        assert leg[2] / np.linalg.norm(leg) < -0.99
        assert heads[f"toe.{side}"][1] < heads[f"foot.{side}"][1] - 0.05  # feet to the front
    take_pose(armature, "photo")
    np.testing.assert_allclose(posed(mesh), photo, atol=1e-4)
