# SPDX-License-Identifier: GPL-3.0-or-later
"""Several objects of one photo, in the real window."""

from collections.abc import Callable
from pathlib import Path

from loopback import faults
from loopback.wavespeed import WaveSpeedServer

ROOT = Path(__file__).resolve().parent.parent.parent
PHOTO = ROOT / "examples" / "photos" / "desk.jpg"


def test_many_objects(lead_window: Callable[..., Path]) -> None:
    with WaveSpeedServer(job_seconds=3.0, balance=1.0) as server:
        server.fault("download", faults.stall(), after=2)
        lead_window("many_objects.py", str(PHOTO), server.url, server.key)
        assert server.count("put") == 1 + 4
        assert server.submits == server.submit_posts == 4
