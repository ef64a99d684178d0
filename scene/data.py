# SPDX-License-Identifier: GPL-3.0-or-later
"""Blender's data by the types that it has where it is used, which Blender's own stubs leave open."""

from __future__ import annotations

import bpy
import numpy as np
from bpy.types import (
    Area,
    Armature,
    Bone,
    ColorManagedViewSettings,
    Context,
    Image,
    LayerCollection,
    Mesh,
    Object,
    PoseBone,
    Preferences,
    Region,
    Scene,
    SpaceImageEditor,
    ViewLayer,
    Window,
    WindowManager,
    WorkSpace,
)
from numpy.typing import NDArray


def mesh_of(obj: Object) -> Mesh:
    """What a mesh object holds."""
    assert isinstance(obj.data, Mesh)
    return obj.data


def armature_of(obj: Object) -> Armature:
    """What an armature object holds."""
    assert isinstance(obj.data, Armature)
    return obj.data


def pose_bones(armature: Object) -> bpy.types.bpy_prop_collection[PoseBone]:
    """The bones of an armature object as they are posed."""
    assert armature.pose is not None
    return armature.pose.bones


def scene_of(context: Context) -> Scene:
    """The scene, which is only missing while Blender starts."""
    assert context.scene is not None
    return context.scene


def cursor_of(scene: Scene) -> tuple[float, float, float]:
    """Where the 3D cursor is."""
    place = scene.cursor.location
    return place.x, place.y, place.z


def unit_of(scene: Scene) -> float:
    """Meters that one unit of the scene counts as where Blender shows lengths; without units it shows none of meters,
    and its numbers are taken for them.
    """
    units = scene.unit_settings
    return 1.0 if units.system == "NONE" else units.scale_length


def view_layer_of(context: Context) -> ViewLayer:
    """The view layer, which is only missing while Blender starts."""
    assert context.view_layer is not None
    return context.view_layer


def active_collection(view_layer: ViewLayer) -> LayerCollection:
    """The collection that new objects go to; there always is one."""
    assert view_layer.active_layer_collection is not None
    return view_layer.active_layer_collection


def preferences_of(context: Context) -> Preferences:
    """Blender's preferences."""
    assert context.preferences is not None
    return context.preferences


def interface_scale(context: Context) -> float:
    """Pixels of the screen for each pixel of an interface that is not enlarged."""
    return preferences_of(context).system.ui_scale


def region_of(context: Context) -> Region:
    """The region that is drawn, or where an event has come from."""
    assert context.region is not None
    return context.region


def area_of(context: Context) -> Area:
    """The area that is drawn, or where an event has come from."""
    assert context.area is not None
    return context.area


def image_editor_of(context: Context) -> SpaceImageEditor:
    """The image editor that is drawn, or where an event has come from."""
    assert isinstance(context.space_data, SpaceImageEditor)
    return context.space_data


def window_of(context: Context) -> Window:
    """The window that is drawn, or where an event has come from; there is none in the background."""
    assert context.window is not None
    return context.window


def workspace_of(context: Context) -> WorkSpace:
    """The workspace of the window."""
    assert context.workspace is not None
    return context.workspace


def active_image_editor(area: Area) -> SpaceImageEditor:
    """What an area of that type shows."""
    space = area.spaces.active
    assert isinstance(space, SpaceImageEditor)
    return space


def was_viewport(area: Area) -> bool:
    """Whether an image editor has taken the place of a 3D viewport, which Blender keeps as it was."""
    return area.type == "IMAGE_EDITOR" and any(space.type == "VIEW_3D" for space in area.spaces)


def window_manager_of(context: Context) -> WindowManager:
    """The window manager, which is there without a window, too."""
    assert context.window_manager is not None
    return context.window_manager


def color_space(image: Image) -> str:
    """The name of the color space in which Blender takes an image's values."""
    assert image.colorspace_settings is not None
    return str(image.colorspace_settings.name)


def is_data(image: Image) -> bool:
    """Whether an image's values are no colors."""
    assert image.colorspace_settings is not None
    return image.colorspace_settings.is_data


def make_data(image: Image) -> None:
    """Has Blender take an image's values for what they are."""
    assert image.colorspace_settings is not None
    image.colorspace_settings.name = "Non-Color"  # type: ignore[assignment]  # the stubs know no color space


def set_view(scene: Scene, transform: str) -> ColorManagedViewSettings:
    """Has a scene's renders shown by a view transform; gives the rest of its settings."""
    view = scene.view_settings
    assert view is not None
    view.view_transform = transform  # type: ignore[assignment]  # the stubs know no view transform
    return view


def read_pixels(image: Image) -> NDArray[np.float32]:
    """The pixels (H, W, channels) from the bottom row up, as Blender holds them."""
    width, height = image.size
    values = np.empty(width * height * image.channels, np.float32)
    image.pixels.foreach_get(values)  # type: ignore[attr-defined]  # an array, which the stubs take for a number
    return values.reshape(height, width, -1)


def write_pixels(image: Image, values: NDArray[np.float32]) -> None:
    """Sets the pixels (H, W, channels) from the bottom row up."""
    image.pixels.foreach_set(values.ravel())  # type: ignore[attr-defined]  # as in `read_pixels`


def color_bone(bone: Bone, theme: str) -> None:
    """Gives a bone the colors of a set of the theme, such as THEME01."""
    assert bone.color is not None
    bone.color.palette = theme  # type: ignore[assignment]  # one of its literals


def is_job_running(kind: str) -> bool:
    """Whether Blender is at a job of its own, such as RENDER."""
    return bool(bpy.app.is_job_running(kind))  # type: ignore[func-returns-value, arg-type]  # it returns a bool
