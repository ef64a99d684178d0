# SPDX-License-Identifier: GPL-3.0-or-later
"""The cameras that may have taken a photo, by what the artist has said of it, its EXIF and its lines. No bpy."""

from collections.abc import Sequence
from dataclasses import dataclass, replace

import numpy as np

from ..engine.arrays import Mask, Pixels
from ..engine.matching.camera import SENSOR, PhotoCamera, focal_of_lens
from ..engine.matching.evidence import CameraGuess, Source
from ..engine.matching.guides import Guide, camera_from_guides
from ..engine.matching.usual import Usual
from ..engine.matching.vanishing import find_camera
from .exif import ExifLens
from .orientation import Size

CERTAIN = np.diag([1e-4, 1e-4, 1e-4]) ** 2
"""The covariance of what is known."""


@dataclass(frozen=True)
class CameraWishes:
    """What is known of a photo's camera before the photo is looked at.

    `camera` is one that was matched before, which is kept. `lens` is in millimeters where the sensor's longer edge has
    36, 0 where it is to be found. `guides` are in pixels of the upright photo.
    """

    camera: PhotoCamera | None = None
    lens: float = 0.0
    guides: tuple[Guide, ...] = ()

    @property
    def are_certain(self) -> bool:
        """Whether they leave nothing to be found."""
        return self.camera is not None or bool(self.guides)


NO_WISHES = CameraWishes()


def guess_camera(
    picture: Pixels, size: Size, lens: ExifLens | None, wishes: CameraWishes = NO_WISHES, masks: Sequence[Mask] = ()
) -> tuple[CameraGuess, ...]:
    """The cameras that may have taken a picture (h, w, 3), the likeliest first, in its pixels.

    `size` is that of the upright photo which the picture was reduced from. Raises GuideError where guides contradict
    one another.
    """
    height, width = picture.shape[:2]
    if wishes.camera is not None:
        kept = wishes.camera.resized(width, height)
        return (CameraGuess(kept, CERTAIN, 0.0, Source.ARTIST, Source.ARTIST),)
    told = ExifLens(wishes.lens / SENSOR, is_certain=True) if wishes.lens else lens
    guesses = find_camera(picture, told.focal if told else None, told.is_certain if told else True, masks)
    if wishes.lens:
        guesses = [_with_lens(guess, wishes.lens) for guess in guesses]
    if wishes.guides:
        focal = wishes.lens / SENSOR * max(width, height) if wishes.lens else None
        guides = [_scaled(guide, width / size[0]) for guide in wishes.guides]
        camera = camera_from_guides(width, height, guides, guesses[0].camera, focal)
        by_lines = guesses[0].lens_from if camera.focal == guesses[0].camera.focal else Source.GUIDES
        return (CameraGuess(camera, CERTAIN, 0.0, Source.ARTIST if wishes.lens else by_lines, Source.GUIDES),)
    return tuple(guesses)


def camera_of_lens(lens: ExifLens, size: Size) -> PhotoCamera:
    """The likeliest camera of a photo of that size in pixels by its lens alone, without a look at the photo."""
    focal, pitch, _ = Usual.of(lens.focal, lens.is_certain).mean
    return PhotoCamera(*size, float(np.exp(focal)) * max(size), float(pitch))


def _with_lens(guess: CameraGuess, lens: float) -> CameraGuess:
    """The same with a lens that is certain, whatever the photo seems to tell."""
    width, height = guess.camera.width, guess.camera.height
    spread = guess.spread.copy()
    spread[0], spread[:, 0] = 0.0, 0.0
    spread[0, 0] = CERTAIN[0, 0]
    camera = replace(guess.camera, focal=focal_of_lens(lens, width, height))
    return replace(guess, camera=camera, spread=spread, lens_from=Source.ARTIST)


def _scaled(guide: Guide, scale: float) -> Guide:
    (x1, y1), (x2, y2) = guide.start, guide.end
    return replace(guide, start=(x1 * scale, y1 * scale), end=(x2 * scale, y2 * scale))
