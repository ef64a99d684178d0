# SPDX-License-Identifier: GPL-3.0-or-later
"""What goes wrong while a result is downloaded: it is fetched again, and nothing bad is taken for good."""

from collections.abc import Callable
from typing import Any

import pytest
from loopback import faults, models
from loopback.faults import deliver, refuse
from matrix import ARRIVES, KEPT, SERVICES, Row, check_ending, check_row, rows
from road import Road

GONE = "no longer has the result at the address"

LASTING = [
    Row("cut", faults.CUT_BEFORE, KEPT, "broke off."),
    Row("cut at half", faults.HALF, KEPT, "broke off."),
    Row("an endless file", faults.ENDLESS, KEPT, "is larger than 4 MB, so it was not downloaded."),
    Row("an expired address", faults.EXPIRED, KEPT, GONE),
    Row("401", refuse(401), KEPT, GONE),
    Row("402", refuse(402), KEPT),
    Row("403", refuse(403), KEPT, GONE),
    Row("404", refuse(404), KEPT, GONE),
    Row("406", refuse(406), KEPT),
    Row("410", faults.GONE, KEPT, GONE),
    Row("422", refuse(422), KEPT),
    Row("429", refuse(429), KEPT, "busy for the moment."),
    Row("429 with Retry-After", refuse(429, {"Retry-After": "0.02"}), KEPT, "busy for the moment."),
    Row("500", refuse(500), KEPT, "trouble of its own (HTTP 500)."),
    Row("502", refuse(502), KEPT, "trouble of its own (HTTP 502)."),
    Row("504", refuse(504), KEPT, "trouble of its own (HTTP 504)."),
    Row("an empty file", faults.EMPTY, KEPT, "delivered an empty file instead of a model"),
    Row("a web page", faults.HTML, KEPT, "delivered a web page instead of a model"),
    Row("JSON", deliver(b'{"error": "no"}'), KEPT, "delivered a message instead of a model"),
    Row("half of a GLB", deliver(models.glb()[:-40]), KEPT, "is broken (it is cut short)"),
    Row("a point cloud", deliver(models.gaussian_ply()), KEPT, "no mesh"),
    Row("a ZIP bomb", faults.zip_bomb(), KEPT, "holds more than"),
    Row("a ZIP with ../ paths", faults.ZIP_OUTSIDE, KEPT, "cannot be unpacked safely (one of its paths"),
    Row("a ZIP without a model", deliver(models.archive()[:80]), KEPT, "The ZIP that"),
    # nothing is wrong with these but their kind
    Row("a PLY for a GLB", faults.PLY_FOR_GLB, ARRIVES),
    Row("a ZIP for a GLB", deliver(models.archive(model_glb=models.glb())), ARRIVES),
]

PASSING = [
    Row("cut", faults.CUT_BEFORE, ARRIVES, times=2),
    Row("cut at half", faults.HALF, ARRIVES, times=2),
    Row("429", refuse(429), ARRIVES, times=2),
    Row("429 with Retry-After", refuse(429, {"Retry-After": "0.02"}), ARRIVES, times=2),
    Row("500", refuse(500), ARRIVES, times=2),
    Row("502", refuse(502), ARRIVES, times=2),
    Row("504", refuse(504), ARRIVES, times=2),
]


@rows(LASTING)
def test_a_lasting_fault(road: Road, row: Row) -> None:
    check_row(road, row, "download")
    outside = [file for file in road.folder.rglob("*") if file.name.startswith("outside") or file.suffix == ".part"]
    assert outside == []


@rows(PASSING)
def test_a_passing_fault(road: Road, row: Row) -> None:
    check_row(road, row, "download")
    assert len(road.server.of("download")) == 3


@pytest.mark.parametrize("provider", SERVICES)
def test_a_file_that_breaks_off_leaves_nothing_behind(road: Road) -> None:
    road.server.fault("download", faults.HALF)
    job = road.go()
    assert [file for file in job.folder.rglob("*") if file.suffix in (".part", ".glb")] == []


@pytest.mark.parametrize("provider", SERVICES)
def test_a_redirect_to_another_host_is_followed_without_the_key(road: Road) -> None:
    path = road.server.keep(road.server.result()).removeprefix(road.server.storage_url)
    road.server.fault("download", faults.redirect(road.elsewhere + path), times=1)
    check_ending(road, road.go(), ARRIVES)
    assert [record.host.partition(":")[0] for record in road.server.of("download")] == ["127.0.0.1", "localhost"]


@pytest.mark.parametrize("provider", SERVICES)
def test_redirects_without_an_end(road: Road) -> None:
    road.server.fault("download", faults.redirect(f"{road.elsewhere}/round"))
    check_ending(road, road.go(), KEPT, "sent on from address to address.")
    road.server.mend()
    check_ending(road, road.retry(), ARRIVES)


@pytest.mark.parametrize("provider", SERVICES)
def test_a_result_on_another_host_is_fetched_without_the_key(road: Road) -> None:
    road.server.fault("result", with_addresses(road, lambda url: url.replace(road.server.storage_url, road.elsewhere)))
    check_ending(road, road.go(), ARRIVES)
    assert {record.host.partition(":")[0] for record in road.server.of("download")} == {"localhost"}


@pytest.mark.parametrize("disguise", ["{elsewhere}\\@{own}", "{elsewhere}@{own}", "{elsewhere}\t@{own}"])
@pytest.mark.parametrize("way", ["named by the service", "a redirect of the storage"])
@pytest.mark.parametrize("provider", SERVICES)
def test_an_address_that_is_read_in_two_ways_is_not_gone_to(road: Road, disguise: str, way: str) -> None:
    """One parser takes it for the service's own, another for one elsewhere: the key could go there."""
    own = road.server.url.removeprefix("http://")
    address = disguise.format(elsewhere=road.elsewhere, own=own) + "/x"
    if way == "named by the service":
        road.server.fault("result", with_addresses(road, lambda _url: address))
    else:
        road.server.fault("download", faults.redirect(address))
    check_ending(road, road.go(), KEPT, "named an address that is not safe to use")
    assert {record.path for record in road.server.of("download")}.isdisjoint({"/x", f"/@{own}/x"})
    road.server.mend()
    check_ending(road, road.retry(), ARRIVES)


@pytest.mark.parametrize("address", ["file:///etc/passwd", "ftp://localhost/x", "//localhost/x", "x"])
@pytest.mark.parametrize("provider", SERVICES)
def test_a_result_that_is_not_on_the_web(road: Road, address: str) -> None:
    road.server.fault("result", with_addresses(road, lambda _url: address))
    check_ending(road, road.go(), KEPT)
    road.server.mend()
    check_ending(road, road.retry(), ARRIVES)


def with_addresses(road: Road, how: Callable[[str], str]) -> faults.Fault:
    """The addresses of files in an answer's JSON become others."""

    def changed(value: Any) -> Any:
        if isinstance(value, dict):
            return {name: changed(item) for name, item in value.items()}
        if isinstance(value, list):
            return [changed(item) for item in value]
        return how(value) if isinstance(value, str) and value.startswith(road.server.storage_url) else value

    return faults.change(changed)
