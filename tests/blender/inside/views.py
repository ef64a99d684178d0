# SPDX-License-Identifier: GPL-3.0-or-later
"""Several photos of one thing, from the panel's operators to the object."""

import io
import json
from contextlib import redirect_stdout
from pathlib import Path
from typing import Any

import bpy
import numpy as np
from bl_ext.user_default.sam3d.runtime.state import runtime
from common import FOLDER, disc, empty_file, imported_objects, newest
from PIL import Image, ImageDraw

SIZE = 160


def photo_of_bar(name: str, width: int) -> Path:
    """A picture of a red bar, so many pixels wide, before a plain wall; with no width, of the wall."""
    image = Image.new("RGB", (SIZE, SIZE), (205, 205, 200))
    if width:
        ImageDraw.Draw(image).rectangle(bar(width), fill=(190, 40, 30))
    path = FOLDER / name
    image.save(path)
    return path


def bar(width: int) -> tuple[int, int, int, int]:
    """Left, top, right and bottom of the bar."""
    return (SIZE - width) // 2, 40, (SIZE + width) // 2, 120


def said_by_add(path: Path) -> str:
    """What is said where a photo cannot be added."""
    said = io.StringIO()
    with redirect_stdout(said):
        assert bpy.ops.sam3d.add_view(filepath=str(path)) == {"CANCELLED"}
    return said.getvalue()


def with_views(*names: str) -> Any:
    """The settings of a new file with a photo, whose mask is a box, and further ones."""
    _, settings = empty_file()
    settings.image = bpy.data.images.load(str(photo_of_bar("front.png", 100)))
    settings.masks.add()
    settings.masks[0].use_box, settings.masks[0].box = True, bar(104)
    files = [{"name": photo_of_bar(name, 50).name} for name in names]
    assert bpy.ops.sam3d.add_view(directory=str(FOLDER), files=files) == {"FINISHED"}
    return settings


def a_draft_is_made_from_all_photos() -> None:
    settings = with_views("side.png", "back.png")
    assert settings.views[1].mask.image.name == "back mask", "it is plain what the photo shows"
    settings.views[0].mask.image = None
    settings.views[0].mask.use_box, settings.views[0].mask.box = True, bar(54)

    assert bpy.ops.sam3d.reconstruct() == {"FINISHED"}
    (obj,) = imported_objects()
    (job,) = newest()
    files = sorted(str(path.relative_to(job.folder)) for path in job.folder.glob("photo-*/*"))
    assert files == ["photo-2/mask.png", "photo-2/photo.png", "photo-3/mask.png", "photo-3/photo.png"]
    white = np.asarray(Image.open(job.folder / "photo-2" / "mask.png")) > 127
    assert abs(white.mean() - 50 * 80 / SIZE**2) < 0.02, "the mask is the bar"
    told = json.loads(job.model.with_suffix(".json").read_bytes())
    assert told["files"]["views"][1] == {"photo": "photo-3/photo.png", "mask": "photo-3/mask.png"}
    assert obj["sam3d_job"] == job.id


def what_cannot_be_used_says_why() -> None:
    settings = with_views("side.png")
    scene = bpy.context.scene
    assert settings.obstacle(scene) == ""
    assert bpy.ops.sam3d.add_view(filepath=str(photo_of_bar("wall.png", 0))) == {"FINISHED"}
    assert settings.obstacle(scene).startswith("Photo 3 has no mask yet")
    assert bpy.ops.sam3d.remove_view(number=3) == {"FINISHED"}
    assert "among the photos already" in said_by_add(FOLDER / "side.png")
    assert "cannot be opened" in said_by_add(FOLDER / "notes.txt")
    (view,) = settings.views
    view.mask.image = disc("white", size=SIZE, color=(1, 1, 1), background=(0, 0, 0))
    settings.masks.add().image = view.mask.image
    assert settings.obstacle(scene).startswith("Several photos show one thing")
    settings.masks[1].use = False
    assert settings.obstacle(scene) == ""
    assert bpy.ops.sam3d.add_view(filepath=str(photo_of_bar("back.png", 50))) == {"FINISHED"}
    assert not bpy.ops.sam3d.add_view.poll(), "the engine takes three"
    settings.provider = "WAVESPEED"  # which gets the first one only
    assert settings.obstacle(scene) == "" and not settings.sends_views
    settings.provider, settings.source = "DRAFT", "CAMERA"
    assert not settings.sends_views and settings.views == []


def views_belong_to_their_photo() -> None:
    settings = with_views("side.png", "back.png")
    first = settings.image
    settings.views[0].mask.image = disc("white", size=SIZE, color=(1, 1, 1), background=(0, 0, 0))
    settings.image = other = disc("Another")
    assert settings.views == []
    assert bpy.ops.sam3d.add_view(filepath=str(FOLDER / "side.png")) == {"FINISHED"}
    settings.image = first
    bpy.data.images.remove(other)
    assert [view.image.name for view in settings.views] == ["side.png", "back.png"]
    assert bpy.ops.sam3d.remove_view(number=3) == {"FINISHED"}
    assert bpy.ops.sam3d.add_view(filepath=str(FOLDER / "back.png")) == {"FINISHED"}
    assert len(settings.added_views) == 2, "those of a deleted photo are forgotten"
    assert bpy.ops.sam3d.remove_view(number=3) == {"FINISHED"}
    file = FOLDER / "views.blend"
    bpy.ops.wm.save_as_mainfile(filepath=str(file))
    bpy.ops.wm.read_homefile(use_empty=True)
    bpy.ops.wm.open_mainfile(filepath=str(file))
    (view,) = bpy.context.scene.sam3d.views
    assert view.image.name == "side.png" and view.mask.image.name == "white" and not runtime().masks.busy
