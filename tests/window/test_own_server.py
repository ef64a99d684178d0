# SPDX-License-Identifier: GPL-3.0-or-later
"""The artist's own server in the real window: the real server's process, with the draft engine."""

from collections.abc import Callable
from pathlib import Path

from blender_process import ROOT
from server_process import ServerProcess


def test_own_server(lead_window: Callable[..., Path], tmp_path: Path) -> None:
    """From the test in the preferences to the model in the scene."""
    with ServerProcess(tmp_path) as server:
        folder = lead_window("own_server.py", str(ROOT / "examples" / "photos" / "mug.jpg"), server.url)
    for name in ("own-preferences", "own-ready", "own-running", "own-arrived"):
        assert (folder / f"{name}.png").stat().st_size > 100_000
