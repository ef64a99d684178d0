# SPDX-License-Identifier: GPL-3.0-or-later
"""GLB files whose models move: skeletons, nodes and morph targets with animations, in odd but valid trees.

Coordinates are glTF's own: Y is up and +Z is the front.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

import numpy as np
from glb_files import Glb, box, sphere
from numpy.typing import NDArray

HALF = 2**-0.5
TURNED = (HALF, 0.0, 0.0, HALF)
"""A quarter about X (xyzw)."""
MOMENTS = np.array([0.0, 0.5, 1.0, 1.5], np.float32)  # seconds

Maker = Callable[[], Glb]


def animate(
    glb: Glb, name: str, *channels: tuple[int, str, NDArray[Any]], interpolation: str = "LINEAR", count: int = 4
) -> Any:
    """Adds an animation of nodes, or for path "pointer" of what a text in place of the node points to.

    It has the first `count` of MOMENTS.
    """
    animation: dict[str, Any] = {"name": name, "channels": [], "samplers": []}
    moments = glb.array(MOMENTS[:count])
    for target, path, values in channels:
        output = glb.array(np.asarray(values, np.float32))
        animation["samplers"].append({"input": moments, "output": output, "interpolation": interpolation})
        where: dict[str, Any] = {"node": target, "path": path}
        if path == "pointer":
            where = {"path": path, "extensions": {"KHR_animation_pointer": {"pointer": target}}}
        animation["channels"].append({"sampler": len(animation["samplers"]) - 1, "target": where})
    glb.json.setdefault("animations", []).append(animation)
    return animation


def swing(axis: int, degrees: float = 50.0) -> NDArray[Any]:
    """Rotations (4, 4), xyzw: to one side, back, to the other."""
    half = np.radians([0, degrees, 0, -degrees]) / 2
    values = np.zeros((4, 4))
    values[:, axis], values[:, 3] = np.sin(half), np.cos(half)
    return values


def walk(x: float, y: float, z: float) -> NDArray[Any]:
    """Places (4, 3) from there towards the front."""
    return np.array([(x, y, z + step) for step in (0.2, 0.5, 0.9, 1.6)])


def pole(glb: Glb, *, joints: int = 3, height: float = 2.0, targets: bool = False, off: float = 0.0) -> dict[str, Any]:
    """A skinned pole: its primitive, and nodes `joints` with the skin's index, one above the other."""
    positions, faces, _ = sphere(12, 13)
    positions = positions * (0.2, height / 2, 0.3) + (off, height / 2, 0)
    primitive = glb.primitive(positions, faces, normals=positions - (off, height / 2, 0))
    step = height / joints
    share = np.clip(positions[:, 1] / step - 0.5, 0, joints - 1)
    low = np.minimum(share.astype(int), joints - 1)
    high = np.minimum(low + 1, joints - 1)
    bones, weights = np.zeros((len(positions), 4), np.uint8), np.zeros((len(positions), 4), np.float32)
    bones[:, 0], bones[:, 1] = low, high
    weights[:, 1] = share - low
    weights[:, 0] = 1 - weights[:, 1]
    bones[weights == 0] = 0
    primitive["attributes"] |= {"JOINTS_0": glb.array(bones), "WEIGHTS_0": glb.array(weights)}
    if targets:
        primitive["targets"] = [{"POSITION": glb.array((positions * (0.5, 0, 0)).astype(np.float32))}]
    nodes: list[int] = []
    for joint in reversed(range(joints)):
        below = {"children": [nodes[-1]]} if nodes else {}
        place = [off, 0.0, 0.0] if joint == 0 else [0.0, step, 0.0]
        nodes.append(glb.node(root=False, name=f"joint{joint}.{off}", translation=place, **below))
    nodes.reverse()
    inverse = np.tile(np.eye(4, dtype=np.float32), (joints, 1, 1))
    inverse[:, 3, 0], inverse[:, 3, 1] = -off, -step * np.arange(joints)
    skins = glb.json.setdefault("skins", [])
    skins.append({"joints": nodes, "inverseBindMatrices": glb.array(inverse.reshape(-1, 16))})
    return {"primitive": primitive, "joints": nodes, "skin": len(skins) - 1}


