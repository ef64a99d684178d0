# SPDX-License-Identifier: GPL-3.0-or-later
"""The matches that are being looked for, on a thread of their own, and those that wait to be taken over."""

from collections.abc import Callable, Sequence
from concurrent.futures import CancelledError, Future, ThreadPoolExecutor
from dataclasses import dataclass

from ..engine.matching.guides import GuideError
from ..jobs.matching import PhotoMatch, Report, match_arriving
from ..jobs.model import Job
from ..jobs.places import Place, read_place
from ..log import get_logger
from ..photos.camera_guesses import CameraWishes
from ..photos.errors import PhotoError

LOG = get_logger(__name__)
NOT_PLACED = "Its place in the photo could not be found, so it stands at the 3D cursor."


@dataclass(frozen=True)
class Renewal:
    """A camera that is being found anew, and with it the places of objects, by their jobs.

    `scene` is the scene's `session_uid`, `source` tells the photo. `jobs` are the ids of those whose objects are
    placed; `keeps_camera` tells that the camera stays as it is, `follows` that all this follows what the artist has
    just changed, and belongs to that step of undo. `wishes` is what the artist had told of the camera then.
    """

    future: "Future[PhotoMatch]"
    scene: int
    source: str
    jobs: tuple[str, ...]
    wishes: CameraWishes
    keeps_camera: bool = False
    follows: bool = False


class PhotoMatching:
    """All of it. Every method is for the main thread."""

    def __init__(self) -> None:
        """Nothing is being looked for."""
        self._thread: ThreadPoolExecutor | None = None
        self._arriving: dict[str, Future[PhotoMatch]] = {}
        """The matches of results that have not come into the scene yet, by their jobs' ids."""
        self.renewals: list[Renewal] = []
        self.fraction = 0.0
        """How much of the match at work is done."""
        self._closing = False

    def start(self, work: Callable[[Report], PhotoMatch]) -> "Future[PhotoMatch]":
        """Have work done, after what is being done; it is to report how far it is."""
        if self._thread is None:
            self._thread = ThreadPoolExecutor(1, "sam3d-match")
        return self._thread.submit(work, self._report)

    def start_arriving(self, jobs: Sequence[Job], wishes: CameraWishes) -> None:
        """Look for the places of results of one photo that arrive together."""
        future = self.start(lambda report: match_arriving(jobs, wishes, report))
        self._arriving.update(dict.fromkeys((job.id for job in jobs), future))

    def is_asked_for(self, job_id: str) -> bool:
        """Whether the place of a result is being looked for, or found."""
        return job_id in self._arriving

    def is_found(self, job_id: str) -> bool:
        """Whether it is known by now whether it has a place."""
        return self._arriving[job_id].done()

    def together(self, job_id: str) -> set[str]:
        """The ids of the results that are to arrive together with one, itself included."""
        future = self._arriving.get(job_id)
        return {other for other, theirs in self._arriving.items() if theirs is future}

    def take(self, job: Job) -> tuple[Place | None, tuple[str, ...]]:
        """The place of a result that comes into the scene, with what the artist should know of it.

        It is what has been looked for, or found at an earlier time; None where there is none.
        """
        assert job.model is not None
        future = self._arriving.pop(job.id, None)
        if future is None:
            return read_place(job.model), ()
        match, notes = outcome(future)
        place = match.places.get(job.id)
        return place, notes if place is not None else notes or (NOT_PLACED,)

    @property
    def busy(self) -> bool:
        """Whether something is being looked for, or waits to be taken over."""
        return bool(self.renewals) or any(not future.done() for future in self._arriving.values())

    def is_at_work(self, source: str) -> bool:
        """Whether the camera of a photo is being found anew."""
        return any(one.source == source for one in self.renewals)

    def drop(self, source: str) -> None:
        """Give up what is being found anew for a photo: it is about to be found anew once more."""
        for one in [one for one in self.renewals if one.source == source]:
            one.future.cancel()
            self.renewals.remove(one)

    def close(self) -> None:
        """Drop what waits; what is at work ends at its next report."""
        self._closing = True
        if self._thread is not None:
            self._thread.shutdown(cancel_futures=True)

    def _report(self, fraction: float, _stage: str) -> None:
        """On the thread."""
        if self._closing:
            raise CancelledError
        self.fraction = fraction


def outcome(future: "Future[PhotoMatch]") -> tuple[PhotoMatch, tuple[str, ...]]:
    """What a match has found, and sentences for the artist; a match without places where it has failed."""
    try:
        match = future.result()
    except (GuideError, PhotoError) as error:
        return PhotoMatch(), (str(error),)
    except Exception:  # whatever it is, the results are there and paid for
        LOG.exception("A photo could not be matched")
        return PhotoMatch(), ()
    return match, match.notes
