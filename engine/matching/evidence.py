# SPDX-License-Identifier: GPL-3.0-or-later
"""What is known of a photo's camera and its subjects before they are fitted, and what comes out."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import StrEnum
from pathlib import Path

from ..arrays import Floats, Mask
from .camera import PhotoCamera


class Source(StrEnum):
    """What something about a camera was taken from, in the words of the panel."""

    ARTIST = "your settings"
    GUIDES = "your lines"
    EXIF = "the photo's EXIF"
    LINES = "lines"
    SUBJECTS = "the objects"
    ENGINE = "the engine"
    USUAL = "what is usual"


@dataclass(frozen=True)
class CameraGuess:
    """A camera that is possible, and how far it is certain.

    spread: the covariance (3, 3) of ln(focal), pitch and roll. score: the logarithm of its likelihood next to that of
    the other guesses.
    """

    camera: PhotoCamera
    spread: Floats
    score: float
    lens_from: Source
    horizon_from: Source


@dataclass(frozen=True)
class KnownPose:
    """How an engine has seen its own model in the photo.

    matrix: (4, 4), an affine similarity that takes the model (z up, as Blender imports it) to the axes of its camera: x
    right, y up, -z forward. focal: its focal length in lengths of the photo's longer edge.
    """

    matrix: Floats
    focal: float


@dataclass(frozen=True)
class PhotoSubject:
    """One object or person of the photo.

    mask: (h, w), where the photo shows it. model: the GLB file that was made of it. pose: how its engine has seen it,
    where that is told. stands_on: the key of the subject that it stands on, "" for the ground, None where that is to
    be found out. person: whether it is one.
    """

    key: str
    mask: Mask
    model: Path
    pose: KnownPose | None = None
    stands_on: str | None = None
    person: bool = False


@dataclass(frozen=True)
class Placed:
    """Where a subject stands.

    matrix: (4, 4), the similarity that takes its model (z up, as Blender imports it) to the photo's frame. yaw: the
    part of its turn that is about z, in radians. overlap: of its silhouette and its mask, intersection over union where
    no other subject covers it. stands_on: the key of the subject that it stands on, "" for the ground. base: the middle
    of its base in the photo's frame; where it is not told, the matrix takes the model's origin there.
    """

    matrix: Floats
    yaw: float
    overlap: float
    stands_on: str = ""
    base: tuple[float, float, float] | None = None


@dataclass(frozen=True)
class Match:
    """The camera of a photo and the places of its subjects by their keys, with notes for the artist."""

    camera: PhotoCamera
    lens_from: Source
    horizon_from: Source
    placed: Mapping[str, Placed] = field(default_factory=dict)
    notes: tuple[str, ...] = ()
