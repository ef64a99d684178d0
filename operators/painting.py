# SPDX-License-Identifier: GPL-3.0-or-later
"""Painting a mask with Blender's own brushes, over the photo.

Blender paints on the image that an editor shows, so the editor shows the mask, and the photo is drawn over it
(`overlay.underlay`). What is set for that comes back when the painting is finished.
"""

from collections.abc import Iterator
from typing import Annotated

import bpy
import numpy as np

from ..mask_properties import SAM3D_PG_mask
from ..properties import painting_of, settings_of
from ..runtime.brush import give_brush_back, take_brush
from ..runtime.gestures import new_mask
from ..runtime.mask_sync import begin_painting, is_shared
from ..scene.data import active_image_editor, area_of, image_editor_of, scene_of, window_manager_of, workspace_of
from ..scene.masks import blank_mask, can_be_painted, opaque_mask
from ..scene.pixels import NoPixels, require_pixels
from .result import Result

BRUSH = "builtin.brush" if bpy.app.version >= (4, 3, 0) else "builtin_brush.Draw"


class SAM3D_OT_paint_mask(bpy.types.Operator):
    """Paint the mask over the photo with Blender's brushes: white is the subject, Ctrl takes away"""

    bl_idname = "sam3d.paint_mask"
    bl_label = "Paint Mask"
    bl_options = {"UNDO"}

    new: Annotated[bool, bpy.props.BoolProperty(name="New", description="Paint a further mask", options={"SKIP_SAVE"})]

    @classmethod
    def poll(cls, context: bpy.types.Context) -> bool:
        """An image editor, and a photo to paint over."""
        if context.area is None or context.area.type != "IMAGE_EDITOR":
            cls.poll_message_set("Masks are painted in the image editor.")
            return False
        if settings_of(context).image is None:
            cls.poll_message_set("Choose a photo first.")
            return False
        return True

    def execute(self, context: bpy.types.Context) -> Result:
        """Give the mask an image that can be painted, and the editor the mask."""
        settings, space = settings_of(context), image_editor_of(context)
        view, photo = settings.view_in(space), settings.photo_in(space) or settings.photo
        try:
            require_pixels(photo)
        except NoPixels as error:
            self.report({"WARNING"}, str(error))
            return {"CANCELLED"}
        if view is None and (self.new or settings.active is None):
            new_mask(settings)
        mask = settings.mask_in(space)
        assert mask is not None
        image = mask.image = _image_to_paint(photo, mask)
        begin_painting(mask)
        take_brush(context)
        _show(context, image, "PAINT")
        bpy.ops.wm.tool_set_by_id(name=BRUSH)
        return {"FINISHED"}


class SAM3D_OT_finish_painting(bpy.types.Operator):
    """Go back to the photo; the mask stays as it is painted"""

    bl_idname = "sam3d.finish_painting"
    bl_label = "Done"
    bl_options = {"UNDO"}

    @classmethod
    def poll(cls, context: bpy.types.Context) -> bool:
        """An editor must be set up for painting."""
        return any(_painting_editors(context))

    def execute(self, context: bpy.types.Context) -> Result:
        """Show the photo again in every editor that a mask was painted in, and give the artist's colors back."""
        mode = painting_of(workspace_of(context)).mode or "VIEW"
        settings = settings_of(context)
        for window, area in list(_painting_editors(context)):
            photo = settings.photo_in(active_image_editor(area)) or settings.photo
            with context.temp_override(window=window, area=area):
                _show(bpy.context, photo, mode)
        give_brush_back(workspace_of(context), scene_of(context))
        return {"FINISHED"}


def _image_to_paint(photo: bpy.types.Image, mask: SAM3D_PG_mask) -> bpy.types.Image:
    """The mask's image, or a new one where it has none that can be painted itself."""
    if mask.image is None or not all(mask.image.size):
        return blank_mask(photo, mask.name)
    if mask.image == photo or is_shared(mask) or not can_be_painted(mask.image):
        return opaque_mask(mask.image, mask.name)
    return mask.image


def _show(context: bpy.types.Context, image: bpy.types.Image, mode: str) -> None:
    """Show another image in the editor, in the same place and size on the screen."""
    space = image_editor_of(context)
    before, after = (shown.size[:] for shown in (space.image or image, image))
    region = next(region for region in area_of(context).regions if region.type == "WINDOW")
    view = region.view2d
    corners = view.region_to_view(0.0, 0.0), view.region_to_view(region.width - 1, region.height - 1)
    (x, y), zoom = np.mean([corner[:] for corner in corners], 0), space.zoom[0]
    space.image = image
    space.mode = mode  # type: ignore[assignment]  # PAINT, or one that it was in
    if bpy.app.background or not (all(before) and all(after)):
        return
    with context.temp_override(region=region):
        bpy.ops.image.view_all()  # the middle of the image in the middle of the view: since 5.0 each image has its own
        # zoom counts pixels of the screen for one of the image, the place those of the image from its middle
        bpy.ops.image.view_zoom_ratio(ratio=zoom * before[0] / after[0])
        bpy.ops.image.view_pan(offset=((x - 0.5) * after[0], (y - 0.5) * after[1]))


def _painting_editors(context: bpy.types.Context) -> Iterator[tuple[bpy.types.Window, bpy.types.Area]]:
    """Window and area of each editor in which a mask of this scene is painted."""
    settings = settings_of(context)
    for window in window_manager_of(context).windows:
        for area in window.screen.areas if window.scene == scene_of(context) else ():
            if area.type == "IMAGE_EDITOR" and settings.painted_mask(active_image_editor(area)) is not None:
                yield window, area
