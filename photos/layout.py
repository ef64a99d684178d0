# SPDX-License-Identifier: GPL-3.0-or-later
"""Where the objects of one photo stand in the scene: beside one another, as they are in the photo. No bpy.

The photo's width runs along X. What stands lower in the photo stands nearer to the viewer of the front view, along -Y.
"""

from collections.abc import Sequence
from dataclasses import dataclass, replace

LARGEST = 1.0
"""Meters of the longest side of the largest object, which the others are in proportion to."""
PERSON = 1.7
"""Meters, for bodies, which keep the size that they come in."""
GAP = 0.1
"""Between two objects that would stand in one another, as a share of their mean width."""


@dataclass(frozen=True)
class Frame:
    """The rectangle around a subject, in pixels of the photo from its top left."""

    left: float
    top: float
    right: float
    bottom: float

    @property
    def width(self) -> float:
        """In pixels."""
        return self.right - self.left

    @property
    def height(self) -> float:
        """In pixels."""
        return self.bottom - self.top


@dataclass(frozen=True)
class Place:
    """Where an object stands, in meters from the middle of them all: `x` to the right, `y` away from the viewer.

    `height` is how high it shall be, 0 for as delivered; `width` is how wide it is reckoned.
    """

    x: float
    y: float
    width: float
    height: float


@dataclass(frozen=True)
class Placeholder:
    """The bounding box of objects: the middle of its base and its width along X in the scene's units, its height in
    meters. `turn`, in radians about Z, makes what faces -Y face the way that the objects face. `objects` are their
    names, each with the number by which one Blender knows it whatever it is called. `closed` tells that they have no
    opening at their top.
    """

    base: tuple[float, float, float]
    width: float
    height: float
    turn: float
    objects: tuple[tuple[str, int], ...] = ()
    closed: bool = False


def arrange(frames: Sequence[Frame], *, height: float = 0.0, bodies: bool = False) -> list[Place]:
    """The places of the subjects with these frames, in their order.

    All are `height` meters high if that is not 0; else bodies stay as delivered, and other objects get the sizes that
    they have in the photo to one another. Objects that would stand in one another are moved apart along X.
    """
    tallest = max(frame.height for frame in frames)
    if height or bodies:
        scale = (height or PERSON) / tallest
    else:
        scale = LARGEST / max(max(frame.width, frame.height) for frame in frames)
    nearest = max(frame.bottom for frame in frames)
    places = [
        Place(
            x=(frame.left + frame.right) / 2 * scale,
            y=(nearest - frame.bottom) * scale,
            width=frame.width / frame.height * height if height else frame.width * scale,
            height=height or (0.0 if bodies else frame.height * scale),
        )
        for frame in frames
    ]
    places = _apart(places)
    middle = (
        min(place.x - place.width / 2 for place in places) + max(place.x + place.width / 2 for place in places)
    ) / 2
    return [replace(place, x=place.x - middle) for place in places]


def extent(places: Sequence[Place]) -> float:
    """How much room they take along X, in meters, with a gap to what comes next."""
    left, right = _edges(places)
    return (right - left) * (1 + GAP)


def room(places: Sequence[Place], copies: int = 1) -> tuple[float, float, float, float]:
    """The rectangle that they all take, and copies of them beside: left, right, near and far end, in meters.

    An object is taken to be as deep as it is wide.
    """
    left, right = _edges(places)
    near = min(place.y - place.width / 2 for place in places)
    far = max(place.y + place.width / 2 for place in places)
    return left, right + (copies - 1) * extent(places), near, far


def _edges(places: Sequence[Place]) -> tuple[float, float]:
    """The left and right end of them all."""
    left = min(place.x - place.width / 2 for place in places)
    return left, max(place.x + place.width / 2 for place in places)


def _apart(places: Sequence[Place]) -> list[Place]:
    """From left to right, each is moved to the right until it stands in none of those before; an object is taken to be
    as deep as it is wide.
    """
    standing: list[Place] = []
    moved: dict[int, Place] = {}
    for index in sorted(range(len(places)), key=lambda index: places[index].x):
        place = places[index]
        for other in standing:
            room = (place.width + other.width) / 2
            if abs(place.y - other.y) < room and place.x - other.x < room:
                place = replace(place, x=other.x + room * (1 + GAP))
        standing.append(place)
        standing.sort(key=lambda other: other.x)
        moved[index] = place
    return [moved[index] for index in range(len(places))]
