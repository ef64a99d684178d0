# SPDX-License-Identifier: GPL-3.0-or-later
"""Jobs: their states, their journal, the threads that run them; and the thread that selects in photos. No bpy.

One runner and one `MaskWorker` serve the whole Blender, from `start` when the extension is enabled to `stop` when it is
disabled.
"""

from pathlib import Path

from ..photos.mask_worker import MaskWorker
from ..providers import SERVICES
from .runner import Runner

_runner: Runner | None = None
_selections: MaskWorker | None = None


def start(journal: Path) -> None:
    """Make the runner; `journal` is the file that records its jobs."""
    global _runner, _selections  # noqa: PLW0603 - what lives as long as the extension is enabled
    _runner = Runner(SERVICES, journal)
    _selections = MaskWorker()


def stop() -> None:
    """Stop all jobs and selections and forget them."""
    global _runner, _selections  # noqa: PLW0603
    if _selections is not None:
        _selections.close()
        _selections = None
    if _runner is not None:
        _runner.close()
        _runner = None


def runner() -> Runner:
    """The runner of this Blender; raises RuntimeError when the extension is not enabled."""
    if _runner is None:
        raise RuntimeError("The SAM 3D extension is not enabled.")
    return _runner


def selections() -> MaskWorker:
    """The selections of this Blender; raises RuntimeError when the extension is not enabled."""
    if _selections is None:
        raise RuntimeError("The SAM 3D extension is not enabled.")
    return _selections
