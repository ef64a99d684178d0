# SPDX-License-Identifier: GPL-3.0-or-later
"""What a service tells of the camera of a close-up, for the whole photo. No bpy."""

import json
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from ..engine.atomic_write import write_atomic
from ..photos.preparation import CLOSE_UP


def read_close_up(folder: Path) -> dict[str, Any] | None:
    """Which part of the photo a job has sent, as `photos.preparation` wrote it down; None where it was all of it."""
    try:
        told = json.loads((folder / CLOSE_UP).read_bytes())
    except (OSError, ValueError):
        return None
    return told if isinstance(told, dict) else None


def add_whole_photo(extras: Sequence[Path], folder: Path) -> None:
    """Add `photo` to each JSON file that tells a camera of the close-up: size, focal length and principal point in
    pixels of the upright photo. The poses beside them hold for both. Raises OSError.
    """
    told = read_close_up(folder)
    if told is None:
        return
    (left, top, right, bottom), (width, height) = told["window"], told["size"]
    for file in extras:
        content = _json(file) if file.suffix == ".json" else None
        if not isinstance(content, dict) or content.get("size") != [width, height] or "photo" in content:
            continue
        content["photo"] = {
            "size": told["photo_size"],
            "window": told["window"],
            "principal_point": [(left + right) / 2, (top + bottom) / 2],
        }
        focal = content.get("focal_length")
        if isinstance(focal, int | float):
            content["photo"]["focal_length"] = focal * (right - left) / width
        write_atomic(file, json.dumps(content).encode())


def _json(file: Path) -> Any:
    try:
        return json.loads(file.read_bytes())
    except (OSError, ValueError):
        return None
