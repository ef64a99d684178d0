# SPDX-License-Identifier: GPL-3.0-or-later
"""Masks of what was drawn."""

import io
from contextlib import redirect_stdout
from typing import Any

import bpy
import numpy as np
from bl_ext.user_default.sam3d.photos.picture import PicturePixels
from bl_ext.user_default.sam3d.runtime import gestures, mask_sync
from bl_ext.user_default.sam3d.runtime.state import runtime
from bl_ext.user_default.sam3d.scene.pixels import picture
from common import FOLDER, choose_service, empty_file, imported_objects
from numpy.typing import NDArray
from PIL import Image


def photo_of_discs(settings: Any, *places: tuple[float, float, float], width: int = 240, height: int = 160) -> None:
    """A photo with red discs (x, y, radius) in pixels from the top left."""
    y, x = np.mgrid[:height, :width] + 0.5
    pixels = np.full((height, width, 4), 0.85, np.float32)
    for left, top, radius in places:
        pixels[(x - left) ** 2 + (y - top) ** 2 < radius**2] = (0.8, 0.2, 0.1, 1.0)
    pixels[..., 3] = 1.0
    settings.image = bpy.data.images.new("Discs", width, height)
    settings.image.pixels.foreach_set(pixels[::-1].ravel())


def add(
    settings: Any,
    name: str,
    box: tuple[float, float, float, float] | None = None,
    *points: tuple[float, float, bool],
) -> Any:
    """A new row of the list, with a box and points (x, y, inside)."""
    mask = settings.masks.add()
    mask.name = name
    if box is not None:
        mask.use_box, mask.box = True, box
    for x, y, inside in points:
        point = mask.points.add()
        point.x, point.y, point.inside = x, y, inside
    return mask


def first_mask() -> Any:
    """The first row, which undo makes anew."""
    return bpy.context.scene.sam3d.masks[0]


def white(image: bpy.types.Image) -> NDArray[np.bool_]:
    """Where a mask is white, top row first: as Blender shows it, and as it is packed."""
    values = np.empty(image.size[0] * image.size[1] * 4, np.float32)
    image.pixels.foreach_get(values)
    shown = values.reshape(image.size[1], image.size[0], 4)[::-1, :, 0] > 0.5
    assert (shown == (np.asarray(Image.open(io.BytesIO(image.packed_file.data))) > 127)).all()
    return shown


def is_disc(found: NDArray[np.bool_], left: float, top: float, radius: float) -> bool:
    y, x = np.mgrid[: found.shape[0], : found.shape[1]] + 0.5
    wanted = (x - left) ** 2 + (y - top) ** 2 < radius**2
    return bool((found & wanted).sum() / (found | wanted).sum() > 0.94)


def a_box_and_points_become_a_masks_image(url: str) -> None:
    _, settings = empty_file()
    photo_of_discs(settings, (60, 50, 30), (170, 100, 35))
    add(settings, "Left", (20, 10, 100, 90))
    add(settings, "Right", None, (170, 100, True), (60, 50, False))
    assert bpy.ops.sam3d.update_mask(index=0) == {"FINISHED"}
    image = settings.masks[0].image
    assert image.name == "Left" and tuple(image.size) == (240, 160)
    assert is_disc(white(image), 60, 50, 30)
    settings.active_mask = 1
    assert bpy.ops.sam3d.update_mask() == {"FINISHED"}
    assert is_disc(white(settings.masks[1].image), 170, 100, 35)
    # once more: the same image shows the new mask
    settings.masks[0].box = (130, 60, 210, 140)
    assert bpy.ops.sam3d.update_mask(index=0) == {"FINISHED"}
    assert settings.masks[0].image == image and is_disc(white(image), 170, 100, 35)
    bpy.ops.wm.save_as_mainfile(filepath=str(FOLDER / "discs.blend"))
    bpy.ops.wm.read_homefile(use_empty=True)
    bpy.ops.wm.open_mainfile(filepath=str(FOLDER / "discs.blend"))
    settings = bpy.context.scene.sam3d
    assert is_disc(white(settings.masks[0].image), 170, 100, 35)
    choose_service(url)
    assert bpy.ops.sam3d.reconstruct() == {"FINISHED"}
    assert sorted(obj.name for obj in imported_objects()) == ["Left", "Right"]


