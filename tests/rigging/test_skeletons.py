# SPDX-License-Identifier: GPL-3.0-or-later
"""From joints to a skeleton that can be posed: names, bones, rolls, the neutral pose, and the size of a person."""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np
import pytest
from scipy.spatial.transform import Rotation

from sam3d.engine.arrays import Floats
from sam3d.engine.rigging.bone_names import is_helper, own_names
from sam3d.engine.rigging.bones import Bone, body_bones, front_of, make_bones
from sam3d.engine.rigging.mhr_names import ABOVE, NAMES
from sam3d.engine.rigging.person import life_size, stature
from sam3d.engine.rigging.poses import neutral_pose
from sam3d.engine.rigging.rotation import aligning, rotation, rotation_vector, turning, unit
from sam3d.engine.rigging.skeleton import BONES, JOINTS
from sam3d.engine.rigging.template import load_template

FRONT = np.array([0.0, -1.0, 0.0])
SIDES = ("L", "R")


def joints(turn: Floats | None = None) -> dict[str, Floats]:
    """Those of a standing body with its arms half raised, z up, which looks to -Y; `turn` (3, 3) turns it."""
    places = load_template().joints[:, [0, 2, 1]] * (1, -1, 1)
    return dict(zip(JOINTS, places if turn is None else places @ turn.T, strict=True))


def bent() -> dict[str, Floats]:
    """The same with right angles at left elbow and knee: the forearm goes ahead, the shin back."""
    places = joints()
    for start, middle, way in (("forearm.L", "hand.L", FRONT), ("shin.L", "foot.L", -FRONT)):
        length = np.linalg.norm(places[middle] - places[start])
        places[middle] = places[start] + length * way
    return places


def test_every_bone_lies_between_its_joints() -> None:
    places = joints()
    bones = body_bones(places, FRONT)
    assert list(bones) == list(BONES)
    for name, (parent, tail) in BONES.items():
        bone = bones[name]
        assert bone.parent == parent
        np.testing.assert_array_equal(bone.head, places[name])
        np.testing.assert_allclose(bone.tail, places[tail], atol=1e-12)


def test_a_positive_turn_about_x_bends_a_limb() -> None:
    """A bone's local Z lies in the plane of the limb, on the side to which the next bone goes; X is across."""
    bones = body_bones(bent(), FRONT)
    for upper, lower in (("upper_arm.L", "forearm.L"), ("thigh.L", "shin.L")):
        along, next_way = (unit(bones[name].tail - bones[name].head) for name in (upper, lower))
        hinge = np.cross(along, next_way)
        for name in (upper, lower):
            way, up = bones[name].tail - bones[name].head, bones[name].up
            assert abs(float(up @ hinge)) < 1e-9 and abs(float(up @ way)) < 1e-9
            assert float(np.cross(way, up) @ hinge) > 0
    assert float(bones["upper_arm.L"].up @ unit(bones["forearm.L"].tail - bones["forearm.L"].head)) > 0.5


def test_straight_limbs_bend_as_people_do() -> None:
    places = joints()
    for side in SIDES:
        for start, middle, end in (("upper_arm", "forearm", "hand"), ("thigh", "shin", "foot")):
            places[f"{middle}.{side}"] = (places[f"{start}.{side}"] + places[f"{end}.{side}"]) / 2
    bones = body_bones(places, FRONT)
    for side in SIDES:
        for name in ("upper_arm", "forearm"):
            np.testing.assert_array_equal(bones[f"{name}.{side}"].up, FRONT)
        for name in ("thigh", "shin"):
            np.testing.assert_array_equal(bones[f"{name}.{side}"].up, -FRONT)
        for name in ("foot", "toe"):
            np.testing.assert_array_equal(bones[f"{name}.{side}"].up, (0, 0, 1))
    for name in ("hips", "spine", "chest", "neck", "head"):
        np.testing.assert_array_equal(bones[name].up, FRONT)


