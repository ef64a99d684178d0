# SPDX-License-Identifier: GPL-3.0-or-later
"""What arrives beside what Blender's own importer makes of the same file: the same but for its place.

Wherever something differs on purpose, `ON_PURPOSE` says why.
"""

from __future__ import annotations

import pathlib
import re
from collections import Counter
from dataclasses import dataclass, field
from typing import Any

import bpy
import numpy as np
import pytest
from glb_files import Glb, sphere
from mathutils import Vector
from mathutils.kdtree import KDTree
from moving_files import MOVING, RESTING, resting_pole_with_hat
from numpy.typing import NDArray
from people import COMFYUI, LYING, MESHY, MHR, MIXAMO, write_person

from sam3d.scene.importing import ImportFailed, ResultInfo, import_result
from sam3d.scene.motion import what_plays
from sam3d.scene.poses import has_poses

CASES = pathlib.Path(__file__).resolve().parents[3] / "shared" / "cases" / "glb"
FRAMES = (1, 7, 13, 24, 40)
NEAR = 2e-4
"""Of a model's size, within which a vertex is at the same place."""

ON_PURPOSE: dict[str, dict[str, Any]] = {
    "materials": {
        # plain white hides the shape: gray is seen, and colors have a name
        "surfaces without a material get one": (None, "DefaultMaterial", "Gray", "Vertex Colors"),
    },
    "faces": {
        # two of their corners are at one place and become one vertex: nothing of them can be seen
        "triangles without an area": "test_only_triangles_without_an_area_go",
    },
    "objects": {
        # a model arrives, not the scene that it was shown in
        "cameras, lights and empties that carry nothing, and what moves them": "bare",
    },
    "places": {
        # Blender's importer puts it by a bone's length in one scale and draws the bone in another
        "what hangs on a bone of a scaled skeleton": "test_a_hat_sits_right_on_a_scaled_skeleton",
    },
    "actions": {
        # what stands still can be one object
        "animations that hold everything still": ("held still",),
        # it is the pose of the photo, and to be posed on
        "a single animation that holds a skeleton in a pose": "test_a_person_in_a_held_pose_is_as_blender_shows_it",
    },
    "not read": {
        # by Blender neither, in some versions
        "basisu_req.glb": "textures in KTX2",
        "meshopt_req.glb": "geometry compressed by meshopt",
    },
}


@dataclass
class Seen:
    """What a file shows."""

    frames: list[NDArray[Any]] = field(default_factory=list)  # vertices (n, 3) in the world at each of FRAMES
    faces: int = 0
    materials: Counter[str | None] = field(default_factory=Counter)  # of faces
    corners: NDArray[Any] = field(default_factory=lambda: np.zeros((0, 3)))  # a point a bit within each face's corner
    colors: NDArray[Any] = field(default_factory=lambda: np.zeros((0, 4)))  # of the corners, white where there is none
    uvs: NDArray[Any] = field(default_factory=lambda: np.zeros((0, 2)))  # of the corners, not a number without any
    uv_maps: set[str] = field(default_factory=set)
    keys: dict[str, NDArray[Any]] = field(default_factory=dict)  # vertices where a key alone is on
    actions: set[str] = field(default_factory=set)
    tracks: set[str] = field(default_factory=set)


@pytest.fixture(autouse=True)
def empty_file() -> None:
    fresh()


def fresh() -> None:
    bpy.ops.wm.read_homefile(use_empty=True)
    bpy.ops.preferences.addon_enable(module="io_scene_gltf2")


def bare(path: pathlib.Path) -> Seen:
    """What Blender's importer shows of a file, but for what does not come on purpose."""
    fresh()
    bpy.ops.import_scene.gltf(filepath=str(path))
    alone = [obj for obj in bpy.data.objects if obj.type == "EMPTY" and not obj.children]
    bpy.data.batch_remove([*alone, *bpy.data.cameras, *bpy.data.lights])
    bpy.data.batch_remove([action for action in bpy.data.actions if not action.users])
    return look()


def product(path: pathlib.Path, **options: Any) -> Seen:
    """What the import shows."""
    fresh()
    bring(path, **options)
    return look()


