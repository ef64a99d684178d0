# SPDX-License-Identifier: GPL-3.0-or-later
"""What a photo's file tells of the lens that took it."""

import io
import math
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from PIL import Image

from .decode import quiet
from .orientation import Size

_EXIF = 0x8769
_FOCAL_LENGTH, _IN_35_MM, _ZOOM = 37386, 41989, 41988
_WIDTH, _HEIGHT = 40962, 40963
_X_RESOLUTION, _Y_RESOLUTION, _UNIT = 41486, 41487, 41488
_MILLIMETERS = {2: 25.4, 3: 10.0, 4: 1.0, 5: 0.001}
"""Of the units in which resolutions are told; EXIF knows the first two, cameras the others, too."""
_FILM = math.hypot(36, 24)
"""Millimeters of the diagonal that equivalent focal lengths refer to (CIPA DCG-001)."""
_SHORTEST, _LONGEST = 6.0, 2000.0
"""Millimeters of equivalent focal lengths; others are an error."""
_SMALLEST_SENSOR, _LARGEST_SENSOR = 2.0, 70.0
"""Millimeters of the longer edge."""
_OF_SENSORS = (4 / 3, 3 / 2)
"""The shapes of sensors: another one was cut, in the camera or after it."""
_ALIKE = 0.015
_MOST_CUT = 1.5
"""From here on a photo of another shape than its file tells is a small part of what the lens saw."""


@dataclass(frozen=True)
class ExifLens:
    """focal: the focal length in lengths of the photo's longer edge. is_certain: whether it is right within its
    rounding; otherwise the photo was cut, enlarged or changed, and it may be off by some tenths.
    """

    focal: float
    is_certain: bool


def read_exif_lens(file: Path | bytes) -> ExifLens | None:
    """The lens by a photo's file or its bytes; None where it tells nothing that can be believed, or is a panorama.

    Resizing changes nothing, and neither does turning the photo upright.
    """
    try:
        with quiet(), Image.open(io.BytesIO(file) if isinstance(file, bytes) else file) as image:
            if b"GPano:" in _bytes(image.info.get("xmp", b"")):
                return None
            return _lens(image.getexif().get_ifd(_EXIF), image.size)
    except Exception:  # whatever a damaged file makes of Pillow: it tells nothing of the lens
        return None


def _bytes(value: object) -> bytes:
    return value if isinstance(value, bytes) else str(value).encode()


def _lens(tags: Mapping[int, object], size: Size) -> ExifLens | None:
    longer, shorter = max(size), min(size)
    told = sorted((_number(tags, _WIDTH), _number(tags, _HEIGHT)))
    whole = (told[1], told[0]) if told[0] > 0 else (longer, shorter)
    shape = whole[0] / whole[1]
    cut = longer / shorter / shape
    if not 1 / _MOST_CUT < cut < _MOST_CUT:
        return None
    is_cut = abs(math.log(cut)) > _ALIKE
    # The largest part of that shape, which has lost something of one edge alone.
    shown = min(1.0, cut) if is_cut else 1.0
    equivalent, zoom = _number(tags, _IN_35_MM), _number(tags, _ZOOM)
    if _SHORTEST <= equivalent <= _LONGEST:
        focal = equivalent / _FILM * math.hypot(shape, 1) / shape
        is_certain = zoom <= 1.01 and any(abs(math.log(shape / sensor)) < _ALIKE for sensor in _OF_SENSORS)
    else:
        sensor = _sensor(tags, whole)
        if sensor is None:
            return None
        focal = _number(tags, _FOCAL_LENGTH) / sensor * max(1.0, zoom)
        if not _SHORTEST <= focal / (math.hypot(shape, 1) / shape) * _FILM <= _LONGEST:
            return None
        is_certain = zoom <= 1.01 and whole == (longer, shorter)
    return ExifLens(focal / shown, is_certain and not is_cut)


def _sensor(tags: Mapping[int, object], whole: tuple[float, float]) -> float | None:
    """Millimeters of the longer edge of what the photo's pixels were on, where that is told and can be."""
    resolution = _number(tags, _X_RESOLUTION)
    unit = _MILLIMETERS.get(int(_number(tags, _UNIT)) or 2)
    if resolution <= 0 or unit is None:
        return None
    sensor = whole[0] / resolution * unit
    return sensor if _SMALLEST_SENSOR <= sensor <= _LARGEST_SENSOR else None


def _number(tags: Mapping[int, object], tag: int) -> float:
    """A tag's number; 0 where there is none, as EXIF itself tells what is unknown."""
    try:
        number = float(tags.get(tag, 0))  # type: ignore[arg-type]
    except (TypeError, ValueError, ZeroDivisionError):
        return 0.0
    return number if math.isfinite(number) else 0.0
