# SPDX-License-Identifier: GPL-3.0-or-later
"""What goes wrong while a job is submitted, which is when it is paid for: it is sent once, whatever happens."""

import pytest
from loopback import faults
from loopback.faults import lose, refuse
from matrix import ARRIVES, IN_DOUBT, OVER, REFUSED, SERVICES, Ending, Row, check_ending, check_row, rows
from road import Road

PAGE = b"<html><body>Bad gateway</body></html>"
ARRIVED_UNSEEN = {"RUNWARE": (ARRIVES, "")}
"""Runware knows a job by our own name for it, and can be asked for it."""
NEVER_ARRIVED = {"RUNWARE": (OVER, "Runware does not know this job")}

ROWS = [
    # the answer gets lost, the job does not
    Row("cut after it was taken", faults.CUT_AFTER, IN_DOUBT, "broke off", ARRIVED_UNSEEN),
    Row("answer cut at half", faults.HALF, IN_DOUBT, "broke off", ARRIVED_UNSEEN),
    Row("502 after it was taken", lose(502), IN_DOUBT, "trouble of its own (HTTP 502)", ARRIVED_UNSEEN),
    Row("504 after it was taken", lose(504), IN_DOUBT, "trouble of its own (HTTP 504)", ARRIVED_UNSEEN),
    Row("a web page for JSON", faults.HTML, IN_DOUBT, "with a web page instead of data", ARRIVED_UNSEEN),
    Row("truncated JSON", faults.TRUNCATED, IN_DOUBT, "broken or incomplete", ARRIVED_UNSEEN),
    Row("wrong types", faults.WRONG_TYPES, IN_DOUBT, "does not understand", ARRIVED_UNSEEN),
    Row("a list for an object", faults.WRONG_SHAPE, IN_DOUBT, "does not understand", ARRIVED_UNSEEN),
    Row("null", faults.NULL_RESPONSE, IN_DOUBT, "does not understand", ARRIVED_UNSEEN),
    Row("an empty answer", faults.EMPTY, IN_DOUBT, "broken or incomplete", ARRIVED_UNSEEN),
    Row("an endless answer", faults.ENDLESS, IN_DOUBT, "does not stop answering", ARRIVED_UNSEEN),
    # neither we nor the service can be sure
    Row("cut before it was taken", faults.CUT_BEFORE, IN_DOUBT, "broke off", NEVER_ARRIVED),
    Row("500", refuse(500), IN_DOUBT, "trouble", NEVER_ARRIVED),
    Row("502", refuse(502), IN_DOUBT, "trouble of its own (HTTP 502)", NEVER_ARRIVED),
    Row("502 with a web page", refuse(502, body=PAGE), IN_DOUBT, "trouble of its own (HTTP 502)", NEVER_ARRIVED),
    Row("503", refuse(503), IN_DOUBT, "trouble of its own (HTTP 503)", NEVER_ARRIVED),
    Row("504", refuse(504), IN_DOUBT, "trouble of its own (HTTP 504)", NEVER_ARRIVED),
    # a clear no
    Row("400", refuse(400), REFUSED, "refused the"),
    Row("401", refuse(401), REFUSED, "does not accept the key: copy it anew"),
    Row("402", refuse(402), REFUSED, "too little credit"),
    Row("403", refuse(403), REFUSED, "does not allow this with the key", {"WAVESPEED": (REFUSED, "not active yet")}),
    # Segmind's version 1 is asked where version 2 is not to be had
    Row("404", refuse(404), REFUSED, "", {"SEGMIND": (ARRIVES, "")}, times=1),
    Row("410", refuse(410), REFUSED, "", {"SEGMIND": (ARRIVES, "")}, times=1),
    Row("nothing at the address", faults.NOT_FOUND, REFUSED, "check the"),
    Row("405", refuse(405), REFUSED),
    Row("406", refuse(406), REFUSED, "refused the"),
    Row("422", refuse(422), REFUSED, "refused the"),
    Row("429", refuse(429), REFUSED, "busy for the moment: try again in a minute"),
    Row("429 with Retry-After", refuse(429, {"Retry-After": "2"}), REFUSED, "busy for the moment"),
]


@rows(ROWS)
def test_a_fault_at_the_submit(road: Road, row: Row) -> None:
    if road.provider == "SEGMIND" and row.name in ("404", "410", "nothing at the address"):
        road.posts = 2  # version 1 follows
    check_row(road, row, "submit")
    assert road.server.submit_posts == road.posts


# The services that can work while we wait, and answer with the result itself
@rows([row for row in ROWS if row.fault.taken or row.ending is IN_DOUBT], ("SEGMIND", "RUNWARE"))
def test_a_fault_while_the_service_works_and_we_wait(road: Road, row: Row) -> None:
    road.reach(road.server.url, sync=True)
    if road.provider == "SEGMIND":
        road.posts = 2
        road.server.fault("submit", refuse(404), times=1)  # version 2
    check_row(road, row, "submit")


@pytest.mark.parametrize("status", [301, 302, 303, 307, 308])
@pytest.mark.parametrize("provider", SERVICES)
def test_a_redirect_is_not_followed(road: Road, status: int) -> None:
    road.server.fault("submit", faults.redirect(f"{road.elsewhere}/welcome", status))
    check_ending(road, road.go(), REFUSED, "sends us on to localhost: check the service's address in the preferences.")
    assert road.server.submit_posts == 1
    assert road.server.count("download") == 0


@pytest.mark.parametrize(
    ("provider", "settings", "ending", "says"),
    [
        ("WAVESPEED", {"errors_in_200": True, "balance": 0.0}, REFUSED, "too little credit"),
        ("WAVESPEED", {"errors_in_200": True, "rate_limit": 0}, REFUSED, "busy for the moment"),
        ("SEGMIND", {"balance": 0.0, "free_credits": 0.0}, REFUSED, "too little credit"),
        ("SEGMIND", {"team_limit": True}, REFUSED, "spending limit of the team"),
        ("SEGMIND", {"v2": 404, "outcome": "FAILED"}, OVER, "Failed jobs are not charged"),
        ("RUNWARE", {"errors_in_200": True, "balance": 0.0}, REFUSED, "too little credit"),
        ("RUNWARE", {"errors_in_200": True, "rate_limit": 0}, REFUSED, "busy for the moment"),
    ],
)
def test_the_services_own_ways_to_refuse(road: Road, settings: dict[str, object], ending: Ending, says: str) -> None:
    for name, value in settings.items():
        setattr(road.server, name, value)
    road.posts = 2 if "v2" in settings else 1
    check_ending(road, road.go(), ending, says)


@pytest.mark.parametrize("provider", SERVICES)
def test_a_busy_service_is_not_asked_by_the_next_job(road: Road) -> None:
    road.server.fault("submit", refuse(429, {"Retry-After": "1"}), times=1)
    check_ending(road, road.go(), REFUSED)
    new = road.queue.run_again(road.job.id)
    road.until(lambda: not road.queue.jobs[new].at_work)
    first, second = road.server.of("submit")
    assert second.arrived - first.arrived > 0.9
    assert road.server.submits == 1
    road.check_spent(road.server.charged)
