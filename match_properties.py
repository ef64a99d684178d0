# SPDX-License-Identifier: GPL-3.0-or-later
"""What a scene remembers of each photo that was matched: its camera, and what the artist has said about it."""

import os
from typing import Annotated

import bpy

from .engine.matching.camera import LONGEST_LENS, SHORTEST_LENS, focal_of_lens
from .engine.matching.guides import Guide
from .items import Items
from .photos.orientation import UPRIGHT, Size, turned_place, upright_size

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


def _on_use_lens(match: "SAM3D_PG_match", context: bpy.types.Context) -> None:
    """A lens that was never told begins with the one that was found."""
    found = None if match.camera is None else match.camera.data
    if match.use_lens and not match.is_property_set("lens") and isinstance(found, bpy.types.Camera):
        match.lens = found.lens  # which is followed
    else:
        _on_lens(match, context)


def photo_source(image: bpy.types.Image) -> str:
    """What tells a photo from others of its name: its file, also where that is packed; or its name in Blender."""
    if not image.filepath:
        return image.name
    # a path that begins at the .blend may lead up and down again
    return os.path.normpath(bpy.path.abspath(image.filepath, library=image.library))


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
    image: Annotated[
        bpy.types.Image | None,
        bpy.props.PointerProperty(
            name="Image", description="The photo, wherever its file has gone", type=bpy.types.Image, options={"HIDDEN"}
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
        "Items[SAM3D_PG_guide]",
        bpy.props.CollectionProperty(name="Guides", type=SAM3D_PG_guide),
    ]
    use_lens: Annotated[
        bool,
        bpy.props.BoolProperty(
            name="Lens", description="The lens is known; off: it is found", default=False, update=_on_use_lens
        ),
    ]
    lens: Annotated[
        float,
        bpy.props.FloatProperty(
            name="Lens",
            description="Focal length in millimeters, where the sensor has 36 along its longer edge (35 mm equivalent)",
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
    problem: Annotated[
        str,
        bpy.props.StringProperty(
            name="Problem", description="Why the camera does not follow the guides", options={"HIDDEN"}
        ),
    ]

    def shown_guides(self) -> tuple[Guide, ...]:
        """The guides as plain data, on the photo as Blender shows it."""
        return tuple(Guide(guide.axis, (guide.x1, guide.y1), (guide.x2, guide.y2)) for guide in self.guides)

    @property
    def shown_size(self) -> Size:
        """The photo's size as Blender shows it, in which the guides' pixels count."""
        return upright_size((self.width, self.height), self.orientation)

    def upright_guides(self) -> tuple[Guide, ...]:
        """The same on the upright photo, which is what its camera has seen."""
        return turned_guides(self.shown_guides(), self.shown_size, self.orientation)

    @property
    def known_focal(self) -> float | None:
        """The focal length in pixels of the photo, where the artist has told the lens."""
        return focal_of_lens(self.lens, self.width, self.height) if self.use_lens else None


def turned_guides(guides: tuple[Guide, ...], size: Size, orientation: int) -> tuple[Guide, ...]:
    """Guides on a picture of that size, as they are on the picture when it is turned so."""
    if orientation == UPRIGHT:
        return guides
    return tuple(
        Guide(one.axis, *(turned_place(place, size, orientation) for place in (one.start, one.end))) for one in guides
    )
