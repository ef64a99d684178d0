# SPDX-License-Identifier: GPL-3.0-or-later
"""What a 3D viewport shows from the scene's camera, in an instant: its shading, without overlays and gizmos."""

import bpy
import gpu
import numpy as np

from ..photos.picture import PicturePixels
from .camera_render import CannotRender, frame_size
from .data import scene_of, view_layer_of

DRAW_AT_ONCE = frozenset({"BLENDER_EEVEE", "BLENDER_EEVEE_NEXT", "BLENDER_WORKBENCH"})
"""Engines that draw a viewport in one go; others go on sampling it."""


def viewport_picture(context: bpy.types.Context, longest_edge: int) -> PicturePixels:
    """The camera's frame in the size of a render, with alpha where the scene's film is transparent.

    Shaded as the viewport that the artist is in, or else the first of the window. Raises CannotRender where there is
    none, or where it cannot be drawn at once.
    """
    area, scene = _viewport(context), scene_of(context)
    space = area.spaces.active
    assert isinstance(space, bpy.types.SpaceView3D)
    if space.shading.type == "RENDERED" and scene.render.engine not in DRAW_AT_ONCE:
        raise CannotRender("The scene's engine draws no viewport at once: choose another shading there, or Render.")
    region = next(region for region in area.regions if region.type == "WINDOW")
    camera = scene.camera
    assert camera is not None
    width, height = frame_size(scene, longest_edge)
    depsgraph = context.evaluated_depsgraph_get()
    projection = camera.calc_matrix_camera(depsgraph, x=width, y=height)
    view = camera.evaluated_get(depsgraph).matrix_world.normalized().inverted()
    offscreen = gpu.types.GPUOffScreen(width, height)  # type: ignore[call-arg]  # the stubs lack what makes one
    shown = space.overlay.show_overlays
    space.overlay.show_overlays = False
    try:
        offscreen.draw_view3d(
            scene,
            view_layer_of(context),
            space,
            region,
            view,
            projection,
            do_color_management=True,
            draw_background=not scene.render.film_transparent,
        )
        buffer: gpu.types.Buffer = offscreen.texture_color.read()  # type: ignore[func-returns-value, assignment]  # it does
        pixels = np.array(buffer).reshape(height, width, 4) / np.float32(255.0)
    finally:
        space.overlay.show_overlays = shown
        offscreen.free()
    alpha = pixels[..., 3:]
    np.divide(pixels[..., :3], alpha, out=pixels[..., :3], where=alpha > 0.0)  # it was drawn premultiplied
    return PicturePixels(np.minimum(pixels, 1.0), linear=False)


def _viewport(context: bpy.types.Context) -> bpy.types.Area:
    if context.area is not None and context.area.type == "VIEW_3D":
        return context.area
    screen = context.screen
    for area in screen.areas if screen is not None else ():
        if area.type == "VIEW_3D":
            return area
    raise CannotRender("There is no 3D viewport in this window: open one, or choose Render.")
