# SPDX-License-Identifier: GPL-3.0-or-later
"""Other photos of the photo's subject: added, masked, removed."""

import contextlib
from pathlib import Path
from typing import Annotated

import bpy

from ..items import Items
from ..properties import SAM3D_PG_settings, settings_of
from ..runtime.mask_sync import guess, take_over
from ..runtime.pump import follow, redraw
from ..runtime.selection_model import look_at
from ..runtime.state import runtime
from ..scene.pixels import NoPixels, photo_name, picture
from .image_editor import open_photo, photo_can_be_shown, put_brush_away
from .photo import BrowsesImages, can_be_photo, load_photo
from .result import Result


class SAM3D_OT_add_view(BrowsesImages, bpy.types.Operator):
    """Add another photo of the same thing, from another side: the draft gets better there"""

    bl_idname = "sam3d.add_view"
    bl_label = "Add View"
    bl_options = {"UNDO"}

    directory: Annotated[
        str,
        bpy.props.StringProperty(
            name="Folder", description="The folder of the files", subtype="DIR_PATH", options={"HIDDEN", "SKIP_SAVE"}
        ),
    ]
    files: Annotated[
        "Items[bpy.types.OperatorFileListElement]",
        bpy.props.CollectionProperty(
            name="Files",
            description="The files, where they are several",
            type=bpy.types.OperatorFileListElement,
            options={"HIDDEN", "SKIP_SAVE"},
        ),
    ]

    @classmethod
    def poll(cls, context: bpy.types.Context) -> bool:
        """There must be a photo, and the service must take another one."""
        settings = settings_of(context)
        if settings.image is None or not settings.sends_views:
            cls.poll_message_set("Choose a photo first, and a service that takes several.")
            return False
        if len(settings.views) >= settings.most_views:
            cls.poll_message_set(most_photos(settings))
            return False
        return True

    def execute(self, context: bpy.types.Context) -> Result:
        """Load the files; in an image editor the last one is shown at once, to be masked."""
        settings, folder = settings_of(context), Path(bpy.path.abspath(self.directory))
        paths = [str(folder / file.name) for file in self.files if file.name] or [bpy.path.abspath(self.filepath)]
        _forget_lost(settings)
        added = None
        for path in paths:
            if len(settings.views) == settings.most_views:
                self.report({"WARNING"}, most_photos(settings))
                break
            added = self._add(settings, path) or added
        if added is None:
            return {"CANCELLED"}
        if bpy.app.background:
            runtime().masks.finish()
            take_over()
        elif context.area is not None and context.area.type == "IMAGE_EDITOR":
            _show(context, added)
        follow()
        redraw(context)
        return {"FINISHED"}

    def _add(self, settings: SAM3D_PG_settings, path: str) -> bpy.types.Image | None:
        """Add the photo of a file, masked where it is plain what it shows; None with a report where it cannot be."""
        image = load_photo(self, path)
        if image is None or not can_be_photo(self, image):
            return None
        if image == settings.image or any(view.image == image for view in settings.views):
            self.report({"WARNING"}, f"{image.name} is among the photos already: choose one from another side.")
            return None
        view = settings.added_views.add()
        view.photo, view.image = settings.image, image
        view.mask.name = view.mask.given_name = f"{photo_name(image)} mask"
        with contextlib.suppress(NoPixels):  # the first gesture tells
            guess(view.mask, picture(image))
        return image


def most_photos(settings: SAM3D_PG_settings) -> str:
    """How many photos the service takes, as a sentence."""
    return f"{settings.service.name} takes {settings.most_views + 1} photos of a thing at most: remove one first."


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
        put_brush_away()  # its mask may be under it
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
        put_brush_away()
        assert image is not None
        _show(context, image)
        return {"FINISHED"}


def _forget_lost(settings: SAM3D_PG_settings) -> None:
    """Drop those whose photo was deleted: nothing would show them again."""
    for place in reversed(range(len(settings.added_views))):
        view = settings.added_views[place]
        if view.photo is None or view.image is None:
            settings.added_views.remove(place)


def _place(settings: SAM3D_PG_settings, number: int) -> int | None:
    """Where an added photo is in the scene's list; None for the first photo, or where there is none of that number."""
    places = [place for place, view in enumerate(settings.added_views) if view in settings.views]
    return places[number - 2] if 0 <= number - 2 < len(places) else None


def _show(context: bpy.types.Context, image: bpy.types.Image) -> None:
    open_photo(context, photo=image)
    with contextlib.suppress(NoPixels):  # the first gesture tells
        look_at(image)
    follow()
