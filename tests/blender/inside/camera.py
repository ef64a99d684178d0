# SPDX-License-Identifier: GPL-3.0-or-later
"""The camera as the photo's source: what is sent is what F12 shows, and masks are exact."""

import time
from itertools import combinations
from pathlib import Path
from typing import Any

import bmesh
import bpy
import numpy as np
from bl_ext.user_default.sam3d.preferences import preferences
from bl_ext.user_default.sam3d.runtime.state import runtime
from bl_ext.user_default.sam3d.scene import camera_render
from bl_ext.user_default.sam3d.scene.blockout import placeholder_of
from bpy_extras.object_utils import world_to_camera_view
from common import FOLDER, choose_service, empty_file, imported_objects, newest
from mathutils import Vector
from numpy.typing import NDArray
from PIL import Image


def scene_with_camera() -> tuple[bpy.types.Scene, Any]:
    """A new file with a camera and a sun, the camera chosen as the source: its scene and settings."""
    scene, settings = empty_file()
    scene.render.engine = "CYCLES"
    scene.cycles.samples, scene.cycles.use_denoising = 2, False
    scene.render.resolution_x, scene.render.resolution_y, scene.render.resolution_percentage = 200, 150, 100
    bpy.ops.object.camera_add(location=(0, -10, 2), rotation=(1.45, 0, 0))
    scene.camera = bpy.context.object
    bpy.ops.object.light_add(type="SUN", rotation=(0.6, 0.3, 0))
    settings.source = "CAMERA"
    return scene, settings


def box(name: str, location: tuple[float, float, float], size: float = 1.0) -> bpy.types.Object:
    bpy.ops.mesh.primitive_cube_add(size=size, location=location)
    bpy.context.object.name = name
    return bpy.context.object


def select(*objects: bpy.types.Object) -> None:
    bpy.ops.object.select_all(action="DESELECT")
    for obj in objects:
        obj.select_set(True)


def read(path: Path) -> NDArray[np.int64]:
    """The values (height, width, channels) of a file, 0 to 255, rows from the top, as they are stored."""
    image = bpy.data.images.load(str(path))
    image.colorspace_settings.name = "Non-Color"
    pixels = np.empty(len(image.pixels), np.float32)
    image.pixels.foreach_get(pixels)
    width, height = image.size
    bpy.data.images.remove(image)
    return np.rint(pixels.reshape(height, width, -1)[::-1] * 255).astype(np.int64)


def projected(obj: bpy.types.Object) -> NDArray[np.bool_]:
    """The silhouette of a box: which pixels have their middle in the convex hull of its projected corners."""
    scene = bpy.context.scene
    width, height = scene.render.resolution_x, scene.render.resolution_y
    corners = [world_to_camera_view(scene, scene.camera, obj.matrix_world @ Vector(c)) for c in obj.bound_box]
    points = [(c.x * width, (1 - c.y) * height) for c in corners]
    y, x = np.mgrid[:height, :width] + 0.5
    inside = np.zeros((height, width), bool)
    for a, b, c in combinations(points, 3):  # the hull is the union of all triangles of its points
        sides = [(q[0] - p[0]) * (y - p[1]) - (q[1] - p[1]) * (x - p[0]) for p, q in ((a, b), (b, c), (c, a))]
        inside |= (np.minimum.reduce(sides) >= 0) | (np.maximum.reduce(sides) <= 0)
    return inside