@pytest.mark.parametrize("side", SIDES)
@pytest.mark.parametrize(
    ("joint", "off", "limb", "way"),
    [
        ("hand", (0, 0.05, 0), ("upper_arm", "forearm"), FRONT),  # the wrong way
        ("hand", (0, 0, -0.08), ("upper_arm", "forearm"), FRONT),  # sideways
        ("foot", (0, -0.08, 0), ("thigh", "shin"), -FRONT),
        ("foot", (0.1, 0, 0), ("thigh", "shin"), -FRONT),
    ],
)
def test_a_limb_that_is_a_little_off_bends_as_people_do(
    joint: str, off: tuple[float, float, float], limb: tuple[str, str], way: Floats, side: str
) -> None:
    places = joints()
    upper, lower, end = (f"{name}.{side}" for name in (*limb, joint))
    places[lower] = (places[upper] + places[end]) / 2
    places[end] = places[end] + np.array(off)
    bones = body_bones(places, FRONT)
    assert [bones[name].up.tolist() for name in (upper, lower)] == [way.tolist()] * 2


def test_limbs_that_point_ahead_bend_as_people_do() -> None:
    places = joints()
    for start, middle, end in (("upper_arm", "forearm", "hand"), ("thigh", "shin", "foot")):
        for number, name in enumerate((middle, end), 1):
            places[f"{name}.L"] = places[f"{start}.L"] + 0.3 * number * FRONT
    bones = body_bones(places, FRONT)
    assert bones["forearm.L"].up[2] > 0.9 and bones["shin.L"].up[2] < -0.9


def test_bones_of_any_skeleton_end_where_the_straightest_child_begins() -> None:
    heads = {
        "tip": (0.0, 0.0, 3.0),
        "fin": (1.0, 0.0, 2.0),
        "middle": (0.0, 0.0, 1.0),
        "root": (0.0, 0.0, 0.0),
        "double": (0.0, 0.0, 0.0),
        "alone": (5.0, 0.0, 0.0),
    }
    parents = {"tip": "middle", "fin": "middle", "middle": "root", "double": "root", "root": None, "alone": None}
    bones = make_bones({name: np.array(place) for name, place in heads.items()}, parents, FRONT)
    order = list(bones)
    assert all(parent is None or order.index(parent) < order.index(name) for name, parent in parents.items())
    np.testing.assert_array_equal(bones["root"].tail, heads["middle"])  # not the one that begins in the same place
    np.testing.assert_array_equal(bones["middle"].tail, heads["tip"])
    np.testing.assert_allclose(bones["tip"].tail, (0, 0, 3 + 0.7 * 2))  # as the one before, but shorter
    np.testing.assert_allclose(bones["fin"].tail, (1, 0, 2 + 0.7 * 2))
    assert bones["alone"].tail[2] > 0
    assert all(np.linalg.norm(bone.tail - bone.head) > 0.01 for bone in bones.values())


@pytest.mark.parametrize(("name", "share"), [("hand.L", 0.4), ("toe.R", 0.5), ("head", 1.5)])
def test_last_bones_are_as_long_as_such_parts_are(name: str, share: float) -> None:
    places = {key: place for key, place in joints().items() if key in BONES}
    bones = body_bones(places, FRONT)
    before = bones[str(bones[name].parent)]
    np.testing.assert_allclose(bones[name].tail - bones[name].head, share * (before.tail - before.head))


def test_the_front_is_told_by_hips_and_trunk() -> None:
    np.testing.assert_allclose(front_of(joints()), FRONT, atol=0.1)
    turn = Rotation.from_euler("z", 90, degrees=True).as_matrix()
    np.testing.assert_allclose(front_of(joints(turn)), (1, 0, 0), atol=0.1)
    assert np.linalg.norm(front_of(joints(turn))) == pytest.approx(1)
    for missing in ("thigh.L", "thigh.R", "hips", "head"):
        known = {name: place for name, place in joints(turn).items() if name != missing}
        np.testing.assert_array_equal(front_of(known), FRONT)


