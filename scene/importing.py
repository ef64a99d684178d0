# SPDX-License-Identifier: GPL-3.0-or-later
"""A finished result's GLB becomes objects of the scene, through Blender's own glTF importer.

The file is checked and put right before (`gltf_repair`), and made one object that stands on the ground after
(`placement`, `decimate`). Main thread only.

Undo: operators called from Python push no undo step of their own, neither here nor in the glTF importer.
Called from an operator that has UNDO and finishes, `import_result` is part of that operator's step; called
from a modal operator's timer or any other handler, no step is made at all, and the import would vanish with
the user's own last step: follow it by `push_undo_step` there.
"""

from __future__ import annotations

import pathlib
import tempfile
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any

import bpy
from bpy.types import ID, Collection, Context, LayerCollection, Object, Scene, SpaceView3D
from mathutils import Matrix, Vector

from ..engine.rigging.person import Person
from .blockout import put_away
from .bodies import place_people, place_people_as_seen, rig, separate
from .data import (
    active_collection,
    armature_of,
    is_job_running,
    mesh_of,
    scene_of,
    unit_of,
    view_layer_of,
    window_manager_of,
)
from .decimate import decimate
from .gltf_extensions import readable_extensions
from .gltf_repair import Contents, prepare
from .import_failed import ImportFailed
from .joining import smooth_bare
from .motion import bones_move, holds_pose, keys_move, object_moves
from .placement import place_as_seen, place_on_ground, stand, to_one_object
from .quads import join_quads
from .skeleton import clean_up, clean_up_moving, take_held_pose

__all__ = ["ImportFailed", "ResultInfo", "can_import", "import_result", "push_undo_step"]

MAX_INT = 2**31 - 1  # of a custom property
# what a glTF file can bring, in an order in which users go before what they use
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
    "node_groups",
    "images",
)
PHOTO_SOURCE = "sam3d_photo_source"
"""The custom property of a photo's collection that tells where the photo has come from."""
MODES = {
    "EDIT": "Edit Mode",
    "POSE": "Pose Mode",
    "SCULPT": "Sculpt Mode",
    "PAINT": "Paint Mode",
    "PARTICLE": "Particle Edit Mode",
}


@dataclass(frozen=True)
class ResultInfo:
    """Where a result comes from; kept as custom properties `sam3d_job` and so on of its objects.

    A seed beyond 32 bits, which a custom property cannot hold as a number, is kept as its decimal text.
    """

    job: str
    provider: str
    model: str
    prompt: str
    photo: str
    seed: int
    cost: float  # US dollars


def can_import(context: Context) -> str:
    """Why a result cannot be brought in at the moment, as a sentence for an artist; empty where it can."""
    scene = context.scene
    if scene is None or context.view_layer is None:
        return "Open a scene to bring the result in."
    if not scene.is_editable:
        return "This scene belongs to another file: switch to a scene of your own to bring the result in."
    if context.mode != "OBJECT":
        name = next((name for key, name in MODES.items() if key in context.mode), "this mode")
        return f"Leave {name} to bring the result in."
    if any(is_job_running(job) for job in ("RENDER", "OBJECT_BAKE")):
        return "The result comes in when the render is finished."
    if context.window is not None and any(
        modal.bl_idname.startswith("TRANSFORM_OT_") for modal in context.window.modal_operators
    ):
        return "The result comes in when you have finished moving things."
    return ""


