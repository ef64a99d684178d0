# SPDX-License-Identifier: GPL-3.0-or-later
"""Pictures of results, made from their models one after the other on a thread of its own, and kept beside them. No bpy.

A picture is made when it is first wanted, so results of earlier versions get theirs, too.
"""

from collections import OrderedDict, deque
from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from pathlib import Path

from ..engine.atomic_write import write_atomic
from ..engine.gltf.triangles import Unreadable, count_triangles
from ..engine.thumbnail import thumbnail_png
from ..log import get_logger

LOG = get_logger(__name__)
MOST_KNOWN = 4096
"""Models of which is kept what was found."""
USUAL = frozenset({"model", "draft"})
"""Names of the first model of a task, which most have alone."""


@dataclass(frozen=True)
class Thumbnail:
    """What is known of a model: its picture, None where there can be none, and how much it is.

    `written` is when the model was, by which another one under its name is told.
    """

    model: Path
    file: Path | None
    faces: int = 0
    size: int = 0
    written: int = 0


class Thumbnails:
    """Those that are wanted now. Every method is for the main thread and returns at once, but `close`."""

    def __init__(self) -> None:
        """No picture is wanted yet."""
        self.known: OrderedDict[Path, Thumbnail] = OrderedDict()
        """What was found, by model."""
        self._thread = ThreadPoolExecutor(1, thread_name_prefix="sam3d-thumbnails")
        self._wanted: deque[Path] = deque()
        self._made: deque[Thumbnail] = deque()
        self._at_work = False

    @property
    def busy(self) -> bool:
        """Whether pictures are being made or wait to be drained."""
        return self._at_work or bool(self._wanted) or bool(self._made)

    def want(self, models: Sequence[Path]) -> None:
        """See to the pictures of these models, in this order; what was wanted before and is not begun is dropped."""
        self._wanted = deque(models)
        self._go_on()

    def drain(self) -> list[Thumbnail]:
        """Take over what was found since."""
        self._go_on()
        found = []
        while self._made:
            thumbnail = self._made.popleft()
            self.known[thumbnail.model] = thumbnail
            found.append(thumbnail)
        while len(self.known) > MOST_KNOWN:
            self.known.popitem(last=False)
        return found

    def close(self) -> None:
        """Drop what waits, and wait for the one that is being made."""
        self._wanted.clear()
        self._thread.shutdown(cancel_futures=True)

    def _go_on(self) -> None:
        if not self._at_work and self._wanted:
            self._at_work = True
            self._thread.submit(self._work)

    def _work(self) -> None:
        """On the thread: one after the other, as long as any is wanted."""
        try:
            while True:
                try:
                    model = self._wanted.popleft()
                except IndexError:
                    return
                self._made.append(look_at(model, self.known.get(model)))
        finally:
            self._at_work = False


def thumbnail_file(model: Path) -> Path:
    """Where the picture of a model is kept: beside it."""
    return model.with_name("thumbnail.png" if model.stem in USUAL else f"thumbnail_{model.stem}.png")


def look_at(model: Path, known: Thumbnail | None = None) -> Thumbnail:
    """See to the picture of a model, which is made where there is none, or an older one."""
    written = 0
    try:
        seen = model.stat()
        written = seen.st_mtime_ns
        if known is not None and known.written == written:
            return known
        file = thumbnail_file(model)
        if not file.exists() or file.stat().st_mtime_ns < written:
            write_atomic(file, thumbnail_png(model))
        return Thumbnail(model, file, count_triangles(model), seen.st_size, written)
    except (OSError, Unreadable) as error:
        LOG.info("No picture of %s: %s", model, error)
    except Exception:  # the last resort: what nobody foresaw must not keep the others waiting
        LOG.info("No picture of %s", model, exc_info=True)
    return Thumbnail(model, None, written=written)
