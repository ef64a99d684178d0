# SPDX-License-Identifier: GPL-3.0-or-later
"""What a scene remembers of each photo that was matched: its camera, and what the artist has said about it."""

from typing import Annotated

import bpy

from .engine.matching.camera import LONGEST_LENS, SHORTEST_LENS


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
            description="Focal length in millimeters, where the sensor's longer edge has 36 (as EXIF's 35 mm equivalent)",
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
