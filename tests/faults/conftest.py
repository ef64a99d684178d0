# SPDX-License-Identifier: GPL-3.0-or-later
"""A road to each service, and what must hold at its end whatever happened on the way."""

from collections.abc import Iterator
from pathlib import Path

import pytest
import requests
from road import Road

from sam3d.providers import archive, http

HURRY = 60.0
"""How many times faster silence is noticed in a hurry."""


@pytest.fixture
def road(
    provider: str, tmp_path: Path, capfd: pytest.CaptureFixture[str], caplog: pytest.LogCaptureFixture
) -> Iterator[Road]:
    """The road of one job to the service named `provider`. The key must have left no trace beside it."""
    caplog.set_level("DEBUG")
    with Road(provider, tmp_path) as road:
        yield road
        road.check_trust()
    road.check_trust()
    said = capfd.readouterr()
    assert (said.out, said.err) == ("", "")
    assert road.server.key not in caplog.text


@pytest.fixture(autouse=True)
def limits(monkeypatch: pytest.MonkeyPatch) -> dict[str, int]:
    """Much smaller limits, so that they are soon reached; the real ones are given."""
    real = {"file": http.LARGEST_FILE, "answer": http.LARGEST_RESPONSE, "unpacked": archive.MOST_UNPACKED}
    monkeypatch.setattr(http, "LARGEST_FILE", 4 * 1024**2)
    monkeypatch.setattr(http, "LARGEST_RESPONSE", 1024**2)
    monkeypatch.setattr(archive, "MOST_UNPACKED", 8 * 1024**2)
    return real


@pytest.fixture
def hurry(monkeypatch: pytest.MonkeyPatch) -> None:
    """Silence is noticed sooner; what the services are really given is 10 s to connect and 30 s without a byte."""
    real = requests.Session.request

    def hurried(*arguments: object, **options: object) -> requests.Response:
        assert options["timeout"] == (10.0, 30.0)
        options["timeout"] = (10.0 / HURRY, 30.0 / HURRY)
        return real(*arguments, **options)  # type: ignore[arg-type]

    monkeypatch.setattr(requests.Session, "request", hurried)
