# SPDX-License-Identifier: GPL-3.0-or-later
"""The main job: good photos arrive, bad ones give a sentence."""

import os
import resource
import signal
from pathlib import Path

import bpy
import numpy as np
from bl_ext.user_default.sam3d import command_line
from bl_ext.user_default.sam3d.preferences import preferences, results_folder
from bl_ext.user_default.sam3d.runtime.state import runtime
from common import FOLDER, choose_service, disc, empty_file, imported_objects, last_message, leave


def a_photo_becomes_an_object_at_the_cursor() -> None:
    scene, settings = empty_file()
    settings.image = disc("Red Ball")
    settings.use_seed, settings.seed, settings.height = True, 42, 0.5
    scene.cursor.location = (1.0, 2.0, 3.0)
    assert bpy.ops.sam3d.reconstruct() == {"FINISHED"}
    (obj,) = imported_objects()
    assert obj.name == "Red Ball" and obj.type == "MESH", obj
    (collection,) = obj.users_collection
    assert collection.name == "Red Ball" and collection.name in scene.collection.children
    corners = np.array([obj.matrix_world @ v.co for v in obj.data.vertices])
    assert abs(corners[:, 2].min() - 3.0) < 1e-4 and abs(corners[:, 2].max() - 3.5) < 1e-3
    assert np.allclose((corners.min(0) + corners.max(0))[:2] / 2, (1.0, 2.0), atol=1e-3)
    assert np.allclose(obj.location, (1.0, 2.0, 3.0), atol=1e-5)
    assert obj["sam3d_provider"] == "DRAFT" and obj["sam3d_seed"] == 42 and obj["sam3d_photo"] == "Red Ball"
    assert obj["sam3d_cost"] == 0.0 and obj["sam3d_prompt"] == "" and "sam3d_model" in obj
    assert obj["sam3d_job"] in runtime().queue.jobs
    shader = next(node for node in obj.data.materials[0].node_tree.nodes if node.type == "BSDF_PRINCIPLED")
    assert shader.inputs["Metallic"].default_value == 0.0
    assert abs(shader.inputs["Roughness"].default_value - 0.8) < 1e-6


def masks_and_variations_each_make_an_object() -> None:
    _, settings = empty_file()
    settings.image = disc("Two", background=(0.2, 0.3, 0.2))
    for name, center in (("left", (0.25, 0.5)), ("right", (0.75, 0.5)), ("unused", (0.5, 0.5))):
        mask = settings.masks.add()
        mask.name, mask.use = name, name != "unused"
        mask.image = disc(f"mask {name}", center=center, radius=0.2, color=(1, 1, 1), background=(0, 0, 0))
    settings.variations = 2
    assert bpy.ops.sam3d.reconstruct() == {"FINISHED"}
    assert sorted(obj.name for obj in imported_objects()) == ["left", "left.001", "right", "right.001"], (
        imported_objects()
    )
    assert len({obj.users_collection[0].name for obj in imported_objects()}) == 1
    assert len({obj["sam3d_seed"] for obj in imported_objects()}) == 2


def face_limit_and_import_again() -> None:
    scene, settings = empty_file()
    settings.image = disc("Ball")
    settings.face_limit = 500
    assert bpy.ops.sam3d.reconstruct() == {"FINISHED"}
    (obj,) = imported_objects()
    assert 100 < len(obj.data.polygons) <= 500
    job_id = obj["sam3d_job"]
    scene.cursor.location = (5, 0, 0)
    assert bpy.ops.sam3d.import_job(job_id=job_id) == {"FINISHED"}
    assert sorted(round(obj.location.x) for obj in imported_objects()) == [0, 5]
    assert bpy.ops.sam3d.retry_job(job_id=job_id) == {"FINISHED"}
    assert bpy.ops.sam3d.remove_job(job_id=job_id) == {"FINISHED"}
    assert bpy.ops.sam3d.import_job(job_id=job_id) == {"CANCELLED"}


def a_person_arrives_rigged(photo: str) -> None:
    scene, settings = empty_file()
    settings.image, settings.subject = bpy.data.images.load(photo), "BODY"
    scene.cursor.location = (3, 0, 1)
    assert bpy.ops.sam3d.reconstruct() == {"FINISHED"}, last_message()
    armature = bpy.data.objects["mannequin"]
    assert armature.type == "ARMATURE", (armature.type, last_message())
    (mesh,) = armature.children
    assert {"hips", "upper_arm.L", "shin.R"} <= {bone.name for bone in armature.data.bones}
    assert armature["sam3d_job"] == mesh["sam3d_job"]
    assert armature.data.bones["hand.L"].head_local.x > 0.2  # she looks at us
    assert 1.2 < mesh.dimensions.z < 2.2, mesh.dimensions
    bpy.context.view_layer.objects.active = armature
    assert bpy.ops.sam3d.take_pose(pose="neutral") == {"FINISHED"}


