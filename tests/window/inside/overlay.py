# SPDX-License-Identifier: GPL-3.0-or-later
"""Masks over photos in the image editor: what is drawn lies where the photo itself shows the same shapes."""

import sys
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parent))

import bpy
import numpy as np
from image_editor import drawn, open_editor, seen, view
from numpy.typing import NDArray
from steps import ARGUMENTS, FOLDER, Steps, area, install, lead, screenshot

SIZES = ((1280, 960), (641, 479), (301, 977))
ZOOMS = (0.45, 1.0, 5.3)
NEAR = 2
"""Pixels of the screen within which a line lies by the edge that it shows."""
MAGENTA, CYAN, YELLOW = (1.0, 0.0, 1.0), (0.0, 1.0, 1.0), (1.0, 1.0, 0.0)


def steps() -> Steps:
    (zip_file,) = ARGUMENTS
    install(zip_file)
    settings = bpy.context.scene.sam3d
    open_editor()
    for size in SIZES:
        settings.masks.clear()
        make_photo(*size)
        for zoom in ZOOMS:
            yield from look(f"{size[0]}x{size[1]} at {zoom}", zoom)
    yield from look_at_marks()
    yield from odd_images()


def make_photo(width: int, height: int) -> None:
    """A photo of a disc and an angle (gray on black), a mask of both, and one in half the size of a bar."""
    settings = bpy.context.scene.sam3d
    y, x = (np.mgrid[:height, :width] + 0.5) / np.array((height, width))[:, None, None]
    disc = np.hypot((x - 0.3) * width, (y - 0.62) * height) < 0.2 * min(width, height)
    angle = (x > 0.55) & (x < 0.9) & (y > 0.55) & (y < 0.75) | (x > 0.8) & (x < 0.9) & (y > 0.55) & (y < 0.9)
    settings.image = image("photo", np.where(disc | angle, 0.6, 0.0))
    first, second = settings.masks.add(), settings.masks.add()
    first.color, first.image = MAGENTA, image("first", (disc | angle).astype(float))
    second.color = CYAN
    second.image = image("second", ((x > 0.2) & (x < 0.7) & (y > 0.1) & (y < 0.4))[::2, ::2].astype(float))
    settings.active_mask = 0
    area("IMAGE_EDITOR").spaces.active.image = settings.image


def image(name: str, values: NDArray[np.float64]) -> bpy.types.Image:
    """A gray image (H, W), bottom row first."""
    height, width = values.shape
    made = bpy.data.images.new(name, width, height, alpha=False)
    pixels = np.ones((height, width, 4), np.float32)
    pixels[..., :3] = values[..., None]
    made.pixels.foreach_set(pixels.ravel())
    return made


def look(name: str, zoom: float) -> Steps:
    """Compare the outlines with the edges that the photo itself shows, and box and point with where they belong."""
    settings = bpy.context.scene.sam3d
    width, height = settings.image.size
    with view():
        bpy.ops.image.view_all()
        bpy.ops.image.view_zoom_ratio(ratio=zoom)
        bpy.ops.image.view_pan(offset=(0.1 * width, 0.07 * height))
    settings.show_masks = False
    yield from drawn()
    photo = seen(screenshot(f"{name} photo"))
    photo = (np.abs(photo - 153.0) < 12).all(-1)
    settings.show_masks = True
    yield from drawn()
    outlined = seen(screenshot(f"{name} masks"))
    line = close_to(outlined, MAGENTA)
    assert line.any(), f"{name}: no outline"
    inner = slice(NEAR + 2, -NEAR - 2), slice(NEAR + 2, -NEAR - 2)
    edge = grown(photo, 1) & ~photo
    assert not (line & ~grown(edge, NEAR))[inner].any(), f"{name}: the outline is not on the edge"
    # where the other mask's line crosses, and where buttons lie over the view, there is none
    hidden = grown(close_to(outlined, CYAN), 4)
    hidden[:120, :30] = hidden[:120, -60:] = True
    bare = np.argwhere((edge & ~grown(line, NEAR) & ~hidden)[inner])
    assert not len(bare), f"{name}: the edge has no outline at {bare[:5]}"


