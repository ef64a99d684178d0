# SPDX-License-Identifier: GPL-3.0-or-later
"""Many objects of one photo: they stand as they do in the photo."""

from itertools import pairwise
from typing import Any

import bpy
import numpy as np
from bl_ext.user_default.sam3d.jobs.model import Job
from bl_ext.user_default.sam3d.runtime.state import runtime
from common import choose_service, empty_file, imported_objects
from mathutils import Vector
from numpy.typing import NDArray
from PIL import Image

Disc = tuple[float, float, float]
DISCS: tuple[Disc, ...] = ((0.8, 0.7, 0.15), (0.2, 0.7, 0.15), (0.5, 0.775, 0.075), (0.5, 0.3, 0.05))
"""x, y and radius as shares of the photo's edge, from the top left."""


def desk(settings: Any, *discs: Disc, size: int = 192) -> None:
    """A photo with discs, and a mask for each in the list."""
    y, x = (np.mgrid[:size, :size] + 0.5) / size
    y = y[::-1]
    pixels = np.full((size, size, 4), 0.9, np.float32)
    for number, (left, top, radius) in enumerate(discs):
        inside = (x - left) ** 2 + (y - top) ** 2 < radius**2
        pixels[inside] = (0.8, 0.2, 0.1, 1.0)
        mask = bpy.data.images.new(f"Mask {number}", size, size)
        mask.pixels.foreach_set(np.repeat(inside[..., None], 4, axis=-1).astype(np.float32).ravel())
        row = settings.masks.add()
        row.name, row.image = f"Disc {number}", mask
    settings.image = bpy.data.images.new("Desk", size, size)
    settings.image.pixels.foreach_set(pixels.ravel())


def box(obj: bpy.types.Object) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    """The lowest and the highest coordinates (3,) of an object's bounding box in the world."""
    corners = np.array([obj.matrix_world @ Vector(corner) for corner in obj.bound_box])
    return corners.min(axis=0), corners.max(axis=0)


def sent_mask(job: Job) -> NDArray[np.bool_]:
    """Where the first mask of a job's request is (H, W), from the top."""
    assert job.request is not None
    return np.asarray(Image.open(job.request.masks[0])) > 0


def objects_stand_side_by_side_as_in_the_photo(url: str) -> None:
    scene, settings = empty_file()
    choose_service(url)
    scene.cursor.location = (5, 6, 7)
    desk(settings, *DISCS)
    assert bpy.ops.sam3d.reconstruct() == {"FINISHED"}
    bpy.context.view_layer.update()
    named = {obj.name: obj for obj in imported_objects()}
    assert sorted(named) == ["Disc 0", "Disc 1", "Disc 2", "Disc 3"], named
    assert {obj.users_collection[0].name for obj in named.values()} == {"Desk"}
    right, left, small, far = (named[f"Disc {number}"] for number in range(4))
    assert left.location.x < small.location.x < right.location.x
    assert abs((left.location.x + right.location.x) / 2 - 5) < 0.05  # the middle of all is at the cursor
    assert all(abs(obj.location.z - 7) < 1e-4 for obj in named.values())
    heights = [box(obj)[1][2] - box(obj)[0][2] for obj in (right, left, small, far)]
    assert np.allclose(heights, np.array((0.15, 0.15, 0.075, 0.05)) / 0.15, rtol=0.12), heights
    assert abs((right.location.x - left.location.x) - 0.6 / 0.3) < 0.1
    assert far.location.y > small.location.y + 0.5  # higher in the photo: farther away
    boxes = [box(obj) for obj in named.values()]
    for number, (low, high) in enumerate(boxes):
        for other_low, other_high in boxes[number + 1 :]:
            assert (low[:2] > other_high[:2]).any() or (high[:2] < other_low[:2]).any()
    all_jobs = list(runtime().queue.jobs.values())
    assert len({job.group for job in all_jobs}) == 1 and all_jobs[0].group


def the_height_that_was_asked_for_is_every_objects(url: str) -> None:
    _, settings = empty_file()
    choose_service(url)
    desk(settings, *DISCS[:3])
    settings.height = 0.5
    assert bpy.ops.sam3d.reconstruct() == {"FINISHED"}
    bpy.context.view_layer.update()
    for obj in imported_objects():
        low, high = box(obj)
        assert abs(high[2] - low[2] - 0.5) < 1e-3
    assert len({round(obj.location.x, 3) for obj in imported_objects()}) == 3


def variations_do_not_stand_in_one_another(url: str) -> None:
    _, settings = empty_file()
    choose_service(url)
    desk(settings, DISCS[0])
    settings.variations = 3
    assert bpy.ops.sam3d.reconstruct() == {"FINISHED"}
    places = sorted(obj.location.x for obj in imported_objects())
    assert len(places) == 3 and places[0] == 0 and all(b - a > 0.9 for a, b in pairwise(places)), places


def masks_have_prompts_of_their_own_and_share_one_upload(url: str) -> None:
    _, settings = empty_file()
    choose_service(url)
    desk(settings, *DISCS)
    settings.prompt = "a disc"
    settings.masks[1].prompt = "the left one"
    settings.masks[3].use = False
    assert bpy.ops.sam3d.reconstruct() == {"FINISHED"}
    assert len(imported_objects()) == 3
    prompts = [(obj.name, obj["sam3d_prompt"]) for obj in imported_objects()]
    assert sorted(prompts) == [("Disc 0", "a disc"), ("Disc 1", "the left one"), ("Disc 2", "a disc")], prompts


def points_and_boxes_become_masks_on_the_way(url: str) -> None:
    _, settings = empty_file()
    choose_service(url)
    desk(settings, *DISCS[:2])
    settings.masks.clear()
    point = settings.points.add()
    point.x, point.y = 0.2 * 192, 0.7 * 192
    assert bpy.ops.sam3d.reconstruct() == {"FINISHED"}
    for name, edges in (("left", (3, 100, 72, 166)), ("right", (120, 102, 188, 168))):
        row = settings.masks.add()
        row.name, row.use_box, row.box = name, True, edges
    assert bpy.ops.sam3d.reconstruct() == {"FINISHED"}
    found = [sent_mask(job) for job in runtime().queue.jobs.values()]
    y, x = np.mgrid[:192, :192] + 0.5
    # strictly as many masks as discs: one of the point, two of the boxes
    for mask, (left, top, radius) in zip(found, (DISCS[1], DISCS[1], DISCS[0]), strict=True):
        inside = (x - left * 192) ** 2 + (y - top * 192) ** 2 < (radius * 192) ** 2
        assert (mask & inside).sum() / (mask | inside).sum() > 0.95
    assert sorted(obj.name for obj in imported_objects()) == ["Desk", "left", "right"]
