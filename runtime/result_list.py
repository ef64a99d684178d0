# SPDX-License-Identifier: GPL-3.0-or-later
"""The page of the list of results that is shown: asked for when it is drawn, there a moment later."""

import time
from concurrent.futures import Future

from ..jobs.listing import ResultPage, ResultQuery
from ..jobs.model import Job
from ..jobs.queue import JobQueue
from ..jobs.readings import Reading, Readings, has_readings, others
from ..jobs.thumbnails import Thumbnail, Thumbnails
from ..jobs.variations import subject_of, variation_of
from .previews import Previews

PAUSE = 0.3
"""Seconds between two questions, when jobs end one after the other."""


class ResultList:
    """What the panels draw of the ended jobs. Every method is for the main thread and returns at once, but `close`."""

    def __init__(self, queue: JobQueue) -> None:
        """Nothing is asked for before it is drawn."""
        self._queue = queue
        self._asked: tuple[ResultQuery, int] | None = None
        self._answer: Future[ResultPage | None] | None = None
        self._earliest = 0.0
        self._is_late = False
        """Whether the page has changed, and it is too early to ask for it again."""
        self._thumbnails = Thumbnails()
        self._readings = Readings()
        self._previews = Previews()
        self.page = ResultPage()
        self.is_known = False
        """Whether any page has been read."""
        self.unfolded: set[str] = set()
        """What is open: the ids of jobs whose notes are shown whole, and of groups whose jobs are."""

    def look(self, query: ResultQuery) -> ResultPage:
        """The page as it is known now. Where another one is asked for, or something has changed, it comes later."""
        if self._answer is None and self._is_other(query):
            is_new = self._asked is None or self._asked[0] != query
            self._is_late = not is_new and time.monotonic() < self._earliest
            if not self._is_late:
                self._asked = query, self._queue.revision
                self._answer = self._queue.ask_for_page(query)
        return self.page

    @property
    def busy(self) -> bool:
        """Whether a page or pictures of it are on their way."""
        return self._answer is not None or self._is_late or self._thumbnails.busy or self._readings.busy

    @property
    def jobs(self) -> list[Job]:
        """The page's jobs as they stand now."""
        now = (self._queue.now(job) for job in self.page.jobs)
        return [job for job in now if job is not None and not job.at_work]

    def drain(self) -> bool:
        """Take over what was read or made; returns whether there is something new to show."""
        changed = self._is_late and time.monotonic() >= self._earliest  # it is drawn, and so asked for, again
        self._is_late = self._is_late and not changed
        if self._answer is not None and self._answer.done():
            page = self._answer.result()
            self._answer, self._earliest = None, time.monotonic() + PAUSE
            if page is not None:
                self.page, self.is_known = page, True
                if not page.is_complete:
                    self._asked = None
                self._thumbnails.want([job.model for job in page.jobs if job.model is not None])
            changed = True
        for thumbnail in self._thumbnails.drain():
            if thumbnail.file is not None:
                changed |= self._previews.show(thumbnail.file, thumbnail.written)
        for reading in self._readings.drain():
            changed |= self._previews.show(reading.picture, reading.written)
        return changed

    def active(self, chosen: str) -> str:
        """The id of the result that is shown whole: the chosen one, else the latest, unless jobs are at work above."""
        if chosen or self._queue.photos_at_work():
            return chosen
        return next((job.id for job in self.jobs), "")

    def variations(self, job: Job) -> tuple[str, ...]:
        """The ids of the variations that a job is one of, as far as they are known; empty for an only one."""
        if job.id in self.page.variations:
            return self.page.variations[job.id]
        subject = subject_of(job)
        known = self._queue.jobs.values()
        found = sorted((other for other in known if subject and subject_of(other) == subject), key=variation_of)
        return tuple(other.id for other in found) if len(found) > 1 else ()

    def thumbnail(self, job: Job) -> Thumbnail | None:
        """What is known of a job's model; None where there is none, or it was not looked at yet."""
        return None if job.model is None else self._thumbnails.known.get(job.model)

    def icon(self, job: Job) -> int:
        """The icon with the picture of a job's model; 0 where there is none yet."""
        thumbnail = self.thumbnail(job)
        return 0 if thumbnail is None or thumbnail.file is None else self._previews.icon(thumbnail.file)

    def other_readings(self, job: Job) -> list[Reading]:
        """What else a draft's photo may show, as far as it is known; the first question has it made."""
        if not has_readings(job):
            return []
        self._readings.want(job)
        return others(self._readings.known.get(job.id, ()), job)

    def reading(self, job: Job, kind: str) -> Reading | None:
        """One of a job's readings, by its kind; None where there is none, or it is not known yet."""
        return next((reading for reading in self.other_readings(job) if reading.kind == kind), None)

    def picture(self, reading: Reading) -> int:
        """The icon with the picture of a reading; 0 where it is not at hand."""
        return self._previews.icon(reading.picture)

    def close(self) -> None:
        """Let go of the pictures; wait for the one that is being made."""
        self._readings.close()
        self._thumbnails.close()
        self._previews.close()

    def _is_other(self, query: ResultQuery) -> bool:
        """Whether another page is wanted than was asked for last, or what it holds may have changed."""
        return self._queue.recalled and self._asked != (query, self._queue.revision)
