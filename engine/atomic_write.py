# SPDX-License-Identifier: GPL-3.0-or-later
"""Files that are whole under their name, or not there: neither a crash nor a power cut leaves half of one."""

import os
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import BinaryIO


@contextmanager
def atomic_stream(path: Path) -> Iterator[BinaryIO]:
    """A stream to `path`.part, which becomes `path` at the end of the block; where that raises, `path` stays as it was.

    Raises OSError where the disk refuses.
    """
    part = path.with_name(path.name + ".part")
    try:
        with part.open("wb") as stream:
            yield stream
            stream.flush()
            os.fsync(stream.fileno())  # a power cut must not leave a name without its content
        part.replace(path)
    finally:
        part.unlink(missing_ok=True)


def write_atomic(path: Path, content: bytes) -> None:
    """Write a file, or replace it, as a whole; raises OSError where the disk refuses."""
    with atomic_stream(path) as stream:
        stream.write(content)
