# SPDX-License-Identifier: GPL-3.0-or-later
"""Where the photo comes from, and where everything is kept."""

from pathlib import Path
from typing import Annotated
from urllib.parse import unquote, urlsplit

import bpy

from ..preferences import results_folder
from ..properties import settings_of
from ..runtime.pump import redraw
from ..runtime.sidebar import TAB, show_tab
from ..scene.data import active_image_editor, image_editor_of, window_manager_of
from ..scene.pixels import IMAGE_SUFFIXES, advice, missing_file, obstacle
from .made_folder import made_folder
from .result import Result

NO_FILE = "{name} cannot be opened: choose an image file, such as PNG or JPEG."


def use_photo(operator: bpy.types.Operator, context: bpy.types.Context, image: bpy.types.Image) -> Result:
    """Make an image the scene's photo, and show it in the image editor that the artist is in; returns the operator's
    answer, `{'CANCELLED'}` with a report where its file is missing, or no photo.
    """
    if not can_be_photo(operator, image):
        return {"CANCELLED"}
    settings = settings_of(context)
    settings.source, settings.image = "IMAGE", image
    if context.area is not None and context.area.type == "IMAGE_EDITOR":
        image_editor_of(context).image = image
    redraw(context)
    return {"FINISHED"}


def _load(operator: bpy.types.Operator, context: bpy.types.Context, path: str) -> Result:
    """Make an image file the photo."""
    image = load_photo(operator, path)
    return {"CANCELLED"} if image is None else use_photo(operator, context, image)


def load_photo(operator: bpy.types.Operator, path: str) -> bpy.types.Image | None:
    """An image file in Blender, which has it once; None with a report where it is none."""
    name = bpy.path.basename(path)
    if Path(path).is_file() and (sentence := advice(Path(path))):
        operator.report({"WARNING"}, sentence)
        return None
    if Path(path).suffix.lower() not in {*IMAGE_SUFFIXES, ".gif"}:
        operator.report({"WARNING"}, NO_FILE.format(name=name or "This"))
        return None
    try:
        return bpy.data.images.load(path, check_existing=True)
    except RuntimeError:
        operator.report({"WARNING"}, NO_FILE.format(name=name))
        return None


def can_be_photo(operator: bpy.types.Operator, image: bpy.types.Image) -> bool:
    """Whether an image can be read as a photo; else that is reported."""
    if missing_file(image):
        sentence = f"The file of {image.name} is missing: find it again, or choose another photo."
    else:
        sentence = obstacle(image)
    if sentence:
        operator.report({"WARNING"}, sentence)
    return not sentence


class BrowsesImages:
    """An operator that asks for image files, and shows them as thumbnails."""

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

    def invoke(self, context: bpy.types.Context, _event: bpy.types.Event) -> Result:
        """Ask for a file."""
        window_manager_of(context).fileselect_add(self)  # type: ignore[arg-type]  # it is an operator
        return {"RUNNING_MODAL"}


class SAM3D_OT_open_photo(BrowsesImages, bpy.types.Operator):
    """Open an image file as the photo"""

    bl_idname = "sam3d.open_photo"
    bl_label = "Open Photo"
    bl_options = {"UNDO"}

    show_panel: Annotated[
        bool,
        bpy.props.BoolProperty(
            name="Show Panel", description="Show the photo in the panel afterwards", options={"HIDDEN", "SKIP_SAVE"}
        ),
    ]

    def execute(self, context: bpy.types.Context) -> Result:
        """Load the file."""
        result = _load(self, context, bpy.path.abspath(self.filepath))
        if self.show_panel and "FINISHED" in result:
            show_tab(context)
        return result


class SAM3D_OT_drop_photo(bpy.types.Operator):
    """Take this image file as the photo, and show the panel"""

    bl_idname = "sam3d.drop_photo"
    bl_label = "Reconstruct Photo as 3D Objects"
    bl_options = {"UNDO", "INTERNAL"}

    filepath: Annotated[
        str,
        bpy.props.StringProperty(name="File", description="The image file", subtype="FILE_PATH", options={"SKIP_SAVE"}),
    ]

    def execute(self, context: bpy.types.Context) -> Result:
        """Load the file."""
        show_tab(context)
        return _load(self, context, self.filepath)


