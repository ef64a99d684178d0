# SPDX-License-Identifier: GPL-3.0-or-later
"""Results stand free beside what is in the way, beside one another, and come to the cursor on request."""

import itertools
import time

import bpy
import numpy as np
from bl_ext.user_default.sam3d.scene.clearance import way_clear
from common import choose_service, disc, empty_file, imported_objects, newest
from mathutils import Vector
from numpy.typing import NDArray

Box = NDArray[np.float64]


def world_box(obj: bpy.types.Object) -> Box:
    corners = np.array([obj.matrix_world @ Vector(corner) for corner in obj.bound_box])
    return np.stack([corners.min(0), corners.max(0)])


def meet(first: bpy.types.Object, second: bpy.types.Object) -> bool:
    one, other = world_box(first), world_box(second)
    return bool(np.all((one[0] < other[1] - 1e-4) & (one[1] > other[0] + 1e-4)))


def stand_apart(*objects: bpy.types.Object) -> bool:
    return not any(itertools.starmap(meet, itertools.combinations(objects, 2)))


def reconstruct(**settings: object) -> list[bpy.types.Object]:
    """What a press of the button brings into the scene."""
    before = set(imported_objects())
    for name, value in settings.items():
        setattr(bpy.context.scene.sam3d, name, value)
    assert bpy.ops.sam3d.reconstruct() == {"FINISHED"}
    return [obj for obj in imported_objects() if obj not in before]


def a_result_stands_beside_the_cube(url: str) -> None:
    bpy.ops.wm.read_homefile(use_factory_startup=True)
    choose_service(url)
    cube, scene = bpy.data.objects["Cube"], bpy.context.scene
    (first,) = reconstruct(image=disc("Ball"))
    assert stand_apart(cube, first), (world_box(cube), world_box(first))
    assert first.location.y == first.location.z == 0.0 and 1.0 < first.location.x < 2.5, first.location
    assert bpy.context.view_layer.objects.active == first and first.select_get()
    (second,) = reconstruct(image=disc("Other"))
    (again,) = imported_again(first["sam3d_job"])
    (small,) = reconstruct(height=0.1)
    assert stand_apart(cube, first, second, again, small)
    assert bpy.ops.sam3d.frame_result(job_id=first["sam3d_job"]) == {"CANCELLED"}  # there is no window
    cube.hide_set(True)
    (inside,) = reconstruct(height=0.0)
    assert inside.location[:] == (0.0, 0.0, 0.0), "what is hidden is in nobody's way"
    first.select_set(True)
    scene.cursor.location = (0.0, 7.0, 1.0)
    assert bpy.ops.sam3d.move_to_cursor(job_id=first["sam3d_job"]) == {"FINISHED"}
    bpy.context.view_layer.update()
    assert sorted(obj.location.y for obj in (first, again)) == [7.0, 7.0], "all of one job go together"
    (there,) = reconstruct()
    assert stand_apart(first, again, there) and there.location.z == 1.0
    assert bpy.ops.sam3d.move_to_cursor(job_id="none") == {"CANCELLED"}


def imported_again(job_id: str) -> list[bpy.types.Object]:
    before = set(imported_objects())
    assert bpy.ops.sam3d.import_job(job_id=job_id) == {"FINISHED"}
    return [obj for obj in imported_objects() if obj not in before]