def what_cannot_start_says_why() -> None:
    _, settings = empty_file()
    assert bpy.ops.sam3d.reconstruct() == {"CANCELLED"}  # no photo
    image = bpy.data.images.new("gone", 8, 8)
    image.source, image.filepath = "FILE", str(FOLDER / "gone.png")
    settings.image = image
    assert bpy.ops.sam3d.reconstruct() == {"CANCELLED"}  # missing file
    settings.image = disc("Ball")
    settings.masks.add()
    assert bpy.ops.sam3d.reconstruct() == {"CANCELLED"}  # mask without image
    settings.masks[0].use = False
    assert bpy.ops.sam3d.reconstruct() == {"CANCELLED"}  # no mask in use
    settings.masks.clear()
    settings.subject, settings.provider = "BODY", "RUNWARE"
    assert bpy.ops.sam3d.reconstruct() == {"CANCELLED"}  # objects only
    settings.subject, settings.provider, settings.source = "OBJECT", "DRAFT", "CAMERA"
    assert bpy.ops.sam3d.reconstruct() == {"CANCELLED"}  # no camera
    assert not imported_objects() and not runtime().queue.jobs


def odd_images_arrive_or_say_why(url: str) -> None:
    scene, settings = empty_file()
    choose_service(url)

    def make(image: bpy.types.Image) -> str | None:
        """What is said of the job of an image; None where a obj has come of it."""
        settings.image = image
        before = len(imported_objects())
        answer = bpy.ops.sam3d.reconstruct()
        assert (answer == {"FINISHED"}) == (len(imported_objects()) == before + 1), answer
        return None if answer == {"FINISHED"} else last_message()

    def stored(
        image: bpy.types.Image, name: str, file_format: str, depth: str = "8", mode: str = "RGBA"
    ) -> bpy.types.Image:
        """The image as a file of another kind, loaded again."""
        scene.render.image_settings.file_format = file_format
        scene.render.image_settings.color_mode = mode
        scene.render.image_settings.color_depth = depth
        path = FOLDER / name
        image.save_render(str(path), scene=scene)
        return bpy.data.images.load(str(path))

    scene.view_settings.view_transform = "Standard"
    assert make(disc("float", float_buffer=True)) is None
    packed = disc("packed")
    packed.pack()
    assert make(packed) is None
    assert make(stored(disc("16"), "sixteen.png", "PNG", "16")) is None
    assert make(stored(disc("exr", float_buffer=True), "linear.exr", "OPEN_EXR", "32")) is None
    assert make(stored(disc("tif"), "deep.tif", "TIFF", "16")) is None
    assert make(stored(disc("g", background=(0, 0, 0)), "gray.png", "PNG", "8", "BW")) is None
    assert make(stored(disc("n"), "名前 Büste 📷.png", "PNG")) is None
    assert "larger" in (make(bpy.data.images.new("pixel", 1, 1)) or "")
    kept = stored(disc("kept"), "kept.png", "PNG")
    assert kept.pixels[0] == 0.0  # loads it
    (FOLDER / "kept.png").unlink()
    assert make(kept) is None  # what Blender still shows can still be used
    black = disc("black", radius=0.0, background=(0, 0, 0))
    settings.image = disc("ball")
    mask = settings.masks.add()
    mask.image = black
    before = len(imported_objects())
    assert bpy.ops.sam3d.reconstruct() == {"CANCELLED"}
    assert "black" in last_message() and len(imported_objects()) == before
    mask.image = disc("white", size=32, radius=9.0, color=(1, 1, 1), background=(1, 1, 1))
    assert bpy.ops.sam3d.reconstruct() == {"FINISHED"}


def a_results_folder_that_refuses_gives_a_sentence() -> None:
    _, settings = empty_file()
    settings.image = disc("ball")
    blocked = FOLDER / "blocked"
    blocked.write_text("a file, not a folder")
    preferences(bpy.context).results_folder = str(blocked)
    assert bpy.ops.sam3d.reconstruct() == {"CANCELLED"}
    assert "choose another" in last_message(), last_message()
    assert not imported_objects()
    preferences(bpy.context).results_folder = str(FOLDER / "Ergebnisse 结果")
    assert bpy.ops.sam3d.reconstruct() == {"FINISHED"}
    assert len(list((FOLDER / "Ergebnisse 结果").glob("*/draft.glb"))) == 1


