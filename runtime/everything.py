# SPDX-License-Identifier: GPL-3.0-or-later
"""All objects of the photo, while they are searched for and while the artist takes some of them."""

from dataclasses import dataclass, field

import bpy

from ..photos.errors import PhotoError
from ..photos.everything import Proposals, Search
from ..properties import SAM3D_PG_settings
from .gestures import new_mask
from .mask_sync import new_key, show_known
from .state import runtime

NOTHING = "Nothing stands out in this photo: show the objects yourself, with a box or points."


@dataclass
class Everything:
    """What is searched for in a photo, the image's `session_uid`, and found; `keys` are those of its objects' masks."""

    photo: int
    search: Search
    proposals: Proposals | None = None
    keys: tuple[str, ...] = field(default=())
    ended: bool = False
    """Whether the artist is through with it."""

    @property
    def fraction(self) -> float:
        """How much of the search is done; the look at the photo comes first and is told apart."""
        return self.search.looking.fraction or 0.0

    def take_over(self) -> str:
        """Take over what was found, once it is; returns why there is nothing, as a sentence."""
        if self.proposals is not None or not self.search.found.done():
            return ""
        try:
            found = self.search.found.result()
        except PhotoError as error:
            return str(error)
        if not found.masks:
            return runtime().masks.problem_of_model or NOTHING
        self.proposals, self.keys = found, tuple(new_key() for _ in found.masks)
        return ""

    def taken(self, settings: SAM3D_PG_settings) -> frozenset[int]:
        """The numbers of the objects that are masks: undo takes some away, redo brings them back."""
        drawn = {mask.drawn for mask in settings.masks}
        return frozenset(number for number, key in enumerate(self.keys, 1) if key in drawn)

    def take(self, settings: SAM3D_PG_settings, number: int) -> None:
        """Make the object of a number, from 1, a mask."""
        assert self.proposals is not None
        mask = new_mask(settings)
        mask.drawn = self.keys[number - 1]
        runtime().masks.put(mask.drawn, self.proposals.masks[number - 1])
        show_known(mask)


def search(photo: bpy.types.Image) -> Everything:
    """Search for all objects of a photo; raises NoPixels."""
    return Everything(photo.session_uid, runtime().masks.search(runtime().photo.picture(photo)))
