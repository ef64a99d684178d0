# SPDX-License-Identifier: GPL-3.0-or-later
"""Results are kept as assets and come back by append, which is what a drag from the asset browser does."""

import importlib
import json
import math
import shutil
from pathlib import Path
from typing import Any

import bmesh
import bpy
import numpy as np
from bl_ext.user_default.sam3d.preferences import results_folder
from common import FOLDER, all_preferences, choose_service, disc, empty_file, imported_objects, last_message, newest
from mathutils import Matrix

LIBRARY_NAME = "SAM 3D"


def library() -> Path:
    """A library of this test's own."""
    return results_folder(bpy.context) / "assets"


def file_with_ball(url: str) -> Any:
    """A new file with a red ball as the photo, a service on this machine, and no assets: the job that has ended."""
    _, settings = empty_file()
    all_preferences().results_folder = str(FOLDER / "results")
    choose_service(url)
    settings.image = disc("Red Ball", background=(0.2, 0.3, 0.2))
    settings.prompt = "a big red ball"
    assert bpy.ops.sam3d.reconstruct() == {"FINISHED"}, last_message()
    return newest()[0]


def kept_file(job: Any) -> Path:
    return library() / f"{job.id}.blend"


def listed(path: Path) -> dict[str, list[str]]:
    """The assets in a file, by kind."""
    with bpy.data.libraries.load(str(path), assets_only=True) as (found, _):
        return {kind: list(getattr(found, kind)) for kind in ("objects", "collections") if getattr(found, kind)}


def drag(path: Path, kind: str, name: str) -> list[bpy.types.Object]:
    """Append an asset as the browser does; what has come into the scene."""
    before = set(bpy.context.scene.objects)
    folder = f"{path}/{kind}/"
    bpy.ops.wm.append(
        filepath=folder + name, directory=folder, filename=name, do_reuse_local_id=False, instance_collections=False
    )
    return [obj for obj in bpy.context.scene.objects if obj not in before]


def names_of_data() -> dict[str, list[str]]:
    """All that is in the file, by kind."""
    collections = {name: getattr(bpy.data, name) for name in dir(bpy.data)}
    return {
        name: sorted(block.name for block in blocks)
        for name, blocks in collections.items()
        if isinstance(blocks, bpy.types.bpy_prop_collection) and name not in ("libraries", "window_managers")
    }


def textures(obj: bpy.types.Object) -> list[bpy.types.Image]:
    nodes = [node for slot in obj.material_slots for node in slot.material.node_tree.nodes]
    return [node.image for node in nodes if node.type == "TEX_IMAGE"]