def a_results_folder_is_where_it_says_or_a_sentence() -> None:
    _, settings = empty_file()
    settings.image = disc("ball")
    os.environ["SAM3D_TEST_PLACE"] = str(FOLDER / "by variable")
    chosen = preferences(bpy.context)
    for text, sentence in (
        ("//results", "save the file"),
        ("results", "no whole path"),
        ("~nobody-of-that-name/results", "no whole path"),
        ("$SAM3D_TEST_NOWHERE/results", "no whole path"),
    ):
        chosen.results_folder = text
        assert bpy.ops.sam3d.reconstruct() == {"CANCELLED"}
        assert bpy.ops.sam3d.open_results() == {"CANCELLED"}
        print("SAID", sentence)
        assert not runtime().queue.jobs
    home = Path("~").expanduser()
    bpy.ops.wm.save_as_mainfile(filepath=str(FOLDER / "saved.blend"))
    for text, place in (
        (" ~/results ", home / "results"),
        ("~", home),
        ("//results", FOLDER / "results"),
        ("$SAM3D_TEST_PLACE/deep", FOLDER / "by variable" / "deep"),
        (f"{FOLDER / 'whole'}  ", FOLDER / "whole"),
    ):
        chosen.results_folder = text
        assert results_folder(bpy.context) == place, (text, results_folder(bpy.context))
    chosen.results_folder = "//results"
    assert bpy.ops.sam3d.reconstruct() == {"FINISHED"}
    assert len(list((FOLDER / "results").glob("*/draft.glb"))) == 1
    assert not [path for path in FOLDER.iterdir() if path.name.startswith(("~", "$"))]


def lengths_are_those_that_blender_shows(system: str, url: str) -> None:
    """In a scene of centimeters: sizes, places beside one another, and the field for the height."""
    scene, settings = empty_file()
    choose_service(url)
    scene.unit_settings.system, scene.unit_settings.scale_length = system, 0.01
    unit = 1.0 if system == "NONE" else 100.0
    settings.image = disc("Two", background=(0.2, 0.3, 0.2))
    for name, x in (("left", 0.25), ("right", 0.75)):
        mask = settings.masks.add()
        mask.name = name
        mask.image = disc(f"mask {name}", center=(x, 0.5), radius=0.2, color=(1, 1, 1), background=(0, 0, 0))
    settings.shown_height = 1.8 * unit  # what typing 1.8 m gives
    assert abs(settings.height - 1.8) < 1e-5
    scene.cursor.location = (5.0 * unit, 0.0, 0.0)
    settings.variations = 2
    assert bpy.ops.sam3d.reconstruct() == {"FINISHED"}
    objects = sorted(imported_objects(), key=lambda obj: obj.location.x)
    assert len(objects) == 4
    assert all(abs(obj.dimensions.z - 1.8 * unit) < 1e-3 * unit for obj in objects), [o.dimensions.z for o in objects]
    apart = np.diff([obj.location.x for obj in objects]) / unit
    assert all(1.0 < gap < 6.0 for gap in apart), apart
    scene.unit_settings.system, scene.unit_settings.scale_length = "METRIC", 1.0
    scene.cursor.location = (5.0, -1000.0, 0.0)
    for job in list(runtime().queue.jobs.values()):
        assert bpy.ops.sam3d.import_job(job_id=job.id) == {"FINISHED"}
    again = sorted((obj for obj in imported_objects() if obj not in objects), key=lambda obj: obj.location.x)
    assert all(abs(obj.dimensions.z - 1.8) < 1e-3 for obj in again)
    assert np.allclose(np.diff([obj.location.x for obj in again]), apart, atol=1e-3)


def photos_of_one_name_do_not_meet(url: str) -> None:
    _, settings = empty_file()
    choose_service(url)
    for folder in ("one", "two"):
        image = disc(folder)
        (FOLDER / folder).mkdir()
        image.filepath_raw, image.file_format = str(FOLDER / folder / "mug.png"), "PNG"
        image.save()
        settings.image = bpy.data.images.load(image.filepath_raw)
        for _ in range(2):
            assert bpy.ops.sam3d.reconstruct() == {"FINISHED"}
    found = [obj.users_collection[0] for obj in imported_objects()]
    assert sorted(found.count(collection) for collection in set(found)) == [2, 2], found
    assert {obj["sam3d_photo"] for obj in imported_objects()} == {"mug"}


