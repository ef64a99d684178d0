# SPDX-License-Identifier: GPL-3.0-or-later
"""What the tables of faults are made of: a fault, how a job ends that meets it, and what the artist reads."""

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from enum import Enum, auto

import pytest
from loopback.faults import Fault
from road import Road

from sam3d.jobs.model import Charge, Job, State

SERVICES = ("WAVESPEED", "SEGMIND", "RUNWARE")
NOTHING_CHARGED = "Nothing was charged."
IN_DOUBT_WORDS = "The job may have been charged: look into your account at "
RETRY = "Retry asks for the result at no cost."
PROGRAMMERS_WORDS = re.compile(r"Traceback|\w(Error|Exception)\b|\b(None|null|self)\b|[{}<>]|\.\.|  |[:.,] ?[:.,]")
LONGEST_MESSAGE = 420


class Ending(Enum):
    """How a job ends."""

    ARRIVES = auto()
    """By itself, with its result."""
    REFUSED = auto()
    """Before the service took it: nothing was charged, and it may be run again."""
    IN_DOUBT = auto()
    """Without an answer to the submit: it may have been charged, and is only run again when the artist says so."""
    KEPT = auto()
    """Paid for, and not here yet: Retry brings it once the fault is over."""
    OVER = auto()
    """The service says that there is nothing, and charges nothing."""


ARRIVES, REFUSED, IN_DOUBT, KEPT, OVER = Ending


@dataclass(frozen=True)
class Row:
    """A fault, the ending, and the essential words; `but` tells of the services where it is otherwise.

    `times` is how often the fault strikes.
    """

    name: str
    fault: Fault
    ending: Ending
    says: str = ""
    but: Mapping[str, tuple[Ending, str]] = field(default_factory=dict)
    times: float = float("inf")


def rows(table: Sequence[Row], services: Sequence[str] = SERVICES) -> pytest.MarkDecorator:
    """Run a test for each row and service."""
    cases = [pytest.param(service, row, id=f"{service}-{row.name}") for row in table for service in services]
    return pytest.mark.parametrize(("provider", "row"), cases)


def check_row(road: Road, row: Row, *kinds: str) -> None:
    """Let a job meet the row's fault at calls of some kinds, and look at everything that it ends with."""
    ending, says = row.but.get(road.provider, (row.ending, row.says))
    for kind in kinds:
        road.server.fault(kind, row.fault, times=row.times)
    job = road.go()
    check_ending(road, job, ending, says)
    if (
        row.fault.status and ending is not ARRIVES and "download" not in kinds
    ):  # for developers, what the service really said
        assert f"HTTP {row.fault.status}\n" in (job.folder / "job.log").read_text("utf-8")
    if ending is KEPT:
        road.server.mend()
        check_ending(road, road.retry(), ARRIVES)


def check_ending(road: Road, job: Job, ending: Ending, says: str = "") -> None:
    """State, charge, words and books of a job that has ended."""
    server = road.server
    assert server.submits <= 1
    if ending is ARRIVES:
        assert (job.state, job.charge, job.message) == (State.READY, Charge.CHARGED, ""), job
        assert job.model is not None
        assert job.model.read_bytes().startswith(b"glTF")
        assert (server.submits, server.submit_posts) == (1, road.posts)
        road.check_spent(server.charged)
        return
    assert job.state is State.FAILED, job
    assert says in job.message
    check_words(job.message)
    assert (NOTHING_CHARGED in job.message) == (ending is REFUSED), job.message
    assert (IN_DOUBT_WORDS in job.message) == (job.charge is Charge.POSSIBLE and not job.fetchable), job.message
    assert (RETRY in job.message) == (ending is KEPT), job.message
    assert (job.fetchable, job.repeatable) == (ending is KEPT, ending is not KEPT)
    assert job.unfetchable == (ending is OVER)
    match ending:
        case Ending.REFUSED:
            assert (job.charge, server.submits) == (Charge.NOTHING, 0)
            road.check_spent(0.0)
        case Ending.IN_DOUBT:
            assert (job.charge, server.submit_posts) == (Charge.POSSIBLE, road.posts)
            road.check_spent(road.price)  # nobody knows: the book is careful
        case Ending.KEPT:
            assert (job.charge, server.submits, server.submit_posts) == (Charge.CHARGED, 1, road.posts)
            road.check_spent(server.charged)
        case Ending.OVER:
            assert (job.charge is not Charge.NOTHING, server.submit_posts) == (True, road.posts)
            road.check_spent(0.0)


def check_words(message: str) -> None:
    """One or a few sentences that an artist can read."""
    assert message.endswith((".", "…"))
    assert message[0].isupper()
    assert not PROGRAMMERS_WORDS.search(message), message
    assert len(message) < LONGEST_MESSAGE
    for advice in ("try again", "Retry"):
        assert message.lower().count(advice.lower()) <= 1, message
