# SPDX-License-Identifier: GPL-3.0-or-later
"""Jobs: their states, their journal, the threads that run them; and the thread that selects in photos. No bpy.

One `JobQueue` and one `MaskWorker` serve the whole Blender, from `start` when the extension is enabled to `stop` when
it is disabled.
"""

from pathlib import Path

from ..photos.mask_worker import MaskWorker
from ..providers import SERVICES
from .queue import JobQueue

_job_queue: JobQueue | None = None
_selections: MaskWorker | None = None


def start(journal: Path) -> None:
    """Make the job queue; `journal` is the file that records its jobs."""
    global _job_queue, _selections  # noqa: PLW0603 - what lives as long as the extension is enabled
    _job_queue = JobQueue(SERVICES, journal)
    _selections = MaskWorker()


def stop() -> None:
    """Stop all jobs and selections and forget them."""
    global _job_queue, _selections  # noqa: PLW0603
    if _selections is not None:
        _selections.close()
        _selections = None
    if _job_queue is not None:
        _job_queue.close()
        _job_queue = None


def job_queue() -> JobQueue:
    """The job queue of this Blender; raises RuntimeError when the extension is not enabled."""
    if _job_queue is None:
        raise RuntimeError("The SAM 3D extension is not enabled.")
    return _job_queue


def selections() -> MaskWorker:
    """The selections of this Blender; raises RuntimeError when the extension is not enabled."""
    if _selections is None:
        raise RuntimeError("The SAM 3D extension is not enabled.")
    return _selections