class SAM3D_FH_photo(bpy.types.FileHandler):
    """An image file that is dropped into the 3D viewport, or onto the tab in the image editor, becomes the photo.

    Blender asks which is meant, this or its own way, such as adding a reference image.
    """

    bl_idname = "SAM3D_FH_photo"
    bl_label = "SAM 3D Photo"
    bl_import_operator = "sam3d.drop_photo"
    bl_file_extensions = ";".join(sorted(IMAGE_SUFFIXES))

    @classmethod
    def poll_drop(cls, context: bpy.types.Context) -> bool:
        """In the image editor only over the tab: beside it, images are opened."""
        region = context.region
        if context.area is None or region is None:
            return False
        return context.area.type == "VIEW_3D" or (
            context.area.type == "IMAGE_EDITOR" and region.type == "UI" and str(region.active_panel_category) == TAB
        )


class SAM3D_OT_paste_photo(bpy.types.Operator):
    """Take the image, or the image file, that was copied in another program as the photo"""

    bl_idname = "sam3d.paste_photo"
    bl_label = "Paste Photo"
    bl_options = {"UNDO"}

    def execute(self, context: bpy.types.Context) -> Result:
        """Paste it in an image editor, which Blender insists on."""
        path = _path_in(window_manager_of(context).clipboard)
        if path is not None:
            return _load(self, context, str(path))
        image = _pasted(context)
        if image is None:
            self.report({"WARNING"}, "There is no image on the clipboard: copy one, or open its file.")
            return {"CANCELLED"}
        return use_photo(self, context, image)


def _path_in(clipboard: str) -> Path | None:
    """The file that a copied path or file address names."""
    text = clipboard.strip().strip('"')
    if "\n" in text or not text:
        return None
    if text.startswith("file://"):
        text = unquote(urlsplit(text).path)
    try:
        path = Path(text)
        return path if path.is_absolute() and path.is_file() else None
    except (OSError, ValueError):  # too long, or with characters that no path has
        return None


def _pasted(context: bpy.types.Context) -> bpy.types.Image | None:
    """The clipboard's image as a new one; None where there is none."""
    area = context.area
    if area is None:
        return None
    kind = area.ui_type
    area.ui_type = "IMAGE_EDITOR"
    try:
        shown = active_image_editor(area).image
        paste = bpy.ops.image.clipboard_paste
        if not paste.poll() or paste() != {"FINISHED"}:  # type: ignore[call-arg]  # a method, not of a class
            return None
        pasted = active_image_editor(area).image
        active_image_editor(area).image = shown
        return pasted
    finally:
        area.ui_type = kind


class SAM3D_OT_use_editor_image(bpy.types.Operator):
    """Take the image that this editor shows as the photo"""

    bl_idname = "sam3d.use_editor_image"
    bl_label = "Use This Image"
    bl_options = {"UNDO"}

    @classmethod
    def poll(cls, context: bpy.types.Context) -> bool:
        """The editor must show an image."""
        return getattr(context.space_data, "image", None) is not None

    def execute(self, context: bpy.types.Context) -> Result:
        """Set the scene's photo."""
        image = image_editor_of(context).image
        assert image is not None
        return use_photo(self, context, image)

    def invoke(self, context: bpy.types.Context, _event: bpy.types.Event) -> Result:
        """From a menu, too: show the panel then."""
        show_tab(context)
        return self.execute(context)


class SAM3D_OT_use_reference(bpy.types.Operator):
    """Take this image of the scene as the photo"""

    bl_idname = "sam3d.use_reference"
    bl_label = "Use Image from Scene"
    bl_options = {"UNDO"}

    image: Annotated[str, bpy.props.StringProperty(name="Image", description="The image's name", options={"SKIP_SAVE"})]

    def execute(self, context: bpy.types.Context) -> Result:
        """Set the scene's photo."""
        image = bpy.data.images.get(self.image)
        if image is None:
            self.report({"WARNING"}, f"There is no image {self.image} any more: choose another photo.")
            return {"CANCELLED"}
        return use_photo(self, context, image)

    def invoke(self, context: bpy.types.Context, _event: bpy.types.Event) -> Result:
        """From a menu, too: show the panel then."""
        show_tab(context)
        return self.execute(context)


class SAM3D_OT_open_results(bpy.types.Operator):
    """Show the folder in which photos, masks and models of all jobs are kept"""

    bl_idname = "sam3d.open_results"
    bl_label = "Open Results Folder"

    def execute(self, context: bpy.types.Context) -> Result:
        """Open the system's file browser."""
        folder = made_folder(self, lambda: results_folder(context))
        if folder is None:
            return {"CANCELLED"}
        bpy.ops.wm.path_open(filepath=str(folder))
        return {"FINISHED"}
