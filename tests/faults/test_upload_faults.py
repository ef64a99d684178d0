# SPDX-License-Identifier: GPL-3.0-or-later
"""What goes wrong while pictures are uploaded: it is free, so it is tried again, and nothing is submitted without them.

WaveSpeed alone has uploads: the others get the pictures with the job.
"""

import pytest
from loopback import faults
from loopback.faults import refuse
from matrix import ARRIVES, REFUSED, Row, check_ending, check_row, rows
from road import Road

STORAGE = "storage did not take the picture"

AT_THE_SERVICE = [
    Row("cut", faults.CUT_BEFORE, REFUSED, "broke off: try again."),
    Row("cut at half", faults.HALF, REFUSED, "broke off: try again."),
    Row("400", refuse(400), REFUSED, "(HTTP 400)"),
    Row("401", refuse(401), REFUSED, "does not accept the key: copy it anew"),
    Row("402", refuse(402), REFUSED, "too little credit"),
    Row("403", refuse(403), REFUSED, "not active yet"),
    Row("404", refuse(404), REFUSED, "(HTTP 404)"),
    Row("406", refuse(406), REFUSED, "(HTTP 406)"),
    Row("422", refuse(422), REFUSED, "(HTTP 422)"),
    Row("429", refuse(429), REFUSED, "busy for the moment: try again in a minute."),
    Row("429 with Retry-After", refuse(429, {"Retry-After": "0.02"}), REFUSED, "busy for the moment"),
    Row("500", refuse(500), REFUSED, "(HTTP 500): try again in a while."),
    Row("502", refuse(502), REFUSED, "(HTTP 502): try again in a while."),
    Row("504", refuse(504), REFUSED, "(HTTP 504): try again in a while."),
    Row("a web page for JSON", faults.HTML, REFUSED, "with a web page instead of data"),
    Row("truncated JSON", faults.TRUNCATED, REFUSED, "broken or incomplete"),
    Row("wrong types", faults.WRONG_TYPES, REFUSED, "does not understand"),
    Row("a list for an object", faults.WRONG_SHAPE, REFUSED, "does not understand"),
    Row("null", faults.NULL_RESPONSE, REFUSED, "does not understand"),
    Row("an endless answer", faults.ENDLESS, REFUSED, "does not stop answering"),
    Row("404 once: an older service", refuse(404), ARRIVES, times=1),
    Row("cut twice", faults.CUT_BEFORE, ARRIVES, times=2),
    Row("429 twice", refuse(429), ARRIVES, times=2),
    Row("502 twice", refuse(502), ARRIVES, times=2),
    Row("a web page twice", faults.HTML, ARRIVES, times=2),
]

AT_THE_STORAGE = [
    Row("cut", faults.CUT_BEFORE, REFUSED, "broke off: try again."),
    Row("403", faults.EXPIRED, REFUSED, f"{STORAGE} (HTTP 403): try again in a while."),
    Row("429", refuse(429), REFUSED, f"{STORAGE} (HTTP 429)"),
    Row("500", refuse(500), REFUSED, f"{STORAGE} (HTTP 500)"),
    Row("an endless answer", faults.ENDLESS, REFUSED, "does not stop answering"),
    Row("a redirect", faults.redirect("http://localhost/"), REFUSED, f"{STORAGE} (HTTP 307)"),
    Row("cut twice", faults.CUT_BEFORE, ARRIVES, times=2),
    Row("cut twice after it was stored", faults.CUT_AFTER, ARRIVES, times=2),
    Row("an expired address once", faults.EXPIRED, ARRIVES, times=1),
    Row("500 twice", refuse(500), ARRIVES, times=2),
]


@rows(AT_THE_SERVICE, ("WAVESPEED",))
def test_a_fault_at_the_service(road: Road, row: Row) -> None:
    check_row(road, row, "upload")
    assert road.server.submit_posts == (row.ending is ARRIVES)


@rows(AT_THE_STORAGE, ("WAVESPEED",))
def test_a_fault_at_the_storage(road: Road, row: Row) -> None:
    check_row(road, row, "put")
    assert road.server.submit_posts == (row.ending is ARRIVES)


@pytest.mark.parametrize("provider", ["WAVESPEED"])
def test_a_redirect_is_not_followed(road: Road) -> None:
    road.server.fault("upload", faults.redirect(f"{road.elsewhere}/welcome"))
    check_ending(road, road.go(), REFUSED, "sends us on to localhost")
    assert road.server.submit_posts == 0
