# SPDX-License-Identifier: GPL-3.0-or-later
"""Other photos of the photo's subject: added, masked, removed."""

import contextlib
from typing import Annotated

import bpy

from ..properties import SAM3D_PG_settings, settings_of
from ..runtime.pump import follow, redraw
from ..runtime.selection_model import look_at
from ..scene.data import window_manager_of
from ..scene.pixels import NoPixels, photo_name
from .image_editor import open_photo, photo_can_be_shown
from .photo import can_be_photo, load_photo
from .result import Result


class SAM3D_OT_add_view(bpy.types.Operator):
    """Add another photo of the same thing, from another side: the draft gets better there"""

    bl_idname = "sam3d.add_view"
    bl_label = "Add View"
    bl_options = {"UNDO"}

    filepath: Annotated[
        str,
        bpy.props.StringProperty(name="File", description="The image file", subtype="FILE_PATH", options={"SKIP_SAVE"}),
    ]
    display_type: Annotated[
        str,
        bpy.props.EnumProperty(
            name="Display", items=[("THUMBNAIL", "Thumbnails", "", 3)], options={"HIDDEN", "SKIP_SAVE"}
        ),
    ]
    filter_image: Annotated[bool, bpy.props.BoolProperty(default=True, options={"HIDDEN", "SKIP_SAVE"})]
    filter_folder: Annotated[bool, bpy.props.BoolProperty(default=True, options={"HIDDEN", "SKIP_SAVE"})]

    @classmethod
    def poll(cls, context: bpy.types.Context) -> bool:
        """There must be a photo, and the service must take another one."""
        settings = settings_of(context)
        if settings.image is None or not settings.sends_views:
            cls.poll_message_set("Choose a photo first, and a service that takes several.")
            return False
        if len(settings.views) >= settings.most_views:
            cls.poll_message_set(f"{settings.service.name} takes {settings.most_views + 1} photos of a thing at most.")
            return False
        return True

    def invoke(self, context: bpy.types.Context, _event: bpy.types.Event) -> Result:
        """Ask for a file."""
        window_manager_of(context).fileselect_add(self)
        return {"RUNNING_MODAL"}

    def execute(self, context: bpy.types.Context) -> Result:
        """Load the file; in an image editor it is shown at once, to be masked."""
        settings = settings_of(context)
        image = load_photo(self, bpy.path.abspath(self.filepath))
        if image is None or not can_be_photo(self, image):
            return {"CANCELLED"}
        if image == settings.image or any(view.image == image for view in settings.views):
            self.report({"WARNING"}, f"{image.name} is among the photos already: choose one from another side.")
            return {"CANCELLED"}
        view = settings.added_views.add()
        view.photo, view.image = settings.image, image
        view.mask.name = view.mask.given_name = f"{photo_name(image)} mask"
        if context.area is not None and context.area.type == "IMAGE_EDITOR":
            _show(context, image)
        redraw(context)
        return {"FINISHED"}


class _OnView:
    """Of an added photo."""

    number: Annotated[
        int,
        bpy.props.IntProperty(
            name="Number", description="Which of the photos: 2 for the first one that was added", default=2, min=1
        ),
    ]


class SAM3D_OT_remove_view(_OnView, bpy.types.Operator):
    """Remove this added photo, and its mask"""

    bl_idname = "sam3d.remove_view"
    bl_label = "Remove View"
    bl_options = {"REGISTER", "UNDO"}

    def execute(self, context: bpy.types.Context) -> Result:
        """Take it off the list; an editor that shows it goes back to the photo."""
        settings = settings_of(context)
        place = _place(settings, self.number)
        if place is None:
            self.report({"WARNING"}, f"There is no photo {self.number}: {len(settings.views) + 1} are in the list.")
            return {"CANCELLED"}
        finish = bpy.ops.sam3d.finish_painting  # type: ignore[attr-defined]  # our own
        if finish.poll():  # its mask may be under the brush
            finish()
        image = settings.added_views[place].image
        space = context.space_data
        if isinstance(space, bpy.types.SpaceImageEditor) and space.image == image:
            space.image = settings.image
        settings.added_views.remove(place)
        redraw(context)
        return {"FINISHED"}


class SAM3D_OT_show_view(_OnView, bpy.types.Operator):
    """Show this photo in the image editor, where the thing is masked in it"""

    bl_idname = "sam3d.show_view"
    bl_label = "Show View"

    @classmethod
    def poll(cls, context: bpy.types.Context) -> bool:
        """There must be a photo."""
        return photo_can_be_shown(cls, context)

    def execute(self, context: bpy.types.Context) -> Result:
        """As the photo itself is shown, with a tool in hand."""
        settings = settings_of(context)
        place = _place(settings, self.number)
        image = settings.image if place is None else settings.added_views[place].image
        finish = bpy.ops.sam3d.finish_painting  # type: ignore[attr-defined]  # our own
        if finish.poll():
            finish()
        assert image is not None
        _show(context, image)
        return {"FINISHED"}


def _place(settings: SAM3D_PG_settings, number: int) -> int | None:
    """Where an added photo is in the scene's list; None for the first photo, or where there is none of that number."""
    places = [place for place, view in enumerate(settings.added_views) if view in settings.views]
    return places[number - 2] if 0 <= number - 2 < len(places) else None


def _show(context: bpy.types.Context, image: bpy.types.Image) -> None:
    open_photo(context, photo=image)
    with contextlib.suppress(NoPixels):  # the first gesture tells
        look_at(image)
    follow()