def pole_under(*places: dict[str, Any], targets: bool = False, moved: Sequence[int] = ()) -> Glb:
    """A waving pole under nodes with these transforms, the lowest first; those of the indices `moved` walk."""
    glb = Glb()
    made = pole(glb, targets=targets)
    body = glb.node(root=False, mesh=glb.mesh(made["primitive"]), skin=made["skin"], name="body")
    children = [made["joints"][0], body]
    channels: list[tuple[int, str, NDArray[Any]]] = [
        (made["joints"][1], "rotation", swing(2)),
        (made["joints"][0], "translation", walk(0, 0, 0)),
    ]
    for index, place in enumerate(places):
        children = [glb.node(root=index == len(places) - 1, children=children, name=f"node{index}", **place)]
        if index in moved:
            channels += [(children[0], "translation", walk(*place.get("translation", (0, 0, 0))))]
    if not places:
        glb.json["scenes"][0]["nodes"] = children
    if targets:
        channels += [(body, "weights", np.array([0, 1, 0.5, 0]))]
    animate(glb, "Wave", *channels)
    animate(glb, "Nod", (made["joints"][2], "rotation", swing(0)))
    return glb


def stretched_pole() -> Glb:
    """A bone that grows, evenly and not."""
    glb = pole_under({})
    joint = glb.json["skins"][0]["joints"][1]
    scales = np.array([(1, 1, 1), (1, 2, 1), (2, 2, 2), (0.5, 1, 3)])
    animate(glb, "Grow", (joint, "scale", scales))
    glb.json["animations"].reverse()
    return glb


def poles_with_things() -> Glb:
    """Two skeletons, one with two meshes, a hat that hangs on a bone by a node between, and a thing that stands by."""
    glb = Glb()
    first, second = pole(glb), pole(glb, off=2.0)
    positions, faces, normals = box()
    hat = glb.mesh(glb.primitive(positions * 0.5, faces, normals=normals))
    hats = glb.node(root=False, mesh=hat, translation=[0, 0.7, 0], name="hat")
    between = glb.node(root=False, children=[hats], rotation=list(TURNED), scale=[1, 2, 1], name="between")
    glb.json["nodes"][first["joints"][2]]["children"] = [between]
    for made, name in ((first, "one"), (second, "two")):
        mesh = glb.mesh(made["primitive"])
        glb.node(mesh=mesh, skin=made["skin"], name=name)
        glb.node(children=[made["joints"][0]], name=f"rig {name}")
        if name == "one":
            glb.node(mesh=mesh, skin=made["skin"], name="shirt")
    glb.node(mesh=hat, translation=[-3, 0.25, 0], rotation=[0, HALF, 0, HALF], name="stool")
    animate(glb, "Wave", (first["joints"][1], "rotation", swing(2)), (second["joints"][1], "rotation", swing(0)))
    return glb


def resting_pole_with_hat(scale: float = 1.0) -> Glb:
    """A skeleton that does not move, posed, with a hat on a bone."""
    glb = Glb()
    made = pole(glb)
    positions, faces, normals = box()
    hat = glb.node(
        root=False, mesh=glb.mesh(glb.primitive(positions * 0.5, faces, normals=normals)), translation=[0, 0.7, 0]
    )
    glb.json["nodes"][made["joints"][2]] |= {"children": [hat], "rotation": [0, 0, HALF, HALF]}
    body = glb.node(root=False, mesh=glb.mesh(made["primitive"]), skin=made["skin"])
    glb.node(children=[made["joints"][0], body], scale=[scale] * 3)
    return glb


def windmill(*, moves: Sequence[str] = ("rotation",), root: bool = False) -> Glb:
    """A tower with vanes that turn, under a node of its own; with `root` that one walks, too."""
    glb = Glb()
    positions, faces, normals = box((1, 3, 1))
    vane, vane_faces, vane_normals = box((3, 0.3, 0.1))
    tower = glb.node(root=False, mesh=glb.mesh(glb.primitive(positions, faces, normals=normals)), name="tower")
    mesh = glb.mesh(glb.primitive(vane, vane_faces, normals=vane_normals))
    one = glb.node(root=False, mesh=mesh, name="vane")
    other = glb.node(root=False, mesh=mesh, rotation=[0, 0, HALF, HALF], scale=[1, 2, 1], name="vane across")
    hub = glb.node(root=False, children=[one, other], translation=[0, 1, 0.6], name="hub")
    ground = glb.node(children=[tower, hub], scale=[2, 1, 1], rotation=[0, HALF, 0, HALF], name="ground")
    values = {
        "rotation": swing(2, 90),
        "translation": walk(0, 1, 0.6),
        "scale": np.array([(1, 1, 1), (2, 1, 1), (1, 2, 1), (1, 1, 1)]),
    }
    channels = [(hub, path, values[path]) for path in moves]
    if root:
        channels.append((ground, "translation", walk(0, 0, 0)))
    animate(glb, "Turn", *channels)
    # as exporters write it for every node
    animate(glb, "Rest", (tower, "translation", np.zeros((4, 3))), (tower, "scale", np.ones((4, 3))))
    return glb


