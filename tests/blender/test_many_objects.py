# SPDX-License-Identifier: GPL-3.0-or-later
"""Many objects of one photo, through the installed zip: they stand as they do in the photo."""

from pathlib import Path

from loopback.wavespeed import WaveSpeedServer
from test_reconstruct import check

DESK = """
def desk(*discs, size=192):
    'A photo with discs (x, y, radius; shares of the edge, from the top left), a mask for each in the list.'
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

def box(obj):
    corners = np.array([obj.matrix_world @ Vector(corner) for corner in obj.bound_box])
    return corners.min(axis=0), corners.max(axis=0)

from mathutils import Vector
DISCS = (0.8, 0.7, 0.15), (0.2, 0.7, 0.15), (0.5, 0.775, 0.075), (0.5, 0.3, 0.05)
"""


def test_objects_stand_side_by_side_as_in_the_photo(tmp_path: Path) -> None:
    check(
        DESK
        + """
scene.cursor.location = (5, 6, 7)
desk(*DISCS)
assert bpy.ops.sam3d.reconstruct() == {"FINISHED"}
bpy.context.view_layer.update()
imported_objects = {obj.name: obj for obj in imported_objects()}
assert sorted(imported_objects) == ["Disc 0", "Disc 1", "Disc 2", "Disc 3"], imported_objects
assert {obj.users_collection[0].name for obj in imported_objects.values()} == {"Desk"}
right, left, small, far = (imported_objects[f"Disc {number}"] for number in range(4))
assert left.location.x < small.location.x < right.location.x
assert abs((left.location.x + right.location.x) / 2 - 5) < 0.05  # the middle of all is at the cursor
assert all(abs(obj.location.z - 7) < 1e-4 for obj in imported_objects.values())
heights = [box(obj)[1][2] - box(obj)[0][2] for obj in (right, left, small, far)]
assert np.allclose(heights, np.array((0.15, 0.15, 0.075, 0.05)) / 0.15, rtol=0.12), heights
assert abs((right.location.x - left.location.x) - 0.6 / 0.3) < 0.1
assert far.location.y > small.location.y + 0.5  # higher in the photo: farther away
boxes = [box(obj) for obj in imported_objects.values()]
for number, (low, high) in enumerate(boxes):
    for other_low, other_high in boxes[number + 1:]:
        assert (low[:2] > other_high[:2]).any() or (high[:2] < other_low[:2]).any()
jobs = list(runtime().queue.jobs.values())
assert len({job.group for job in jobs}) == 1 and jobs[0].group
""",
        tmp_path,
    )


def test_the_height_that_was_asked_for_is_every_objects(tmp_path: Path) -> None:
    check(
        DESK
        + """
desk(*DISCS[:3])
settings.height = 0.5
assert bpy.ops.sam3d.reconstruct() == {"FINISHED"}
bpy.context.view_layer.update()
for obj in imported_objects():
    low, high = box(obj)
    assert abs(high[2] - low[2] - 0.5) < 1e-3
assert len({round(obj.location.x, 3) for obj in imported_objects()}) == 3
""",
        tmp_path,
    )


def test_variations_do_not_stand_in_one_another(tmp_path: Path) -> None:
    check(
        DESK
        + """
desk(DISCS[0])
settings.variations = 3
assert bpy.ops.sam3d.reconstruct() == {"FINISHED"}
places = sorted(obj.location.x for obj in imported_objects())
assert len(places) == 3 and places[0] == 0 and all(b - a > 0.9 for a, b in zip(places, places[1:])), places
""",
        tmp_path,
    )


def test_masks_have_prompts_of_their_own_and_share_one_upload(tmp_path: Path) -> None:
    with WaveSpeedServer(balance=1.0) as server:
        check(
            DESK
            + """
import os
settings.provider = "WAVESPEED"
preferences(bpy.context).wavespeed_url = os.environ["URL"]
desk(*DISCS)
settings.prompt = "a disc"
settings.masks[1].prompt = "the left one"
settings.masks[3].use = False
assert bpy.ops.sam3d.reconstruct() == {"FINISHED"}
assert len(imported_objects()) == 3
prompts = [(obj.name, obj["sam3d_prompt"]) for obj in imported_objects()]
assert sorted(prompts) == [("Disc 0", "a disc"), ("Disc 1", "the left one"), ("Disc 2", "a disc")], prompts
""",
            tmp_path,
            env={"WAVESPEED_API_KEY": server.key, "URL": server.url},
        )
        assert sorted(submit.json["prompt"] for submit in server.of("submit")) == ["a disc", "a disc", "the left one"]
        assert server.count("put") == 1 + 3
        assert server.submits == 3


def test_points_and_boxes_become_masks_on_the_way(tmp_path: Path) -> None:
    check(
        DESK
        + """
from PIL import Image
desk(*DISCS[:2])
settings.masks.clear()
point = settings.points.add()
point.x, point.y = 0.2 * 192, 0.7 * 192
assert bpy.ops.sam3d.reconstruct() == {"FINISHED"}
for name, box in (("left", (3, 100, 72, 166)), ("right", (120, 102, 188, 168))):
    row = settings.masks.add()
    row.name, row.use_box, row.box = name, True, box
assert bpy.ops.sam3d.reconstruct() == {"FINISHED"}
found = [np.asarray(Image.open(job.request.masks[0])) > 0 for job in runtime().queue.jobs.values()]
y, x = np.mgrid[:192, :192] + 0.5
for mask, (left, top, radius) in zip(found, (DISCS[1], DISCS[1], DISCS[0])):
    inside = (x - left * 192) ** 2 + (y - top * 192) ** 2 < (radius * 192) ** 2
    assert (mask & inside).sum() / (mask | inside).sum() > 0.95
assert sorted(obj.name for obj in imported_objects()) == ["Desk", "left", "right"]
""",
        tmp_path,
    )
