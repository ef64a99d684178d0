# SPDX-License-Identifier: GPL-3.0-or-later
"""People as skinned GLB files, with bones in the names of several tools: beads along the bones of a skeleton.

Coordinates are glTF's own, in meters: Y is up, +Z is the front, +X the person's left.
"""

from __future__ import annotations

import pathlib
from dataclasses import dataclass

import numpy as np
from glb_files import Glb, box, sphere
from moving_files import animate
from numpy.typing import NDArray

from sam3d.engine.rigging.mhr_names import NAMES

BEAD = 0.03


@dataclass(frozen=True)
class Joint:
    """A joint of a skeleton: what it hangs on, and where it is at rest."""

    parent: str | None
    place: tuple[float, float, float]
    weighted: bool = True


def _sided(name: str, parent: str, place: tuple[float, float, float], weighted: bool = True) -> dict[str, Joint]:
    found = {}
    for side, word, sign in (("l", "Left", 1.0), ("r", "Right", -1.0)):
        above = parent.format(s=side, S=word)
        found[name.format(s=side, S=word)] = Joint(above, (sign * place[0], *place[1:]), weighted)
    return found


MHR = {
    "body_world": Joint(None, (0, 0, 0), False),
    "root": Joint("body_world", (0, 0.95, 0)),
    "c_spine0": Joint("root", (0, 1.0, 0)),
    "c_spine1": Joint("c_spine0", (0, 1.1, 0)),
    "c_spine2": Joint("c_spine1", (0, 1.2, 0)),
    "c_spine3": Joint("c_spine2", (0, 1.3, 0)),
    "c_neck": Joint("c_spine3", (0, 1.5, 0)),
    "c_head": Joint("c_neck", (0, 1.58, 0.02)),
    "c_jaw": Joint("c_head", (0, 1.6, 0.06)),
    "c_head_null": Joint("c_head", (0, 1.75, 0.02), False),
    **_sided("{s}_clavicle", "c_spine3", (0.03, 1.42, 0)),
    **_sided("{s}_uparm", "{s}_clavicle", (0.18, 1.42, 0)),
    **_sided("{s}_uparm_twist1_proc", "{s}_uparm", (0.28, 1.42, 0)),
    **_sided("{s}_lowarm", "{s}_uparm", (0.45, 1.42, 0)),
    **_sided("{s}_wrist_twist", "{s}_lowarm", (0.7, 1.42, 0), False),
    **_sided("{s}_wrist", "{s}_wrist_twist", (0.7, 1.42, 0)),
    **_sided("{s}_index1", "{s}_wrist", (0.79, 1.42, 0.02)),
    **_sided("{s}_index_null", "{s}_index1", (0.86, 1.42, 0.02), False),
    **_sided("{s}_upleg", "root", (0.1, 0.9, 0)),
    **_sided("{s}_lowleg", "{s}_upleg", (0.1, 0.5, 0)),
    **_sided("{s}_foot", "{s}_lowleg", (0.1, 0.09, 0)),
    **_sided("{s}_ball", "{s}_foot", (0.1, 0.02, 0.13)),
}
MIXAMO = {
    "mixamorig:Hips": Joint(None, (0, 0.95, 0)),
    "mixamorig:Spine": Joint("mixamorig:Hips", (0, 1.1, 0)),
    "mixamorig:Spine1": Joint("mixamorig:Spine", (0, 1.2, 0)),
    "mixamorig:Spine2": Joint("mixamorig:Spine1", (0, 1.3, 0)),
    "mixamorig:Neck": Joint("mixamorig:Spine2", (0, 1.5, 0)),
    "mixamorig:Head": Joint("mixamorig:Neck", (0, 1.58, 0.02)),
    "mixamorig:HeadTop_End": Joint("mixamorig:Head", (0, 1.75, 0.02), False),
    **_sided("mixamorig:{S}Shoulder", "mixamorig:Spine2", (0.03, 1.42, 0)),
    **_sided("mixamorig:{S}Arm", "mixamorig:{S}Shoulder", (0.18, 1.42, 0)),
    **_sided("mixamorig:{S}ForeArm", "mixamorig:{S}Arm", (0.45, 1.42, 0)),
    **_sided("mixamorig:{S}Hand", "mixamorig:{S}ForeArm", (0.7, 1.42, 0)),
    **_sided("mixamorig:{S}UpLeg", "mixamorig:Hips", (0.1, 0.9, 0)),
    **_sided("mixamorig:{S}Leg", "mixamorig:{S}UpLeg", (0.1, 0.5, 0)),
    **_sided("mixamorig:{S}Foot", "mixamorig:{S}Leg", (0.1, 0.09, 0)),
    **_sided("mixamorig:{S}ToeBase", "mixamorig:{S}Foot", (0.1, 0.02, 0.13)),
}