def held_still() -> Glb:
    """Two boxes with an animation that holds them where they are."""
    glb = Glb()
    positions, faces, normals = box()
    mesh = glb.mesh(glb.primitive(positions, faces, normals=normals))
    for x in (0.0, 3.0):
        node = glb.node(mesh=mesh, translation=[x, 1, 0])
        turns = np.tile((0, 0, 0, -1.0), (4, 1))
        animate(glb, f"Idle {x}", (node, "translation", np.tile((x, 1, 0), (4, 1))), (node, "rotation", turns))
    return glb


def with_targets(glb: Glb, *names: str, weights: Sequence[float] = (), colors: bool = False, uvs: int = 0) -> int:
    """A mesh of a ball with morph targets: each stretches it along another axis."""
    positions, faces, coordinates = sphere(16, 9)
    shades = np.c_[(positions + 1) / 2, np.ones(len(positions))].astype(np.float32) if colors else None
    primitive = glb.primitive(positions, faces, normals=positions, colors=shades)
    for number in range(uvs):
        primitive["attributes"][f"TEXCOORD_{number}"] = glb.array((coordinates / (number + 1)).astype(np.float32))
    moves = [positions * np.eye(3)[number % 3] for number in range(len(names))]
    if names:
        primitive["targets"] = [{"POSITION": glb.array(move.astype(np.float32))} for move in moves]
    mesh = glb.mesh(primitive)
    glb.json["meshes"][mesh] |= {"extras": {"targetNames": list(names)}} if names else {}
    if len(weights):
        glb.json["meshes"][mesh]["weights"] = list(weights)
    return mesh


def morphing_ball(*, scale: Sequence[float], parts: int = 1, weights: Sequence[float] = ()) -> Glb:
    """Balls whose targets are animated, under a turned and scaled node."""
    glb = Glb()
    balls = [
        glb.node(root=False, mesh=with_targets(glb, "wide", "tall", weights=weights), translation=[3.0 * part, 0, 0])
        for part in range(parts)
    ]
    glb.node(children=balls, scale=list(scale), rotation=list(TURNED), translation=[5, 6, 7])
    strengths = np.array([0, 0, 1, 0, 0.5, 1, 0, 1])
    channels = [(ball, "weights", strengths * (1 - part / 2)) for part, ball in enumerate(balls)]
    animate(glb, "Breathe", *channels)
    return glb


def morphing_parts(order: Sequence[str]) -> Glb:
    """Parts that stand still, of several kinds, in this order."""
    glb = Glb()
    kinds: dict[str, Callable[[], int]] = {
        "plain": lambda: with_targets(glb),
        "keys": lambda: with_targets(glb, "smile", "blink", weights=(0.25, 0.5)),
        "same keys": lambda: with_targets(glb, "blink", "smile", weights=(0.5, 0.25)),
        "other strength": lambda: with_targets(glb, "smile", weights=(1,)),
        "colors": lambda: with_targets(glb, "frown", colors=True),
        "uvs": lambda: with_targets(glb, uvs=2),
        "colors and uvs": lambda: with_targets(glb, colors=True, uvs=1),
    }
    for number, kind in enumerate(order):
        glb.node(mesh=kinds[kind](), translation=[3.0 * number, 0, 0], scale=[1, 2, 1], rotation=list(TURNED))
    return glb


def filmed() -> Glb:
    """A model beside a camera, a light and an empty that move by pointers, as does its material."""
    glb = windmill()
    material = glb.material(baseColorFactor=[1, 0, 0, 1])
    glb.json["meshes"][0]["primitives"][0]["material"] = material
    glb.json["cameras"] = [{"type": "perspective", "perspective": {"yfov": 1, "znear": 0.1}}]
    glb.json["extensions"] = {"KHR_lights_punctual": {"lights": [{"type": "point", "intensity": 5}]}}
    glb.json["extensionsUsed"] = ["KHR_lights_punctual", "KHR_animation_pointer"]
    camera = glb.node(camera=0, translation=[0, 0, 9], name="camera")
    light = glb.node(extensions={"KHR_lights_punctual": {"light": 0}}, name="light")
    empty = glb.node(name="target", translation=[0, 50, 0])
    shades = np.array([(1, 0, 0, 1), (0, 1, 0, 1), (0, 0, 1, 1), (1, 1, 1, 1)])
    animate(
        glb,
        "Film",
        (camera, "translation", walk(0, 0, 9)),
        (light, "rotation", swing(1)),
        (empty, "translation", walk(0, 50, 0)),
        ("/cameras/0/perspective/yfov", "pointer", np.linspace(0.5, 1, 4)),  # type: ignore[arg-type]
        ("/extensions/KHR_lights_punctual/lights/0/intensity", "pointer", np.linspace(1, 9, 4)),  # type: ignore[arg-type]
        (f"/materials/{material}/pbrMetallicRoughness/baseColorFactor", "pointer", shades),  # type: ignore[arg-type]
    )
    return glb


