# SPDX-License-Identifier: GPL-3.0-or-later
"""The whole road to the artist's own server, whose token is in the environment."""

import bpy
from bl_ext.user_default.sam3d.runtime.state import runtime
from common import imported_objects, leave
from services import file_with_service

PROVIDER = "LOCAL"


def the_whole_road(url: str, photo: str) -> None:
    settings = file_with_service(PROVIDER, url, photo)
    settings.use_seed, settings.seed = True, 7
    assert bpy.ops.sam3d.test_connection(provider=PROVIDER) == {"FINISHED"}
    settings.artifacts = True
    assert bpy.ops.sam3d.reconstruct() == {"FINISHED"}
    (obj,) = imported_objects()
    assert obj.name == "mug" and len(obj.data.polygons) > 0
    (job,) = runtime().queue.jobs.values()
    assert obj["sam3d_model"] == "draft"
    assert obj["sam3d_provider"] == "LOCAL" and obj["sam3d_cost"] == 0.0 and obj["sam3d_seed"] == 7
    assert job.model is not None
    assert job.model.read_bytes()[:4] == b"glTF" and [file.name for file in job.extras] == ["extra.json"]
    leave()


def masks_and_people(url: str, photo: str) -> None:
    settings = file_with_service(PROVIDER, url, photo)
    for left in (0.2, 0.5):
        mask = settings.masks.add()
        size = settings.image.size
        mask.image = bpy.data.images.new("mask", *size)
        pixels = [0.0] * (size[0] * size[1] * 4)
        for y in range(size[1] // 4, size[1] // 2):
            for x in range(int(size[0] * left), int(size[0] * left) + size[0] // 5):
                pixels[(y * size[0] + x) * 4 : (y * size[0] + x) * 4 + 4] = [1.0] * 4
        mask.image.pixels.foreach_set(pixels)
    assert bpy.ops.sam3d.reconstruct() == {"FINISHED"}
    assert len(imported_objects()) == 2
    settings.masks.clear()
    settings.subject = "BODY"
    assert bpy.ops.sam3d.reconstruct() == {"FINISHED"}
    assert len({obj["sam3d_job"] for obj in imported_objects()}) == 3
    leave()


def what_is_wrong_is_told(url: str, photo: str) -> None:
    file_with_service(PROVIDER, url, photo)
    assert bpy.ops.sam3d.test_connection(provider=PROVIDER) == {"CANCELLED"}
    leave()
