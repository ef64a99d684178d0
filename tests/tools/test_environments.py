# SPDX-License-Identifier: GPL-3.0-or-later
"""Finding a Python of the version that an environment asks for."""

from __future__ import annotations

from pathlib import Path

import pytest
from environments import find_python


def executable(path: Path, script: str) -> Path:
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(f"#!/bin/sh\n{script}\n")
    path.chmod(0o755)
    return path


def test_a_shim_that_fails_is_not_taken_for_a_python(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    shim = executable(tmp_path / "shims" / "python3.99", "echo 'pyenv: command not found' >&2; exit 127")
    executable(tmp_path / "pyenv" / "versions" / "3.99.1" / "bin" / "python3.99", "echo 3.98 /other")
    real = executable(tmp_path / "pyenv" / "versions" / "3.99.0" / "bin" / "python3.99", 'echo 3.99 "$0"')
    monkeypatch.setenv("PATH", str(shim.parent))
    monkeypatch.setenv("PYENV_ROOT", str(tmp_path / "pyenv"))
    assert find_python("3.99") == real
