# SPDX-License-Identifier: GPL-3.0-or-later
"""The whole road to the artist's own server, whose token is in the environment."""

import bpy
import numpy as np
from bl_ext.user_default.sam3d.runtime.state import runtime
from common import imported_objects
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


def masks_and_people(url: str, photo: str) -> None:
    settings = file_with_service(PROVIDER, url, photo)
    for left in (0.2, 0.5):
        mask = settings.masks.add()
        width, height = settings.image.size
        mask.image = bpy.data.images.new("mask", width, height)
        pixels = np.zeros((height, width, 4), np.float32)
        pixels[height // 4 : height // 2, int(width * left) : int(width * left) + width // 5] = 1.0
        mask.image.pixels.foreach_set(pixels.ravel())
    assert bpy.ops.sam3d.reconstruct() == {"FINISHED"}
    assert len(imported_objects()) == 2
    settings.masks.clear()
    settings.subject = "BODY"
    assert bpy.ops.sam3d.reconstruct() == {"FINISHED"}
    assert len({obj["sam3d_job"] for obj in imported_objects()}) == 3


def what_is_wrong_is_told(url: str, photo: str) -> None:
    file_with_service(PROVIDER, url, photo)
    assert bpy.ops.sam3d.test_connection(provider=PROVIDER) == {"CANCELLED"}
