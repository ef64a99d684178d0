# SPDX-License-Identifier: GPL-3.0-or-later
"""The one object that owns what a Blender has in hand while the extension is enabled."""

from pathlib import Path
from typing import TYPE_CHECKING, Any

import bpy

from ..jobs.own_server import OwnServer
from ..jobs.queue import JobQueue
from ..jobs.selection_model import SelectionModel
from ..jobs.subject_guess import SubjectGuesses
from ..photos.mask_worker import MaskWorker
from ..providers import SERVICES
from ..scene.mask_images import DrawnImages
from .arrivals import Arrivals
from .help_pages import HelpPages
from .photo_in_hand import PhotoInHand
from .photo_matching import PhotoMatching
from .progress import Progress
from .result_list import ResultList
from .scene_identity import SceneIdentities

if TYPE_CHECKING:
    from .camera_capture import CameraCapture
    from .everything import Everything
    from .question import Question


class Runtime:
    """What lives from `register` to `unregister`, in one process, whatever file is open."""

    def __init__(self, journal: Path, receipts: Path) -> None:
        """`journal` is the file that records the jobs, beside which the model that selects lies; `receipts` is the
        folder that says once more what is paid for.
        """
        self.queue = JobQueue(SERVICES, journal, receipts=receipts)
        self.results = ResultList(self.queue)
        self.masks = MaskWorker(waits=bpy.app.background)
        self.selection_model = SelectionModel(journal.with_name("models"))
        self.everything: Everything | None = None
        """What is searched for all objects of a photo, while the artist waits for it or takes some."""
        self.guesses = SubjectGuesses()
        self.guessing = False
        """Whether the main button waits for a guess."""
        self.question: Question | None = None
        """What the artist is asked before anything is made of a guess."""
        self.asked: set[int] = set()
        """The photos that the artist was asked about, by their `session_uid`."""
        self.drawn_images = DrawnImages()
        self.photo = PhotoInHand()
        self.matching = PhotoMatching()
        self.scenes = SceneIdentities()
        self.own_server = OwnServer()
        """What the artist's own server has told last."""
        self.help = HelpPages()
        self.last_checks: dict[str, str] = {}
        """What the last test of a service's connection has told, by provider."""
        self.capture: CameraCapture | None = None
        """The photo that the scene's camera is just taking: Blender renders one picture at a time."""
        self.arrivals = Arrivals()
        self.progress: Progress | None = None
        """How far all that is at work was at the last tick."""
        self.is_watching = False
        """Whether the modal timer runs."""
        self.draw_handle: Any = None
        """Blender's, of what is drawn over the photo."""
        self.keymap_entries: list[Any] = []
        """Those of the extension in Blender's keymap editor."""
        self.command: Any = None
        """Blender's, of the command line."""

    def close(self) -> None:
        """Stop everything that is at work, and wait for it a moment."""
        if self.capture is not None:
            self.capture.close()
        self.help.close()
        self.matching.close()
        self.masks.close()
        self.guesses.close()
        self.selection_model.close()
        self.results.close()
        self.queue.close()


_runtime: Runtime | None = None


def register(journal: Path, receipts: Path) -> Runtime:
    """Make the one object; called when the extension is enabled."""
    global _runtime  # noqa: PLW0603 - the one name that lives as long as the extension is enabled
    _runtime = Runtime(journal, receipts)
    return _runtime


def unregister() -> None:
    """Drop it; called when the extension is disabled."""
    global _runtime  # noqa: PLW0603
    runtime().close()
    _runtime = None


def is_enabled() -> bool:
    """Whether the extension is."""
    return _runtime is not None


def runtime() -> Runtime:
    """What this Blender has in hand; raises RuntimeError when the extension is not enabled."""
    if _runtime is None:
        raise RuntimeError("The SAM 3D extension is not enabled.")
    return _runtime