def curved() -> Glb:
    """A pole with cubic and stepped curves."""
    glb = pole_under({})
    joint = glb.json["skins"][0]["joints"][1]
    values = np.zeros((12, 4))
    values[1::3] = swing(0)
    animate(glb, "Cubic", (joint, "rotation", values), interpolation="CUBICSPLINE")
    animate(glb, "Step", (joint, "rotation", swing(1)), interpolation="STEP")
    glb.json["animations"].reverse()
    return glb


def pointed_node() -> Glb:
    """Vanes that a pointer turns."""
    glb = windmill()
    hub = glb.json["animations"][0]["channels"][0]["target"]["node"]
    glb.json["animations"] = []
    glb.json["extensionsUsed"] = ["KHR_animation_pointer"]
    animate(glb, "Turn", (f"/nodes/{hub}/rotation", "pointer", swing(2, 90)))  # type: ignore[arg-type]
    return glb


def leaf_with_two_sides(normals: bool) -> Glb:
    """Each place has a face that looks to the front and one that looks back, or both to the front, by the normals."""
    glb = Glb()
    places = np.array([(0, 0, 0), (1, 0, 0), (1, 2, 0), (0, 2, 0)], np.float32)
    front = np.array([(0, 1, 2), (0, 2, 3)])
    primitive = glb.primitive(
        np.concatenate([places, places]),
        np.concatenate([front, front[:, ::-1] + 4]),
        normals=np.tile([(0, 0, 1.0)], (8, 1)) if normals else None,
        uvs=np.tile(places[:, :2], (2, 1)),
    )
    glb.node(mesh=glb.mesh(primitive))
    return glb


MOVING: dict[str, Maker] = {
    "pole": pole_under,
    "pole under a node": lambda: pole_under({"translation": [4, 5, 6]}),
    "pole of centimeters": lambda: pole_under({"rotation": list(TURNED)}, {"scale": [0.01] * 3}),
    "pole under a stretched node": lambda: pole_under(
        {"rotation": [0, 0, 0.38268343, 0.92387953]}, {"scale": [1, 3, 1]}
    ),
    "pole under a mirrored node": lambda: pole_under({"scale": [-1, 1, 1]}),
    "pole under a node that walks": lambda: pole_under({"translation": [0, 1, 0]}, {"scale": [2, 2, 2]}, moved=[0]),
    "pole under a root that walks": lambda: pole_under({}, {"translation": [3, 1, 0]}, moved=[1]),
    "pole with morph targets": lambda: pole_under({"scale": [3, 3, 3]}, targets=True),
    "pole that grows": stretched_pole,
    "poles with things": poles_with_things,
    "curves": curved,
    "windmill": windmill,
    "windmill in all ways": lambda: windmill(moves=("rotation", "translation", "scale")),
    "windmill that walks": lambda: windmill(root=True),
    "pointer to a node": pointed_node,
    "film": filmed,
    "morphing ball": lambda: morphing_ball(scale=[100, 100, 100]),
    "morphing ball, stretched": lambda: morphing_ball(scale=[1, 5, 2], weights=(0.5, 0.5)),
    "morphing ball, mirrored": lambda: morphing_ball(scale=[-2, 2, 2]),
    "morphing balls": lambda: morphing_ball(scale=[0.1, 0.1, 0.1], parts=2),
}
RESTING: dict[str, Maker] = {
    "leaf with two sides": lambda: leaf_with_two_sides(normals=False),
    "leaf with two fronts": lambda: leaf_with_two_sides(normals=True),
    "resting pole with a hat": resting_pole_with_hat,
    "held still": held_still,
    **{
        ", ".join(order): (lambda order=order: morphing_parts(order))  # type: ignore[misc]
        for order in (
            ("keys",),
            ("plain", "keys"),
            ("keys", "plain", "other strength"),
            ("keys", "same keys"),
            ("plain", "colors", "uvs"),
            ("colors", "plain", "keys"),
            ("uvs", "colors and uvs", "plain"),
            ("colors and uvs", "uvs"),
        )
    },
}
