# SPDX-License-Identifier: GPL-3.0-or-later
"""What a scene remembers of each photo that was matched: its camera, and what the artist has said about it."""

from collections.abc import Iterable
from dataclasses import replace
from typing import Annotated

import bpy

from .engine.matching.camera import LONGEST_LENS, SHORTEST_LENS, focal_of_lens
from .engine.matching.guides import Guide
from .items import Items
from .photos.orientation import Size, turned_place

GUIDES_TOOL = "sam3d.guides"
"""The tool of the image editor that guides are drawn with, and seen."""
GUIDE_AXES = (
    ("X", "X", "Along the ground, one way"),
    ("Y", "Y", "Along the ground, across the other way"),
    ("HORIZON", "Horizon", "Where level ground would end"),
)


def _on_lens(_match: "SAM3D_PG_match", _context: bpy.types.Context) -> None:
    """What is placed follows the lens, in the step of undo that Blender makes of the change."""
    follow = bpy.ops.sam3d.follow_guides  # type: ignore[attr-defined]  # our own
    if follow.poll():
        follow()


class SAM3D_PG_guide(bpy.types.PropertyGroup):
    """A line on the photo, along an edge that is straight in the world, in pixels from the photo's top left."""

    axis: Annotated[
        str,
        bpy.props.EnumProperty(
            name="Axis",
            description="Guides of one axis are parallel in the world",
            items=GUIDE_AXES,
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
        "Items[SAM3D_PG_guide]",
        bpy.props.CollectionProperty(name="Guides", type=SAM3D_PG_guide),
    ]
    use_lens: Annotated[
        bool,
        bpy.props.BoolProperty(
            name="Lens", description="The lens is known; off: it is found", default=False, update=_on_lens
        ),
    ]
    lens: Annotated[
        float,
        bpy.props.FloatProperty(
            name="Lens",
            description="Focal length in millimeters, where the sensor's longer edge has 36 (EXIF's 35 mm equivalent)",
            min=SHORTEST_LENS,
            max=LONGEST_LENS,
            default=50.0,
            update=_on_lens,
        ),
    ]
    told: Annotated[
        str,
        bpy.props.StringProperty(
            name="Told", description="What the camera was found by, as a sentence", options={"HIDDEN"}
        ),
    ]
    orientation: Annotated[
        int,
        bpy.props.IntProperty(
            name="Orientation",
            description="How the photo's file says that it is to be turned, 1 to 8 as in EXIF",
            default=1,
            min=1,
            max=8,
            options={"HIDDEN"},
        ),
    ]
    problem: Annotated[
        str,
        bpy.props.StringProperty(
            name="Problem", description="Why the camera does not follow the guides", options={"HIDDEN"}
        ),
    ]

    def shown_guides(self) -> tuple[Guide, ...]:
        """The guides as plain data, on the photo as Blender shows it."""
        return tuple(Guide(guide.axis, (guide.x1, guide.y1), (guide.x2, guide.y2)) for guide in self.guides)

    def upright_guides(self, size: Size) -> tuple[Guide, ...]:
        """The guides on the upright photo, which has that size as Blender shows it."""
        return upright_guides(self.shown_guides(), size, self.orientation)

    def known_focal(self, size: Size) -> float | None:
        """The focal length in pixels of a photo of that size, where the artist has told the lens."""
        return focal_of_lens(self.lens, *size) if self.use_lens else None


def upright_guides(guides: Iterable[Guide], size: Size, orientation: int) -> tuple[Guide, ...]:
    """Guides on a photo of that size on the upright photo."""
    return tuple(
        replace(
            guide,
            start=turned_place(guide.start, size, orientation),
            end=turned_place(guide.end, size, orientation),
        )
        for guide in guides
    )