def import_result(
    context: Context,
    path: pathlib.Path,
    *,
    info: ResultInfo,
    collection_name: str,
    object_name: str,
    location: Vector,
    face_limit: int = 0,
    height: float = 0.0,
    people: Sequence[Person] = (),
    helper_bones: bool = False,
    turn: float = 0.0,
    seen: Matrix | None = None,
    photo_source: str = "",
    replaces: Sequence[Object] = (),
) -> list[str]:
    """Brings the GLB at `path` into the scene: one mesh object or, if skinned, an armature with its meshes.

    With `people`, what is known of those in the file in its own frame, each of them becomes an armature with a mesh.
    A skeleton that came with the file keeps the bones that only help others with `helper_bones`.

    The object stands on the ground at `location` with its origin at the middle of its base, facing -Y but for `turn`
    radians about Z, with at most `face_limit` triangles (0: as delivered) and `height` meters high (0: as delivered),
    in the photo's collection under the scene's, told from others of its name by `photo_source`; it is selected and
    active. A skinned model keeps its own origin. What it `replaces` is put away. Gives the names of the objects.

    With `seen`, a similarity from the model as Blender imports it to the world, that says where it stands and how high
    it is; `turn` is then the part of it about Z.

    Raises ImportFailed, with one sentence for an artist and the scene as it was.
    """
    reason = can_import(context)
    if reason:
        raise ImportFailed(reason)
    with _all_or_nothing(context) as new:
        unit = unit_of(scene_of(context))
        with _scaled(scene_of(context), unit):
            contents = _import_file(path, still=bool(people))
        place = _Place(location, height / unit, turn, seen)
        if contents.skinned:
            objects = _tree(context, new, place, face_limit, fold=not helper_bones)
        elif people:
            objects = _people(context, new, place, face_limit=face_limit, people=people, unit=unit)
        elif _moves_in_parts(new):
            objects = _tree(context, new, place, face_limit)
        else:
            objects = [_prop(context, new, place, face_limit)]
        new.remove_leftovers(objects)
        put_away(context, replaces, object_name)
        for obj in objects:
            if obj.parent is None:
                obj.name = object_name
                if seen is None:
                    _turn(obj, location, turn)
            if obj.type == "ARMATURE":
                armature_of(obj).name = obj.name
        for obj in objects:
            if obj.type == "MESH" and obj.parent is not None and obj.parent.type == "ARMATURE":
                obj.name = f"{obj.parent.name} Mesh"
            _describe(obj, info)
            if obj.type == "MESH":
                mesh_of(obj).name = obj.name
                join_quads(mesh_of(obj))
        collection = photo_collection(context, collection_name, info.photo, photo_source)
        _file_away(objects, collection)
        _show(context, objects, collection)
        view_layer_of(context).update()
        return [obj.name for obj in objects]


def push_undo_step(message: str) -> None:
    """One undo step for what was just imported; for timers and handlers, which make none."""
    if bpy.ops.ed.undo_push.poll():  # type: ignore[call-arg]  # a method, not of a class
        bpy.ops.ed.undo_push(message=message)


class _NewData:
    """What has come into the file since this was made."""

    def __init__(self) -> None:
        self.before = {kind: set(getattr(bpy.data, kind)) for kind in KINDS}

    def of(self, kind: str) -> list[ID]:
        return [datablock for datablock in getattr(bpy.data, kind) if datablock not in self.before[kind]]

    def objects(self, *types: str) -> list[Object]:
        return [obj for obj in self.of("objects") if isinstance(obj, Object) and obj.type in types]

    def remove(self) -> None:
        bpy.data.batch_remove([datablock for kind in KINDS for datablock in self.of(kind)])

    def remove_leftovers(self, objects: list[Object]) -> None:
        """Removes what came with the file and is not part of the result: empties, unused data and so on."""
        bpy.data.batch_remove(
            [
                *self.of("scenes"),
                *self.of("collections"),
                *(obj for obj in self.of("objects") if obj not in objects),
            ]
        )
        for kind in KINDS[3:]:
            bpy.data.batch_remove([datablock for datablock in self.of(kind) if not datablock.users])


@contextmanager
def _all_or_nothing(context: Context) -> Iterator[_NewData]:
    """Keeps the artist's active collection; on an error, removes all new data and selects as before.

    Objects come in at the scene's master collection meanwhile, the only one that can be neither hidden nor
    excluded. Any error comes out as ImportFailed.
    """
    view_layer = view_layer_of(context)
    active, selected = view_layer.objects.active, set(view_layer.objects.selected)
    collection = active_collection(view_layer).collection
    view_layer.active_layer_collection = view_layer.layer_collection
    new = _NewData()
    try:
        yield new
    except BaseException as error:
        if context.mode != "OBJECT":
            bpy.ops.object.mode_set(mode="OBJECT")
        new.remove()
        view_layer.update()  # or it still lists the places of what was removed
        for obj in view_layer.objects:
            obj.select_set(obj in selected, view_layer=view_layer)
        view_layer.objects.active = active
        if isinstance(error, ImportFailed) or not isinstance(error, Exception):
            raise
        raise ImportFailed(f"Blender could not bring the model in: {_reason(error)}") from error
    finally:
        found = _layer_collection(view_layer.layer_collection, collection)
        if found is not None:
            view_layer.active_layer_collection = found


