# SPDX-License-Identifier: GPL-3.0-or-later
"""Pictures on the disk as icons for the panels, a bounded number at a time."""

from pathlib import Path

import bpy.utils.previews

MOST = 96
"""Pictures that are kept: each takes a quarter of a MiB once it is drawn."""


class Previews:
    """The pictures that were shown last. Blender reads a file when it is drawn first, on a thread of its own."""

    def __init__(self) -> None:
        """None yet."""
        self._icons = bpy.utils.previews.new()
        self._written: dict[str, int] = {}

    def show(self, file: Path, written: int) -> bool:
        """Have a picture at hand, anew where that of another time is; returns whether that has changed anything."""
        name = str(file)
        if self._written.get(name) == written:
            return False
        self._drop(name)
        self._icons.load(name, name, "IMAGE")
        self._written[name] = written
        while len(self._written) > MOST:
            self._drop(next(iter(self._written)))
        return True

    def icon(self, file: Path) -> int:
        """The number of a picture's icon; 0 where it is not at hand."""
        preview = self._icons.get(str(file))
        return preview.icon_id if preview is not None else 0

    def close(self) -> None:
        """Let go of all."""
        bpy.utils.previews.remove(self._icons)

    def _drop(self, name: str) -> None:
        if self._written.pop(name, None) is not None:
            del self._icons[name]