def pixels_that_are_not_square_are_sent_square(across: str, up: str, fit: str, url: str) -> None:
    """A cube seen from the front is sent as a square, where the frame has it; so is its mask."""
    scene, settings = scene_with_camera()
    choose_service(url)
    scene.camera.location, scene.camera.rotation_euler = (0, -10, 1), (np.pi / 2, 0, 0)
    camera = scene.camera.data
    camera.sensor_fit, camera.shift_x = fit, 0.1
    scene.render.pixel_aspect_x, scene.render.pixel_aspect_y = float(across), float(up)
    scene.render.resolution_percentage = 50
    cube = box("Cube", (0, 0, 1), 1.5)
    select(cube)
    settings.camera_masks = "SELECTED"
    assert bpy.ops.sam3d.reconstruct() == {"FINISHED"}
    mask = read(newest()[0].request.masks[0])[..., 0] > 127
    height, width = read(newest()[0].request.photo).shape[:2]
    assert mask.shape == (height, width)
    assert abs(width / height - 200 * float(across) / (150 * float(up))) < 0.03, (width, height)
    rows, columns = np.nonzero(mask)
    assert abs(np.ptp(rows) - np.ptp(columns)) <= 2, (np.ptp(rows), np.ptp(columns))
    place = world_to_camera_view(scene, scene.camera, Vector((0, -0.75, 1)))
    middle = (columns.min() + columns.max() + 1) / 2 / width, 1 - (rows.min() + rows.max() + 1) / 2 / height
    assert np.allclose(middle, place[:2], atol=0.02), (middle, place)


def a_region_of_pixels_that_are_not_square(url: str) -> None:
    """A cropped region, under a shifted lens: photo and mask are that part of the whole frame's."""
    scene, settings = scene_with_camera()
    choose_service(url)
    scene.camera.location, scene.camera.rotation_euler = (0, -10, 1), (np.pi / 2, 0, 0)
    scene.camera.data.shift_x, scene.camera.data.shift_y = 0.15, -0.1
    scene.render.pixel_aspect_x = 1.5
    select(box("Cube", (0.2, 0, 1), 2.5))
    settings.camera_masks = "SELECTED"
    masks = []
    for scene.render.use_border in (False, True):
        scene.render.use_crop_to_border = scene.render.use_border
        render = scene.render
        render.border_min_x, render.border_max_x, render.border_min_y, render.border_max_y = 0.2, 0.7, 0.25, 0.75
        assert bpy.ops.sam3d.reconstruct() == {"FINISHED"}
        mask = read(newest()[0].request.masks[0])[..., 0] > 127
        assert read(newest()[0].request.photo).shape[:2] == mask.shape
        masks.append(mask)
    whole, region = masks
    assert (whole.shape, region.shape) == ((150, 300), (75, 150))
    part = whole[38:113, 60:210]
    assert 0.1 < region.mean() < 0.9 and (part != region).mean() < 0.01, (region.mean(), (part != region).mean())


def what_is_sent_is_what_f12_saves(transform: str, film: str, url: str) -> None:
    scene, _ = scene_with_camera()
    choose_service(url)
    scene.view_settings.view_transform, scene.view_settings.exposure = transform, 0.7
    box("Box", (-1.5, 0, 1), 2.0)
    scene.render.film_transparent = film == "transparent"
    scene.render.image_settings.file_format = "PNG"
    scene.render.image_settings.color_mode = "RGBA"
    scene.render.filepath = str(FOLDER / "f12.png")
    bpy.ops.render.render(write_still=True)
    before = (scene.render.filepath, scene.users, bpy.data.scenes.keys(), bpy.data.node_groups.keys())
    assert bpy.ops.sam3d.reconstruct() == {"FINISHED"}
    assert before == (scene.render.filepath, scene.users, bpy.data.scenes.keys(), bpy.data.node_groups.keys())
    (job,) = newest()
    sent = read(next(job.folder.glob("photo.*")))
    saved = read(FOLDER / "f12.png")
    assert sent.shape == saved.shape, (sent.shape, saved.shape)
    seen = saved[..., 3:] > 0 if saved.shape[2] == 4 else np.ones_like(saved[..., :1], bool)
    # dithering is by chance, but nothing else may differ
    assert np.abs(sent - saved)[np.broadcast_to(seen, saved.shape)].max() <= 1
    assert np.ptp(saved[..., 0]) > 30
    mask = job.folder / "mask.png"
    assert mask.exists() == scene.render.film_transparent
    if mask.exists():
        assert (read(mask)[..., 0] > 127).tolist() == (saved[..., 3] >= 128).tolist()


