# SPDX-License-Identifier: GPL-3.0-or-later
"""The model that selects: whether it is on this computer, and how it gets here, on a thread of its own. No bpy."""

import threading
import traceback
from collections.abc import Callable
from concurrent.futures import Future, ThreadPoolExecutor
from functools import partial
from pathlib import Path

from ..providers import ProviderError, model_file
from ..providers.connections import stoppable
from ..providers.errors import Cancelled
from ..providers.model_file import SEGMENT_ANYTHING, ModelFile

Work = Callable[[], None]


class SelectionModel:
    """The file of the model in a folder. Every method is for the main thread and returns at once, but `close`."""

    def __init__(self, folder: Path, wanted: ModelFile = SEGMENT_ANYTHING) -> None:
        """Look whether it is there; nothing is downloaded."""
        self._folder = folder
        self._thread = ThreadPoolExecutor(1, thread_name_prefix="sam3d-model")
        self._work: Future[None] | None = None
        self._stop = threading.Event()
        self._shown = 0.0
        self.fraction = 0.0
        """How much of it has come, while it is on its way."""
        self.problem = ""
        """Why it did not come, as a sentence."""
        self.is_here = False
        self.expect(wanted)

    def expect(self, wanted: ModelFile) -> None:
        """Which file it is; looks on the disk."""
        self.wanted = wanted
        try:
            self.is_here = self.file.stat().st_size == wanted.size
        except OSError:
            self.is_here = False

    @property
    def file(self) -> Path:
        """Where it lies, or will."""
        return self._folder / self.wanted.name

    @property
    def busy(self) -> bool:
        """Whether it is on its way, or what has become of that waits to be drained."""
        return self._work is not None

    def download(self, url: str, *, online: bool) -> None:
        """Bring it from an address; `online` tells whether Blender may use the network."""
        self._begin(partial(model_file.download, self.wanted, url, self.file, self._tell, online=online))

    def take(self, source: Path) -> None:
        """Bring it from a file of the artist's."""
        self._begin(partial(model_file.take, self.wanted, source, self.file))

    def remove(self) -> None:
        """Take it away."""
        self._begin(partial(model_file.remove, self.file))

    def cancel(self) -> None:
        """Stop a download; what has come is kept, and the next one goes on behind it."""
        self._stop.set()

    def drain(self) -> bool:
        """Take over what has become of it since; returns whether there is something new to show."""
        if self._work is None:
            return False
        if not self._work.done():
            has_moved = self.fraction - self._shown >= 0.01
            self._shown = self.fraction if has_moved else self._shown
            return has_moved
        error = self._work.exception()
        self._work = None
        self.problem = "" if error is None or isinstance(error, Cancelled) else self._sentence(error)
        self.expect(self.wanted)
        return True

    def close(self) -> None:
        """Stop what is at work, and wait for it."""
        self._stop.set()
        self._thread.shutdown(cancel_futures=True)

    def _begin(self, work: Work) -> None:
        if self._work is not None:
            return
        self._stop, self.problem = threading.Event(), ""
        self.fraction = self._shown = 0.0
        self._work = self._thread.submit(self._run, work)

    def _run(self, work: Work) -> None:
        with stoppable(self._stop):
            work()

    def _tell(self, fraction: float) -> None:
        if self._stop.is_set():
            raise Cancelled
        self.fraction = fraction

    def _sentence(self, error: BaseException) -> str:
        if isinstance(error, ProviderError):
            return str(error)
        if isinstance(error, OSError):
            return f"{self.file.name} cannot be removed ({error.strerror}): look at {self.file.parent}."
        traceback.print_exception(error)
        return f"The model could not be brought here ({type(error).__name__}): see Blender's console."
