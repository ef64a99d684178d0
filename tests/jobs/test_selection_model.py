# SPDX-License-Identifier: GPL-3.0-or-later
"""The model that selects comes by a thread of its own: what the main thread gets to know of it, and when."""

import hashlib
import random
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from model_host import ModelHost

from sam3d.jobs.selection_model import SelectionModel
from sam3d.providers import model_file
from sam3d.providers.model_file import ModelFile

CONTENT = random.Random(5).randbytes(2_000_000)
WANTED = ModelFile("weights.pt", "", len(CONTENT), hashlib.sha256(CONTENT).hexdigest())
BOUND = 60.0


@pytest.fixture
def model(tmp_path: Path) -> Iterator[SelectionModel]:
    made = SelectionModel(tmp_path / "models", WANTED)
    yield made
    made.close()


@pytest.fixture
def host() -> Iterator[ModelHost]:
    with ModelHost(CONTENT) as made:
        yield made


def until(condition: Callable[[], bool]) -> None:
    end = time.monotonic() + BOUND
    while not condition():
        assert time.monotonic() < end, "never came true"
        time.sleep(0.005)


def end(model: SelectionModel) -> None:
    until(lambda: model.drain() and not model.busy)


def test_it_tells_how_far_it_is(model: SelectionModel, host: ModelHost) -> None:
    assert not model.is_here and not model.busy and not model.drain()
    host.held = 1_000_000
    model.download(host.url, online=False)
    until(lambda: model.fraction >= 0.45)
    assert model.busy and model.drain() and not model.drain()
    model.download("http://127.0.0.1:9/another", online=False)  # one at a time
    host.release.set()
    end(model)
    assert model.is_here and not model.problem and model.file.read_bytes() == CONTENT
    assert SelectionModel(model.file.parent, WANTED).is_here
    model.remove()
    end(model)
    assert not model.is_here and not model.file.exists()


def test_it_is_stopped_while_nothing_comes(model: SelectionModel, host: ModelHost) -> None:
    host.held = 700_000
    model.download(host.url, online=False)
    until(lambda: model.fraction >= 0.3)
    model.cancel()
    end(model)
    assert not model.is_here and not model.problem
    host.release.set()
    host.held = None
    model.download(host.url, online=False)
    end(model)
    assert model.is_here and host.begins[1] > 0


def test_what_went_wrong_is_told_until_the_next_try(model: SelectionModel, host: ModelHost) -> None:
    host.status = 500
    model.download(host.url, online=False)
    end(model)
    assert model.problem.startswith("127.0.0.1 does not give weights.pt out (HTTP 500)")
    host.status = 0
    model.download(host.url, online=False)
    assert not model.problem
    end(model)
    assert model.is_here and not model.problem


def test_faults(
    model: SelectionModel, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    model.file.mkdir(parents=True)  # in the way
    model.remove()
    end(model)
    assert model.problem.startswith("weights.pt cannot be removed (") and str(model.file.parent) in model.problem

    def fail(*_: object) -> None:
        raise RuntimeError("boo")

    monkeypatch.setattr(model_file, "take", fail)
    model.take(tmp_path / "own.pt")
    end(model)
    assert model.problem == "The model could not be brought here (RuntimeError): see Blender's console."
    assert "boo" in capsys.readouterr().err