def object_masks_are_exact_and_results_take_the_objects_places(url: str) -> None:
    scene, settings = scene_with_camera()
    choose_service(url)
    left, right = box("Left, 'the' Box", (-2, 0, 1), 2.0), box("Büchse", (1.5, 0, 1), 2.0)
    before_it = box("Occluder", (1.7, -2, 0.4))
    scene.camera.data.dof.use_dof = False
    select(left, right, scene.camera)
    settings.camera_masks = "EACH"
    assert settings.result_count == 2
    pixels = {"left": projected(left), "right": projected(right) & ~projected(before_it)}
    names = left.name, right.name
    assert bpy.ops.sam3d.reconstruct() == {"FINISHED"}
    for job, obj, name, expected in zip(newest(2), (left, right), names, pixels.values(), strict=True):
        mask = read(job.folder / "mask.png")[..., 0] > 127
        wrong = mask != expected
        assert wrong.sum() <= 0.02 * expected.sum(), (obj.name, wrong.sum(), expected.sum())
        border = np.zeros_like(expected)
        for axis in (0, 1):
            for step in (-1, 1):
                border |= expected != np.roll(expected, step, axis)
        assert not (wrong & ~border).any(), obj.name  # only pixels that an edge runs through may differ
        arrived = next(other for other in imported_objects() if other["sam3d_job"] == job.id)
        assert (arrived.name, obj.name) == (name, f"{name} Box")
        assert is_put_away(obj)
        assert np.allclose(arrived.rotation_euler, (0, 0, 0))  # the camera looks along +Y
        assert np.allclose(arrived.location, obj.location - Vector((0, 0, 1)), atol=1e-4)
        assert abs(arrived.dimensions.z - 2.0) < 1e-3
    assert len({job.group for job in newest(2)}) == 1

    assert not is_put_away(before_it)
    bpy.data.batch_remove(imported_objects())  # they would hide the boxes
    bring_back()
    select(left, right)
    settings.camera_masks, settings.height = "SELECTED", 0.25
    assert settings.result_count == 1
    assert bpy.ops.sam3d.reconstruct() == {"FINISHED"}
    (job,) = newest()
    mask = read(job.folder / "mask.png")[..., 0] > 127
    assert (mask != (pixels["left"] | pixels["right"])).sum() <= 0.02 * mask.sum()
    arrived = next(other for other in imported_objects() if other["sam3d_job"] == job.id)
    assert np.allclose(arrived.location, (-0.25, 0, 0), atol=1e-4) and abs(arrived.dimensions.z - 0.25) < 1e-3
    assert is_put_away(left) and is_put_away(right)


def is_put_away(obj: bpy.types.Object) -> bool:
    """Whether a box is in the scene's collection of what was replaced, which is hidden, and in no other."""
    (collection,) = obj.users_collection
    hidden = collection.hide_viewport and collection.hide_render and not obj.visible_get()
    return collection.name == "Block-out" and collection.name in bpy.context.scene.collection.children and hidden


def bring_back() -> None:
    """The boxes once more, as an artist shows them again."""
    collection = bpy.data.collections["Block-out"]
    collection.hide_viewport = collection.hide_render = False
    bpy.context.view_layer.update()


def results_face_as_their_boxes_do(url: str) -> None:
    """Of the four sides of a box, the one that looks most at the camera."""
    for of_box, of_camera, expected in (
        (30, 0, 30),
        (70, 0, -20),
        (0, 40, 0),
        (0, 60, 90),
        (200, 30, 20),
        (10, -120, -80),
    ):
        scene, settings = scene_with_camera()
        choose_service(url)
        crate = box("Crate", (0, 0, 0.5), 1.0)
        crate.rotation_euler.z, angle = np.radians(of_box), np.radians(of_camera)
        scene.camera.location = (10 * np.sin(angle), -10 * np.cos(angle), 1)
        scene.camera.rotation_euler = (1.5, 0, angle)
        bpy.context.view_layer.update()
        (told,) = placeholder_of(bpy.context, [crate]).objects
        assert told == (crate.name, crate.session_uid)
        turn = np.degrees(placeholder_of(bpy.context, [crate]).turn)
        assert np.isclose((turn - expected + 180) % 360 - 180, 0, atol=1e-3), (of_box, of_camera, turn)
    settings.camera_masks, settings.variations = "EACH", 2
    select(crate)
    crate.name = "Kiste"
    assert bpy.ops.sam3d.reconstruct() == {"FINISHED"}
    assert sorted(obj.name for obj in imported_objects()) == ["Kiste", "Kiste.001"]
    assert crate.name == "Kiste Box" and is_put_away(crate)
    assert len([one for one in bpy.data.collections if one.name.startswith("Block-out")]) == 1


