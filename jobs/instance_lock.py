# SPDX-License-Identifier: GPL-3.0-or-later
"""Which Blenders are alive: each holds a lock that the system takes back when its process ends, however it ends.

Several Blenders may share one journal; a job at work belongs to the Blender that has it until that one is gone. The
lock is one of sqlite3's, which works alike on every system. No bpy.
"""

import sqlite3
import uuid
from contextlib import closing
from pathlib import Path

SUFFIX = ".alive"


class InstanceLock:
    """This Blender's own sign of life, for as long as it is not closed."""

    def __init__(self, folder: Path) -> None:
        """Make the sign in `folder`; raises sqlite3.Error or OSError where the disk refuses."""
        self.id = uuid.uuid4().hex
        self._path = folder / f"{self.id}{SUFFIX}"
        # made by one thread and closed by another, one after the other
        self._lock = sqlite3.connect(self._path, isolation_level=None, check_same_thread=False)
        self._lock.execute("BEGIN EXCLUSIVE")

    def close(self) -> None:
        """Take the sign down."""
        self._lock.close()
        self._path.unlink(missing_ok=True)


def is_alive(folder: Path, owner: str) -> bool:
    """Whether the Blender with this id still holds its lock; takes down the sign of one that does not."""
    path = folder / f"{owner}{SUFFIX}"
    if not owner or not path.exists():
        return False
    try:
        with closing(sqlite3.connect(path, timeout=0.0, isolation_level=None)) as connection:
            connection.execute("BEGIN EXCLUSIVE")
            connection.execute("ROLLBACK")
    except sqlite3.OperationalError:
        return True
    path.unlink(missing_ok=True)
    return False
