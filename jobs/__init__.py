# SPDX-License-Identifier: GPL-3.0-or-later
"""Jobs: their states, their journal, the threads that run them. No bpy.

One runner serves the whole Blender, from `start` when the extension is enabled to `stop` when it is disabled.
"""

from pathlib import Path

from ..providers import SERVICES
from .runner import Runner

_runner: Runner | None = None


def start(journal: Path) -> None:
    """Make the runner; `journal` is the file that records its jobs."""
    global _runner  # noqa: PLW0603 - the one thing that lives as long as the extension is enabled
    _runner = Runner(SERVICES, journal)


def stop() -> None:
    """Stop all jobs and forget the runner."""
    global _runner  # noqa: PLW0603
    if _runner is not None:
        _runner.close()
        _runner = None


def runner() -> Runner:
    """The runner of this Blender; raises RuntimeError when the extension is not enabled."""
    if _runner is None:
        raise RuntimeError("The SAM 3D extension is not enabled.")
    return _runner
