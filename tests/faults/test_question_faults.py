# SPDX-License-Identifier: GPL-3.0-or-later
"""What goes wrong while a service is asked for a job that is paid for: it is asked again, and nothing is lost."""

import pytest
from loopback import faults
from loopback.faults import lose, refuse
from matrix import ARRIVES, KEPT, OVER, SERVICES, Ending, Row, check_ending, check_row, rows
from road import Road

LASTING = [
    Row("cut", faults.CUT_BEFORE, KEPT, "broke off."),
    Row("cut at half", faults.HALF, KEPT, "broke off."),
    Row("400", refuse(400), KEPT, "(HTTP 400)"),
    Row("401", refuse(401), KEPT, "does not accept the key: copy it anew"),
    Row("402", refuse(402), KEPT, "too little credit"),
    Row("403", refuse(403), KEPT, "key"),
    Row("404", refuse(404), KEPT),
    Row("410", refuse(410), KEPT),
    Row("nothing at the address", faults.NOT_FOUND, KEPT),
    Row("405", refuse(405), KEPT, "HTTP 405"),
    Row("406", refuse(406), KEPT, "(HTTP 406)"),
    Row("422", refuse(422), KEPT, "(HTTP 422)"),
    Row("429", refuse(429), KEPT, "busy for the moment."),
    Row("429 with Retry-After", refuse(429, {"Retry-After": "0.02"}), KEPT, "busy for the moment."),
    Row("500", refuse(500), KEPT, "(HTTP 500)"),
    Row("502", refuse(502), KEPT, "trouble of its own (HTTP 502)."),
    Row("504", refuse(504), KEPT, "trouble of its own (HTTP 504)."),
    Row("a web page for JSON", faults.HTML, KEPT, "a proxy or a sign-in page may be in the way."),
    Row("truncated JSON", faults.TRUNCATED, KEPT, "broken or incomplete."),
    Row("wrong types", faults.WRONG_TYPES, KEPT, "does not understand"),
    Row("a list for an object", faults.WRONG_SHAPE, KEPT, "does not understand"),
    Row("null", faults.NULL_RESPONSE, KEPT, "does not understand"),
    Row("an empty answer", faults.EMPTY, KEPT, "broken or incomplete."),
    Row("an endless answer", faults.ENDLESS, KEPT, "does not stop answering."),
]
NULL_OUTPUTS = [Row("null outputs", faults.NULL_OUTPUTS, KEPT, "no model", {"SEGMIND": (ARRIVES, "")})]
"""Segmind names the model twice."""

PASSING = [
    Row("cut", faults.CUT_BEFORE, ARRIVES, times=2),
    Row("cut at half", faults.HALF, ARRIVES, times=2),
    Row("429", refuse(429), ARRIVES, times=2),
    Row("429 with Retry-After", refuse(429, {"Retry-After": "0.02"}), ARRIVES, times=2),
    Row("500", refuse(500), ARRIVES, times=2),
    Row("502", refuse(502), ARRIVES, times=2),
    Row("504 after it was asked", lose(504), ARRIVES, times=2),
    Row("a web page for JSON", faults.HTML, ARRIVES, times=2),
    Row("truncated JSON", faults.TRUNCATED, ARRIVES, times=2),
    Row("an empty answer", faults.EMPTY, ARRIVES, times=2),
]

UNKNOWN_AT_RUNWARE = b'{"errors": [{"code": "taskFailedOrNotFound", "message": "Task not found"}]}'
UNKNOWN = {"WAVESPEED": refuse(404), "SEGMIND": refuse(404), "RUNWARE": refuse(400, body=UNKNOWN_AT_RUNWARE)}
"""How the services say that they do not know a job."""


@rows(LASTING)
def test_a_lasting_fault_while_it_is_asked_how_far_it_is(road: Road, row: Row) -> None:
    check_row(road, row, "poll")


# WaveSpeed and Runware tell status and result in one answer
@rows(NULL_OUTPUTS, ("WAVESPEED", "RUNWARE"))
def test_a_finished_job_without_outputs(road: Road, row: Row) -> None:
    check_row(road, row, "poll")


# Segmind alone has a call of its own for the result
@rows(LASTING + NULL_OUTPUTS, ("SEGMIND",))
def test_a_lasting_fault_while_it_is_asked_for_the_result(road: Road, row: Row) -> None:
    check_row(road, row, "result")


@rows(PASSING)
def test_a_passing_fault_while_it_is_asked_how_far_it_is(road: Road, row: Row) -> None:
    road.server.job_seconds = 0.3
    check_row(road, row, "poll")


@rows(PASSING, ("SEGMIND",))
def test_a_passing_fault_while_it_is_asked_for_the_result(road: Road, row: Row) -> None:
    check_row(road, row, "result")


@pytest.mark.parametrize("provider", SERVICES)
def test_a_redirect_is_not_followed(road: Road) -> None:
    road.server.fault("poll", faults.redirect(f"{road.elsewhere}/welcome"))
    check_ending(road, road.go(), KEPT, "sends us on to localhost: check the service's address in the preferences.")
    assert road.server.count("download") == 0
    road.server.mend()
    check_ending(road, road.retry(), ARRIVES)


@pytest.mark.parametrize(
    ("provider", "outcome"),
    [
        ("WAVESPEED", "failed"),
        ("WAVESPEED", "timeout"),
        ("WAVESPEED", "deleted"),
        ("SEGMIND", "FAILED"),
        ("RUNWARE", "error"),
    ],
)
def test_a_job_that_fails_there_costs_nothing_and_is_over(road: Road, outcome: str) -> None:
    road.server.outcome = outcome
    check_ending(road, road.go(), OVER)
    assert road.server.submit_posts == 1


@pytest.mark.parametrize(("ending", "times"), [(ARRIVES, 2), (KEPT, float("inf"))], ids=["twice", "lasting"])
@pytest.mark.parametrize("provider", SERVICES)
def test_a_job_that_is_not_known_so_far(road: Road, ending: Ending, times: float) -> None:
    """As where one machine of the service does not know yet what another has just taken."""
    says = "know" if ending is KEPT else ""
    check_row(road, Row("unknown", UNKNOWN[road.provider], ending, says, times=times), "poll", "result")


@pytest.mark.parametrize("provider", SERVICES)
def test_a_job_that_the_service_has_forgotten_was_paid_for_all_the_same(road: Road) -> None:
    """As when Blender was closed for longer than results are kept."""
    road.server.fault("download", faults.GONE)
    check_ending(road, road.go(), KEPT)
    taken = dict(road.server.jobs)
    road.server.jobs.clear()
    job = road.retry()
    road.server.jobs.update(taken)
    assert job.state == "FAILED"
    road.check_spent(road.server.charged)
    assert road.server.submit_posts == 1