def refused(**options: int) -> str:
    """What is said where a mask cannot be updated."""
    said = io.StringIO()
    with redirect_stdout(said):
        assert bpy.ops.sam3d.update_mask(**options) == {"CANCELLED"}
    return said.getvalue()


def what_cannot_become_a_mask_says_why() -> None:
    _, settings = empty_file()
    photo_of_discs(settings, (60, 50, 30))
    mask = add(settings, "Nothing")
    assert "no box and no points" in refused(index=0)
    assert "There is no mask 3" in refused(index=3)
    mask.use_box, mask.box = True, (150, 100, 230, 150)
    assert "one color" in refused(index=0)
    assert mask.image is None
    mask.box = (20, 10, 100, 90)
    settings.image = None
    assert "Choose a photo first" in refused(index=0)


def an_artists_own_image_is_not_written_into() -> None:
    _, settings = empty_file()
    photo_of_discs(settings, (60, 50, 30))
    mask = add(settings, "Mine", (20, 10, 100, 90))
    own = bpy.data.images.new("own", 240, 160)
    own.pixels.foreach_set(np.ones(240 * 160 * 4, np.float32))
    mask.image = own
    assert bpy.ops.sam3d.update_mask(index=0) == {"FINISHED"}
    assert mask.image != own and is_disc(white(mask.image), 60, 50, 30)
    assert own.pixels[0] == 1.0 and own.packed_file is None
    mask.image = own
    assert mask.drawn == ""
    mask.image = None
    assert mask.drawn == "" and mask.has_prompts  # it is the box again that tells


def what_is_drawn_in_a_copy_of_a_scene_leaves_the_first_alone(kind: str) -> None:
    first, settings = empty_file()
    photo_of_discs(settings, (60, 50, 30), (170, 100, 35))
    add(settings, "One", (20, 10, 100, 90))
    assert bpy.ops.sam3d.update_mask(index=0) == {"FINISHED"}
    bpy.ops.scene.new(type=kind)
    copied = bpy.context.scene.sam3d
    assert bpy.context.scene != first and len(copied.masks) == 1
    bpy.ops.ed.undo_push(message="copied")
    copied.masks[0].box = (130, 60, 210, 140)
    assert bpy.ops.sam3d.update_mask(index=0) == {"FINISHED"}
    bpy.ops.ed.undo_push(message="updated")
    mask_sync.catch_up()
    assert is_disc(white(first_mask().image), 170, 100, 35)
    assert is_disc(white(bpy.data.scenes[first.name].sam3d.masks[0].image), 60, 50, 30)
    bpy.ops.ed.undo()
    for scene in bpy.data.scenes:
        assert is_disc(white(scene.sam3d.masks[0].image), 60, 50, 30)


def the_list_is_led_by_operators() -> None:
    _, settings = empty_file()

    def names() -> list[str]:
        return [mask.name for mask in settings.masks]

    for _ in range(3):
        assert bpy.ops.sam3d.add_mask() == {"FINISHED"}
    assert names() == ["Object 1", "Object 2", "Object 3"] and settings.active_mask == 2
    assert len({tuple(mask.color) for mask in settings.masks}) == 3
    assert bpy.ops.sam3d.move_mask(direction="UP") == {"FINISHED"}
    assert names() == ["Object 1", "Object 3", "Object 2"] and settings.active_mask == 1
    assert bpy.ops.sam3d.remove_mask() == {"FINISHED"}
    assert names() == ["Object 1", "Object 2"]
    assert bpy.ops.sam3d.add_mask() == {"FINISHED"}
    assert names()[-1] == "Object 3"
    assert bpy.ops.sam3d.move_mask(direction="DOWN") == {"CANCELLED"}
    bpy.ops.sam3d.switch_masks(to="OFF")
    settings.masks[0].use = True
    bpy.ops.sam3d.switch_masks(to="INVERT")
    assert [mask.use for mask in settings.masks] == [False, True, True]
    bpy.ops.sam3d.switch_masks(to="ON")
    assert all(mask.use for mask in settings.masks)
    assert bpy.ops.sam3d.clear_masks() == {"FINISHED"}
    assert not settings.masks and settings.active_mask == 0
    assert not bpy.ops.sam3d.remove_mask.poll() and not bpy.ops.sam3d.draw_mask.poll()


