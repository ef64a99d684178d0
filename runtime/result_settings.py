# SPDX-License-Identifier: GPL-3.0-or-later
"""What the list of results is set to show: `window_manager.sam3d_results`, which is neither saved nor undone."""

from typing import Annotated, cast

import bpy

from ..jobs.listing import ARRIVED, ResultQuery
from ..jobs.model import State
from ..providers import SERVICES
from ..scene.data import window_manager_of
from .state import runtime

ALL = "ALL"
ROWS, CELLS = 8, 24
"""On a page: of the list, and of the gallery, whose number goes into two, three, four and six columns."""
NOTHING = "-"
"""As the active result: none, not even the latest."""


def _begin_anew(settings: "SAM3D_PG_results", _context: bpy.types.Context) -> None:
    """Something else is asked for: its first page."""
    settings.first = 0


def _photos(_settings: "SAM3D_PG_results", _context: bpy.types.Context, typed: str) -> list[str]:
    """What the field offers."""
    return [photo for photo in runtime().results.page.photos if typed.casefold() in photo.casefold()]


class SAM3D_PG_results(bpy.types.PropertyGroup):
    """What is searched for, and which part of what was found is shown."""

    text: Annotated[
        str,
        bpy.props.StringProperty(
            name="Search",
            description="Words in the name, photo, prompt or model of the results",
            options={"TEXTEDIT_UPDATE"},
            update=_begin_anew,
        ),
    ]
    photo: Annotated[
        str,
        bpy.props.StringProperty(
            name="Photo", description="Only results of this photo", search=_photos, update=_begin_anew
        ),
    ]
    provider: Annotated[
        str,
        bpy.props.EnumProperty(
            name="Service",
            description="Only results of this service",
            items=[(ALL, "All Services", ""), *((one.id, one.name, one.description) for one in SERVICES.values())],
            update=_begin_anew,
        ),
    ]
    state: Annotated[
        str,
        bpy.props.EnumProperty(
            name="State",
            description="Only results in this state",
            items=[
                (ALL, "All States", ""),
                (ARRIVED, "Arrived", "There is a model"),
                (State.FAILED, "Failed", ""),
                (State.CANCELLED, "Cancelled", ""),
            ],
            update=_begin_anew,
        ),
    ]
    view: Annotated[
        str,
        bpy.props.EnumProperty(
            name="View",
            items=[
                ("LIST", "List", "A row for each result", "SHORTDISPLAY", 0),
                ("GALLERY", "Gallery", "A picture of each result", "IMGDISPLAY", 1),
            ],
        ),
    ]
    show_filters: Annotated[
        bool, bpy.props.BoolProperty(name="Filter", description="Choose by photo, service and state")
    ]
    first: Annotated[int, bpy.props.IntProperty(min=0)]
    first_at_work: Annotated[int, bpy.props.IntProperty(min=0)]
    active: Annotated[str, bpy.props.StringProperty()]

    @property
    def count(self) -> int:
        """How many are on a page."""
        return ROWS if self.view == "LIST" else CELLS

    @property
    def is_filtered(self) -> bool:
        """Whether anything but all is asked for."""
        return bool(self.text.strip() or self.photo or self.provider != ALL or self.state != ALL)

    @property
    def query(self) -> ResultQuery:
        """What the list is asked for."""
        return ResultQuery(
            text=self.text,
            photo=self.photo,
            provider="" if self.provider == ALL else self.provider,
            state="" if self.state == ALL else self.state,
            first=self.first // self.count * self.count,
            count=self.count,
        )


def results_of(context: bpy.types.Context) -> SAM3D_PG_results:
    """What the list is set to show."""
    return cast("SAM3D_PG_results", window_manager_of(context).sam3d_results)  # type: ignore[attr-defined]  # our own
