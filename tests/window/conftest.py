# SPDX-License-Identifier: GPL-3.0-or-later
"""A real Blender with its window on a virtual screen."""

from collections.abc import Callable
from pathlib import Path

import pytest
from blender_process import ROOT
from window import run_window, why_not


@pytest.fixture
def folder(request: pytest.FixtureRequest) -> Path:
    """Where the test's Blender may write: a folder that the Blender with the window sees."""
    if reason := why_not():
        pytest.skip(reason)
    return ROOT / "build" / "window" / request.node.name.removeprefix("test_")


@pytest.fixture
def lead_window(folder: Path) -> Callable[..., Path]:
    """Runs a script of `inside` in a new Blender with the built zip; returns the folder of its pictures."""

    def run(script: str, *arguments: str) -> Path:
        print(run_window(script, folder, *arguments))
        return folder

    return run