def a_full_disk_gives_a_sentence() -> None:
    """No file may grow beyond some kilobytes: writing the photo or the model fails as on a full disk."""
    _, settings = empty_file()
    signal.signal(signal.SIGXFSZ, signal.SIG_IGN)
    settings.image = disc("ball", size=512)
    before = resource.getrlimit(resource.RLIMIT_FSIZE)
    assert bpy.ops.sam3d.reconstruct() == {"FINISHED"}
    made = imported_objects()
    resource.setrlimit(resource.RLIMIT_FSIZE, (16384, before[1]))
    try:
        assert bpy.ops.sam3d.reconstruct() == {"CANCELLED"}
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, before)
    assert "disk" in last_message() or "choose another" in last_message(), last_message()
    assert imported_objects() == made
    assert bpy.ops.sam3d.reconstruct() == {"FINISHED"}


def a_result_waits_while_the_scene_cannot_take_it() -> None:
    _, settings = empty_file()
    settings.image = disc("ball")
    bpy.ops.mesh.primitive_cube_add()
    bpy.ops.object.mode_set(mode="EDIT")
    assert bpy.ops.sam3d.reconstruct() == {"CANCELLED"}
    (job,) = runtime().queue.awaited()
    assert "Edit Mode" in job.message
    bpy.ops.object.mode_set(mode="OBJECT")
    assert bpy.ops.sam3d.import_job(job_id=job.id) == {"FINISHED"}
    assert len(imported_objects()) == 1 and not runtime().queue.awaited()


def the_camera_is_a_source_and_keeps_its_settings(url: str) -> None:
    scene, settings = empty_file()
    choose_service(url)
    bpy.ops.mesh.primitive_uv_sphere_add()
    bpy.ops.object.camera_add(location=(0, -6, 1.6), rotation=(1.31, 0, 0))
    scene.camera = bpy.context.object
    scene.camera.name = "View"
    scene.render.engine = "CYCLES"
    scene.cycles.samples, scene.cycles.use_denoising = 1, False
    scene.render.film_transparent = True
    scene.render.resolution_x, scene.render.resolution_y, scene.render.resolution_percentage = 320, 240, 100
    scene.render.filepath = "//mine.png"
    scene.render.image_settings.file_format = "JPEG"
    settings.source = "CAMERA"
    assert bpy.ops.sam3d.reconstruct() == {"FINISHED"}
    assert imported_objects()[0].users_collection[0].name == "View"
    assert scene.render.image_settings.file_format == "JPEG" and scene.render.filepath == "//mine.png"
    assert scene.render.resolution_percentage == 100
    settings.source = "IMAGE"
    bpy.ops.render.render()
    settings.image = bpy.data.images["Render Result"]
    assert bpy.ops.sam3d.reconstruct() == {"FINISHED"}
    assert len(imported_objects()) == 2
    assert not [path for path in Path(bpy.app.tempdir).rglob("*") if path.is_file()]


def the_command_line() -> None:
    empty_file()
    photo = disc("a ball")
    photo.filepath_raw, photo.file_format = str(FOLDER / "a ball 球.png"), "PNG"
    photo.save()
    assert command_line.run([str(FOLDER / "a ball 球.png"), "--out", str(FOLDER / "ball.glb"), "--seed", "3"]) == 0
    assert (FOLDER / "ball.glb").read_bytes()[:4] == b"glTF"
    assert command_line.run([str(FOLDER / "a ball 球.png")]) == 0
    with bpy.data.libraries.load(str(FOLDER / "a ball 球.blend")) as (source, _):
        assert source.objects == ["a ball 球"], source.objects
    assert command_line.run([str(FOLDER / "none.png")]) == 1
    assert command_line.run([]) == 1
    assert command_line.run([str(FOLDER / "a ball 球.png"), "--subject", "body", "--provider", "runware"]) == 1
    assert command_line.run([str(FOLDER / "a ball 球.png"), "--out", "x.obj"]) == 1


def results_outlive_the_extension() -> None:
    _, settings = empty_file()
    settings.image = disc("ball")
    assert bpy.ops.sam3d.reconstruct() == {"FINISHED"}
    (model,) = results_folder(bpy.context).glob("*/draft.glb")
    repos = bpy.context.preferences.extensions.repos
    index = next(number for number, repo in enumerate(repos) if repo.module == "user_default")
    assert bpy.ops.extensions.package_uninstall(repo_index=index, pkg_id="sam3d") == {"FINISHED"}
    assert not (Path(repos[index].directory) / "sam3d").exists()
    assert model.exists()
    assert not [name for name in dir(bpy.types) if name.startswith("SAM3D")]
    leave()


def one_undo_step_takes_an_arrival_back() -> None:
    _, settings = empty_file()
    settings.image = disc("ball")
    bpy.ops.ed.undo_push(message="before")
    assert bpy.ops.sam3d.reconstruct() == {"FINISHED"}
    assert len(imported_objects()) == 1
    bpy.ops.ed.undo()
    assert not imported_objects() and "ball" not in bpy.data.collections
    assert bpy.context.scene.sam3d.image is not None
