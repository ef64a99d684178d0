# SPDX-License-Identifier: GPL-3.0-or-later
"""What painting a mask needs of Blender without a window: images to paint on, and that nothing painted is lost."""

import bpy
import numpy as np
from bl_ext.user_default.sam3d.photos.decode import open_picture
from bl_ext.user_default.sam3d.scene.masks import blank_mask, can_be_painted, opaque_mask
from bl_ext.user_default.sam3d.scene.pixels import picture
from common import FOLDER, disc, empty_file
from numpy.typing import NDArray


def white(image: bpy.types.Image) -> NDArray[np.bool_]:
    """Where an image is white, rows from the bottom."""
    values = np.empty(len(image.pixels), np.float32)
    image.pixels.foreach_get(values)
    return values.reshape(image.size[1], image.size[0], -1)[..., :3].min(-1) > 0.5


def a_blank_mask_has_the_shape_of_the_photo() -> None:
    empty_file()
    for size, expected in (((640, 481), (640, 481)), ((5001, 3335), (2048, 1366)), ((9000, 2), (2048, 1))):
        mask = blank_mask(bpy.data.images.new("photo", *size), "Teapot")
        assert tuple(mask.size) == expected, tuple(mask.size)
        assert not white(mask).any() and can_be_painted(mask) and mask.name.startswith("Teapot")


def what_alpha_selects_is_painted_as_white() -> None:
    empty_file()
    cut_out = disc("cut out")
    assert not can_be_painted(cut_out)
    mask = opaque_mask(cut_out, "mask")
    assert can_be_painted(mask) and tuple(mask.size) == tuple(cut_out.size)
    y, x = (np.mgrid[:96, :96] + 0.5) / 96
    assert (white(mask) == ((x - 0.5) ** 2 + (y - 0.5) ** 2 < 0.09)).all()
    assert can_be_painted(disc("opaque", color=(1, 1, 1), background=(0, 0, 0)))
    assert not can_be_painted(bpy.data.images.new("tiles", 64, 64, tiled=True))


def what_is_painted_is_kept_with_the_file() -> None:
    _, settings = empty_file()
    settings.image = disc("Photo", background=(0, 0, 0))
    painted = disc("white", color=(1, 1, 1), background=(0, 0, 0))
    stored = FOLDER / "mask.png"
    painted.filepath_raw, painted.file_format = str(stored), "PNG"
    painted.save()
    before = stored.read_bytes()
    from_file = bpy.data.images.load(str(stored))
    new = blank_mask(settings.image, "new")
    for image in (new, from_file):
        settings.masks.add().image = image
        pixels = np.ones(len(image.pixels), np.float32)
        pixels[: len(pixels) // 2] = np.tile((0, 0, 0, 1), len(pixels) // 8)
        image.pixels.foreach_set(pixels)
    expected = white(new)
    assert expected[60].all() and not expected[20].any()
    for _ in range(2):
        bpy.ops.wm.save_as_mainfile(filepath=str(FOLDER / "kept.blend"))
        bpy.ops.wm.open_mainfile(filepath=str(FOLDER / "kept.blend"))
        for mask in bpy.context.scene.sam3d.masks:
            assert (white(mask.image) == expected).all(), mask.image
    assert stored.read_bytes() == before, "a file of the artist was written"
    for mask in bpy.context.scene.sam3d.masks:
        sent = np.asarray(open_picture(picture(mask.image), "mask").image.convert("L"))[::-1] > 127
        assert (sent == expected).all(), mask.image


def it_is_painted_in_the_image_editor_only() -> None:
    _, settings = empty_file()
    settings.image = disc("Photo")
    assert not bpy.ops.sam3d.paint_mask.poll() and not bpy.ops.sam3d.finish_painting.poll()
