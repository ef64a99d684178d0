# SPDX-License-Identifier: GPL-3.0-or-later
"""How large the scene is that a photo shows, which the photo itself does not tell. No bpy."""

from collections.abc import Sequence
from dataclasses import dataclass

from ..photos.layout import LARGEST, PERSON


@dataclass(frozen=True)
class Extent:
    """How high a subject is, and its longest side, in heights of the photo's eye; `person` is whether it is one."""

    height: float
    longest: float
    person: bool = False


def scene_scale(extents: Sequence[Extent], height: float = 0.0) -> float:
    """How many meters the eye of the photo is above the ground.

    The tallest subject is `height` meters high where that is not 0; else the tallest person has a usual height; else
    the largest object's longest side is as long as services deliver it.
    """
    people = [one.height for one in extents if one.person]
    if height:
        return height / max(one.height for one in extents)
    if people:
        return PERSON / max(people)
    return LARGEST / max(one.longest for one in extents)
