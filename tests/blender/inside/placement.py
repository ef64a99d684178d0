# SPDX-License-Identifier: GPL-3.0-or-later
"""Results stand as their photo shows them."""

import importlib
import threading
import time
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import bpy
import numpy as np
from bl_ext.user_default.sam3d import command_line
from bl_ext.user_default.sam3d.engine.matching.camera import PhotoCamera
from bl_ext.user_default.sam3d.jobs.model import OTHERS_FIRST
from bl_ext.user_default.sam3d.jobs.places import read_place
from bl_ext.user_default.sam3d.runtime import import_queue, matching, reconstruction
from bl_ext.user_default.sam3d.runtime.state import runtime
from bl_ext.user_default.sam3d.scene.photo_camera import seen_by
from bpy_extras.object_utils import world_to_camera_view
from common import FOLDER, choose_service, empty_file, imported_objects, newest
from mathutils import Vector
from PIL import Image, ImageDraw

SIZE = (720, 480)
BALLS = {"left": (170, 330, 60), "right": (430, 260, 45)}
"""Middle and radius of discs on the photo, in its pixels."""
NEAR = 6.0
"""Pixels that a silhouette may be off at its sides."""


def photo_of_balls(folder: Path = FOLDER, **balls: tuple[int, int, int]) -> tuple[Any, Any]:
    """A new file, whose photo shows two balls with a mask for each: its scene and settings."""
    scene, settings = empty_file()
    settings.image = bpy.data.images.load(str(drawn(folder / "balls.png", (balls or BALLS).values())))
    for name in balls or BALLS:
        add_mask(settings, name, (balls or BALLS)[name], folder)
    settings.placement = "PHOTO"
    return scene, settings


