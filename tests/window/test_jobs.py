# SPDX-License-Identifier: GPL-3.0-or-later
"""Jobs beside everything else that an artist does."""

import json
import os
import shutil
from collections.abc import Callable
from pathlib import Path
from statistics import median

import pytest
from long_journal import make_journal, make_models
from loopback.wavespeed import WaveSpeedServer
from PIL import Image

ROOT = Path(__file__).resolve().parent.parent.parent
DRAWS = os.environ.get("SAM3D_DRAWS", "40")
"""How often the panel is drawn that is measured."""


@pytest.fixture
def photo() -> str:
    """A small one, of which a draft takes a moment."""
    small = ROOT / "build" / "window" / "photos" / "mug.jpg"
    small.parent.mkdir(parents=True, exist_ok=True)
    with Image.open(ROOT / "examples" / "photos" / "mug.jpg") as whole:
        whole.resize((256, 256)).save(small)
    return str(small)


def test_interruptions(lead_window: Callable[..., Path], photo: str) -> None:
    """Cancel, deleted photo, undo, Edit Mode, other files, a disabled extension."""
    lead_window("interruptions.py", photo)


def test_ten_jobs(lead_window: Callable[..., Path], photo: str) -> None:
    """The timer ticks on while ten drafts run. (How long a tick takes is for tools/bench_interface.py.)"""
    ticks = json.loads((lead_window("ten_jobs.py", photo) / "ticks.json").read_text())
    assert len(ticks["imports"]) == 10
    assert len(ticks["quiet"]) > 10


def test_many_jobs(lead_window: Callable[..., Path], photo: str) -> None:
    """200 jobs at an online service, 16 of them at once, beside a journal of 10,000.

    The bounds only tell work that grows with the journal or the jobs: the budget itself is for tools/bench_interface.py
    on a quiet machine.
    """
    journal = ROOT / "build" / "window" / "long_journal" / "journal.sqlite3"
    shutil.rmtree(journal.parent, ignore_errors=True)
    make_journal(journal, 10_000)
    make_models(journal, 300)
    with WaveSpeedServer(job_seconds=1.5, balance=100.0) as server:
        folder = lead_window("many_jobs.py", photo, server.url, server.key, str(journal), DRAWS)
        assert server.submits == server.submit_posts == 200
    figures = json.loads((folder / "figures.json").read_text())
    assert len(figures["imports"]) >= 10
    assert len(figures["quiet"]) > 100
    assert median(figures["quiet"]) < 10.0
    assert all(median(spent) < 15.0 for name, spent in figures.items() if name.startswith("draw_"))