def renamed(joints: dict[str, Joint], names: dict[str, str]) -> dict[str, Joint]:
    """The same skeleton with other names; what has none is left out, and what hangs on it hangs on what is above."""
    found = {}
    for name, joint in joints.items():
        above = joint.parent
        while above is not None and above not in names:
            above = joints[above].parent
        if name in names:
            found[names[name]] = Joint(above and names[above], joint.place, joint.weighted)
    return found


PLAIN = renamed(MIXAMO, {name: name.removeprefix("mixamorig:") for name in MIXAMO})
# Meshy's spine is numbered from above
DOWNWARDS = {"Spine": "Spine02", "Spine1": "Spine01", "Spine2": "Spine", "Neck": "neck", "HeadTop_End": "head_end"}
MESHY = renamed(PLAIN, {name: DOWNWARDS.get(name, name) for name in PLAIN})
# ComfyUI numbers the joints in the order of the model
COMFYUI = renamed(MHR, {name: f"Joint_{NAMES.index(name):03}" for name in MHR if name in NAMES})

LYING = np.array([[0.01, 0, 0, 0.2], [0, 0, 0.01, 0], [0, -0.01, 0, 0], [0, 0, 0, 1]])
"""Of a skeleton in centimeters whose own up is the world's front, as programs leave them that think in other axes."""


def write_person(
    path: pathlib.Path,
    joints: dict[str, Joint],
    turns: dict[str, tuple[float, float, float, float]] | None = None,
    *,
    under: NDArray[np.float64] | None = None,
    moves: str = "",
    stretches: str = "",
    things: bool = False,
) -> pathlib.Path:
    """A skinned GLB: a bead on each weighted joint and halfway to its parent; `turns` pose joints (xyzw).

    under: the skeleton hangs on a node of this matrix (4, 4), and is the same in the world. moves: with this
    interpolation of glTF, every joint turns and grows and the root walks; what is called `stretches` does not grow
    evenly. With HELD or HELD LONG for it an animation holds some joints in a pose, by one keyframe or several. things:
    with a sword in the left hand, a shield on a node that hangs on the right one, and a stool beside.
    """
    glb = Glb()
    names = list(joints)
    frame = np.eye(4) if under is None else under
    local = {name: (np.linalg.inv(frame) @ [*joint.place, 1])[:3] for name, joint in joints.items()}
    inverse = np.zeros((len(names), 4, 4), np.float32)
    nodes: dict[str, int] = {}
    for number, (name, joint) in enumerate(joints.items()):
        bind = np.eye(4)
        bind[:3, 3] = local[name]
        inverse[number] = np.linalg.inv(frame @ bind).T
        above = local[joint.parent] if joint.parent else np.zeros(3)
        fields = {"name": name, "translation": (local[name] - above).tolist()}
        if turns and name in turns:
            fields["rotation"] = list(turns[name])
        nodes[name] = glb.node(root=joint.parent is None and under is None, **fields)
    for name, joint in joints.items():
        if joint.parent:
            glb.json["nodes"][nodes[joint.parent]].setdefault("children", []).append(nodes[name])
    if under is not None:
        roots = [nodes[name] for name, joint in joints.items() if joint.parent is None]
        glb.node(children=roots, matrix=frame.T.ravel().tolist(), name="Armature")
    places, owners = _beads(joints)
    bead, faces, _ = sphere(8, 5, seam=False)
    positions = (places[:, None] + BEAD * bead).reshape(-1, 3)
    primitive = glb.primitive(
        positions,
        (np.arange(len(places))[:, None, None] * len(bead) + faces).reshape(-1, 3),
        normals=np.tile(bead, (len(places), 1)),
    )
    bones = np.repeat(owners, len(bead), axis=0).astype(np.uint8)
    weights = np.tile(np.array([0.75, 0.25, 0, 0], np.float32), (len(positions), 1))
    primitive["attributes"] |= {"JOINTS_0": glb.array(bones), "WEIGHTS_0": glb.array(weights)}
    skin = {"joints": [nodes[name] for name in names], "inverseBindMatrices": glb.array(inverse.reshape(-1, 16))}
    glb.json["skins"] = [skin]
    glb.node(mesh=glb.mesh(primitive), skin=0, name="person")
    if things:
        _add_things(glb, nodes)
    if moves.startswith("HELD"):
        turn = np.array([(0.2, -0.1, 0.3, 0.927)]) / np.linalg.norm((0.2, -0.1, 0.3, 0.927))
        count = 4 if moves == "HELD LONG" else 1
        held = list(nodes.values())[3:12:2]
        animate(glb, "Pose", *((node, "rotation", turn.repeat(count, axis=0)) for node in held), count=count)
    elif moves:
        _move(glb, nodes, moves, stretches)
    return glb.write(path)