def look_at_marks() -> Steps:
    """A box lies around what it was drawn around, a point where it was set; what is not this has its own color."""
    settings = bpy.context.scene.sam3d
    settings.masks.clear()
    shown = np.zeros((480, 640))
    shown[60:200, 100:300] = shown[300:307, 450:457] = shown[300:307, 550:557] = 0.6  # from the top
    settings.image = image("marked", shown[::-1])
    mask = settings.masks.add()
    mask.color, mask.use_box, mask.box = MAGENTA, True, (100, 60, 300, 200)
    for x, inside in ((453, True), (553, False)):
        point = mask.points.add()
        point.x, point.y, point.inside = x, 303, inside
    area("IMAGE_EDITOR").spaces.active.image = settings.image
    with view():
        bpy.ops.image.view_all()
        bpy.ops.image.view_zoom_ratio(ratio=1.5)
    settings.show_masks = False
    yield from drawn()
    photo = (np.abs(seen(screenshot("marks photo")) - 153.0) < 12).all(-1)
    photo[:, :30] = photo[:, -70:] = False  # buttons
    settings.show_masks = True
    yield from drawn()
    marked = close_to(pixels := seen(screenshot("marks")), MAGENTA)
    edge = grown(photo, 1) & ~photo
    columns = np.flatnonzero(photo.any(0))
    gaps = np.flatnonzero(np.diff(columns) > 1)
    assert len(gaps) == 2, "the photo does not show its three parts"
    box_ends, point_ends = columns[gaps[0]] + 20, columns[gaps[1]] + 20
    box, point = marked[:, :box_ends], marked[:, box_ends:point_ends]
    assert not (box & ~grown(edge, NEAR)[:, :box_ends]).any(), "the box is not around its subject"
    assert not (edge[:, :box_ends] & ~grown(box, NEAR)).any(), "a side of the box is missing"
    assert np.hypot(*(middle_of(point) - middle_of(photo[:, box_ends:point_ends]))) < 1.0, (
        "the point is not in its place"
    )
    other = pixels[:, point_ends:]
    assert np.hypot(*(middle_of(red(other)) - middle_of(photo[:, point_ends:]))) < 1.0, "nor is what is not this"
    mask.color = CYAN
    mask.points.foreach_set("x", (553, 453))
    yield from drawn()
    pixels = seen(screenshot("marks exchanged"))
    assert close_to(pixels[:, point_ends:], CYAN).any() and not red(pixels[:, point_ends:]).any()
    assert red(pixels[:, box_ends:point_ends]).any()


def red(pixels: NDArray[np.uint8]) -> NDArray[np.bool_]:
    """Where the screen has the color of what is not the subject."""
    return (pixels[..., 0] > 200) & (pixels[..., 1:].max(-1) < 60)


def middle_of(marked: NDArray[np.bool_]) -> NDArray[np.float64]:
    """The middle of what is marked: row and column."""
    return np.argwhere(marked).mean(0)


def odd_images() -> Steps:
    """What has no pixels, or odd ones, is left out or drawn, and disturbs nothing."""
    settings = bpy.context.scene.sam3d
    settings.masks.clear()
    make_photo(640, 480)
    gone = FOLDER / "gone.png"
    settings.masks[0].image.save(filepath=str(gone))
    for name in ("never there", "gone"):
        further = settings.masks.add()
        further.image = bpy.data.images.load(str(gone))
        further.image.name = name
    settings.masks[2].image.filepath = str(FOLDER / "never.png")
    yield from drawn()
    gone.unlink()
    settings.masks[3].image.reload()
    for name, options in {"float": {"float_buffer": True}, "alpha": {"alpha": True}, "tiled": {"tiled": True}}.items():
        settings.masks.add().image = bpy.data.images.new(name, 64, 64, **options)
    settings.masks.add().image = settings.image
    settings.masks.add().image = bpy.data.images.new("dot", 1, 1)
    settings.masks.add().image = bpy.data.images.new("movie", 64, 64)
    settings.masks[-1].image.source = "MOVIE"
    yield from drawn()
    assert close_to(seen(screenshot("odd")), MAGENTA).any()
    bpy.data.images.remove(settings.masks[0].image)
    yield from drawn()
    assert settings.masks[0].image is None
    assert not close_to(seen(screenshot("removed")), MAGENTA).any()
    bpy.data.images.remove(settings.image)
    yield from drawn()


def close_to(pixels: NDArray[np.uint8], color: tuple[float, float, float]) -> NDArray[np.bool_]:
    """Where the screen has a color, to a hair."""
    return np.all(np.abs(pixels - 255.0 * np.array(color)) <= 6, axis=-1)


def grown(marked: NDArray[np.bool_], by: int) -> NDArray[np.bool_]:
    """What is marked and all within some pixels of it."""
    height, width = marked.shape
    padded = np.pad(marked, by)
    shifted = [
        padded[y : y + height, x : x + width]
        for y in range(2 * by + 1)
        for x in range(2 * by + 1)
        if np.hypot(x - by, y - by) <= by + 0.5
    ]
    return np.any(shifted, axis=0)


lead(steps())