@pytest.mark.parametrize("angles", [(0, 0, 0), (0, 0, 70), (40, 20, 150)])
def test_the_neutral_pose_stands_upright_whatever_the_pose_was(angles: tuple[float, float, float]) -> None:
    turn = Rotation.from_euler("xyz", angles, degrees=True).as_matrix()
    places = {name: place @ turn.T for name, place in bent().items()}
    bones = body_bones(places, front_of(places))
    motions = neutral_pose(bones)
    posed = {}
    for name, bone in bones.items():
        motion = motions[name]
        np.testing.assert_allclose(motion[:3, :3] @ motion[:3, :3].T, np.eye(3), atol=1e-9)
        assert np.linalg.det(motion[:3, :3]) == pytest.approx(1)
        head, tail = ((motion @ np.append(end, 1))[:3] for end in (bone.head, bone.tail))
        posed[name] = Bone(bone.parent, head, tail, bone.up)
        if bone.parent:  # it hangs on where its parent has brought its head
            np.testing.assert_allclose(head, (motions[bone.parent] @ np.append(bone.head, 1))[:3], atol=1e-9)
    ways = {name: unit(bone.tail - bone.head) for name, bone in posed.items()}
    np.testing.assert_allclose(posed["hips"].head, bones["hips"].head, atol=1e-9)
    for name in ("spine", "chest", "neck", "head"):
        np.testing.assert_allclose(ways[name], (0, 0, 1), atol=1e-9)
    assert posed["thigh.L"].head[0] > posed["thigh.R"].head[0]
    for name in ("upper_arm", "forearm", "hand", "thigh", "shin", "foot", "toe"):
        left, right = ways[f"{name}.L"], ways[f"{name}.R"]
        np.testing.assert_allclose(left * (-1, 1, 1), right, atol=1e-9)
        assert left[0] > 0
    assert ways["upper_arm.L"] == pytest.approx((0.5**0.5, 0, -(0.5**0.5)))
    assert ways["thigh.L"][2] < -0.99 and ways["shin.L"][1] > 0  # knees bend back
    assert ways["forearm.L"][1] < -0.1  # and elbows ahead
    assert ways["foot.L"][1] < -0.8 and ways["toe.L"][2] == pytest.approx(0)


def test_a_pose_without_hips_leaves_the_others_where_they_are() -> None:
    bones = make_bones({"root": np.zeros(3), "leaf": np.array([1.0, 0, 0])}, {"root": None, "leaf": "root"}, FRONT)
    for motion in neutral_pose(bones).values():
        np.testing.assert_allclose(motion, np.eye(4))


MIXAMO = {"Hips": "hips", "Spine": "spine", "Spine2": "chest", "Neck": "neck", "Head": "head"} | {
    f"{word}{theirs}": f"{ours}.{side}"
    for word, side in (("Left", "L"), ("Right", "R"))
    for theirs, ours in {
        "Shoulder": "shoulder",
        "Arm": "upper_arm",
        "ForeArm": "forearm",
        "Hand": "hand",
        "UpLeg": "thigh",
        "Leg": "shin",
        "Foot": "foot",
        "ToeBase": "toe",
    }.items()
}
MHR = {"root": "hips", "c_spine1": "spine", "c_spine3": "chest", "c_neck": "neck", "c_head": "head"} | {
    f"{letter}_{theirs}": f"{ours}.{side}"
    for letter, side in (("l", "L"), ("r", "R"))
    for theirs, ours in {
        "clavicle": "shoulder",
        "uparm": "upper_arm",
        "lowarm": "forearm",
        "wrist": "hand",
        "upleg": "thigh",
        "lowleg": "shin",
        "foot": "foot",
        "ball": "toe",
    }.items()
}
RIGIFY = {"spine": "hips", "spine.001": "spine", "spine.003": "chest", "spine.004": "neck", "spine.006": "head"} | {
    f"{name}.{side}": f"{name}.{side}"
    for side in SIDES
    for name in ("shoulder", "upper_arm", "forearm", "hand", "thigh", "shin", "foot", "toe")
}


def hung(theirs: Mapping[str, str]) -> dict[str, str | None]:
    """The parents of bones that are called so, as our own hang: for each the next one above it that there is."""
    called = {own: name for name, own in theirs.items()}
    parents: dict[str, str | None] = {}
    for name, own in theirs.items():
        above = BONES[own][0]
        while above is not None and above not in called:
            above = BONES[above][0]
        parents[name] = None if above is None else called[above]
    return parents