def drafts_face_the_camera(degrees: str) -> None:
    """From the camera's side the result looks as the box that it was made from."""
    scene, settings = scene_with_camera()
    angle = np.radians(float(degrees))
    tall = box("Tall", (3, 1, 1.5), 1.0)
    tall.scale, tall.rotation_euler = (1, 1, 3), (0, 0, angle)
    scene.camera.location = (3 + 10 * np.sin(angle), 1 - 10 * np.cos(angle), 2)
    scene.camera.rotation_euler = (1.5, 0, angle)
    bpy.context.view_layer.update()
    select(tall)
    settings.camera_masks, settings.subject = "EACH", "OBJECT"
    before = projected(tall)
    assert before.any()
    assert bpy.ops.sam3d.reconstruct() == {"FINISHED"}
    (arrived,) = imported_objects()
    assert np.isclose(np.cos(arrived.rotation_euler.z - angle), 1.0), arrived.rotation_euler
    assert np.allclose(arrived.scale, 1.0) and np.allclose(arrived.location, (3, 1, 0), atol=1e-4)
    bpy.context.view_layer.update()
    after = projected(arrived)
    assert (before & after).sum() > 0.85 * (before | after).sum()
    (job,) = newest()
    scene.cursor.location = (0, 0, 0)
    assert bpy.ops.sam3d.import_job(job_id=job.id) == {"FINISHED"}
    assert all(np.isclose(obj.rotation_euler.z, 0) for obj in imported_objects() if obj != arrived)


def what_is_solid_stays_solid() -> None:
    """A cylinder has a lid, which a picture does not tell from an opening; a cup in its place has none."""
    volumes = {}
    for name in ("Drum", "Cup"):
        scene, settings = scene_with_camera()
        bpy.ops.mesh.primitive_cylinder_add(radius=0.5, depth=1.2, location=(0, 0, 0.6))
        drum = bpy.context.object
        drum.name = name
        if name == "Cup":
            opened = bmesh.new()
            opened.from_mesh(drum.data)
            lid = max(opened.faces, key=lambda face: face.calc_center_median().z)
            bmesh.ops.delete(opened, geom=[lid], context="FACES_ONLY")
            opened.to_mesh(drum.data)
        scene.camera.location, scene.camera.rotation_euler = (0, -5, 2.2), (1.25, 0, 0)
        bpy.context.view_layer.update()
        select(drum)
        settings.camera_masks = "EACH"
        assert bpy.ops.sam3d.reconstruct() == {"FINISHED"}
        (job,) = newest()
        assert job.options.closed is (name == "Drum")
        (arrived,) = imported_objects()
        assert job.model_name == "draft revolution", job.model_name
        shape = bmesh.new()
        shape.from_mesh(arrived.data)
        volumes[name] = shape.calc_volume()
    assert volumes["Drum"] > 1.5 * volumes["Cup"], volumes


def what_the_camera_cannot_do_is_said(url: str) -> None:
    scene, settings = scene_with_camera()
    choose_service(url)
    shown, hidden, behind = box("Shown", (0, 0, 1), 2.0), box("Hidden", (9, 50, 1)), box("Behind", (0, 30, 1))
    bpy.ops.object.select_all(action="DESELECT")
    settings.camera_masks = "EACH"
    assert bpy.ops.sam3d.reconstruct() == {"CANCELLED"}
    assert not runtime().queue.jobs
    hidden.hide_render = True
    select(shown, hidden, behind)
    assert bpy.ops.sam3d.reconstruct() == {"FINISHED"}
    states = {job.destination.name: (str(job.state), job.message) for job in newest(3)}
    assert states["Shown"][0] == "IMPORTED"
    for name in ("Hidden", "Behind"):
        state, message = states[name]
        assert state == "FAILED" and f"The camera does not see {name}" in message, states
    bring_back()
    bpy.context.view_layer.objects.active = shown
    bpy.ops.rigidbody.object_add(type="ACTIVE")
    scene.frame_set(10)
    assert bpy.ops.sam3d.reconstruct() == {"CANCELLED"}
    scene.frame_set(1)
    settings.camera_masks, settings.render_mode = "NONE", "VIEWPORT"
    assert bpy.ops.sam3d.reconstruct() == {"CANCELLED"}


