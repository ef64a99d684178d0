# SPDX-License-Identifier: GPL-3.0-or-later
"""What a scene remembers of each photo that was matched: its camera, and what the artist has said about it."""

from pathlib import Path
from typing import Annotated

import bpy

from .engine.matching.camera import LONGEST_LENS, SHORTEST_LENS


def photo_source(image: bpy.types.Image) -> str:
    """What tells a photo from others of its name: its file, also where that is packed; or its name in Blender."""
    return str(Path(bpy.path.abspath(image.filepath, library=image.library))) if image.filepath else image.name


def _is_shadow_catcher(match: "SAM3D_PG_match") -> bool:
    return match.ground is not None and match.ground.is_shadow_catcher


def _set_shadow_catcher(match: "SAM3D_PG_match", on: bool) -> None:
    if match.ground is not None:
        match.ground.is_shadow_catcher = on


class SAM3D_PG_guide(bpy.types.PropertyGroup):
    """A line on the photo, along an edge that is straight in the world, in pixels from the photo's top left."""

    axis: Annotated[
        str,
        bpy.props.EnumProperty(
            name="Axis",
            description="Guides of one axis are parallel in the world",
            items=[
                ("X", "X", "Along the ground, one way"),
                ("Y", "Y", "Along the ground, across the other way"),
                ("HORIZON", "Horizon", "Where level ground would end"),
            ],
        ),
    ]
    x1: Annotated[float, bpy.props.FloatProperty(name="X 1", description="Pixels from the photo's left")]
    y1: Annotated[float, bpy.props.FloatProperty(name="Y 1", description="Pixels from the photo's top")]
    x2: Annotated[float, bpy.props.FloatProperty(name="X 2", description="Pixels from the photo's left")]
    y2: Annotated[float, bpy.props.FloatProperty(name="Y 2", description="Pixels from the photo's top")]


class SAM3D_PG_match(bpy.types.PropertyGroup):
    """The camera of one photo of the scene, what stands before it, and what the artist has said about it."""

    source: Annotated[
        str,
        bpy.props.StringProperty(
            name="Source", description="What tells the photo from others of its name", options={"HIDDEN"}
        ),
    ]
    camera: Annotated[
        bpy.types.Object | None,
        bpy.props.PointerProperty(name="Camera", description="The photo's camera", type=bpy.types.Object),
    ]
    ground: Annotated[
        bpy.types.Object | None,
        bpy.props.PointerProperty(name="Ground", description="What the subjects stand on", type=bpy.types.Object),
    ]
    width: Annotated[
        int, bpy.props.IntProperty(name="Width", description="Of the upright photo, in pixels", options={"HIDDEN"})
    ]
    height: Annotated[
        int, bpy.props.IntProperty(name="Height", description="Of the upright photo, in pixels", options={"HIDDEN"})
    ]
    orientation: Annotated[
        int,
        bpy.props.IntProperty(
            name="Orientation",
            description="As EXIF has it: how Blender's image of the photo is to be turned upright",
            default=1,
            options={"HIDDEN"},
        ),
    ]
    shadow_catcher: Annotated[
        bool,
        bpy.props.BoolProperty(
            name="Shadow Catcher",
            description="Renders show the shadows that fall on the ground, and nothing else of it",
            get=_is_shadow_catcher,
            set=_set_shadow_catcher,
            options={"SKIP_SAVE"},
        ),
    ]
    guides: Annotated[
        "bpy.types.bpy_prop_collection[SAM3D_PG_guide]",
        bpy.props.CollectionProperty(name="Guides", type=SAM3D_PG_guide),
    ]
    use_lens: Annotated[
        bool,
        bpy.props.BoolProperty(name="Lens", description="The lens is known; off: it is found", default=False),
    ]
    lens: Annotated[
        float,
        bpy.props.FloatProperty(
            name="Lens",
            description="Focal length in millimeters, where the sensor has 36 along its longer edge (35 mm equivalent)",
            min=SHORTEST_LENS,
            max=LONGEST_LENS,
            default=50.0,
        ),
    ]
    told: Annotated[
        str,
        bpy.props.StringProperty(
            name="Told", description="What the camera was found by, as a sentence", options={"HIDDEN"}
        ),
    ]