def bring(path: pathlib.Path, location: tuple[float, float, float] = (0, 0, 0), **options: Any) -> list[Any]:
    """Imports and gives the objects."""
    info = ResultInfo(job="j", provider="LOCAL", model="m", prompt="", photo="p", seed=1, cost=0.0)
    names = import_result(
        bpy.context, path, info=info, collection_name="p", object_name="it", location=Vector(location), **options
    )
    return [bpy.data.objects[name] for name in names]


def plain(name: str) -> str:
    """A name without Blender's number."""
    return re.sub(r"\.\d{3}$", "", name)


def meshes() -> list[Any]:
    return [
        obj
        for obj in bpy.context.scene.objects
        if obj.type == "MESH"
        and obj.data.polygons
        and "glTF_not_exported" not in [collection.name for collection in obj.users_collection]
    ]


def numbers(values: Any, name: str, width: int) -> NDArray[Any]:
    flat = np.empty(len(values) * width, np.float32)
    values.foreach_get(name, flat)
    return flat.reshape(-1, width).astype(np.float64)


def shown() -> NDArray[Any]:
    """All vertices (n, 3) in the world, as they are in the current frame."""
    bpy.context.view_layer.update()
    graph = bpy.context.evaluated_depsgraph_get()
    found = []
    for obj in meshes():
        evaluated = obj.evaluated_get(graph)
        world = np.array(evaluated.matrix_world)
        found.append(numbers(evaluated.data.vertices, "co", 3) @ world[:3, :3].T + world[:3, 3])
    return np.concatenate(found)


def look() -> Seen:
    seen = Seen()
    for frame in FRAMES:
        bpy.context.scene.frame_set(frame)
        seen.frames.append(shown())
    bpy.context.scene.frame_set(FRAMES[0])
    seen.actions = {plain(action.name) for action in bpy.data.actions}
    graph = bpy.context.evaluated_depsgraph_get()
    corners, colors, uvs = [], [], []
    trees = [material.node_tree for material in bpy.data.materials if material.node_tree]
    animated: list[Any] = [*bpy.context.scene.objects, *bpy.data.shape_keys, *trees]
    seen.tracks = {track.name for one in animated if one.animation_data for track in one.animation_data.nla_tracks}
    for obj in meshes():
        evaluated = obj.evaluated_get(graph)
        mesh = evaluated.data
        seen.faces += len(mesh.polygons)
        slots = [slot.material and plain(slot.material.name) for slot in obj.material_slots] or [None]
        seen.materials.update(slots[polygon.material_index] for polygon in mesh.polygons)
        world = np.array(evaluated.matrix_world)
        places = numbers(mesh.vertices, "co", 3) @ world[:3, :3].T + world[:3, 3]
        at = np.array([loop.vertex_index for loop in mesh.loops])
        middle = np.concatenate(
            [np.tile(places[list(one.vertices)].mean(axis=0), (len(one.vertices), 1)) for one in mesh.polygons]
        )
        corners.append(0.8 * places[at] + 0.2 * middle)
        layer = mesh.color_attributes[0] if len(mesh.color_attributes) else None
        shades = numbers(layer.data, "color", 4) if layer else np.ones((len(at), 4))
        colors.append(shades[at] if layer and layer.domain == "POINT" else shades)
        seen.uv_maps |= {one.name for one in mesh.uv_layers}
        uvs.append(numbers(mesh.uv_layers[0].uv, "vector", 2) if mesh.uv_layers else np.zeros((len(at), 2)))
    seen.corners, seen.colors, seen.uvs = (np.concatenate(each) for each in (corners, colors, uvs))
    blocks = [key for obj in meshes() if obj.data.shape_keys for key in obj.data.shape_keys.key_blocks[1:]]
    for keys in bpy.data.shape_keys:
        keys.animation_data_clear()
    for name in {plain(block.name) for block in blocks}:
        for block in blocks:
            block.value = plain(block.name) == name
        seen.keys[name] = shown()
    return seen


def same(one: NDArray[Any], other: NDArray[Any], size: float) -> float:
    """The farthest that a point of either set is from the nearest of the other, in shares of `size`."""
    worst = 0.0
    for here, there in ((one, other), (other, one)):
        tree = KDTree(len(there))
        for index, place in enumerate(there):
            tree.insert(place, index)
        tree.balance()
        worst = max(worst, *(tree.find(place)[2] for place in here))
    return worst / size


