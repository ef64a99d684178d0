# SPDX-License-Identifier: GPL-3.0-or-later
"""Renders of the scene's camera that leave the artist's scene as it is: a copy of the scene is rendered, then removed.

The copy shares all objects and has settings of its own. It is not saved with the file; undo may bring it back with a
step that was made while it was there, so `remove_leftovers` is called after undo, redo and load.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import bpy

from .cryptomatte import draw_numbers
from .data import is_job_running, preferences_of, scene_of, set_view, view_layer_of

MARK = "sam3d_shot"
"""The custom property of whatever is made for a render and removed after it."""
NAME = ".SAM 3D"
"""Begins with a dot, so that Blender's menus do not offer it."""
BUSY = "Blender is rendering: wait for it, or stop it with Esc."
MASK_SAMPLES = 16
"""Rays for each pixel of a mask: enough to tell what covers more than half of it."""


class CannotRender(Exception):
    """Blender could not render; `str(error)` is a sentence for the artist."""


@dataclass(frozen=True)
class RenderJob:
    """A render to come: the name of the scene that is rendered, and the PNG that it makes."""

    scene: str
    path: Path


def photo_render(context: bpy.types.Context, path: Path, longest_edge: int) -> RenderJob:
    """What F12 shows, as an 8-bit PNG with alpha, at most `longest_edge` pixels long.

    The camera's picture, also where the sequencer would take its place. The compositor's file outputs stay untouched.
    """
    scene = _copy(context, path, longest_edge)
    image = scene.render.image_settings
    image.color_mode, image.color_depth = "RGBA", "8"
    tree = _own_compositor(scene, scene_of(context))
    for node in tree.nodes if tree else ():
        if node.bl_idname == "CompositorNodeOutputFile":
            node.mute = True
    return RenderJob(scene.name, path)


def mask_render(
    context: bpy.types.Context, path: Path, longest_edge: int, groups: Sequence[Sequence[str]], *, whole: bool
) -> RenderJob:
    """Which of the groups of objects, each given by names, each pixel shows: a 16-bit gray PNG of numbers from 1, and 0
    for none; in the size of `photo_render`.

    A pixel belongs to the group that covers more than half of it, seen through what is transparent and hidden by what
    stands before. `whole` renders the camera's whole frame even where the scene renders a region of it. Raises
    CannotRender where Cycles is switched off.
    """
    scene = _copy(context, path, longest_edge)
    render, image = scene.render, scene.render.image_settings
    try:
        render.engine = "CYCLES"  # type: ignore[assignment]  # the stubs know no add-on
    except TypeError as error:
        _remove(scene)
        sentence = (
            "Masks of scene objects need Cycles: enable the add-on Cycles Render Engine, or choose No Object Masks."
        )
        raise CannotRender(sentence) from error
    render.use_border = render.use_border and not whole
    render.use_motion_blur = render.use_freestyle = False
    image.color_mode, image.color_depth, render.dither_intensity = "BW", "16", 0.0
    view, cycles = set_view(scene, "Raw"), scene.cycles
    assert cycles is not None
    view.look = "None"  # type: ignore[assignment]  # the stubs know no look
    view.exposure, view.gamma = 0.0, 1.0
    view.use_curve_mapping = False
    cycles.samples, cycles.use_adaptive_sampling, cycles.use_denoising = MASK_SAMPLES, False, False
    cycles.time_limit, cycles.max_bounces, cycles.pixel_filter_type = 0.0, 0, "BOX"
    layer = scene.view_layers[view_layer_of(context).name]
    for other in scene.view_layers:
        other.use = other == layer
    layer.samples = 0
    render.use_compositing = True
    with context.temp_override(scene=scene):  # a new node counts as a user of the scene that it is made in
        draw_numbers(_new_compositor(scene), scene, layer, groups)
    return RenderJob(scene.name, path)


def render_now(job: RenderJob) -> bytes:
    """Do a render while Blender waits; returns the PNG. Raises CannotRender."""
    try:
        bpy.ops.render.render(scene=job.scene, write_still=True)
    except RuntimeError as error:
        raise CannotRender(f"Blender could not render: {_reason(error)}.") from error
    if not job.path.exists():
        raise CannotRender("The render made no picture: render with F12 to see why.")
    return job.path.read_bytes()