@pytest.mark.parametrize("prefix", ["", "mixamorig:", "mixamorig1:", "DEF-", "ORG-"])
@pytest.mark.parametrize("table", [MIXAMO, MHR, RIGIFY], ids=["Mixamo", "MHR", "Rigify"])
def test_names_of_other_tools_become_our_own(table: dict[str, str], prefix: str) -> None:
    theirs = {f"{prefix}{name}": own for name, own in table.items()}
    hand = next(name for name, own in theirs.items() if own == "hand.L")
    parents = hung(theirs) | {"LeftHandIndex1": hand}
    assert own_names(parents) == {**theirs, "LeftHandIndex1": "LeftHandIndex1"}


MAKERS = {
    # central bones from the hips up, the last two the neck and the head; then each arm and leg from the trunk out
    "Meshy": (
        "Hips Spine02 Spine01 Spine neck Head",
        "LeftShoulder LeftArm LeftForeArm LeftHand",
        "LeftUpLeg LeftLeg LeftFoot LeftToeBase",
    ),
    "Mixamo, without colons": (
        "mixamorigHips mixamorigSpine mixamorigSpine1 mixamorigSpine2 mixamorigNeck mixamorigHead",
        "mixamorigLeftShoulder mixamorigLeftArm mixamorigLeftForeArm mixamorigLeftHand",
        "mixamorigLeftUpLeg mixamorigLeftLeg mixamorigLeftFoot mixamorigLeftToeBase",
    ),
    "Sketchfab's Mixamo": (
        "mixamorig:Hips_01 mixamorig:Spine_02 mixamorig:Spine1_03 mixamorig:Neck_05 mixamorig:Head_06",
        "mixamorig:LeftShoulder_08 mixamorig:LeftArm_09 mixamorig:LeftForeArm_010 mixamorig:LeftHand_011",
        "mixamorig:LeftUpLeg_055 mixamorig:LeftLeg_056 mixamorig:LeftFoot_057 mixamorig:LeftToeBase_058",
    ),
    "Unreal": (
        "pelvis spine_01 spine_02 spine_03 neck_01 head",
        "clavicle_l upperarm_l lowerarm_l hand_l",
        "thigh_l calf_l foot_l ball_l",
    ),
    "VRoid": (
        "J_Bip_C_Hips J_Bip_C_Spine J_Bip_C_Chest J_Bip_C_UpperChest J_Bip_C_Neck J_Bip_C_Head",
        "J_Bip_L_Shoulder J_Bip_L_UpperArm J_Bip_L_LowerArm J_Bip_L_Hand",
        "J_Bip_L_UpperLeg J_Bip_L_LowerLeg J_Bip_L_Foot J_Bip_L_ToeBase",
    ),
    "VRM": (
        "hips spine chest upperChest neck head",
        "leftShoulder leftUpperArm leftLowerArm leftHand",
        "leftUpperLeg leftLowerLeg leftFoot leftToes",
    ),
    "Tripo": (
        "Hip Waist Spine01 Spine02 NeckTwist01 NeckTwist02 Head",
        "L_Clavicle L_Upperarm L_Forearm L_Hand",
        "L_Thigh L_Calf L_Foot L_ToeBase",
    ),
    "Character Creator": (
        "CC_Base_Hip CC_Base_Waist CC_Base_Spine01 CC_Base_Spine02 CC_Base_NeckTwist01 CC_Base_Head",
        "CC_Base_L_Clavicle CC_Base_L_Upperarm CC_Base_L_Forearm CC_Base_L_Hand",
        "CC_Base_L_Thigh CC_Base_L_Calf CC_Base_L_Foot CC_Base_L_ToeBase",
    ),
    "Biped": (
        "Bip01_Pelvis Bip01_Spine Bip01_Spine1 Bip01_Neck Bip01_Head",
        "Bip01_L_Clavicle Bip01_L_UpperArm Bip01_L_Forearm Bip01_L_Hand",
        "Bip01_L_Thigh Bip01_L_Calf Bip01_L_Foot Bip01_L_Toe0",
    ),
    "SMPL": (
        "m_avg_Pelvis m_avg_Spine1 m_avg_Spine2 m_avg_Spine3 m_avg_Neck m_avg_Head",
        "m_avg_L_Collar m_avg_L_Shoulder m_avg_L_Elbow m_avg_L_Wrist m_avg_L_Hand",
        "m_avg_L_Hip m_avg_L_Knee m_avg_L_Ankle m_avg_L_Foot",
    ),
    "SMPL-X": (
        "pelvis spine1 spine2 spine3 neck head",
        "left_collar left_shoulder left_elbow left_wrist",
        "left_hip left_knee left_ankle left_foot",
    ),
    "small letters": (
        "hips spine spine1 neck head",
        "leftshoulder leftarm leftforearm lefthand",
        "leftupleg leftleg leftfoot lefttoebase",
    ),
    "Daz": (
        "hip abdomenLower abdomenUpper chestUpper neckLower head",
        "lCollar lShldrBend lForearmBend lHand",
        "lThighBend lShin lFoot lToe",
    ),
    "numbers": (
        "torso_joint_1 torso_joint_2 torso_joint_3 neck_joint_1 neck_joint_2",
        "arm_joint_L_1 arm_joint_L_2 arm_joint_L_3",
        "leg_joint_L_1 leg_joint_L_2 leg_joint_L_3",
    ),
}


