# SPDX-License-Identifier: GPL-3.0-or-later
"""The tree of loggers `sam3d.*`: their names, the console, and the keys that no line may show. No bpy.

The lines of a job also go to its own file: see jobs/job_log.py.
"""

import logging
import os
import re
from types import TracebackType
from typing import Final

TREE: Final = logging.getLogger("sam3d")
LEVEL_VARIABLE = "SAM3D_LOG"
"""Environment variable: from which level on lines go to the console, such as debug or info."""
HIDDEN = "[key]"
QUERY = re.compile(r"\?[^\s\"'<>()]*=[^\s\"'<>()]*")
CONSOLE = "sam3d-console"
"""Name of the console's handler."""
ExceptionInfo = tuple[type[BaseException], BaseException, TracebackType | None] | tuple[None, None, None]
_secrets: set[str] = set()


def get_logger(module: str) -> logging.Logger:
    """The logger of a module by its `__name__`: sam3d.PACKAGE.MODULE, whatever Blender or a checkout calls the root."""
    return logging.getLogger("sam3d" + module.removeprefix(__name__.rpartition(".")[0]))


def hide(secret: str) -> None:
    """Never show this text in a line, not even in a traceback, from now on."""
    if secret:
        _secrets.add(secret)


class Formatter(logging.Formatter):
    """A line with its time, level and logger, then the traceback; without the keys."""

    def __init__(self) -> None:
        super().__init__("%(asctime)s.%(msecs)03d %(levelname)s %(name)s: %(message)s", "%Y-%m-%d %H:%M:%S")

    def formatException(self, ei: ExceptionInfo) -> str:  # noqa: N802 - logging's name
        """A traceback; the queries of its addresses may be signatures that open a storage to everybody."""
        return QUERY.sub("?[query]", super().formatException(ei))

    def format(self, record: logging.LogRecord) -> str:
        """The text of a record."""
        text = super().format(record)
        for secret in sorted(_secrets, key=len, reverse=True):  # one may be part of another
            text = text.replace(secret, HIDDEN)
        return text


def start_console(*, debug: bool = False) -> None:
    """Show warnings and worse on standard error; all with `debug`; from the level of SAM3D_LOG on where that is set."""
    stop_console()
    asked = os.environ.get(LEVEL_VARIABLE, "")
    level = logging.getLevelNamesMapping().get(asked.upper(), logging.DEBUG if debug else logging.WARNING)
    console = logging.StreamHandler()
    console.name = CONSOLE
    console.setFormatter(Formatter())
    console.setLevel(level)
    TREE.addHandler(console)
    TREE.propagate = False  # another add-on's handlers would show all lines once more


def stop_console() -> None:
    """Take the console's handler away."""
    for handler in TREE.handlers[:]:
        if handler.name == CONSOLE:
            TREE.removeHandler(handler)
            handler.close()
    TREE.propagate = True


TREE.setLevel(logging.DEBUG)  # the handlers choose: a job's file takes everything
