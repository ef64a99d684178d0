# SPDX-License-Identifier: GPL-3.0-or-later
"""What selects in one photo: a model of Segment Anything where there is one, else the built-in selection. No bpy."""

import threading
import traceback
from collections.abc import Callable
from contextlib import suppress
from functools import lru_cache
from pathlib import Path

from ..engine.arrays import Mask, Pixels, Single
from ..engine.segment_anything import EncodedPhoto, ModelError, SegmentAnything, read_model
from ..engine.selection import PixelPrompts, Selection, Selector

MOST_CANDIDATES = 3
ALIKE = 0.95
"""Overlap from which on two candidates are the same to an artist."""

Report = Callable[[float], None]
"""Called with the fraction 0..1 that is done; may raise, which ends the work."""


class Outdated(Exception):
    """What was at work is not wanted any more."""


class PhotoSelector:
    """Selects in a photo (H, W, 3), sRGB, top row first. Safe to use from several threads.

    `problem` is the sentence that tells why the model does not serve; then the built-in selection does.
    """

    def __init__(self, photo: Pixels, model: Path | None = None, report: Report = lambda fraction: None) -> None:
        """`model` is the file of the model, None for the built-in selection.

        `report` is told how far the look at the photo is, and ends it by raising Outdated.
        """
        self._photo, self._path, self._report = photo, model, report
        self._lock, self._built_in_lock = threading.Lock(), threading.Lock()
        self._model: SegmentAnything | None = None
        self._encoded: EncodedPhoto | None = None
        self._built_in: Selector | None = None
        self.problem = ""

    @property
    def size(self) -> tuple[int, int]:
        """Width and height of the photo."""
        return self._photo.shape[1], self._photo.shape[0]

    def look(self) -> None:
        """Look at the photo as long as the model needs, once; then each prompt is answered in a moment.

        Raises Outdated.
        """
        with self._lock:
            if self._path is None or self._encoded is not None or self.problem:
                return
            try:
                self._model = model_at(self._path)
                self._encoded = self._model.encode(self._photo, self._report)
            except ModelError as error:
                self.problem = f"{error} The built-in selection serves meanwhile."
            except Outdated:
                raise
            except Exception as error:  # whatever ails the model, the built-in selection can do without it
                traceback.print_exception(error)
                reason = f"Segment Anything could not look at the photo ({type(error).__name__})"
                self.problem = f"{reason}: the built-in selection serves meanwhile."

    @property
    def is_ready(self) -> bool:
        """Whether the model has looked at the photo, or none will."""
        return self._path is None or self._encoded is not None or bool(self.problem)

    def candidates(
        self, prompts: PixelPrompts, previous: Single | None = None, *, waits: bool = True
    ) -> tuple[Selection, ...]:
        """What prompts may mean, best first, at least one; `previous` are the logits of the answer that they correct.

        Unless it `waits` for the model's look at the photo, the built-in selection answers before that. Raises
        SelectionError.
        """
        if waits:
            with suppress(Outdated):
                self.look()
        if self._model is not None and self._encoded is not None:
            return distinct(self._model.candidates(self._encoded, prompts, previous))
        with self._built_in_lock:
            self._built_in = self._built_in or Selector(self._photo)
        return distinct(self._built_in.candidates(prompts))

    def everything(self, report: Report) -> tuple[Selection, ...]:
        """All objects of the photo, largest first; none without a model. Raises what `report` raises, and Outdated."""
        self.look()
        if self._model is None or self._encoded is None:
            return ()
        return self._model.everything(self._encoded, report)


def distinct(found: tuple[Selection, ...]) -> tuple[Selection, ...]:
    """The best few of what was found, without those that look like a better one."""
    kept: list[Selection] = []
    for each in found:
        if not kept or (each.mask.any() and all(overlap(each.mask, other.mask) < ALIKE for other in kept)):
            kept.append(each)
    return tuple(kept[:MOST_CANDIDATES])


def overlap(one: Mask, other: Mask) -> float:
    """The share of the pixels of either mask (H, W) that are in both."""
    either = int((one | other).sum())
    return float((one & other).sum()) / either if either else 1.0


_reading = threading.Lock()


def model_at(path: Path) -> SegmentAnything:
    """The model of a file, which is read once: that takes a second, and the model some forty megabytes.

    Raises ModelError.
    """
    try:
        written = path.stat().st_mtime_ns
    except OSError:
        written = 0  # reading it tells
    with _reading:
        return _read(path, written)


@lru_cache(maxsize=1)
def _read(path: Path, _written: int) -> SegmentAnything:
    return read_model(path)


def forget_model() -> None:
    """Give the memory back that the model takes."""
    _read.cache_clear()
