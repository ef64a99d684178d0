# SPDX-License-Identifier: GPL-3.0-or-later
"""Further readings of a photo from which a draft was made: drafts of other kinds of shape."""

from collections.abc import Iterator
from pathlib import Path

from ...engine.atomic_write import write_atomic
from ...engine.draft import DraftError, other_readings
from ...engine.matching.evidence import KnownPose
from ..base import Report, Request
from ..errors import InvalidInput
from .provider import read_pixels, read_views


def make_readings(
    request: Request, than: str, draft: Path, most: int, report: Report
) -> Iterator[tuple[str, Path, KnownPose]]:
    """Makes at most so many other drafts than that of the kind `than`, the most plausible first, and keeps them beside
    it. Gives the kind of each, its file, and how it is seen.

    Raises InvalidInput where the request's pictures cannot be used, OSError where nothing can be kept, and what
    `report` raises.
    """
    photo = read_pixels(request.photo)
    mask = read_pixels(request.masks[0]) if request.masks else None
    options = request.options
    try:
        for other in other_readings(
            photo,
            mask,
            than=than,
            most=most,
            prompt=options.prompt,
            closed=options.closed,
            even_light=options.even_light,
            camera=options.camera,
            views=read_views(request),
            report=report,
        ):
            file = draft.with_name(f"{draft.stem}_{other.kind}.glb")
            write_atomic(file, other.glb)
            yield other.kind, file, other.pose
    except DraftError as error:
        raise InvalidInput(str(error)) from error
