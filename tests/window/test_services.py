# SPDX-License-Identifier: GPL-3.0-or-later
"""The online services in the real window, each behind a loopback server."""

import json
from collections.abc import Callable
from pathlib import Path

from blender_process import ROOT
from loopback import faults
from loopback.runware import RunwareServer
from loopback.segmind import SegmindServer
from loopback.wavespeed import WaveSpeedServer

KEY = "SG_0123456789abcdef"


def test_services(lead_window: Callable[..., Path]) -> None:
    """From the missing key to three variations in the scene; a lost answer is asked about and never repeated."""
    with (
        WaveSpeedServer(key=KEY, job_seconds=2.0, balance=4.2) as wavespeed,
        SegmindServer(key=KEY, job_seconds=0.5, balance=1.5) as segmind,
        RunwareServer(key=KEY, job_seconds=0.5, balance=8.0) as runware,
    ):
        segmind.fault("submit", faults.CUT_AFTER)
        addresses = {"WAVESPEED": wavespeed.url, "SEGMIND": segmind.url, "RUNWARE": runware.url}
        folder = lead_window("services.py", str(ROOT / "examples" / "photos" / "mug.jpg"), json.dumps([addresses, KEY]))
        assert [server.submit_posts for server in (wavespeed, segmind, runware)] == [1, 1, 1]
        assert [server.leaks for server in (wavespeed, segmind, runware)] == [[], [], []]
    for name in ("no-key", "preferences", "ready", "running", "lost", "pay-again", "runware"):
        assert (folder / f"{name}.png").stat().st_size > 100_000
