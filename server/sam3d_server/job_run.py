# SPDX-License-Identifier: GPL-3.0-or-later
"""One job from bytes to bytes, the same in a process of ours and in a Ray actor."""

from __future__ import annotations

import json
import sys
import time
import traceback
from collections.abc import Sequence
from dataclasses import replace

from . import engines
from .engines import Engine, EngineRequest, EngineResult, Options, Report, Setup
from .errors import JobError, OutOfMemory, Stopped, WorkerLost
from .pictures import read_mask, read_photo

MEMORY = (
    "The GPU has too little memory for this job: close other programs that use it, send a smaller photo, "
    "or use a GPU with more memory."
)


class EngineRunner:
    """Loads its engine with the first job and keeps it."""

    def __init__(self, engine: str, setup: Setup) -> None:
        self._name, self._setup = engine, setup
        self._engine: Engine | None = None

    def load(self) -> None:
        """Load the engine unless it is there. Raises JobError."""
        if self._engine is None:
            with _in_plain_words():
                self._engine = engines.load(self._name, self._setup)

    def run(self, image: bytes, masks: Sequence[bytes], options: Options, report: Report) -> EngineResult:
        """Make the models of a photo. Raises JobError, and what `report` raises."""
        self.load()
        assert self._engine is not None
        report(0.02, "Reading the photo")
        began, megapixels = time.monotonic(), self._setup.megapixels
        photo = read_photo(image, megapixels)
        shape = photo.shape[0], photo.shape[1]
        cut = tuple(read_mask(mask, shape, megapixels) for mask in masks)
        with _in_plain_words():
            made = self._engine.run(EngineRequest(photo, cut, options), report)
        made = replace(made, details={**made.details, "engine_seconds": round(time.monotonic() - began, 4)})
        if options.details:
            files = {**made.files, "details.json": json.dumps(made.details).encode()}
            made = replace(made, files=files)
        return made


class _in_plain_words:  # noqa: N801 - reads as a statement
    """Turns what an engine raises into a JobError with a sentence; the rest of it goes to the log."""

    def __enter__(self) -> None:
        pass

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, _trace: object) -> None:
        if error is None or isinstance(error, JobError | Stopped) or not isinstance(error, Exception):
            return
        traceback.print_exception(error, file=sys.stderr)
        raise _meaning(error) from error


def _meaning(error: Exception) -> JobError:
    name, text = type(error).__name__, str(error)
    # torch's own classes, told by name: torch is not there in every environment
    if isinstance(error, MemoryError) or name == "OutOfMemoryError" or "out of memory" in text.lower():
        return OutOfMemory(MEMORY)
    if "CUDA" in text or "cuDNN" in text or "CUBLAS" in text:
        return WorkerLost("The GPU failed in the middle of the job: if it happens again, update its driver.")
    if isinstance(error, ImportError):
        return JobError(f"The engine is not wholly installed ({text}): run `sam3d-server doctor` on the server.")
    return JobError(f"The engine failed ({name}): see the server's log; another photo or mask may work.")
