# SPDX-License-Identifier: GPL-3.0-or-later
"""What a scene remembers of a mask, of what it was made from, and of the other photos that show the same thing."""

import textwrap
from pathlib import Path
from typing import Annotated

import bpy

from .items import Items
from .photos.picture import FILE_SEEN, file_state

MOST_PROMPT = 400
DRAWN = "sam3d_drawn"
"""The custom property of a mask's image that tells which drawing it shows."""
UNNAMED = "Mask"
MOST_NAME = 24
"""Characters of a name that is taken from a prompt."""


class SAM3D_PG_point(bpy.types.PropertyGroup):
    """A place on the photo, in pixels from its top left, that tells what the subject is; many make a brush stroke."""

    x: Annotated[float, bpy.props.FloatProperty(name="X", description="Pixels from the photo's left")]
    y: Annotated[float, bpy.props.FloatProperty(name="Y", description="Pixels from the photo's top")]
    inside: Annotated[
        bool,
        bpy.props.BoolProperty(
            name="Inside", description="The place is on the subject; off: it is not this", default=True
        ),
    ]
    radius: Annotated[
        float,
        bpy.props.FloatProperty(
            name="Radius", description="Of the brush, in pixels, for a point of a stroke; 0 for a single point", min=0.0
        ),
    ]


def _on_image(mask: "SAM3D_PG_mask", _context: bpy.types.Context) -> None:
    """An image that the artist has chosen is no drawing."""
    if mask.image is None or mask.image.get(DRAWN) != mask.drawn:
        mask.drawn = ""
    note_file(mask.image)


def _on_view(view: "SAM3D_PG_view", _context: bpy.types.Context) -> None:
    """A photo that has just been chosen is as its file is now."""
    note_file(view.image)


def note_file(image: bpy.types.Image | None) -> None:
    """Remember how the file of an image is when it is first chosen, by which is told whether it was changed since."""
    if image is not None and image.is_editable and image.filepath and image.get(FILE_SEEN) is None:
        image[FILE_SEEN] = file_state(Path(bpy.path.abspath(image.filepath)))


def _on_prompt(mask: "SAM3D_PG_mask", _context: bpy.types.Context) -> None:
    """What a subject is, is its name, unless the artist has given it another."""
    if mask.prompt.strip() and mask.name == mask.given_name:
        mask.name = mask.given_name = name_from(mask.prompt)


def name_from(prompt: str) -> str:
    """The first words of a prompt, as a name."""
    words = textwrap.shorten(prompt, MOST_NAME, placeholder="") or prompt.strip()[:MOST_NAME]
    return words[:1].upper() + words[1:]


class SAM3D_PG_mask(bpy.types.PropertyGroup):
    """One subject of the photo: its mask, and the box and points that it was made from."""

    name: Annotated[
        str, bpy.props.StringProperty(name="Name", description="The object gets this name", default=UNNAMED)
    ]
    given_name: Annotated[
        str,
        bpy.props.StringProperty(
            name="Given Name",
            description="The name that the mask got by itself; another one is the artist's own",
            default=UNNAMED,
            options={"HIDDEN"},
        ),
    ]
    image: Annotated[
        bpy.types.Image | None,
        bpy.props.PointerProperty(
            name="Mask",
            description="White, or opaque where the mask has alpha, is the subject",
            type=bpy.types.Image,
            update=_on_image,
        ),
    ]
    drawn: Annotated[
        str,
        bpy.props.StringProperty(
            name="Drawing",
            description="The key of the drawing that the image shows, or is going to",
            options={"HIDDEN"},
        ),
    ]
    use: Annotated[bool, bpy.props.BoolProperty(name="Use", description="Make an object from this mask", default=True)]
    color: Annotated[
        tuple[float, float, float],
        bpy.props.FloatVectorProperty(
            name="Color",
            description="In which the image editor shows the mask",
            subtype="COLOR_GAMMA",
            size=3,
            min=0.0,
            max=1.0,
            default=(1.0, 0.6, 0.1),
        ),
    ]
    prompt: Annotated[
        str,
        bpy.props.StringProperty(
            name="Prompt",
            description="What this subject is, in a few words: its name, and for services that understand it the "
            "prompt; empty: the photo's own prompt",
            maxlen=MOST_PROMPT,
            update=_on_prompt,
        ),
    ]
    points: Annotated[
        "Items[SAM3D_PG_point]",
        bpy.props.CollectionProperty(name="Points", description="Where the subject is", type=SAM3D_PG_point),
    ]
    use_box: Annotated[bool, bpy.props.BoolProperty(name="Use Box", description="The subject is inside a box")]
    box: Annotated[
        tuple[int, int, int, int],
        bpy.props.IntVectorProperty(
            name="Box", description="Left, top, right and bottom in pixels from the photo's top left", size=4, min=0
        ),
    ]

    @property
    def is_empty(self) -> bool:
        """Whether nothing tells what the subject is."""
        return self.image is None and not self.has_prompts

    @property
    def has_prompts(self) -> bool:
        """Whether a box or a point on the subject has been drawn."""
        return self.use_box or any(point.inside for point in self.points)


class SAM3D_PG_view(bpy.types.PropertyGroup):
    """Another photo of the photo's subject, with its mask there."""

    photo: Annotated[
        bpy.types.Image | None,
        bpy.props.PointerProperty(
            name="Of",
            description="The photo that shows the same thing, and is kept together with this one",
            type=bpy.types.Image,
            options={"HIDDEN"},
        ),
    ]
    image: Annotated[
        bpy.types.Image | None,
        bpy.props.PointerProperty(
            name="Added Photo",
            description="Another photo of the same thing, which stands as it does in the first one",
            type=bpy.types.Image,
            update=_on_view,
        ),
    ]
    mask: Annotated[
        SAM3D_PG_mask,
        bpy.props.PointerProperty(name="Mask", description="Where the thing is in this photo", type=SAM3D_PG_mask),
    ]