def an_object_comes_back_with_all_that_it_had(url: str) -> None:
    job = file_with_ball(url)
    (obj,) = imported_objects()
    image = bpy.data.images.new("painted", 4, 4)
    image.pixels.foreach_set(np.tile(np.array([1, 0, 0, 1], np.float32), 16))
    tree = obj.material_slots[0].material.node_tree
    tree.nodes.new("ShaderNodeTexImage").image = image
    properties = {name: value for name, value in obj.items() if name.startswith("sam3d_")}
    vertices, materials = len(obj.data.vertices), len(obj.material_slots)
    assert bpy.ops.sam3d.keep_as_asset() == {"FINISHED"}

    path = kept_file(job)
    shutil.rmtree(job.folder)  # the asset needs nothing beside it
    bpy.ops.wm.read_homefile(use_empty=True)
    assert listed(path) == {"objects": ["Red Ball"]}
    with bpy.data.libraries.load(str(path), assets_only=True, link=True) as (_, wanted):
        wanted.objects = ["Red Ball"]
    (asset,) = wanted.objects
    about = asset.asset_data
    assert {tag.name for tag in about.tags} == {"SAM 3D", "object", "WaveSpeedAI", "big", "red", "ball"}
    assert "Red Ball" in about.description and f"seed {job.options.seed}" in about.description, about.description
    assert "SAM License" in about.license and about.author
    assert f"{about.catalog_id}:SAM 3D/Red Ball:" in (library() / "blender_assets.cats.txt").read_text()
    width, height = asset.preview.image_size
    pixels = np.empty(width * height * 4, np.float32)
    asset.preview.image_pixels_float.foreach_get(pixels)
    opaque = pixels.reshape(height, width, 4)[..., 3] > 0.5
    assert width >= 128 and 0.2 < opaque.mean() < 0.9 and opaque[height // 2, width // 2]
    if bpy.app.version >= (5, 2):
        assert about.use_preferred_import_method and about.preferred_import_method == "APPEND"

    bpy.ops.wm.read_homefile(use_empty=True)
    (again,) = drag(path, "Object", "Red Ball")
    assert len(again.data.vertices) == vertices and len(again.material_slots) == materials
    assert {name: value for name, value in again.items() if name.startswith("sam3d_")} == properties
    (red,) = [image for image in textures(again) if image.name == "painted"]
    assert red.packed_file and tuple(red.pixels[:4]) == (1.0, 0.0, 0.0, 1.0)
    assert all(image.packed_file for image in textures(again)), textures(again)


def a_person_comes_back_posable_and_twice(photo: str) -> None:
    scene, settings = empty_file()
    all_preferences().results_folder = str(FOLDER / "results")
    settings.image, settings.subject = bpy.data.images.load(photo), "BODY"
    scene.cursor.location = (3, 0, 1)
    assert bpy.ops.sam3d.reconstruct() == {"FINISHED"}, last_message()
    (job,) = newest()
    bpy.ops.object.select_all(action="DESELECT")
    (mesh,) = [obj for obj in imported_objects() if obj.type == "MESH"]
    mesh.select_set(True)  # alone: what it hangs on goes with it
    assert bpy.ops.sam3d.keep_as_asset() == {"FINISHED"}
    path = kept_file(job)
    assert listed(path) == {"collections": ["mannequin"]}

    bpy.ops.wm.read_homefile(use_empty=True)
    for _ in range(2):
        armature, mesh = sorted(drag(path, "Collection", "mannequin"), key=lambda obj: obj.type)
        assert (armature.type, mesh.type) == ("ARMATURE", "MESH") and mesh.parent == armature
        assert armature.name.startswith("mannequin") and armature.name not in {f"mannequin.00{n}" for n in (2, 3)}
        assert armature["sam3d_job"] == mesh["sam3d_job"] == job.id
        assert max(abs(value) for value in armature.location) < 1e-5  # where it is dropped, and no cursor of before
        untouched = shown(mesh)
        armature.pose.bones["upper_arm.L"].matrix_basis = Matrix.Rotation(math.radians(60), 4, "X")
        assert np.abs(shown(mesh) - untouched).max() > 0.1
        assert [modifier.object for modifier in mesh.modifiers if modifier.type == "ARMATURE"] == [armature]
    assert len([obj for obj in bpy.context.scene.objects if obj.type == "ARMATURE"]) == 2


def shown(obj: bpy.types.Object) -> Any:
    """Where the vertices of a mesh are as it is posed now."""
    bpy.context.view_layer.update()
    mesh = obj.evaluated_get(bpy.context.evaluated_depsgraph_get()).data
    places = np.empty(len(mesh.vertices) * 3, np.float32)
    mesh.attributes["position"].data.foreach_get("vector", places)
    return places.reshape(-1, 3)


def keeping_leaves_the_file_as_it_was(url: str) -> None:
    """Also where the result is not in the scene, and is brought in for the moment."""
    job = file_with_ball(url)
    (obj,) = imported_objects()
    for selected in (True, False):
        if not selected:
            bpy.data.batch_remove([obj, *obj.users_collection])
            bpy.ops.outliner.orphans_purge(do_recursive=True)
            cube = bpy.data.objects.new("Cube", bpy.data.meshes.new("Cube"))
            bpy.context.scene.collection.objects.link(cube)
            cube.select_set(True)
            bpy.context.view_layer.objects.active = cube
        before, chosen = names_of_data(), [obj.name for obj in bpy.context.selected_objects]
        active = bpy.context.view_layer.objects.active
        assert bpy.ops.sam3d.keep_as_asset(job_id=job.id) == {"FINISHED"}
        assert names_of_data() == before
        assert [obj.name for obj in bpy.context.selected_objects] == chosen
        assert bpy.context.view_layer.objects.active == active
        assert not any(obj.asset_data for obj in bpy.data.objects)
        assert listed(kept_file(job)) == {"objects": ["Red Ball"]}
    assert [path.name for path in library().glob("*.blend*")] == [kept_file(job).name]


def what_is_selected_is_kept_as_it_stands(url: str) -> None:
    """Made larger and laid on its side by the artist; a copy of it beside is not meant."""
    job = file_with_ball(url)
    (obj,) = imported_objects()
    other = obj.copy()
    bpy.context.scene.collection.objects.link(other)
    assert other.name == "Red Ball.001"
    other.select_set(True)
    obj.select_set(False)
    other.location, other.scale, other.rotation_euler = (5, 6, 7), (2, 2, 2), (math.pi / 2, 0, 0.3)
    sizes = np.array(other.bound_box).max(0) - np.array(other.bound_box).min(0)
    assert bpy.ops.sam3d.keep_as_asset(job_id=job.id) == {"FINISHED"}
    bpy.ops.wm.read_homefile(use_empty=True)
    (again,) = drag(kept_file(job), "Object", "Red Ball")
    assert (
        again.name == again.data.name == "Red Ball"
        and tuple(again.location) == (0, 0, 0)
        and tuple(again.scale) == (2, 2, 2)
    )
    assert tuple(again.rotation_euler) == (0, 0, 0)
    lying = np.array(again.bound_box).max(0) - np.array(again.bound_box).min(0)
    assert np.allclose(lying, sizes[[0, 2, 1]], atol=1e-4), (lying, sizes)


def a_model_comes_back_moving(url: str) -> None:
    """An empty with parts that an action turns."""
    job = file_with_ball(url)
    parts = len(imported_objects())
    assert bpy.ops.sam3d.keep_as_asset(job_id=job.id) == {"FINISHED"}
    assert not any(".0" in action.name for action in bpy.data.actions)
    bpy.ops.wm.read_homefile(use_empty=True)
    arrived = drag(kept_file(job), "Collection", "Red Ball")
    assert len(arrived) == parts and len([obj for obj in arrived if obj.parent is None]) == 1
    turning = next(obj for obj in arrived if obj.animation_data and obj.animation_data.action)
    bpy.context.scene.frame_set(1)
    before = turning.matrix_world.copy()
    bpy.context.scene.frame_set(10)
    assert np.abs(np.array(turning.matrix_world) - np.array(before)).max() > 0.01


def undo_knows_nothing_of_it(url: str) -> None:
    job = file_with_ball(url)
    (obj,) = imported_objects()
    bpy.ops.ed.undo_push(message="before")
    obj.location.x = 5.0
    bpy.ops.ed.undo_push(message="moved")
    for objects in (True, False):  # what is selected, or what is brought in for the moment
        obj.select_set(objects)
        before = names_of_data()
        assert bpy.ops.sam3d.keep_as_asset(job_id=job.id) == {"FINISHED"}
        bpy.ops.ed.undo()
        (obj,) = imported_objects()
        assert obj.location.x < 1.0 and names_of_data() == before
        bpy.ops.ed.redo()
        (obj,) = imported_objects()
        assert obj.location.x == 5.0 and names_of_data() == before


def what_is_being_edited_or_posed_is_kept_as_it_stands(photo: str) -> None:
    _, settings = empty_file()
    all_preferences().results_folder = str(FOLDER / "results")
    settings.image, settings.subject = bpy.data.images.load(photo), "BODY"
    assert bpy.ops.sam3d.reconstruct() == {"FINISHED"}, last_message()
    (job,) = newest()
    armature, mesh = sorted(imported_objects(), key=lambda obj: obj.type)
    arrived = shown(mesh)
    bpy.context.view_layer.objects.active = mesh
    bpy.ops.object.mode_set(mode="EDIT")
    edited = bmesh.from_edit_mesh(mesh.data)
    bmesh.ops.translate(edited, verts=edited.verts, vec=(0.0, 0.0, 7.0))
    bmesh.update_edit_mesh(mesh.data)
    assert bpy.ops.sam3d.keep_as_asset(job_id=job.id) == {"FINISHED"}
    assert bpy.context.mode == "EDIT_MESH"
    bpy.ops.object.mode_set(mode="OBJECT")
    lifted = shown(mesh)
    assert np.abs(lifted - arrived).max() > 1.0
    bpy.context.view_layer.objects.active = armature
    bpy.ops.object.mode_set(mode="POSE")
    armature.pose.bones["upper_arm.L"].matrix_basis = Matrix.Rotation(math.radians(60), 4, "X")
    shutil.copyfile(kept_file(job), FOLDER / "edited.blend")
    posed = shown(mesh)
    assert bpy.ops.sam3d.keep_as_asset(job_id=job.id) == {"FINISHED"}
    assert bpy.context.mode == "POSE"
    bpy.ops.wm.read_homefile(use_empty=True)
    _, again = sorted(drag(FOLDER / "edited.blend", "Collection", "mannequin"), key=lambda obj: obj.type)
    assert np.abs(shown(again) - lifted).max() < 1e-3
    armature, again = sorted(drag(kept_file(job), "Collection", "mannequin"), key=lambda obj: obj.type)
    assert (armature.mode, again.mode) == ("OBJECT", "OBJECT")
    assert np.abs(shown(again) - posed).max() < 1e-3


def catalogs_of_others_stay(url: str) -> None:
    library().mkdir(parents=True, exist_ok=True)
    catalogs = library() / "blender_assets.cats.txt"
    job = file_with_ball(url)
    others = "# mine\nVERSION 1\n\n9c2ad8a4-5d2c-4a63-a2ea-0d8a55a0a5a1:SAM 3D/Red Ball:Theirs"  # and no line's end
    library().mkdir(parents=True, exist_ok=True)
    catalogs = library() / "blender_assets.cats.txt"
    catalogs.write_text(others)
    for _ in range(2):
        assert bpy.ops.sam3d.keep_as_asset(job_id=job.id) == {"FINISHED"}
    kept, *added = catalogs.read_text().removeprefix(others).splitlines()
    assert kept == "" and [line.split(":")[1] for line in added] == ["SAM 3D", "SAM 3D/Red Ball 2"], added
    renamed = catalogs.read_text().replace("SAM 3D/Red Ball 2:", "Balls/Red:")
    catalogs.write_text(renamed)
    assert bpy.ops.sam3d.keep_as_asset(job_id=job.id) == {"FINISHED"}
    assert catalogs.read_text() == renamed


def every_result_can_be_kept(url: str) -> None:
    all_preferences().keep_every_result = True
    job = file_with_ball(url)
    assert listed(kept_file(job)) == {"objects": ["Red Ball"]}
    kept = kept_file(job).stat().st_mtime_ns
    assert bpy.ops.sam3d.import_job(job_id=job.id) == {"FINISHED"}
    assert kept_file(job).stat().st_mtime_ns == kept  # an asset that may have been worked on
    shutil.rmtree(library())
    library().write_text("in the way")
    again = file_with_ball(url)
    assert again.state == "IMPORTED" and any("could not be kept as an asset" in note for note in newest()[0].notes)
    all_preferences().keep_every_result = False


def what_cannot_be_kept_says_why(url: str) -> None:
    job = file_with_ball(url)
    shutil.rmtree(library(), ignore_errors=True)
    (obj,) = imported_objects()
    obj.select_set(False)
    assert bpy.ops.sam3d.keep_as_asset() == {"CANCELLED"}
    assert bpy.ops.sam3d.keep_as_asset(job_id="gone") == {"CANCELLED"}
    all_preferences().results_folder = "//beside"
    assert bpy.ops.sam3d.keep_as_asset(job_id=job.id) == {"CANCELLED"}
    all_preferences().results_folder = str(FOLDER / "results")
    before = names_of_data()
    job.model.write_bytes(b"no model")
    assert bpy.ops.sam3d.keep_as_asset(job_id=job.id) == {"CANCELLED"}
    assert names_of_data() == before and not library().exists()


def the_library_is_added_only_when_asked_for(url: str) -> None:
    libraries = bpy.context.preferences.filepaths.asset_libraries
    before = [each.name for each in libraries]
    job = file_with_ball(url)
    assert bpy.ops.sam3d.keep_as_asset(job_id=job.id) == {"FINISHED"}
    assert [each.name for each in libraries] == before
    assert bpy.ops.sam3d.keep_as_asset(job_id=job.id, add_library=True) == {"FINISHED"}
    assert bpy.ops.sam3d.add_asset_library() == {"FINISHED"}
    (added,) = [each for each in libraries if each.name not in before]
    assert Path(added.path) == library() and added.import_method == "APPEND"
    assert bpy.context.preferences.is_dirty
    libraries.remove(added)


def blender_makes_a_listing_to_serve_it(url: str) -> None:
    remote_library = importlib.import_module("_bpy_internal.assets.remote_library")
    job = file_with_ball(url)
    assert bpy.ops.sam3d.keep_as_asset(job_id=job.id) == {"FINISHED"}
    assert remote_library.asset_listing_main(["generate", str(library())]) == 0
    index = json.loads((library() / "_v1" / "asset-index.json").read_text())
    (page,) = [json.loads((library() / page["url"]).read_text()) for page in index["pages"]]
    (asset,) = page["assets"]
    assert (asset["name"], asset["files"]) == ("Red Ball", [kept_file(job).name])
    assert asset["meta"]["catalog_id"] in {id for catalog in index["catalogs"] for id in catalog["uuids"]}
    assert (library() / asset["thumbnail"]["url"]).is_file()