def _reason(error: Exception) -> str:
    """The words of an operator's report; an error with a traceback has none for an artist."""
    if isinstance(error, OSError):
        return f"{error.strerror or error}."
    report = str(error).strip()
    if not isinstance(error, RuntimeError) or "Traceback" in report:
        return "the file is not as its format wants it."
    return report.removeprefix("Error: ").splitlines()[0].rstrip(".") + "."


def _layer_collection(root: LayerCollection, collection: Collection) -> LayerCollection | None:
    if root.collection == collection:
        return root
    for child in root.children:
        found = _layer_collection(child, collection)
        if found is not None:
            return found
    return None


def _import_file(path: pathlib.Path, *, still: bool) -> Contents:
    if not hasattr(bpy.types, "IMPORT_SCENE_OT_gltf"):
        raise ImportFailed("Blender's glTF importer is switched off: enable the add-on 'glTF 2.0 format'.")
    with tempfile.TemporaryDirectory(prefix="sam3d-", dir=bpy.app.tempdir or None) as folder:
        copy = pathlib.Path(folder) / "model.glb"
        contents = prepare(path, copy, still=still, readable=readable_extensions())
        options: dict[str, Any] = {
            "filepath": str(copy),
            "import_pack_images": True,
            # both sides of a UV seam share their vertices: the surface is closed and shades evenly
            "merge_vertices": contents.mergeable,
            "bone_heuristic": "TEMPERANCE",
            "disable_bone_shape": True,
            # since 4.5
            "import_select_created_objects": False,
            "import_scene_extras": False,
        }
        known = bpy.ops.import_scene.gltf.get_rna_type().properties  # type: ignore[call-arg]  # a method, not of a class
        bpy.ops.import_scene.gltf(**{key: value for key, value in options.items() if key in known})
    return contents


@contextmanager
def _scaled(scene: Scene, unit: float) -> Iterator[None]:
    """Has Blender's importer count in the units that are shown; it goes by their scale where none are, too."""
    settings = scene.unit_settings
    kept = settings.scale_length
    if kept == unit:
        yield
        return
    settings.scale_length = unit
    try:
        yield
    finally:
        settings.scale_length = kept


def _surfaces(new: _NewData) -> list[Object]:
    parts = [obj for obj in new.objects("MESH") if mesh_of(obj).polygons]
    if not parts:
        raise ImportFailed("The model holds no surface.")
    return parts


@dataclass(frozen=True)
class _Place:
    """Where a model is to stand: at `location`, `height` units high if not 0; or where `seen` takes it, turned so."""

    location: Vector
    height: float
    turn: float
    seen: Matrix | None


def _prop(context: Context, new: _NewData, place: _Place, face_limit: int) -> Object:
    obj = to_one_object(context, _surfaces(new))
    decimate(context, obj, face_limit)
    if place.seen is None:
        place_on_ground(context, obj, place.location, place.height)
    else:
        place_as_seen(context, obj, place.seen, place.turn)
    obj.rotation_mode = "XYZ"
    return obj


def _people(
    context: Context,
    new: _NewData,
    place: _Place,
    *,
    face_limit: int,
    people: Sequence[Person],
    unit: float,
) -> list[Object]:
    """Each person an armature with its mesh, or the bare mesh where no joints are known, from left to right."""
    body = to_one_object(context, _surfaces(new))
    parts = separate(context, body, people, unit)
    found: list[Object] = []
    if place.seen is None:
        placed = place_people(parts, people, place.location, place.height, unit)
    else:
        placed = place_people_as_seen(parts, people, place.seen, place.turn, unit)
    for part, joints in zip(parts, placed, strict=True):
        decimate(context, part, face_limit)
        part.rotation_mode = "XYZ"
        view_layer_of(context).update()
        found += [rig(context, part, joints, part.name), part] if joints else [part]
    return found


