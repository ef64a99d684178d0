# SPDX-License-Identifier: GPL-3.0-or-later
"""Each job's log file: all that is logged on its worker's thread while the job is at work. No bpy."""

import logging
import sys
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from ..log import TREE, Formatter

LOG_NAME = "job.log"


@contextmanager
def job_log(folder: Path) -> Iterator[None]:
    """Add the lines of this thread to the log file in a job's folder, which may come to be with the first of them."""
    handler = _JobLogHandler(folder / LOG_NAME)
    TREE.addHandler(handler)
    try:
        yield
    finally:
        TREE.removeHandler(handler)
        handler.close()


class _JobLogHandler(logging.FileHandler):
    def __init__(self, path: Path) -> None:
        super().__init__(path, encoding="utf-8", errors="backslashreplace", delay=True)
        thread = threading.get_ident()
        self.addFilter(lambda record: record.thread == thread)
        self.setFormatter(Formatter())

    def emit(self, record: logging.LogRecord) -> None:
        try:
            super().emit(record)
        except OSError:  # it could not be opened
            self.handleError(record)

    def handleError(self, record: logging.LogRecord) -> None:  # noqa: N802 - logging's name
        """The folder is what failed: the console is the last place left."""
        if sys.stderr:
            sys.stderr.write(self.format(record) + "\n")
