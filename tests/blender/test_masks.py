# SPDX-License-Identifier: GPL-3.0-or-later
"""Masks of what was drawn, through the installed zip, without a window."""

from pathlib import Path

from test_reconstruct import check

DISCS = """
import io
from PIL import Image

def discs(*places, width=240, height=160):
    'A photo with red discs (x, y, radius) in pixels from the top left.'
    y, x = np.mgrid[:height, :width] + 0.5
    pixels = np.full((height, width, 4), 0.85, np.float32)
    for left, top, radius in places:
        pixels[(x - left) ** 2 + (y - top) ** 2 < radius**2] = (0.8, 0.2, 0.1, 1.0)
    pixels[..., 3] = 1.0
    settings.image = bpy.data.images.new("Discs", width, height)
    settings.image.pixels.foreach_set(pixels[::-1].ravel())

def add(name, box=None, *points):
    mask = settings.masks.add()
    mask.name = name
    if box is not None:
        mask.use_box, mask.box = True, box
    for x, y, inside in points:
        point = mask.points.add()
        point.x, point.y, point.inside = x, y, inside
    return mask

def white(image):
    'Where a mask is white, top row first: as Blender shows it, and as it is packed.'
    values = np.empty(image.size[0] * image.size[1] * 4, np.float32)
    image.pixels.foreach_get(values)
    shown = values.reshape(image.size[1], image.size[0], 4)[::-1, :, 0] > 0.5
    assert (shown == (np.asarray(Image.open(io.BytesIO(image.packed_file.data))) > 127)).all()
    return shown

def is_disc(found, left, top, radius):
    y, x = np.mgrid[: found.shape[0], : found.shape[1]] + 0.5
    wanted = (x - left) ** 2 + (y - top) ** 2 < radius**2
    return (found & wanted).sum() / (found | wanted).sum() > 0.94
"""


def test_a_box_and_points_become_a_masks_image(tmp_path: Path) -> None:
    check(
        DISCS
        + """
discs((60, 50, 30), (170, 100, 35))
left = add("Left", (20, 10, 100, 90))
add("Right", None, (170, 100, True), (60, 50, False))
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
assert bpy.ops.sam3d.reconstruct() == {"FINISHED"}
assert sorted(obj.name for obj in imported_objects()) == ["Left", "Right"]
""",
        tmp_path,
    )


def test_what_cannot_become_a_mask_says_why(tmp_path: Path) -> None:
    check(
        DISCS
        + """
from contextlib import redirect_stdout

def refused(**options):
    said = io.StringIO()
    with redirect_stdout(said):
        assert bpy.ops.sam3d.update_mask(**options) == {"CANCELLED"}
    return said.getvalue()

discs((60, 50, 30))
mask = add("Nothing")
assert "no box and no points" in refused(index=0)
assert "There is no mask 3" in refused(index=3)
mask.use_box, mask.box = True, (150, 100, 230, 150)
assert "one color" in refused(index=0)
assert mask.image is None
mask.box = (20, 10, 100, 90)
settings.image = None
assert "Choose a photo first" in refused(index=0)
""",
        tmp_path,
    )


def test_an_artists_own_image_is_not_written_into(tmp_path: Path) -> None:
    check(
        DISCS
        + """
discs((60, 50, 30))
mask = add("Mine", (20, 10, 100, 90))
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
""",
        tmp_path,
    )


def test_the_list_is_led_by_operators(tmp_path: Path) -> None:
    check(
        """
for _ in range(3):
    assert bpy.ops.sam3d.add_mask() == {"FINISHED"}
names = lambda: [mask.name for mask in settings.masks]
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
""",
        tmp_path,
    )


def test_undo_brings_earlier_masks_back(tmp_path: Path) -> None:
    check(
        DISCS
        + """
discs((60, 50, 30), (170, 100, 35))
add("One", (20, 10, 100, 90))
bpy.ops.ed.undo_push(message="prompts")
assert bpy.ops.sam3d.update_mask(index=0) == {"FINISHED"}
bpy.ops.ed.undo_push(message="updated")
settings.masks[0].box = (130, 60, 210, 140)
assert bpy.ops.sam3d.update_mask(index=0) == {"FINISHED"}
bpy.ops.ed.undo_push(message="updated again")
scene.cursor.location.x = 1
bpy.ops.ed.undo_push(message="something else")
mask = lambda: bpy.context.scene.sam3d.masks[0]
bpy.ops.ed.undo()
assert is_disc(white(mask().image), 170, 100, 35)
bpy.ops.ed.undo()
assert is_disc(white(mask().image), 60, 50, 30)
bpy.ops.ed.undo()
assert mask().image is None
bpy.ops.ed.redo()
assert is_disc(white(mask().image), 60, 50, 30)
bpy.ops.ed.redo()
assert is_disc(white(mask().image), 170, 100, 35)
""",
        tmp_path,
    )


def test_what_was_painted_is_built_upon_and_comes_back(tmp_path: Path) -> None:
    check(
        DISCS
        + """
from bl_ext.user_default.sam3d.runtime import mask_sync, gestures
from bl_ext.user_default.sam3d.scene.pixels import picture
discs((60, 50, 30), (170, 100, 35))
add("One", (20, 10, 100, 90))
assert bpy.ops.sam3d.update_mask(index=0) == {"FINISHED"}
mask = lambda: bpy.context.scene.sam3d.masks[0]
mask_sync.begin_painting(mask())
assert not mask().has_prompts and mask().drawn
bpy.ops.ed.undo_push(message="paint")
image = mask().image
values = np.empty(240 * 160 * 4, np.float32)
image.pixels.foreach_get(values)
painted = values.reshape(160, 240, 4)[::-1]
painted[:20, 200:, :3] = 1.0
image.pixels.foreach_set(painted[::-1].ravel())
image.prepare()
assert white(image)[10, 220] and is_disc(white(image)[:, :110], 60, 50, 30)
gesture = gestures.Gesture("POINTS", ((170.5, 100.5),))
gestures.apply(gesture, mask(), picture(bpy.context.scene.sam3d.image), (240, 160))
runtime().masks.finish()
mask_sync.take_over()
bpy.ops.ed.undo_push(message="point")
found = white(mask().image)
assert found[10, 220] and is_disc(found[:, :110], 60, 50, 30) and is_disc(found[40:, 110:], 60, 60, 35)
bpy.ops.ed.undo()
found = white(mask().image)
assert found[10, 220] and is_disc(found[:, :110], 60, 50, 30) and not found[100, 170]
bpy.ops.ed.redo()
assert white(mask().image)[100, 170]
""",
        tmp_path,
    )