def assert_equal_but(theirs: Counter[str | None], ours: Counter[str | None], alike: Any) -> None:
    """The same materials, where those of `alike` count as one."""
    assert [Counter(None if name in alike else name for name in each.elements()) for each in (theirs, ours)] == [
        Counter(None if name in alike else name for name in theirs.elements())
    ] * 2


def assert_same(theirs: Seen, ours: Seen) -> None:
    """Everything that `Seen` tells is the same, but for the place."""
    low, high = theirs.frames[0].min(axis=0), theirs.frames[0].max(axis=0)
    size = float(max(high - low))
    base = np.array([(low[0] + high[0]) / 2, (low[1] + high[1]) / 2, low[2]])
    for frame, one, other in zip(FRAMES, theirs.frames, ours.frames, strict=True):
        assert same(one - base, other, size) < NEAR, f"frame {frame}"
    assert theirs.faces == ours.faces
    none = ON_PURPOSE["materials"]["surfaces without a material get one"]
    assert_equal_but(theirs.materials, ours.materials, none)
    assert theirs.uv_maps == ours.uv_maps
    assert theirs.actions == ours.actions
    assert theirs.tracks == ours.tracks
    assert same(theirs.corners - base, ours.corners, size) < NEAR
    tree = KDTree(len(ours.corners))
    for index, place in enumerate(ours.corners):
        tree.insert(place, index)
    tree.balance()
    found = [tree.find(place)[1] for place in theirs.corners - base]
    np.testing.assert_allclose(ours.colors[found], theirs.colors, atol=0.01)
    np.testing.assert_allclose(ours.uvs[found], theirs.uvs, atol=1e-4)
    assert theirs.keys.keys() == ours.keys.keys()
    for name, places in theirs.keys.items():
        assert same(places - base, ours.keys[name], size) < NEAR, name


@pytest.mark.parametrize("name", [*MOVING, *RESTING])
def test_it_is_as_blender_shows_it(tmp_path: pathlib.Path, name: str) -> None:
    path = (MOVING | RESTING)[name]().write(tmp_path / "a.glb")
    theirs, ours = bare(path), product(path)
    if name in ON_PURPOSE["actions"]["animations that hold everything still"]:
        theirs.actions, theirs.tracks = set(), set()
        assert len(meshes()) == 1
    assert_same(theirs, ours)


def test_a_hat_sits_right_on_a_scaled_skeleton(tmp_path: pathlib.Path) -> None:
    ours = product(resting_pole_with_hat(1).write(tmp_path / "a.glb")).frames[0]
    scaled = product(resting_pole_with_hat(3).write(tmp_path / "a.glb")).frames[0]
    assert same(3 * ours, scaled, 6) < NEAR