def drawn(path: Path, balls: Any, *, background: int = 120, color: int = 200) -> Path:
    path.parent.mkdir(parents=True, exist_ok=True)
    image = Image.new("RGB", SIZE, (background,) * 3)
    for x, y, radius in balls:
        ImageDraw.Draw(image).ellipse((x - radius, y - radius, x + radius, y + radius), fill=(color, color, color // 2))
    image.save(path)
    return path


def add_mask(settings: Any, name: str, ball: tuple[int, int, int], folder: Path = FOLDER) -> None:
    mask = settings.masks.add()
    mask.name = name
    path = drawn(folder / f"mask {name}.png", [ball], background=0, color=255)
    Image.open(path).convert("L").point([0] + [255] * 255).save(path)
    mask.image = bpy.data.images.load(str(path))


def silhouette(obj: Any, camera: Any) -> tuple[float, float, float, float]:
    """The sides of an object in pixels of the photo: left, top, right, bottom."""
    scene = bpy.context.scene
    scene.render.resolution_x, scene.render.resolution_y = SIZE
    bpy.context.view_layer.update()
    mesh = obj if obj.type == "MESH" else obj.children[0]
    seen = [world_to_camera_view(scene, camera, mesh.matrix_world @ vertex.co) for vertex in mesh.data.vertices]
    x = np.array([place.x * SIZE[0] for place in seen])
    y = np.array([(1 - place.y) * SIZE[1] for place in seen])
    return x.min(), y.min(), x.max(), y.max()


def check_covered(camera: Any, names: Sequence[str] = tuple(BALLS)) -> None:
    """Through the camera, objects are where the photo shows them."""
    for name in names:
        x, y, radius = BALLS[name]
        sides = silhouette(bpy.data.objects[name], camera)
        assert np.abs(np.array(sides) - (x - radius, y - radius, x + radius, y + radius)).max() < NEAR, (name, sides)


def matrices() -> dict[str, Any]:
    bpy.context.view_layer.update()
    return {obj.name: np.array(obj.matrix_world) for obj in bpy.context.scene.objects if obj.name in BALLS}


def same(first: dict[str, Any], second: dict[str, Any], tolerance: float = 1e-4) -> bool:
    return first.keys() == second.keys() and all(
        np.allclose(first[name], second[name], atol=tolerance) for name in first
    )


def delete(*names: str) -> None:
    for name in names:
        bpy.data.objects.remove(bpy.data.objects[name])


def results_cover_their_masks(system: str) -> None:
    scene, settings = photo_of_balls()
    if system == "CENTIMETERS":
        scene.unit_settings.scale_length = 0.01
    bpy.ops.object.camera_add(location=(0, -10, 2))
    own = scene.camera = bpy.context.object
    scene.cursor.location = (3.0, 4.0, 0.5)
    scene.render.resolution_x, scene.render.resolution_y = 1000, 700
    assert bpy.ops.sam3d.reconstruct() == {"FINISHED"}
    camera = settings.camera
    assert camera is not None and camera.name == "balls Camera" and scene.camera == own
    assert (scene.render.resolution_x, scene.render.resolution_y) == (1000, 700)
    assert camera.data.background_images[0].image == settings.image
    ground = bpy.data.objects["balls Ground"]
    assert ground.location.z == 0.5 and not ground.is_shadow_catcher
    settings.match.shadow_catcher = True
    assert ground.is_shadow_catcher
    check_covered(camera)
    for name in BALLS:
        obj = bpy.data.objects[name]
        assert obj.users_collection == ground.users_collection == camera.users_collection
        assert obj.scale[:] == (1, 1, 1) and obj.rotation_euler[:2] == (0, 0)
        assert abs(obj.location.z - 0.5) < 0.02 * max(obj.dimensions)
    middle = sum((bpy.data.objects[name].location for name in BALLS), Vector()) / 2
    longest = max(max(bpy.data.objects[name].dimensions) for name in BALLS)
    assert np.allclose(middle[:2], (3, 4), atol=0.02 * longest)
    unit = scene.unit_settings.scale_length
    assert abs(longest * unit - 1) < 0.02


def results_of_a_service_are_fitted_to_their_masks(url: str) -> None:
    scene, settings = photo_of_balls()
    choose_service(url)
    scene.cursor.location = (0, 0, -1)
    assert bpy.ops.sam3d.reconstruct() == {"FINISHED"}
    for name, (x, y, radius) in BALLS.items():
        obj = bpy.data.objects[name]
        left, top, right, bottom = silhouette(obj, settings.camera)
        assert abs((left + right) / 2 - x) < radius / 3 and abs((top + bottom) / 2 - y) < radius / 3
        assert obj.scale[:] == (1, 1, 1) and obj["sam3d_provider"] == "WAVESPEED"
        lowest = min((obj.matrix_world @ vertex.co).z for vertex in obj.data.vertices)
        assert abs(lowest + 1) < 0.01 * max(obj.dimensions)


def one_step_back_and_the_file_keeps_it() -> None:
    _, settings = photo_of_balls()
    bpy.ops.ed.undo_push(message="before")
    assert bpy.ops.sam3d.reconstruct() == {"FINISHED"}
    bpy.ops.ed.undo()
    assert not imported_objects() and bpy.context.scene.sam3d.camera is None
    assert not [obj.name for obj in bpy.context.scene.objects]
    bpy.ops.ed.redo()
    before = matrices()
    bpy.ops.wm.save_as_mainfile(filepath=str(FOLDER / "scene.blend"))
    bpy.ops.wm.open_mainfile(filepath=str(FOLDER / "scene.blend"))
    assert same(before, matrices())
    settings = bpy.context.scene.sam3d
    assert settings.camera.name == "balls Camera" and settings.match.told
    check_covered(settings.camera)
    assert bpy.ops.sam3d.use_photo_size() == {"FINISHED"}


def what_comes_again_stands_where_it_stood() -> None:
    _, settings = photo_of_balls()
    assert bpy.ops.sam3d.reconstruct() == {"FINISHED"}
    before, jobs = matrices(), {obj.name: obj["sam3d_job"] for obj in imported_objects()}
    delete("left")
    assert bpy.ops.sam3d.import_job(job_id=jobs["left"]) == {"FINISHED"}
    assert same(before, matrices(), 1e-3)

    delete("left", "right", "balls Camera")
    assert settings.camera is None
    bpy.context.scene.cursor.location = (20, 0, 1)
    assert bpy.ops.sam3d.import_group(group=runtime().queue.jobs[jobs["left"]].group) == {"FINISHED"}
    check_covered(settings.camera)
    assert abs(bpy.data.objects["left"].location.x - 20) < 2 and abs(bpy.data.objects["right"].location.z - 1) < 0.05
    assert len([obj for obj in bpy.data.objects if obj.type == "CAMERA"]) == 1


def what_was_moved_by_hand_is_left_alone_unless_it_is_asked_for() -> None:
    _, settings = photo_of_balls()
    assert bpy.ops.sam3d.reconstruct() == {"FINISHED"}
    before, camera = matrices(), settings.camera
    bpy.data.objects["left"].location.x += 1.0
    moved = matrices()
    assert bpy.ops.sam3d.match_camera() == {"FINISHED"}
    assert np.allclose(matrices()["left"], moved["left"])
    check_covered(camera, ["right"])

    bpy.ops.object.select_all(action="DESELECT")
    bpy.data.objects["left"].select_set(True)
    eye, lens = camera.location.copy(), camera.data.lens
    assert bpy.ops.sam3d.fit_to_photo() == {"FINISHED"}
    assert camera.location == eye and camera.data.lens == lens
    check_covered(camera)
    assert abs(matrices()["left"][0, 3] - before["left"][0, 3]) < 0.3
    assert bpy.data.objects["left"].scale[:] == (1, 1, 1), bpy.data.objects["left"].scale[:]
    assert bpy.ops.sam3d.stand_on(on="GROUND") == {"FINISHED"} and bpy.data.objects["left"]["sam3d_stands_on"] == ""
    assert bpy.ops.sam3d.stand_on(on="ACTIVE") == {"CANCELLED"}
    assert bpy.ops.sam3d.stand_on(on="FOUND") == {"FINISHED"}
    assert bpy.data.objects["left"].get("sam3d_stands_on") is None
    check_covered(camera)

    bpy.ops.mesh.primitive_cube_add()
    assert bpy.ops.sam3d.fit_to_photo() == {"CANCELLED"}


def another_camera_takes_along_what_stands_before_it() -> None:
    _, settings = photo_of_balls()
    assert bpy.ops.sam3d.reconstruct() == {"FINISHED"}
    camera, match = settings.camera, settings.match
    bpy.data.objects["right"].location.y += 0.5
    moved = matrices()["right"]
    old = seen_by(camera, *SIZE)
    new = PhotoCamera(*SIZE, old.focal * 1.3, old.pitch + 0.1, old.roll + 0.02)
    matching.refit(bpy.context, match, new, search=False)
    now = seen_by(camera, *SIZE)
    assert np.allclose([now.focal, now.pitch, now.roll], [new.focal, new.pitch, new.roll], rtol=1e-4, atol=1e-4)
    assert np.allclose(matrices()["right"], moved)
    sides = silhouette(bpy.data.objects["left"], camera)
    x, _, radius = BALLS["left"]
    assert abs((sides[0] + sides[2]) / 2 - x) < NEAR and abs((sides[2] - sides[0]) / 2 - radius) < NEAR
    matching.refit(bpy.context, match, new, search=True)
    assert runtime().matching.busy
    matching.wait(bpy.context)
    assert np.allclose(matrices()["right"], moved)
    check_covered(camera, ["left"])
    assert bpy.data.objects["left"].scale[:] == (1, 1, 1), bpy.data.objects["left"].scale[:]


def more_of_a_photo_comes_to_what_stands_there() -> None:
    _, settings = photo_of_balls()
    settings.masks[1].use = False
    assert bpy.ops.sam3d.reconstruct() == {"FINISHED"}
    before, place = matrices(), settings.camera.matrix_world.copy()
    settings.masks[0].use, settings.masks[1].use = False, True
    bpy.context.scene.cursor.location = (9, 9, 9)
    assert bpy.ops.sam3d.reconstruct() == {"FINISHED"}
    assert settings.camera.matrix_world == place and len(settings.matches) == 1
    assert np.allclose(matrices()["left"], before["left"])
    check_covered(settings.camera)


def the_photo_is_known_where_the_project_has_moved() -> None:
    """With a path that begins at the .blend, which another computer has elsewhere."""
    project = FOLDER / "project"
    _, settings = photo_of_balls(project)
    settings.masks[1].use = False
    assert bpy.ops.sam3d.reconstruct() == {"FINISHED"}
    bpy.ops.wm.save_as_mainfile(filepath=str(project / "balls.blend"), relative_remap=True)
    assert bpy.context.scene.sam3d.image.filepath.startswith("//")
    assert bpy.context.scene.sam3d.camera is not None
    project.rename(FOLDER / "moved")
    bpy.ops.wm.open_mainfile(filepath=str(FOLDER / "moved" / "balls.blend"))
    settings = bpy.context.scene.sam3d
    before, place = matrices(), settings.camera.matrix_world.copy()
    settings.masks[0].use, settings.masks[1].use = False, True
    assert bpy.ops.sam3d.reconstruct() == {"FINISHED"}
    assert settings.camera.matrix_world == place and len(settings.matches) == 1
    assert np.allclose(matrices()["left"], before["left"])
    check_covered(settings.camera)


def photos_of_one_name_have_cameras_of_their_own() -> None:
    scene, settings = photo_of_balls(FOLDER / "a")
    assert bpy.ops.sam3d.reconstruct() == {"FINISHED"}
    first = settings.camera
    settings.image = bpy.data.images.load(str(drawn(FOLDER / "b" / "balls.png", [BALLS["right"]])))
    settings.masks.clear()
    add_mask(settings, "right", BALLS["right"], FOLDER / "b")
    assert settings.camera is None
    scene.cursor.location = (30, 0, 0)
    assert bpy.ops.sam3d.reconstruct() == {"FINISHED"}
    second = settings.camera
    assert second not in (None, first) and second.users_collection != first.users_collection
    check_covered(first)
    sides, known = silhouette(bpy.data.objects["right.001"], second), silhouette(bpy.data.objects["right"], first)
    assert np.abs(np.array(sides) - known).max() < NEAR


def none_comes_before_all_are_there() -> None:
    _, settings = photo_of_balls()
    add_mask(settings, "nothing", BALLS["left"])
    black = drawn(FOLDER / "black.png", [], background=0)
    settings.masks[2].image = bpy.data.images.load(str(black))
    provider: Any = importlib.import_module("bl_ext.user_default.sam3d.providers.draft.provider")
    reconstruct, go_on, begun = provider.reconstruct, threading.Event(), []

    def held(*arguments: Any, **options: Any) -> Any:
        begun.append(1)
        if len(begun) == 2:
            go_on.wait(60)
        return reconstruct(*arguments, **options)

    provider.reconstruct = held
    ids = reconstruction.start(bpy.context)
    end = time.monotonic() + 60
    while not any(runtime().queue.jobs[job_id].message == OTHERS_FIRST for job_id in ids):
        import_queue.tick(bpy.context)
        assert time.monotonic() < end
        time.sleep(0.02)
    assert not imported_objects()
    go_on.set()
    jobs = reconstruction.wait_for(bpy.context, ids)
    provider.reconstruct = reconstruct
    assert sorted(job.state for job in jobs) == ["FAILED", "IMPORTED", "IMPORTED"]
    print([job.message for job in jobs])
    check_covered(settings.camera)


def variations_share_a_place() -> None:
    _, settings = photo_of_balls()
    settings.masks.remove(1)
    settings.variations = 2
    assert bpy.ops.sam3d.reconstruct() == {"FINISHED"}
    first, second = bpy.data.objects["left"], bpy.data.objects["left.001"]
    assert first.visible_get() and not second.visible_get() and second.hide_render
    place = second.matrix_world.copy()
    bpy.context.view_layer.objects.active = first
    assert bpy.ops.sam3d.show_variation() == {"FINISHED"}
    assert second.visible_get() and not first.visible_get() and second.matrix_world == place
    x, y, radius = BALLS["left"]
    sides = silhouette(second, settings.camera)
    assert np.abs(np.array(sides) - (x - radius, y - radius, x + radius, y + radius)).max() < 2 * NEAR, sides


def what_cannot_be_matched_stands_at_the_cursor() -> None:
    _, settings = photo_of_balls()
    module: Any = importlib.import_module("bl_ext.user_default.sam3d.jobs.matching")
    match_photo, module.match_photo = module.match_photo, None
    assert bpy.ops.sam3d.reconstruct() == {"FINISHED"}
    module.match_photo = match_photo
    left, right = imported_objects()
    assert settings.camera is None and not newest()[0].message
    print(newest()[0].notes)
    gone = max(abs(a - b) for a, b in zip(left.location, right.location, strict=True))
    assert gone > 0.4 * max(left.dimensions)
    assert all(read_place(job.model) is None for job in newest(2))


def a_person_stands_on_the_ground(photo: str) -> None:
    scene, settings = empty_file()
    settings.image, settings.subject, settings.placement = bpy.data.images.load(photo), "BODY", "PHOTO"
    scene.cursor.location = (0, 0, 2)
    assert bpy.ops.sam3d.reconstruct() == {"FINISHED"}
    armature = bpy.data.objects["mannequin"]
    assert armature.type == "ARMATURE" and armature.scale[:] == (1, 1, 1)
    (mesh,) = armature.children
    depsgraph = bpy.context.evaluated_depsgraph_get()
    shown = mesh.evaluated_get(depsgraph)
    heights = [(shown.matrix_world @ vertex.co).z for vertex in shown.data.vertices]
    assert abs(min(heights) - 2) < 0.05 and abs(max(heights) - min(heights) - 1.7) < 0.1
    assert settings.camera is not None


def a_camera_is_found_before_anything_is_made() -> None:
    empty_file()
    assert bpy.ops.sam3d.match_camera() == {"CANCELLED"}
    assert bpy.ops.sam3d.fit_to_photo() == {"CANCELLED"}
    scene, settings = photo_of_balls()
    scene.cursor.location = (0, 0, 1)
    assert bpy.ops.sam3d.match_camera() == {"FINISHED"}
    camera = settings.camera
    assert camera is not None and camera.location.z > 1 and settings.match.told
    assert bpy.ops.sam3d.reconstruct() == {"FINISHED"}
    assert settings.camera == camera and len(settings.matches) == 1
    check_covered(camera)


def a_lying_photo_is_upright_behind_what_it_shows() -> None:
    """Held upright, and stored as it lies: both the photo and its mask."""
    _, settings = empty_file()
    upright = Image.open(drawn(FOLDER / "upright.png", BALLS.values()))
    exif = Image.Exif()
    exif[0x0112] = 6  # it is to be turned to the right
    upright.transpose(Image.Transpose.ROTATE_90).save(FOLDER / "lying.jpg", quality=95, exif=exif)
    settings.image = bpy.data.images.load(str(FOLDER / "lying.jpg"))
    add_mask(settings, "left", BALLS["left"])
    settings.placement = "PHOTO"
    assert bpy.ops.sam3d.reconstruct() == {"FINISHED"}
    assert (settings.match.width, settings.match.height, settings.match.orientation) == (*SIZE, 6)
    check_covered(settings.camera, ["left"])
    background = settings.camera.data.background_images[0]
    assert background.frame_method == "FIT" and abs(background.rotation - np.pi / 2) < 1e-6


def the_scenes_own_camera_is_the_camera_of_its_pictures(url: str) -> None:
    scene, settings = empty_file()
    choose_service(url)
    bpy.ops.mesh.primitive_cube_add(size=2, location=(0, 0, 1))
    bpy.ops.object.camera_add(location=(0, -10, 2), rotation=(1.45, 0, 0))
    scene.camera = bpy.context.object
    scene.render.engine, scene.cycles.samples, scene.cycles.use_denoising = "CYCLES", 1, False
    scene.render.resolution_x, scene.render.resolution_y = 320, 180
    settings.source, settings.placement = "CAMERA", "PHOTO"
    assert bpy.ops.sam3d.reconstruct() == {"FINISHED"}
    assert len(imported_objects()) == 1 and not len(settings.matches)
    assert [obj for obj in scene.objects if obj.type == "CAMERA"] == [scene.camera]


def a_result_that_was_left_unplaced_is_placed_when_it_is_imported() -> None:
    """Blender was closed when the results had come, before their places were found."""
    photo_of_balls()
    ids = reconstruction.start(bpy.context)
    end = time.monotonic() + 60
    while any(runtime().queue.jobs[job_id].state != "READY" for job_id in ids):
        runtime().queue.drain()
        assert time.monotonic() < end
        time.sleep(0.02)
    addon = "bl_ext.user_default.sam3d"
    bpy.ops.wm.save_as_mainfile(filepath=str(FOLDER / "scene.blend"))
    bpy.ops.preferences.addon_disable(module=addon)
    assert bpy.ops.preferences.addon_enable(module=addon) == {"FINISHED"}
    bpy.ops.wm.open_mainfile(filepath=str(FOLDER / "scene.blend"))
    state = importlib.import_module(f"{addon}.runtime.state")
    state.runtime().queue.wait_for_journal()
    state.runtime().queue.drain()
    assert not imported_objects() and not state.runtime().queue.awaited()
    for job_id in ids:
        assert bpy.ops.sam3d.import_job(job_id=job_id) == {"FINISHED"}
    check_covered(bpy.context.scene.sam3d.camera)


def the_command_line() -> None:
    photo_of_balls()
    photo, masks = str(FOLDER / "balls.png"), [f"--mask={FOLDER / f'mask {name}.png'}" for name in BALLS]
    out = str(FOLDER / "out.blend")
    assert command_line.run([photo, *masks, "--placement", "photo", "--out", out]) == 0
    bpy.ops.wm.open_mainfile(filepath=out)
    camera = bpy.context.scene.sam3d.camera
    assert camera is not None and {"mask left", "mask right", "balls Camera"} <= set(bpy.data.objects.keys())