def start_render(context: bpy.types.Context, job: RenderJob) -> None:
    """Start a render as Blender's own job, as F12 does but without opening a window. Raises CannotRender.

    It ends by itself, or with Esc; there is a picture only in the first case.
    """
    preferences = preferences_of(context)
    kept, was_dirty = preferences.view.render_display_type, preferences.is_dirty
    preferences.view.render_display_type = "NONE"
    try:
        started: set[str] = bpy.ops.render.render(  # type: ignore[assignment]  # what it does goes by the first argument
            "INVOKE_DEFAULT", scene=job.scene, write_still=True
        )
    except RuntimeError as error:
        raise CannotRender(f"Blender could not render: {_reason(error)}.") from error
    finally:
        preferences.view.render_display_type = kept
        preferences.is_dirty = was_dirty
    if "RUNNING_MODAL" not in started:
        raise CannotRender(BUSY)


def stop_render(context: bpy.types.Context, job: RenderJob) -> None:
    """Stop a render that `start_render` has started, and wait until it has stopped; its scene is removed with it.

    Blender has no other way to stop a render from Python than to delete the scene that is rendered.
    """
    scene = bpy.data.scenes.get(job.scene)
    if scene is not None and is_job_running("RENDER"):
        with context.temp_override(scene=scene):
            bpy.ops.scene.delete()


def remove_leftovers() -> None:
    """Remove all copies of scenes, also those that undo or a recovered file has brought back."""
    if is_job_running("RENDER"):
        return  # it may be one of them that is rendered
    for scene in [scene for scene in bpy.data.scenes if scene.get(MARK)]:
        _remove(scene)
    for tree in [tree for tree in bpy.data.node_groups if tree.get(MARK)]:
        bpy.data.node_groups.remove(tree)


def frame_size(scene: bpy.types.Scene, longest_edge: int) -> tuple[int, int]:
    """Width and height of the scene's frame in square pixels, reduced to a longest edge where need be.

    Where the scene's own are not square, the frame is as large as it takes to lose none of them.
    """
    render = scene.render
    width, height = (edge * render.resolution_percentage // 100 for edge in (render.resolution_x, render.resolution_y))
    across, up = render.pixel_aspect_x, render.pixel_aspect_y
    wide, high = width * max(1.0, across / up), height * max(1.0, up / across)
    scale = min(1.0, longest_edge / max(wide, high))
    return max(1, round(wide * scale)), max(1, round(high * scale))


def _copy(context: bpy.types.Context, path: Path, longest_edge: int) -> bpy.types.Scene:
    """A copy of the scene that renders one PNG to `path`."""
    scene = scene_of(context).copy()
    scene.name, scene[MARK], scene.is_runtime_data = NAME, True, True
    render, image = scene.render, scene.render.image_settings
    render.resolution_x, render.resolution_y = frame_size(scene, longest_edge)
    render.resolution_percentage = 100
    render.pixel_aspect_x = render.pixel_aspect_y = 1.0
    render.filepath, render.use_file_extension = str(path), False
    render.use_sequencer = render.use_multiview = render.use_stamp = render.use_persistent_data = False
    if hasattr(image, "media_type"):  # 5.0 on: the format must be of the chosen medium
        image.media_type = "IMAGE"
    image.file_format, image.color_management = "PNG", "FOLLOW_SCENE"
    return scene


def _own_compositor(scene: bpy.types.Scene, original: bpy.types.Scene) -> bpy.types.NodeTree | None:
    """The compositor's nodes as the copied scene's own, about the copy; None where there are none."""
    if not hasattr(scene, "compositing_node_group"):
        return scene.node_tree  # before 5.0 it was copied with the scene
    if scene.compositing_node_group is None:
        return None
    tree: bpy.types.NodeTree = scene.compositing_node_group.copy()
    scene.compositing_node_group = tree
    tree[MARK] = True
    for node in tree.nodes:
        if getattr(node, "scene", None) == original:
            node.scene = scene  # type: ignore[attr-defined]  # this kind of node has one
    return tree


def _new_compositor(scene: bpy.types.Scene) -> bpy.types.NodeTree:
    """An empty compositor of the copied scene's own."""
    if hasattr(scene, "compositing_node_group"):
        tree = scene.compositing_node_group = bpy.data.node_groups.new(NAME, "CompositorNodeTree")
        tree[MARK] = True
        return tree
    scene.use_nodes = True
    assert scene.node_tree is not None
    scene.node_tree.nodes.clear()
    return scene.node_tree


def _remove(scene: bpy.types.Scene) -> None:
    tree = getattr(scene, "compositing_node_group", None)
    bpy.data.scenes.remove(scene)
    if tree is not None and tree.get(MARK):
        bpy.data.node_groups.remove(tree)


def _reason(error: RuntimeError) -> str:
    """The first line of an operator's report."""
    return str(error).strip().removeprefix("Error: ").splitlines()[0].rstrip(".")