def other_side(name: str) -> str:
    for left, right in (("left", "right"), ("Left", "Right"), ("_L_", "_R_"), ("L_", "R_")):
        if left in name:
            return name.replace(left, right, 1)
    return f"{name[:-1]}r" if name.endswith("_l") else f"r{name[1:]}"


def of_maker(maker: str, arms_on: int = -3) -> tuple[dict[str, str | None], dict[str, str]]:
    """Parents of a maker's bones, and the names that they should get; arms hang on that bone of the trunk."""
    trunk, arm, leg = (part.split() for part in MAKERS[maker])
    necks = [name for name in trunk[:-1] if "eck" in name]
    middle = trunk[1 : trunk.index(necks[0])]
    parents: dict[str, str | None] = {"Armature": None, **dict(zip(trunk, ["Armature", *trunk], strict=False))}
    wanted = {trunk[0]: "hips", middle[0]: "spine", middle[-1]: "chest", necks[0]: "neck", trunk[-1]: "head"}
    for side in SIDES:
        for bones, start, kinds in (
            (arm, middle[-1], ("shoulder", "upper_arm", "forearm", "hand")[-len(arm) if len(arm) < 4 else 0 :]),
            (leg, trunk[0], ("thigh", "shin", "foot", "toe")),
        ):
            names = bones if side == "L" else [other_side(name) for name in bones]
            parents |= dict(zip(names, [start, *names], strict=False))
            wanted |= {name: f"{kind}.{side}" for name, kind in zip(names, kinds, strict=False)}
    return parents, wanted


@pytest.mark.parametrize("maker", MAKERS)
def test_names_go_by_words_and_by_what_hangs_on_what(maker: str) -> None:
    parents, wanted = of_maker(maker)
    helpers = {"head_end": "head", "headfront": "head"}
    assert own_names(parents | dict.fromkeys(helpers, next(name for name, own in wanted.items() if own == "head"))) == {
        # a bone of a name that another gets has a number
        **{name: wanted.get(name, "chest.001" if name == "chest" else name) for name in parents},
        **{name: name for name in helpers},
    }
    backwards = dict(reversed(parents.items()))
    assert own_names(backwards) == own_names(parents)


def test_arms_of_a_biped_hang_on_its_neck_and_legs_on_its_spine() -> None:
    parents, wanted = of_maker("Biped")
    parents |= dict.fromkeys(("Bip01_L_Clavicle", "Bip01_R_Clavicle"), "Bip01_Neck")
    parents |= dict.fromkeys(("Bip01_L_Thigh", "Bip01_R_Thigh"), "Bip01_Spine")
    assert own_names(parents) == {name: wanted.get(name, name) for name in parents}


def test_a_skeleton_of_very_many_bones_is_no_person() -> None:
    more = {f"hair{number}": "Head" for number in range(2_000)}
    assert own_names(hung(MIXAMO) | more)["Hips"] == "Hips"