def test_only_triangles_without_an_area_go(tmp_path: pathlib.Path) -> None:
    places, faces, uvs = sphere(8, 6)
    seam = np.nonzero((places == places[0]).all(axis=1))[0]
    assert len(seam) > 1  # places with several vertices, which become one
    slivers = np.array([(seam[0], seam[1], len(places) // 2)])
    glb = Glb()
    glb.node(mesh=glb.mesh(glb.primitive(places, np.concatenate([faces, slivers]), uvs=uvs)))
    path = glb.write(tmp_path / "a.glb")
    theirs, ours = bare(path), product(path)
    assert theirs.faces == len(faces) + 1
    assert ours.faces == len({frozenset(map(tuple, places[face])) for face in faces})


@pytest.mark.parametrize("joints", [MHR, MIXAMO])
def test_a_person_is_as_blender_shows_it(tmp_path: pathlib.Path, joints: Any) -> None:
    path = write_person(tmp_path / "a.glb", joints)
    assert_same(bare(path), product(path))


@pytest.mark.parametrize("under", [None, LYING], ids=["upright", "lying in centimeters"])
@pytest.mark.parametrize("moves", ["", "LINEAR", "STEP", "CUBICSPLINE"])
@pytest.mark.parametrize("joints", [COMFYUI, MESHY, MIXAMO], ids=["ComfyUI", "Meshy", "Mixamo"])
def test_a_posed_person_is_as_blender_shows_it(tmp_path: pathlib.Path, joints: Any, moves: str, under: Any) -> None:
    turns = dict.fromkeys(list(joints)[3:12:2], (0.1, -0.3, 0.2, 0.927))
    path = write_person(tmp_path / "a.glb", joints, turns, moves=moves, under=under)
    assert_same(bare(path), product(path))


@pytest.mark.parametrize("moves", ["HELD", "HELD LONG"])
@pytest.mark.parametrize("joints", [COMFYUI, MIXAMO], ids=["ComfyUI", "Mixamo"])
def test_a_person_in_a_held_pose_is_as_blender_shows_it(tmp_path: pathlib.Path, joints: Any, moves: str) -> None:
    path = write_person(tmp_path / "a.glb", joints, moves=moves)
    theirs = bare(path)
    assert len(theirs.actions) == 1
    theirs.actions, theirs.tracks = set(), set()
    assert_same(theirs, product(path))
    armature = next(obj for obj in bpy.data.objects if obj.type == "ARMATURE")
    assert armature.animation_data is None and has_poses(armature)


@pytest.mark.parametrize("under", [None, LYING], ids=["upright", "lying in centimeters"])
@pytest.mark.parametrize("stretched", ["mixamorig:Spine", "mixamorig:LeftForeArm"])
def test_a_person_that_an_action_stretches_moves_as_before(tmp_path: pathlib.Path, stretched: str, under: Any) -> None:
    path = write_person(tmp_path / "a.glb", MIXAMO, moves="LINEAR", stretches=stretched, under=under)
    assert_same(bare(path), product(path))


@pytest.mark.parametrize("moves", ["", "LINEAR"], ids=["at rest", "moving"])
def test_things_that_a_person_holds_and_what_stands_beside_come_along(tmp_path: pathlib.Path, moves: str) -> None:
    path = write_person(tmp_path / "a.glb", MIXAMO, moves=moves, things=True)
    theirs, ours = bare(path), product(path)
    assert_same(theirs, ours)
    base, high = theirs.frames[0].min(axis=0), theirs.frames[0].max(axis=0)
    middle = np.array([*((base + high) / 2)[:2], base[2]])
    placed = product(path, location=(4, 5, 6), height=3.0, turn=1.0)
    around = np.array([[np.cos(1), -np.sin(1), 0], [np.sin(1), np.cos(1), 0], [0, 0, 1]])
    for one, other in zip(theirs.frames, placed.frames, strict=True):
        there = 3 / (high - base)[2] * (one - middle) @ around.T + (4, 5, 6)
        assert same(there, other, 3) < NEAR


@pytest.mark.parametrize("name", ["windmill", "windmill that walks", "morphing balls"])
def test_all_that_moves_in_parts_hangs_under_one_object(tmp_path: pathlib.Path, name: str) -> None:
    objects = bring(MOVING[name]().write(tmp_path / "a.glb"), location=(4, 5, 6))
    tops = [obj for obj in objects if obj.parent is None]
    assert [top.name for top in tops] == ["it"]
    before = shown()
    tops[0].location.x += 2
    np.testing.assert_allclose(shown() - before, np.tile((2, 0, 0), (len(before), 1)), atol=1e-4)


@pytest.mark.parametrize(
    ("name", "said"),
    [
        ("pole", "It plays the action Wave: unlink that in the Action Editor to pose it by hand. 1 more wait"),
        ("morphing balls", "It plays the action Breathe: unlink that"),
        ("held still", ""),
    ],
)
def test_what_plays_is_said(tmp_path: pathlib.Path, name: str, said: str) -> None:
    found = what_plays(bring((MOVING | RESTING)[name]().write(tmp_path / "a.glb")))
    assert found.startswith(said) and bool(found) == bool(said)


def test_the_face_limit_is_for_all_parts_together(tmp_path: pathlib.Path) -> None:
    path = write_person(tmp_path / "a.glb", MIXAMO, moves="LINEAR", things=True)
    assert sum(len(obj.data.polygons) for obj in bring(path, face_limit=500) if obj.type == "MESH") <= 500


@pytest.mark.parametrize("name", sorted(path.name for path in CASES.glob("*.glb")) or [""])
def test_real_files_are_as_blender_shows_them(name: str) -> None:
    if not name:
        pytest.skip("../shared/cases/glb, real models, is not here")
    try:
        theirs = bare(CASES / name)
    except RuntimeError:
        assert name in ON_PURPOSE["not read"]
        with pytest.raises(ImportFailed, match="which this Blender cannot read"):
            product(CASES / name)
        return
    assert_same(theirs, product(CASES / name))