def _add_things(glb: Glb, nodes: dict[str, int]) -> None:
    positions, faces, normals = box()
    thing = glb.mesh(glb.primitive(positions, faces, normals=normals))
    hands = [next(node for name, node in nodes.items() if name.endswith(f"{side}Hand")) for side in ("Left", "Right")]
    sword = glb.node(root=False, mesh=thing, name="sword", translation=[0, 0.3, 0], scale=[0.05, 0.6, 0.05])
    shield = glb.node(root=False, mesh=thing, name="shield", scale=[0.4, 0.4, 0.1])
    strap = glb.node(root=False, name="strap", children=[shield], translation=[0, 0, 0.2], rotation=[0, 0.6, 0, 0.8])
    for hand, held in zip(hands, (sword, strap), strict=True):
        glb.json["nodes"][hand].setdefault("children", []).append(held)
    glb.node(mesh=thing, name="stool", translation=[1.5, 0.25, 0.5], rotation=[0, 0.6, 0, 0.8], scale=[0.5, 0.5, 0.5])


def _move(glb: Glb, nodes: dict[str, int], interpolation: str, stretches: str) -> None:
    """Two animations: everything turns and grows, evenly or not; the root walks."""
    random = np.random.default_rng(3)
    step = slice(1, None, 3) if interpolation == "CUBICSPLINE" else slice(None)
    channels: list[tuple[int, str, NDArray[np.float64]]] = []
    for name, node in nodes.items():
        turns = np.zeros((12 if interpolation == "CUBICSPLINE" else 4, 4))
        turns[step] = random.normal((0, 0, 0, 1), 0.15, (4, 4))
        turns[step] /= np.linalg.norm(turns[step], axis=1, keepdims=True)
        scales = np.zeros((len(turns), 3))
        scales[step] = np.array([1, 1.1, 0.9, 1])[:, None] ** ((1, 0.5, 1) if name == stretches else (1, 1, 1))
        channels += [(node, "rotation", turns), (node, "scale", scales)]
    root = next(iter(nodes.values()))
    places = np.zeros((len(turns), 3))
    places[step] = np.array(glb.json["nodes"][root]["translation"]) + random.normal(0, 0.2, (4, 3))
    animate(glb, "Turn", *channels, interpolation=interpolation)
    animate(glb, "Walk", (root, "translation", places), interpolation=interpolation)


def _beads(joints: dict[str, Joint]) -> tuple[NDArray[np.float64], NDArray[np.int64]]:
    """Where beads are (n, 3), and the four bones of each (n, 4), the first two of which count."""
    names = list(joints)
    places, owners = [], []
    for name, joint in joints.items():
        if not joint.weighted:
            continue
        above = joint.parent if joint.parent and joints[joint.parent].weighted else name
        for share in (0.0, 0.5):
            places.append((1 - share) * np.array(joint.place) + share * np.array(joints[above].place))
            owners.append([names.index(name), names.index(above), 0, 0])
    return np.array(places), np.array(owners)