def test_animals_keep_their_names() -> None:
    theirs = MAKERS["Unreal"][0].split()
    parents, wanted = of_maker("Unreal")
    heads = {name: joints()[own] for name, own in wanted.items()} | {"Armature": np.zeros(3)}
    assert own_names(parents, heads) == own_names(parents)
    # the trunk lies along the ground
    heads |= {name: np.array([0, -0.2 * number, 0.8]) for number, name in enumerate(theirs)}
    assert own_names(parents, heads) == {name: name for name in parents}


def test_a_trunk_of_one_bone_is_the_spine() -> None:
    theirs = {name: own for name, own in MIXAMO.items() if name != "Spine"}
    assert own_names(hung(theirs)) == theirs | {"Spine2": "spine"}


def numbered(first: int = 0, mark: str = "Joint_") -> dict[str, str | None]:
    """The parents of bones with nothing but numbers, in MHR's order from its joint `first`."""
    parents: dict[str, str | None] = {}
    for number, joint in enumerate(NAMES):
        twisted = joint.replace("c_neck_twist", "c_neck").rpartition("_twist")[0] if "_proc" in joint else ""
        above = ABOVE.get(joint, "c_neck" if "c_neck" in joint else twisted or None)
        if number >= first:
            parents[f"{mark}{number - first:03}"] = (
                f"{mark}{NAMES.index(above) - first:03}" if above and NAMES.index(above) >= first else None
            )
    return parents


@pytest.mark.parametrize("first", [0, 1])
@pytest.mark.parametrize("mark", ["Joint_", "joint", "mhr_joint_"])
def test_numbered_joints_of_mhr_are_known_by_their_place(first: int, mark: str) -> None:
    names = own_names(numbered(first, mark))
    expected = {f"{mark}{NAMES.index(joint) - first:03}": MHR.get(joint, joint) for joint in NAMES[first:]}
    assert names == expected
    assert names[f"{mark}{78 - first:03}"] == "hand.L" and names[f"{mark}{20 - first:03}"] == "foot.R"
    assert is_helper(names[f"{mark}{69 - first:03}"])  # a twist


def test_mhr_may_be_partly_named_and_partly_numbered() -> None:
    parents, wanted = of_maker("Unreal")
    chain = {"Joint_034": "pelvis", "spine_01": "Joint_034"}
    for side, start in (("r", 43), ("l", 79)):
        for finger in range(4):
            first = start + 5 + 4 * (finger - 1) if finger else start
            for number in range(first, first + 4):
                chain[f"Joint_{number:03}"] = f"hand_{side}" if number == first else f"Joint_{number - 1:03}"
    names = own_names(parents | chain)
    assert names["Joint_092"] == "l_index1" and names["hand_l"] == wanted["hand_l"]
    assert names["Joint_034"] == "spine"  # the first of the trunk


def test_other_numbered_bones_keep_their_names() -> None:
    chain: dict[str, str | None] = {f"joint_{n:03}": f"joint_{n - 1:03}" if n else None for n in range(127)}
    assert own_names(chain) == {name: name for name in chain}


def test_names_are_given_once() -> None:
    parents = hung(MIXAMO) | {"mixamorig:Hips": "Hips", "head": "Head", "head.001": "head"}
    names = own_names(parents)
    assert names["Hips"] == "hips" and names["mixamorig:Hips"] == "mixamorig:Hips"
    assert (names["Head"], names["head"]) == ("head", "head.001")
    assert len(set(names.values())) == len(names)


def test_our_own_names_stay_whatever_lies_between() -> None:
    parents: dict[str, str | None] = {name: parent for name, (parent, _) in BONES.items()}
    parents |= {"c_spine0": "hips", "spine": "c_spine0"}
    assert own_names(parents) == {name: name for name in parents}


@pytest.mark.parametrize("missing", ["Hips", "Head", "LeftArm", "RightArm", "LeftUpLeg", "RightUpLeg"])
def test_what_is_no_person_keeps_its_names(missing: str) -> None:
    there = hung({name: own for name, own in MIXAMO.items() if name != missing})
    assert own_names(there) == {name: name for name in there}


