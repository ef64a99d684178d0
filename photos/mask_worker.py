# SPDX-License-Identifier: GPL-3.0-or-later
"""Makes masks from what an artist draws over a photo, one after the other on a thread of its own. No bpy.

A drawing has a key of its own. Its mask is kept under that key as a PNG, so that undo finds an earlier one again.
"""

import traceback
from collections import OrderedDict
from concurrent.futures import Future, ThreadPoolExecutor, wait
from dataclasses import replace
from pathlib import Path

from ..engine.selection import SelectionError
from .errors import PhotoError
from .everything import Proposals, Search, proposals
from .mask_maker import Candidate, Change, Looking, MadeMask, MaskEdit, MaskMaker
from .photo_selector import forget_model
from .picture import Picture

MOST_KEPT = 64 * 2**20
"""Bytes of masks that are kept; one takes some kilobytes."""
STEP = 0.02
"""Of the look at a photo, after which it is shown anew how far that is."""


class MaskWorker:
    """Drawings at work, and the masks that they became. Every method is for the main thread and returns at once, except
    `finish` and `close`.

    A mask is a grayscale PNG of 0 and 255 that lies as the photo is stored, reduced to `LONGEST_EDGE`.
    """

    def __init__(self, *, waits: bool = False) -> None:
        """`waits`: drawings wait for the model's look at the photo; else the built-in selection answers first."""
        self._thread = ThreadPoolExecutor(1, thread_name_prefix="sam3d-selections")
        self._looks = ThreadPoolExecutor(1, thread_name_prefix="sam3d-looks")
        self._maker = MaskMaker(self._looks, waits=waits)
        self._opening: Future[object] | None = None
        self._search: Search | None = None
        self._at_work: dict[str, Future[MadeMask]] = {}
        self._masks: OrderedDict[str, MadeMask] = OrderedDict()
        self._improved: dict[str, str] = {}
        """The earlier keys of drawings that are made once more."""
        self._problems: dict[str, str] = {}
        self._shown: float | None = None

    @property
    def busy(self) -> bool:
        """Whether a drawing is at work or waits to be drained, or the model looks at a photo."""
        return bool(self._at_work) or self._is_opening or self.looking is not None or self._shown is not None

    @property
    def looking(self) -> float | None:
        """How far the model's look at the photo is, 0..1; None where it does not look at one."""
        return self._maker.looking.fraction

    @property
    def problem_of_model(self) -> str:
        """Why the model does not serve, as a sentence; empty where it does, or none was asked for."""
        return self._maker.problem

    @property
    def has_model(self) -> bool:
        """Whether a model selects, as far as it serves."""
        return self._maker.model is not None

    def use_model(self, file: Path | None) -> None:
        """Select by the model of a file from now on; None for the built-in selection."""
        if file == self._maker.model:
            return
        self._maker.looking.stop()
        self._maker.model = file
        if file is None:
            self._looks.submit(forget_model)

    def look_at(self, photo: Picture) -> None:
        """Open a photo beforehand, so that the first drawing over it need not wait for that, nor for the model."""
        self._opening = self._thread.submit(self._maker.look_at, photo)

    def search(self, photo: Picture) -> Search:
        """Search for all objects of a photo, by the model."""
        looking = Looking(0.0)
        self._search = Search(self._looks.submit(self._everything, photo, looking), looking)
        return self._search

    def start(self, key: str, edit: MaskEdit, *, before: str = "") -> None:
        """Make the mask of a drawing.

        `before` is the key of the mask's last drawing: what is added to or taken from. Where it is replaced and was
        not begun yet, it is not made any more.
        """
        last = self._at_work.get(before)
        if edit.change is Change.REPLACE and last is not None and last.cancel():
            del self._at_work[before]
            last = None
        base = self._masks.get(before) or last
        self._problems.pop(key, None)
        self._at_work[key] = self._thread.submit(self._maker.make, edit, base)

    def keep(self, key: str, mask: Picture) -> None:
        """Keep a mask that has come to be in another way, such as by a brush."""
        self._at_work[key] = self._thread.submit(self._maker.copied, mask)

    def expect(self, key: str, mask: "Future[MadeMask]") -> None:
        """Take a mask that is made elsewhere as a drawing's; the future may hold what a drawing's may."""
        self._at_work[key] = mask

    def can_improve(self, key: str) -> bool:
        """Whether the built-in selection has answered before the model was ready, which it is now."""
        made = self._masks.get(key)
        return made is not None and made.is_first and not made.chosen and self.looking is None

    def improve(self, key: str, *, before: str) -> None:
        """Let the model answer to the drawing of an earlier key, which gets the same mask: undo brings that, too."""
        made = self._masks[before]
        assert made.edit is not None
        self._at_work[key] = self._thread.submit(self._maker.make, made.edit, None, waits=True)
        self._improved[key] = before

    def put(self, key: str, png: bytes) -> None:
        """Keep a mask that is known already: a PNG as they are here."""
        self._store(key, MadeMask((Candidate(png),)))

    def choose(self, key: str, *, before: str, number: int) -> None:
        """Keep under a key what an earlier drawing became, but with another of its candidates, which must be kept."""
        self._store(key, replace(self._masks[before], chosen=number))

    def made(self, key: str) -> MadeMask | None:
        """All that a drawing may mean, if it is kept."""
        return self._masks.get(key)

    def mask(self, key: str) -> bytes | None:
        """The mask that a drawing became, if it is kept."""
        made = self._masks.get(key)
        return None if made is None else made.shown.png

    def problem(self, key: str) -> str:
        """Why a drawing became no mask, as a sentence; empty where it did, or may still."""
        return self._problems.get(key, "")

    def is_at_work(self, key: str) -> bool:
        """Whether a drawing's mask is still being made."""
        return key in self._at_work

    def has_moved(self) -> bool:
        """Whether the model's look at the photo has gone on, begun or ended, since this was asked last."""
        now, before = self.looking, self._shown
        moved = (now is None) != (before is None) or (now or 0.0) - (before or 0.0) >= STEP
        self._shown = now if moved else before
        return moved

    def drain(self) -> list[str]:
        """Take over what has ended since; returns the keys."""
        ended = [key for key, future in self._at_work.items() if future.done()]
        for key in ended:
            before = self._improved.pop(key, "")
            try:
                made = self._at_work.pop(key).result()
                self._store(key, made)
                if before in self._masks:
                    self._store(before, made)
            except (SelectionError, PhotoError) as error:
                self._problems[key] = str(error)
            except Exception as error:  # the last resort: what nobody foresaw must not keep the others waiting
                traceback.print_exception(error)
                self._problems[key] = f"The mask could not be made ({type(error).__name__}): see Blender's console."
        return ended

    def finish(self) -> None:
        """Wait until nothing is at work."""
        wait(self._at_work.values())

    def close(self) -> None:
        """Drop what waits, and wait for the one that is being made."""
        self._maker.looking.stop()
        if self._search is not None:
            self._search.stop()
        self._looks.shutdown(wait=False, cancel_futures=True)
        self._thread.shutdown(cancel_futures=True)
        self._looks.shutdown()

    @property
    def _is_opening(self) -> bool:
        return self._opening is not None and not self._opening.done()

    def _everything(self, photo: Picture, looking: Looking) -> Proposals:
        """On the thread of looks."""
        selector = self._thread.submit(self._maker.look_at, photo).result()
        return proposals(selector.everything(looking), selector.size)

    def _store(self, key: str, mask: MadeMask) -> None:
        self._masks[key] = mask
        while len(self._masks) > 1 and sum(each.size for each in self._masks.values()) > MOST_KEPT:
            self._masks.popitem(last=False)
