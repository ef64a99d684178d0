# SPDX-License-Identifier: GPL-3.0-or-later
"""The file of a model: whole and known by its hash, or not there; cut off, it goes on from where it was."""

import hashlib
import random
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from model_host import ModelHost
from network import closed_port, without_proxies

from sam3d.providers.errors import Cancelled, InvalidInput, ProviderError, UnexpectedResponse, Unreachable
from sam3d.providers.http import OFFLINE
from sam3d.providers.model_file import ModelFile, download, remove, take

CONTENT = random.Random(4).randbytes(900_000)
MODEL = ModelFile("weights.pt", "", len(CONTENT), hashlib.sha256(CONTENT).hexdigest())


@pytest.fixture(autouse=True)
def _bare_environment(monkeypatch: pytest.MonkeyPatch) -> None:
    without_proxies(monkeypatch)


@pytest.fixture
def host() -> Iterator[ModelHost]:
    with ModelHost(CONTENT) as host:
        yield host


@pytest.fixture
def place(tmp_path: Path) -> Path:
    return tmp_path / "models" / MODEL.name


def bring(url: str, place: Path, tell: Callable[[float], None] = lambda fraction: None, *, online: bool = True) -> None:
    download(MODEL, url, place, tell, online=online)


def test_it_comes_whole_and_tells_how_far(host: ModelHost, place: Path) -> None:
    told: list[float] = []
    bring(host.url, place, told.append)
    assert place.read_bytes() == CONTENT
    assert told == sorted(told) and told[-1] == 1.0 and len(told) > 1
    assert [file.name for file in place.parent.iterdir()] == [MODEL.name]


def test_cut_off_it_goes_on_from_where_it_was(host: ModelHost, place: Path) -> None:
    host.cut_after = 300_000
    with pytest.raises(Unreachable, match=r"broke off: try again\. The next download goes on from there\.$"):
        bring(host.url, place)
    part = place.with_name("weights.pt~")
    assert not place.exists() and part.read_bytes() == CONTENT[:300_000]
    host.cut_after = None
    told: list[float] = []
    bring(host.url, place, told.append)
    assert host.begins == [0, 300_000] and told[0] > 0.33
    assert place.read_bytes() == CONTENT and not part.exists()


def test_a_host_without_parts_begins_anew(host: ModelHost, place: Path) -> None:
    place.parent.mkdir()
    place.with_name("weights.pt~").write_bytes(b"old" * 10_000)
    host.gives_parts = False
    bring(host.url, place)
    assert place.read_bytes() == CONTENT


@pytest.mark.parametrize("times", [1, 8])
def test_another_file_is_removed_and_told(host: ModelHost, place: Path, times: int) -> None:
    """Also one that is longer: it does not fill the disk."""
    host.content = CONTENT[::-1] * times
    with pytest.raises(UnexpectedResponse, match=r"^What 127\.0\.0\.1 gives out is not weights\.pt: it was removed\."):
        bring(host.url, place)
    assert not list(place.parent.iterdir())


@pytest.mark.parametrize("oddity", [{"status": 416}, {"shift": 5}])
def test_a_wrong_part_is_dropped(host: ModelHost, place: Path, oddity: dict[str, int]) -> None:
    place.parent.mkdir()
    part = place.with_name("weights.pt~")
    part.write_bytes(CONTENT[:700])
    vars(host).update(oddity)
    with pytest.raises(Unreachable, match="another part"):
        bring(host.url, place)
    assert not part.exists()


def test_what_is_not_given_out_is_told(host: ModelHost, place: Path) -> None:
    host.status = 404
    with pytest.raises(ProviderError, match=r"127\.0\.0\.1 does not give weights\.pt out \(HTTP 404\): correct"):
        bring(host.url, place)


def test_it_is_stopped_and_goes_on(host: ModelHost, place: Path) -> None:
    def stop(fraction: float) -> None:
        raise Cancelled

    with pytest.raises(Cancelled):
        bring(host.url, place, stop)
    assert place.with_name("weights.pt~").stat().st_size > 0
    bring(host.url, place)
    assert host.begins[-1] > 0 and place.read_bytes() == CONTENT


def test_no_network(place: Path) -> None:
    with pytest.raises(Unreachable, match=OFFLINE):
        bring("https://models.invalid/weights.pt", place, online=False)
    with pytest.raises(
        Unreachable, match=r"^127\.0\.0\.1 cannot be reached at 127\.0\.0\.1: check network and address\.$"
    ):
        bring(f"http://127.0.0.1:{closed_port()}/weights.pt", place)
    with pytest.raises(Unreachable, match="The address of the model in the preferences is not one of the web"):
        bring("weights.pt", place)
    assert not place.exists()


def test_a_folder_that_refuses(host: ModelHost, place: Path) -> None:
    place.parent.write_text("a file where the folder should be")
    with pytest.raises(ProviderError, match=r"^weights\.pt cannot be written to .*: look at that folder\.$"):
        bring(host.url, place)


def test_a_file_of_ones_own(tmp_path: Path, place: Path) -> None:
    own = tmp_path / "from-the-studio.pt"
    own.write_bytes(CONTENT[::-1])
    with pytest.raises(InvalidInput, match=rf"not the model: choose weights\.pt, 900,000 bytes .* {MODEL.sha256}\.$"):
        take(MODEL, own, place)
    with pytest.raises(InvalidInput, match=r"^none\.pt cannot be read"):
        take(MODEL, tmp_path / "none.pt", place)
    assert not place.exists()
    own.write_bytes(CONTENT)
    take(MODEL, own, place)
    assert place.read_bytes() == CONTENT and own.exists()
    remove(place)
    remove(place)
    assert not list(place.parent.iterdir())