def test_helpers_are_known_by_their_names() -> None:
    helpers = "upperarm_twist_01 DEF-thigh.L.001 forearm.R.002 l_foot_null head_end body_world jaw l_eye upper_lip ear"
    assert [name for name in helpers.split() if not is_helper(name)] == []
    others = "hand.L thigh.L heart.L forearm spine.001 LeftToeBase tail_endless shin.L"
    assert [name for name in others.split() if is_helper(name)] == []


def test_a_person_is_as_tall_in_any_pose() -> None:
    standing, lying = joints(), {name: place[[0, 2, 1]] for name, place in bent().items()}
    height = standing["head_top"][2] - min(place[2] for place in standing.values())
    assert stature(standing) == pytest.approx(height, rel=0.1)
    assert stature(lying) == pytest.approx(stature(standing), rel=0.02)
    longer = dict(standing)
    longer["foot.R"] = standing["foot.R"] - (0, 0, 0.5)  # the longer leg counts, with its ankle
    shin = np.linalg.norm(standing["foot.R"] - standing["shin.R"])
    more = np.linalg.norm(longer["foot.R"] - longer["shin.R"]) - shin
    legs = [
        sum(
            float(np.linalg.norm(standing[f"{end}.{side}"] - standing[f"{start}.{side}"]))
            for start, end in (("thigh", "shin"), ("shin", "foot"))
        )
        for side in SIDES
    ]
    assert stature(longer) - stature(standing) == pytest.approx(1.1 * (legs[1] + more - max(legs)))


def test_a_size_is_believed_where_people_have_it() -> None:
    def scaled(tall: float) -> dict[str, Floats]:
        factor = tall / stature(joints())
        return {name: place * factor for name, place in joints().items()}

    for tall in (0.61, 1.7, 2.39):
        assert life_size(scaled(tall), tall * 1.05) == 1.0
    for tall in (0.017, 0.59, 2.41, 170.0):
        assert life_size(scaled(tall), tall * 1.05) == pytest.approx(1.7 / tall)
    for extent in (1.0, 2.0, 1.0005):  # scaled to unit size
        assert life_size(scaled(0.95), extent) == pytest.approx(1.7 / 0.95)
    assert life_size(scaled(0.95), 1.002) == 1.0


VECTORS = np.random.default_rng(1).normal(0, 1, (12, 3))


def test_rotations_are_those_of_scipy() -> None:
    for vector in (*VECTORS, np.zeros(3), np.array([1e-13, 0, 0])):
        expected = Rotation.from_rotvec(vector).as_matrix()
        np.testing.assert_allclose(rotation(vector), expected, atol=1e-12)
        np.testing.assert_allclose(rotation_vector(expected), Rotation.from_matrix(expected).as_rotvec(), atol=1e-9)


def test_the_shortest_turn_brings_one_direction_to_another() -> None:
    for one, other in zip(VECTORS, VECTORS[::-1], strict=True):
        found = turning(one, other)
        np.testing.assert_allclose(found @ unit(one), unit(other), atol=1e-12)
        angle = np.arccos(np.clip(unit(one) @ unit(other), -1, 1))
        assert np.linalg.norm(Rotation.from_matrix(found).as_rotvec()) == pytest.approx(angle)
    np.testing.assert_array_equal(turning(VECTORS[0], 3 * VECTORS[0]), np.eye(3))
    for vector in (*VECTORS, *np.eye(3)):
        back = turning(vector, -2 * vector)
        np.testing.assert_allclose(back @ vector, -vector, atol=1e-9)
        assert np.linalg.det(back) == pytest.approx(1)
    np.testing.assert_array_equal(unit(np.zeros(3)), (1, 0, 0))


@pytest.mark.parametrize("count", [2, 3, 8])
def test_directions_are_brought_to_others_without_a_mirror(count: int) -> None:
    turn = Rotation.from_rotvec((0.3, -1.2, 0.5)).as_matrix()
    points = VECTORS[:count]
    np.testing.assert_allclose(aligning(points, points @ turn.T), turn, atol=1e-9)
    mirrored = aligning(points, points * (-1, 1, 1))
    assert np.linalg.det(mirrored) == pytest.approx(1)
