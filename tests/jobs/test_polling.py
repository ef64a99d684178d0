# SPDX-License-Identifier: GPL-3.0-or-later
"""Services are asked seldom while nothing can be ready, and often when it can."""

import pytest

from sam3d.jobs.polling import ENOUGH, LONGEST, QUICKEST, PollSchedule

STATED = 33.0
ROUND_TRIP = 0.02


def ask(schedule: PollSchedule, ready: float) -> tuple[float, int]:
    """Seconds by which a result of that time is noticed late, and the number of questions."""
    elapsed, questions = 0.0, 1
    while elapsed < ready:
        elapsed += schedule.pause(elapsed) + ROUND_TRIP
        questions += 1
    return elapsed - ready, questions


def over_a_second(schedule: PollSchedule, begin: float) -> tuple[float, float]:
    """The means of `ask` over results that come within the second after `begin`."""
    asked = [ask(schedule, begin + part / 50) for part in range(50)]
    return sum(late for late, _ in asked) / 50, sum(questions for _, questions in asked) / 50


def test_few_questions_while_nothing_can_be_ready() -> None:
    _, questions = ask(PollSchedule(STATED), STATED / 2)
    assert questions <= 8


@pytest.mark.parametrize("past", [[], [20.3, 20.9, 20.1]])
def test_a_job_of_20_seconds_is_noticed_before_one_who_asks_each_second_and_with_fewer_questions(
    past: list[float],
) -> None:
    late, questions = over_a_second(PollSchedule.learned(STATED, past), 20.0)
    assert late < 0.15  # 0.5 for one who asks each second
    assert questions < 21


@pytest.mark.parametrize("ready", [STATED, 45.0, 60.0])
def test_late_results_are_noticed_within_a_few_percent(ready: float) -> None:
    late, questions = over_a_second(PollSchedule(STATED), ready)
    assert late < 0.03 * ready
    assert questions < 1.7 * ready


def test_a_service_is_learnt_from_enough_runs() -> None:
    past = [20.0, 21.0, 20.5]
    assert PollSchedule.learned(STATED, past[: ENOUGH - 1]) == PollSchedule(STATED)
    learned = PollSchedule.learned(STATED, past)
    assert learned.expected == 20.5
    assert learned.spread < PollSchedule(STATED).spread


def test_services_that_vary_are_asked_from_earlier_on() -> None:
    steady, varying = (
        PollSchedule.learned(STATED, [20.0, 20.1, 20.2, 19.9]),
        PollSchedule.learned(STATED, [16.0, 20.1, 20.2, 26.0]),
    )
    assert varying.spread > steady.spread
    assert ask(varying, 16.0)[0] < ask(steady, 16.0)[0]


@pytest.mark.parametrize(
    "schedule", [PollSchedule(STATED), PollSchedule(0.0), PollSchedule.learned(STATED, [0.0, 0.0, 0.0])]
)
@pytest.mark.parametrize("elapsed", [0.0, 0.1, 18.2, 33.0, 1e6])
def test_pauses_are_bounded(schedule: PollSchedule, elapsed: float) -> None:
    assert QUICKEST <= schedule.pause(elapsed) <= LONGEST + STATED / 2
