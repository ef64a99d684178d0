# SPDX-License-Identifier: GPL-3.0-or-later
"""The queue of jobs: runs them on worker threads and hands what becomes of them to the main thread. No bpy.

A worker owns its job from start to result and posts frozen snapshots of it. The main thread calls `drain` now and then,
which makes the snapshots visible in `jobs`; nothing else is shared.
"""

import time
import uuid
from collections import deque
from collections.abc import Callable, Mapping, Sequence
from concurrent.futures import Future
from dataclasses import replace
from functools import partial
from pathlib import Path

from ..providers.base import Credentials, Service
from .at_work import PhotoAtWork, photos_at_work
from .journal_thread import JournalThread
from .listing import CLEARABLE, ResultPage, ResultQuery
from .messages import cancel_message, earlier_charge, recovered
from .model import ENDED, ITS_TURN, Job, State
from .readings import DRAFT, Reading
from .retry import RetryPolicy
from .service_queue import ServiceQueue
from .service_status import ServiceStatus
from .worker import NewJob, Worker, WorkerContext

CLOSING_SECONDS, SUBMITTING_SECONDS = 2.0, 15.0
"""How long a closing Blender waits for its workers, and for one that is just paying."""


class JobQueue:
    """All jobs of this Blender. Every method is for the main thread and returns at once, except where it says so."""

    def __init__(
        self,
        services: Mapping[str, Service],
        journal: Path,
        retry_policy: RetryPolicy | None = None,
        receipts: Path | None = None,
    ) -> None:
        """Start with no jobs; `journal` is the file that records them, read by a thread of its own.

        `receipts` is the folder of the second place for what is paid for; without it, one beside the journal.
        """
        self.jobs: dict[str, Job] = {}
        self._journal = JournalThread(journal, receipts or journal.parent / "receipts")
        self._last_resort = journal.parent / "results"
        self._results_folders: tuple[Path, ...] = ()
        self._sent_with: dict[str, Credentials] = {}
        self.services = ServiceStatus(services, self._journal.with_ledger, self._pending_dollars)
        self._queues = {name: ServiceQueue(name, service.parallel) for name, service in services.items()}
        self._workers: dict[str, Worker] = {}
        self._published: deque[Job] = deque()
        self._photos: list[PhotoAtWork] | None = None
        self.revision = 0
        """Another number whenever something about a job that is not at work has changed."""
        self._awaited: set[str] = set()
        self._unannounced: dict[str, set[str]] = {}
        """The ids of jobs of this session whose end is still to be told, by what those started together share."""
        self._removed: set[str] = set()
        self._left_open: set[str] = set()
        self._closing = False
        self._contexts = {
            name: self._context(name, service, retry_policy or RetryPolicy()) for name, service in services.items()
        }
        self._recalled = self._journal.submit(self._recall)

    def allow(self, credentials: Mapping[str, Credentials], limit: float, results_folders: Sequence[Path] = ()) -> None:
        """Take over how the services are reached and the spending limit, as the preferences say them now.

        `results_folders` are where results are kept, the best one first, if a job's own folder cannot be used any more.

        Jobs that could not fetch their result before may do so with what has changed: `resume` takes them up.
        """
        known = self.services.known
        changed = {name for name in known if credentials.get(name, Credentials()) != self.services.credentials(name)}
        for job in self.jobs.values():
            if job.provider in changed and job.state is State.FAILED and _left_open(job):
                self._left_open.add(job.id)
        self.services.allow(credentials, limit)
        self._results_folders = tuple(results_folders)

    def start(self, new_job: NewJob) -> None:
        """Begin a new job."""
        worker = self._worker(new_job.job)
        self._launch(worker, lambda: worker.run_new(new_job))

    def fetch_again(self, job_id: str) -> None:
        """Go on with a task that a service has accepted; raises KeyError for a job with nothing to fetch."""
        job = self.jobs[job_id]
        if job.at_work or not job.fetchable:
            raise KeyError(job_id)
        self._collect(replace(job, fraction=0.0, stage=""), awaited=True)

    def run_again(self, job_id: str) -> str:
        """Start a job anew from its own pictures, in its place on the list, which costs what a new one costs.

        Returns the new job's id; raises KeyError for a job that cannot be repeated.
        """
        old = self.jobs[job_id]
        if not old.repeatable or old.request is None:
            raise KeyError(job_id)
        new_id = uuid.uuid4().hex
        job = Job(
            id=new_id,
            provider=old.provider,
            photo=old.photo,
            options=old.options,
            destination=old.destination,
            folder=old.folder,
            group=old.group,
            price=self.services.price(old.provider, old.options.subject) * old.options.results,
            request=replace(old.request, id=new_id),
            notes=(*old.notes, *earlier_charge(old, self.services.known[old.provider])),
        )
        self.remove(job_id)
        worker = self._worker(job)
        self._launch(worker, worker.run_request)
        return new_id

    def resume(self) -> None:
        """Go on with what earlier Blenders have left: what is submitted is polled and fetched, at no cost."""
        self.drain()
        for job_id in list(self._left_open):
            job = self.jobs.get(job_id)
            if job is None or job.provider not in self.services.known or job.at_work or not _left_open(job):
                self._left_open.discard(job_id)
                continue
            online = self.services.credentials(job.provider).online
            if self.services.obstacle(job.provider, 0.0, online=online):
                continue  # as it was: the next start, or Retry, goes on
            self._left_open.discard(job_id)
            self._collect(job, awaited=False)

    def cancel(self, job_id: str) -> None:
        """Stop a job; it counts as cancelled from now on, whatever its worker still does."""
        job = self.jobs[job_id]
        self._workers[job_id].stop.set()
        self._queues[job.provider].drop(job_id)
        message = cancel_message(job, self.services.known[job.provider])
        self._settle(replace(job, state=State.CANCELLED, finished=time.time(), message=message))

    def await_again(self, job: Job) -> None:
        """Have a ready result, as it stands now, come into the scene by itself."""
        self._awaited.add(job.id)
        self._put(job)

    def mark_imported(self, job_id: str, *notes: str) -> None:
        """Record that the job's result stands in a scene; `notes` are what is worth knowing about it there."""
        job = self.jobs[job_id]
        told = tuple(dict.fromkeys([*job.notes, *filter(None, notes)]))
        self._settle(replace(job, state=State.IMPORTED, message="", notes=told))

    def take_reading(self, job_id: str, reading: Reading) -> None:
        """Record that another reading of a draft's photo counts as the job's result."""
        job = self.jobs[job_id]
        name = f"{DRAFT}{reading.kind}"
        self._settle(replace(job, model=reading.model, model_name=name, pose=reading.pose))

    def mark_waiting(self, job_id: str, reason: str) -> None:
        """Say why a ready result is not in the scene yet; not recorded, because it may change with every tick."""
        self._put(replace(self.jobs[job_id], message=reason))

    def mark_failed(self, job_id: str, reason: str) -> None:
        """Record that the job's result could not be imported."""
        self._settle(replace(self.jobs[job_id], state=State.FAILED, message=reason))

    def remove(self, job_id: str) -> None:
        """Forget a job that is not at work; its files stay in the results folder."""
        job = self.jobs.pop(job_id)
        self._photos = None
        self.revision += 1
        self._removed.add(job_id)  # its worker's last snapshots may still be on their way
        self._journal.submit(self._journal.forget, job)

    def clear(self, query: ResultQuery, *, everything: bool) -> None:
        """Forget the ended jobs that a query asks for, however old; files stay.

        What waits for its scene stays, and with less than `everything` also that in which something is at stake.
        """
        self.drain()
        for job in [job for job in self.jobs.values() if job.state in CLEARABLE and query.asks_for(job)]:
            if everything or not job.at_stake:
                self.remove(job.id)
        self._journal.submit(self._journal.clear, query, list(self.jobs), everything=everything)
        self.revision += 1

    def drain(self) -> bool:
        """Take the workers' snapshots over into `jobs`; returns whether there was any."""
        changed = False
        while self._published:
            job = self._published.popleft()
            if job.id in self._removed:
                continue
            known = self.jobs.get(job.id)
            if known is not None and known.state is State.CANCELLED:
                # Cancelled stays cancelled, but what the service has taken or made meanwhile is not forgotten.
                job = replace(job, state=State.CANCELLED, finished=known.finished, stage="")
                job = replace(job, message=cancel_message(job, self.services.known[job.provider]))
                self._settle(job)
            if known is None and job.state is State.READY and job.request and job.request.id in self._awaited:
                self._awaited.add(job.id)  # another result of a task that was started here
                self._unannounced.setdefault(job.group or job.task_name, set()).add(job.id)
            self._put(job)
            changed = True
        return changed

    def find(self, job_id: str) -> Job | None:
        """The job of that id, however old it is; waits for the journal where it is not at hand."""
        if job_id not in self.jobs:
            self.wait_for_journal()
            self.drain()
        if job_id not in self.jobs and job_id not in self._removed:
            job = self._journal.submit(self._journal.find, job_id).result()
            if job is not None:
                self._put(recovered(job, self.services.known.get(job.provider)))
        return self.jobs.get(job_id)

    def find_group(self, group: str) -> list[Job]:
        """All jobs that were started together, however old; waits for the journal."""
        self.drain()
        for job in self._journal.submit(self._journal.of_group, group).result() or ():
            if job.id not in self.jobs and job.id not in self._removed:
                self._put(recovered(job, self.services.known.get(job.provider)))
        return sorted((job for job in self.jobs.values() if job.group == group), key=lambda job: job.created)

    def ask_for_page(self, query: ResultQuery) -> "Future[ResultPage | None]":
        """Part of the list of all jobs that are not at work, however old they are; None where the disk refuses."""
        at_work = [job.id for job in self.jobs.values() if job.at_work]
        return self._journal.submit(self._page, query, at_work)

    def now(self, job: Job) -> Job | None:
        """A job of a page as it stands now; None where it has been removed."""
        return None if job.id in self._removed else self.jobs.get(job.id, job)

    @property
    def trouble(self) -> str:
        """What the artist should know of the list of jobs itself, as a sentence; empty when all is well."""
        return self._journal.trouble

    @property
    def recalled(self) -> bool:
        """Whether the jobs of earlier sessions have been read."""
        return self._recalled.done()

    def wait_for_journal(self) -> None:
        """Wait until the jobs of earlier sessions are known (a fraction of a second after the start, once)."""
        self._recalled.result()

    def awaited(self) -> list[Job]:
        """Ready results of jobs that were started in this session: they go into the scene by themselves."""
        return [job for job in self.jobs.values() if job.state is State.READY and job.id in self._awaited]

    def take_ended(self) -> list[list[Job]]:
        """The jobs, those together that were started together, which have all ended since this was asked last."""
        ended = []
        for key, ids in list(self._unannounced.items()):
            jobs = [job for job_id in ids if (job := self.jobs.get(job_id)) is not None]
            if all(job.state in ENDED for job in jobs):
                del self._unannounced[key]
                ended.append(sorted(jobs, key=lambda job: job.created))
        return [jobs for jobs in ended if jobs]

    def photos_at_work(self) -> list[PhotoAtWork]:
        """The jobs at work for the panel.

        Worked out when something has changed: the panel is drawn far more often.
        """
        if self._photos is None:
            self._photos = photos_at_work(self.jobs.values())
        return self._photos

    def at_work(self) -> list[Job]:
        """The jobs that a worker has or will have, oldest first."""
        return [job for job in self.jobs.values() if job.at_work]

    def close(self) -> None:
        """Stop all workers and wait for them for a moment, longer for one that is just paying; tasks stay on record."""
        self._closing = True
        self.drain()
        paying = any(job.state is State.SUBMITTING and job.price for job in self.jobs.values())
        for worker in self._workers.values():
            worker.stop.set()
        end = time.monotonic() + (SUBMITTING_SECONDS if paying else CLOSING_SECONDS)
        for queue in self._queues.values():
            queue.close(max(0.0, end - time.monotonic()))
        self._journal.close()

    def _context(self, name: str, service: Service, retry_policy: RetryPolicy) -> WorkerContext:
        handle = self.services.handles[name]
        return WorkerContext(
            service=service,
            provider=handle.provider,
            credentials=handle.credentials,
            retry_policy=retry_policy,
            poll_schedule=partial(self.services.poll_schedule, name),
            reserve=self._journal.reserve,
            record=self._journal.record,
            record_paid=self._journal.record_paid,
            record_end=self._record_end,
            enter_charge=self.services.enter_charge,
            correct_charge=lambda job, dollars: self._journal.quietly(self.services.correct_charge, job, dollars),
            record_seconds=lambda job, seconds: self._journal.quietly(self.services.record_seconds, job, seconds),
            record_payment=lambda job, dollars, balance: self._journal.quietly(
                self.services.record_payment, job, dollars, balance
            ),
            sent_with=self._sent_with,
            results_folders=lambda: (*self._results_folders, self._last_resort),
            publish=self._published.append,
            hold=self._queues[name].hold,
            closing=lambda: self._closing,
        )

    def _worker(self, job: Job) -> Worker:
        return Worker(self._contexts[job.provider], job)

    def _collect(self, left: Job, *, awaited: bool) -> None:
        """Have a worker fetch what there may be for a job; `left` is how it stands now.

        What is in doubt keeps its sentence: there may be nothing to find.
        """
        message = left.message if left.lost else ""
        worker = self._worker(replace(left, state=State.RUNNING, finished=None, message=message))
        self._launch(worker, partial(worker.collect, left), awaited=awaited, left=left)

    def _launch(
        self, worker: Worker, work: Callable[[], None], *, awaited: bool = True, left: Job | None = None
    ) -> None:
        job = worker.job = replace(worker.job, stage=ITS_TURN)
        self._workers[job.id] = worker
        if awaited:
            self._awaited.add(job.id)
            self._unannounced.setdefault(job.group or job.task_name, set()).add(job.id)
        self._put(job)
        self._journal.submit(self._enqueue, worker, work, left)

    def _enqueue(self, worker: Worker, work: Callable[[], None], left: Job | None) -> None:
        """On the journal's thread: a worker may only begin, and record its own steps, once its job is on record."""
        job = worker.job
        if self._journal.quietly(self._journal.claim, job) is False:
            if left is not None and left.lost:
                self._published.append(left)  # the other one may find nothing either
                return
            message = "Another Blender has this job at work: its result appears there."
            self._published.append(replace(job, state=State.FAILED, finished=time.time(), stage="", message=message))
        elif not self._closing:
            self._queues[job.provider].add(job.id, partial(worker.run, work))

    def _page(self, query: ResultQuery, at_work: Sequence[str]) -> ResultPage:
        """On the journal's thread."""
        page = self._journal.page(query, at_work)
        known = self.services.known
        return replace(page, jobs=tuple(recovered(job, known.get(job.provider)) for job in page.jobs))

    def _record_end(self, job: Job) -> None:
        self._journal.record_paid([job])
        self._journal.quietly(self.services.refresh)

    def _recall(self) -> None:
        """On the journal's thread: bring the jobs of earlier sessions back; none is at work until it is resumed."""
        # A service that this version does not know has no use any more but for its results, and for what it may hold.
        jobs = [
            recovered(job, self.services.known.get(job.provider))
            for job in self._journal.recall()
            if job.provider in self.services.known or job.state in (State.READY, State.IMPORTED) or job.owed
        ]
        self._left_open = {job.id for job in jobs if _left_open(job)}
        self._published.extend(jobs)
        self.services.refresh()

    def _pending_dollars(self) -> float:
        return sum(job.price for job in self.jobs.values() if job.state is State.WAITING)

    def _settle(self, job: Job) -> None:
        self._put(job)
        self._journal.submit(self._journal.record_paid, [job])

    def _put(self, job: Job) -> None:
        if not job.at_work:
            self.revision += 1
        self.jobs[job.id] = job
        self._photos = None


def _left_open(job: Job) -> bool:
    """Whether there may be something to fetch for a job that no worker has."""
    return job.state is not State.CANCELLED and job.owed