def results_of_one_photo_move_together(url: str) -> None:
    bpy.ops.wm.read_homefile(use_factory_startup=True)
    choose_service(url)
    cube, settings = bpy.data.objects["Cube"], bpy.context.scene.sam3d
    photo = disc("Two", background=(0.2, 0.3, 0.2))
    for name, center in (("left", (0.25, 0.5)), ("right", (0.75, 0.4))):
        mask = settings.masks.add()
        mask.name = name
        mask.image = disc(f"mask {name}", center=center, radius=0.2, color=(1, 1, 1), background=(0, 0, 0))
    arrived = reconstruct(image=photo, variations=2)
    assert len(arrived) == 4 and stand_apart(cube, *arrived)
    moves = {tuple(np.round(np.array(obj.location) - planned(obj), 4)) for obj in arrived}
    assert len(moves) == 1, moves
    assert next(iter(moves))[0] > 1.0
    assert bpy.ops.sam3d.import_group(group=newest()[0].group) == {"FINISHED"}
    again = [obj for obj in imported_objects() if obj not in arrived]
    assert len(again) == 4 and stand_apart(cube, *arrived, *again)
    assert len({tuple(np.round(np.array(obj.location) - planned(obj), 4)) for obj in again}) == 1


def planned(obj: bpy.types.Object) -> NDArray[np.float64]:
    """Where a result was to stand."""
    return np.array(next(job for job in newest(4) if job.id == obj["sam3d_job"]).destination.location)


def what_is_around_is_not_in_the_way(_url: str) -> None:
    scene, _ = empty_file()

    def add(make: str, *, size: float, place: tuple[float, float, float]) -> bpy.types.Object:
        getattr(bpy.ops.mesh, f"primitive_{make}_add")(size=size, location=place)
        return bpy.context.object

    thing = add("cube", size=1.0, place=(0, 0, 0.5))

    def way() -> tuple[float, float]:
        bpy.context.view_layer.update()
        found = way_clear(bpy.context, [thing])
        return round(found.x, 3), round(found.y, 3)

    assert way() == (0.0, 0.0)
    ground = add("grid", size=60, place=(0, 0, 0))
    assert way() == (0.0, 0.0)
    for vertex in ground.data.vertices:
        vertex.co.z = 0.4 * np.sin(vertex.co.x) * np.cos(vertex.co.y)
    assert way() == (0.0, 0.0), "hills"
    room = add("cube", size=8, place=(0, 0, 3.9))
    assert way()[0] > 4.0, "a closed block is solid"
    room.data.flip_normals()
    assert way() == (0.0, 0.0), "with its faces turned inside it is a room"
    room.data.flip_normals()
    room.display_type = "WIRE"
    assert way() == (0.0, 0.0), "what is drawn in wires hides nothing"
    bpy.data.objects.remove(room)
    bpy.ops.object.camera_add()
    bpy.ops.object.light_add(type="POINT", location=(0, 0, 0.5))
    bpy.ops.object.empty_add(type="IMAGE", location=(0, 0, 0.5))
    assert way() == (0.0, 0.0)
    kit = bpy.data.collections.new("Kit")
    bpy.context.object.users_collection[0].objects.link(instance := bpy.data.objects.new("Kit", None))
    part = bpy.data.objects.new("Part", thing.data)
    kit.objects.link(part)
    instance.instance_type, instance.instance_collection, instance.location = "COLLECTION", kit, (0.3, 0, 0.5)
    assert way()[0] > 0.8, "an instance is as solid as what it shows"
    bpy.data.objects.remove(instance)
    for number in range(5000):
        other = bpy.data.objects.new("Other", thing.data)
        other.location = (number % 70 * 1.5 - 50, number // 70 * 1.5 - 50, 0.5)
        scene.collection.objects.link(other)
    thing.location.z += 3.0
    bpy.context.view_layer.update()
    begun = time.perf_counter()
    assert way_clear(bpy.context, [thing]).length == 0.0
    print(f"a free place above 5000 objects: {(time.perf_counter() - begun) * 1000:.1f} ms")
    thing.location.z -= 3.0
    bpy.context.view_layer.update()
    begun = time.perf_counter()
    found = way_clear(bpy.context, [thing])
    print(f"a free place among 5000 objects: {(time.perf_counter() - begun) * 1000:.1f} ms")
    thing.location += found
    bpy.context.view_layer.update()
    assert not any(meet(thing, obj) for obj in scene.objects if obj.name.startswith("Other")), found