def masks_are_named_after_what_they_are_said_to_be() -> None:
    _, settings = empty_file()
    settings.prompt = "a red teapot"
    for _ in range(2):
        assert bpy.ops.sam3d.add_mask() == {"FINISHED"}
    first, second = settings.masks
    assert (first.name, second.name) == ("A red teapot", "Object 1")
    second.prompt = "mug with a chip at its rim, half full"
    assert second.name == "Mug with a chip at its"
    second.prompt = "cup"
    assert second.name == "Cup"
    second.name = "My cup"  # the artist's own name stays
    second.prompt = "something else"
    assert second.name == "My cup"
    by_script = settings.masks.add()
    by_script.prompt = "apple"
    assert by_script.name == "Apple"


def pixels_are_read_once_for_many_gestures() -> None:
    empty_file()
    pasted, other = (bpy.data.images.new(name, 64, 48) for name in ("pasted", "other"))
    first = runtime().photo.picture(pasted)
    assert runtime().photo.picture(pasted) is first
    assert runtime().photo.read(pasted) is not first  # a tool is taken up anew
    assert runtime().photo.picture(other) is not first
    pasted.scale(32, 24)
    smaller = runtime().photo.picture(pasted)
    assert isinstance(smaller, PicturePixels) and smaller.pixels.shape == (24, 32, 4)


def undo_brings_earlier_masks_back() -> None:
    scene, settings = empty_file()
    photo_of_discs(settings, (60, 50, 30), (170, 100, 35))
    add(settings, "One", (20, 10, 100, 90))
    bpy.ops.ed.undo_push(message="prompts")
    assert bpy.ops.sam3d.update_mask(index=0) == {"FINISHED"}
    bpy.ops.ed.undo_push(message="updated")
    settings.masks[0].box = (130, 60, 210, 140)
    assert bpy.ops.sam3d.update_mask(index=0) == {"FINISHED"}
    bpy.ops.ed.undo_push(message="updated again")
    scene.cursor.location.x = 1
    bpy.ops.ed.undo_push(message="something else")
    bpy.ops.ed.undo()
    assert is_disc(white(first_mask().image), 170, 100, 35)
    bpy.ops.ed.undo()
    assert is_disc(white(first_mask().image), 60, 50, 30)
    bpy.ops.ed.undo()
    assert first_mask().image is None
    bpy.ops.ed.redo()
    assert is_disc(white(first_mask().image), 60, 50, 30)
    bpy.ops.ed.redo()
    assert is_disc(white(first_mask().image), 170, 100, 35)


def what_was_painted_is_built_upon_and_comes_back() -> None:
    _, settings = empty_file()
    photo_of_discs(settings, (60, 50, 30), (170, 100, 35))
    add(settings, "One", (20, 10, 100, 90))
    assert bpy.ops.sam3d.update_mask(index=0) == {"FINISHED"}
    mask_sync.begin_painting(first_mask())
    assert not first_mask().has_prompts and first_mask().drawn
    bpy.ops.ed.undo_push(message="paint")
    image = first_mask().image
    values = np.empty(240 * 160 * 4, np.float32)
    image.pixels.foreach_get(values)
    painted = values.reshape(160, 240, 4)[::-1]
    painted[:20, 200:, :3] = 1.0
    image.pixels.foreach_set(painted[::-1].ravel())
    image.pack()
    assert white(image)[10, 220] and is_disc(white(image)[:, :110], 60, 50, 30)
    gesture = gestures.Gesture("POINTS", ((170.5, 100.5),))
    gestures.apply(gesture, first_mask(), picture(bpy.context.scene.sam3d.image), (240, 160))
    runtime().masks.finish()
    mask_sync.take_over()
    bpy.ops.ed.undo_push(message="point")
    found = white(first_mask().image)
    assert found[10, 220] and is_disc(found[:, :110], 60, 50, 30) and is_disc(found[40:, 110:], 60, 60, 35)
    bpy.ops.ed.undo()
    found = white(first_mask().image)
    assert found[10, 220] and is_disc(found[:, :110], 60, 50, 30) and not found[100, 170]
    bpy.ops.ed.redo()
    assert white(first_mask().image)[100, 170]