def new_compositor(scene: bpy.types.Scene) -> tuple[bpy.types.NodeTree, bpy.types.Node]:
    """The scene's compositor, empty but for its output."""
    if hasattr(scene, "compositing_node_group"):
        tree = scene.compositing_node_group = bpy.data.node_groups.new("Mine", "CompositorNodeTree")
        tree.interface.new_socket("Image", in_out="OUTPUT", socket_type="NodeSocketColor")
        return tree, tree.nodes.new("NodeGroupOutput")
    scene.use_nodes = True
    tree = scene.node_tree
    tree.nodes.clear()
    return tree, tree.nodes.new("CompositorNodeComposite")


def a_render_is_limited_and_leaves_the_compositors_files_alone(url: str) -> None:
    scene, _ = scene_with_camera()
    choose_service(url)
    preferences(bpy.context).longest_edge = 256
    scene.render.resolution_x, scene.render.resolution_y, scene.render.resolution_percentage = 1200, 800, 50
    box("Box", (0, 0, 1), 2.0)
    # the compositor inverts the picture and writes a file
    tree, out = new_compositor(scene)
    layers, invert = tree.nodes.new("CompositorNodeRLayers"), tree.nodes.new("CompositorNodeInvert")
    tree.links.new(layers.outputs["Image"], invert.inputs["Color"])
    tree.links.new(invert.outputs[0], out.inputs[0])
    file = tree.nodes.new("CompositorNodeOutputFile")
    if hasattr(file, "directory"):
        file.directory = str(FOLDER / "mine")
        file.file_output_items.new("RGBA", "mine")
    else:
        file.base_path = str(FOLDER / "mine")
    tree.links.new(layers.outputs["Image"], file.inputs[0])
    nodes = {node.name: node.mute for node in tree.nodes}
    scene.render.compositor_device = "CPU"
    bpy.ops.sam3d.reconstruct()
    (job,) = newest()
    sent = read(next(job.folder.glob("photo.*")))
    assert sent.shape[:2] == (171, 256), sent.shape
    assert not (FOLDER / "mine").exists()
    assert {node.name: node.mute for node in tree.nodes} == nodes
    assert layers.scene == scene and scene.render.resolution_percentage == 50
    assert not [group for group in bpy.data.node_groups if group.name.startswith(".")]
    scene.render.resolution_x, scene.render.resolution_y = 512, 342
    scene.render.image_settings.file_format, scene.render.filepath = "PNG", str(FOLDER / "f12.png")
    bpy.ops.render.render(write_still=True)
    saved = read(FOLDER / "f12.png")
    assert saved.shape[:2] == sent.shape[:2]
    assert np.abs(saved[..., :3].mean((0, 1)) - sent[..., :3].mean((0, 1))).max() < 2.0
    assert (FOLDER / "mine").exists()


def forty_objects() -> None:
    scene, _ = scene_with_camera()
    boxes = [box(f"Box {n}", ((n % 10 - 4.5) * 0.8, 0, (n // 10) * 0.8), 0.5) for n in range(40)]
    begun = time.perf_counter()
    groups = [(obj.name,) for obj in boxes]
    job = camera_render.mask_render(bpy.context, FOLDER / "masks.png", 2048, groups, whole=False)
    camera_render.render_now(job)
    numbers = np.asarray(Image.open(FOLDER / "masks.png"))
    camera_render.remove_leftovers()
    print(f"forty masks: {time.perf_counter() - begun:.1f} s")
    assert sorted(np.unique(numbers)) == list(range(41))
    for number, obj in enumerate(boxes, 1):
        mask = numbers == number
        assert (mask != projected(obj)).sum() < 0.15 * mask.sum(), obj.name
    assert scene.users == 1 and len(bpy.data.scenes) == 1
