# SPDX-License-Identifier: GPL-3.0-or-later
"""A file is there as a whole or as it was before, whatever happens while it is written."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest

from sam3d.engine.atomic_write import atomic_stream, write_atomic

KILLED = """
import os, signal, sys
from pathlib import Path
from sam3d.engine.atomic_write import atomic_stream
with atomic_stream(Path(sys.argv[1])) as stream:
    stream.write(b"half of it")
    stream.flush()
    os.kill(os.getpid(), signal.SIGKILL)
"""


def test_a_file_is_written_and_replaced(tmp_path: Path) -> None:
    file = tmp_path / "model.glb"
    write_atomic(file, b"first")
    write_atomic(file, b"second")
    assert file.read_bytes() == b"second"
    assert list(tmp_path.iterdir()) == [file]


def test_the_name_is_taken_at_the_end(tmp_path: Path) -> None:
    file = tmp_path / "model.glb"
    with atomic_stream(file) as stream:
        stream.write(b"all of it")
        stream.flush()
        assert [path.name for path in tmp_path.iterdir()] == ["model.glb.part"]
    assert [path.name for path in tmp_path.iterdir()] == ["model.glb"]


@pytest.mark.parametrize("before", [b"whole", None])
def test_a_write_that_fails_leaves_what_was_there(tmp_path: Path, before: bytes | None) -> None:
    file = tmp_path / "model.glb"
    if before is not None:
        file.write_bytes(before)
    with pytest.raises(RuntimeError), atomic_stream(file) as stream:
        stream.write(b"half of it")
        raise RuntimeError
    assert (file.read_bytes() if file.exists() else None) == before
    assert not list(tmp_path.glob("*.part"))


def test_a_folder_that_is_gone_is_told(tmp_path: Path) -> None:
    with pytest.raises(OSError):
        write_atomic(tmp_path / "gone" / "model.glb", b"content")


@pytest.mark.skipif(sys.platform == "win32", reason="nothing is killed like that there")
def test_a_killed_write_leaves_the_old_file(tmp_path: Path) -> None:
    file = tmp_path / "model.glb"
    file.write_bytes(b"whole")
    assert subprocess.run([sys.executable, "-c", KILLED, str(file)], check=False).returncode < 0
    assert file.read_bytes() == b"whole"
    write_atomic(file, b"next")  # what the killed one left is not in the way
    assert [path.name for path in tmp_path.iterdir()] == ["model.glb"]