def _moves_in_parts(new: _NewData) -> bool:
    """Whether a model without a skeleton moves otherwise than one mesh object by itself can."""
    surfaces = _surfaces(new)
    return any(object_moves(obj) for obj in new.objects("MESH", "EMPTY")) or (
        len(surfaces) > 1 and any(keys_move(obj) for obj in surfaces)
    )


def _tree(context: Context, new: _NewData, place: _Place, face_limit: int, *, fold: bool = False) -> list[Object]:
    """Armatures and meshes hang together and move as they came, and stand as a whole at the place.

    A skeleton at rest is put in order; one that plays an action keeps all its bones, for the action moves them. An
    action that holds a single pose is none.
    """
    meshes = _surfaces(new)
    armatures = new.objects("ARMATURE")
    smooth_bare([mesh_of(obj) for obj in meshes])
    faces = sum(len(mesh_of(obj).polygons) for obj in meshes)
    for obj in {mesh_of(obj): obj for obj in meshes}.values():
        decimate(context, obj, face_limit and max(1, face_limit * len(mesh_of(obj).polygons) // faces))
    for armature in armatures:
        if holds_pose(armature):
            take_held_pose(context, armature)
        if bones_move(armature):
            clean_up_moving(context, armature)
        else:
            clean_up(context, armature, [obj for obj in meshes if obj.find_armature() == armature], fold=fold)
    return stand(context, [*armatures, *meshes], place.location, place.height, place.seen)


def _turn(obj: Object, pivot: Vector, angle: float) -> None:
    """Turns a root about a vertical axis through `pivot`."""
    if angle:
        place = Matrix.Translation(pivot)
        obj.matrix_basis = place @ Matrix.Rotation(angle, 4, "Z") @ place.inverted() @ obj.matrix_basis


def _describe(obj: Object, info: ResultInfo) -> None:
    for name, value in vars(info).items():
        obj[f"sam3d_{name}"] = str(value) if name == "seed" and abs(value) > MAX_INT else value


def photo_collection(context: Context, name: str, photo: str, source: str) -> Collection:
    """The collection of a photo under the scene's: the one made for it before, or a new one.

    `source` tells photos of one name apart. A collection that another scene shows too, such as a linked copy of this
    one, is that scene's as well: what is put there would appear in both.
    """
    scene = scene_of(context)
    elsewhere = {child for other in bpy.data.scenes if other != scene for child in other.collection.children_recursive}
    collection = next(
        (
            child
            for child in scene.collection.children
            if child.get("sam3d_photo") == photo
            and child.get(PHOTO_SOURCE, source) == source
            and child.is_editable
            and child not in elsewhere
        ),
        None,
    )
    if collection is None:
        collection = bpy.data.collections.new(name)
        collection["sam3d_photo"] = photo
        collection[PHOTO_SOURCE] = source
        scene.collection.children.link(collection)
    return collection


def _file_away(objects: list[Object], collection: Collection) -> None:
    for obj in objects:
        for user in obj.users_collection:
            user.objects.unlink(obj)
        collection.objects.link(obj)


def _show(context: Context, objects: list[Object], collection: Collection) -> None:
    """Selects the new objects, and nothing else, where the artist sees them."""
    view_layer = view_layer_of(context)
    layer = _layer_collection(view_layer.layer_collection, collection)
    if layer is not None:
        # what was just asked for is to be seen, also where earlier results were put out of sight
        layer.exclude = layer.hide_viewport = collection.hide_viewport = False
    for obj in list(view_layer.objects.selected):
        obj.select_set(False, view_layer=view_layer)
    for obj in objects:
        obj.select_set(True, view_layer=view_layer)
    view_layer.objects.active = objects[0]
    spaces = [
        area.spaces.active
        for window in window_manager_of(context).windows
        for area in window.screen.areas
        if area.type == "VIEW_3D"
    ]
    for space in spaces:
        if isinstance(space, SpaceView3D) and space.local_view is not None:
            for obj in objects:
                obj.local_view_set(space, True)
