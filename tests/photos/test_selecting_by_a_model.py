# SPDX-License-Identifier: GPL-3.0-or-later
"""Masks by a model: what is waited for, what is refined, what else may be meant, and what happens where it fails."""

import io
import threading
from collections.abc import Callable, Iterator
from pathlib import Path

import numpy as np
import pytest
from numpy.typing import NDArray
from PIL import Image, ImageDraw
from sample_pictures import saved

from sam3d.engine.segment_anything import ModelError
from sam3d.engine.selection import PixelPrompts, Selection
from sam3d.photos import photo_selector
from sam3d.photos.batch import Batch, SubjectPrompt
from sam3d.photos.everything import proposals
from sam3d.photos.mask_maker import Change, MadeMask, MaskEdit
from sam3d.photos.mask_worker import MaskWorker
from sam3d.photos.photo_selector import PhotoSelector, distinct, forget_model
from sam3d.photos.picture import PictureFile
from sam3d.photos.prompts import PointPrompt, Prompts

WIDTH, HEIGHT = 320, 200
MIDDLE = Prompts((PointPrompt(100, 80),))
BOUND = 60.0


def square(x: float, y: float, half: int) -> NDArray[np.bool_]:
    mask = np.zeros((HEIGHT, WIDTH), bool)
    mask[max(int(y) - half, 0) : int(y) + half, max(int(x) - half, 0) : int(x) + half] = True
    return mask


class Model:
    """Answers a click by three squares around it, and a correction by one; notes what it was asked."""

    def __init__(self) -> None:
        self.encoded = 0
        self.corrected: list[float | None] = []
        self.go_on = threading.Event()
        self.go_on.set()
        self.begun = threading.Event()

    def encode(self, photo: NDArray[np.uint8], report: Callable[[float], None]) -> NDArray[np.uint8]:
        self.encoded += 1
        report(0.25)
        self.begun.set()
        assert self.go_on.wait(BOUND)
        report(1.0)
        return photo

    def candidates(
        self, _encoded: object, prompts: PixelPrompts, previous: NDArray[np.float32] | None = None
    ) -> tuple[Selection, ...]:
        self.corrected.append(None if previous is None else float(previous.mean()))
        (x, y), *_ = prompts.positive
        halves = (20, 20, 40) if previous is None else (30,)
        return tuple(Selection(square(x, y, half), 0.9, np.full((4, 4), half, np.float32)) for half in halves)

    def everything(self, _encoded: object, report: Callable[[float], None]) -> tuple[Selection, ...]:
        report(0.5)
        return Selection(square(100, 80, 60), 0.9), Selection(square(100, 80, 10), 0.9)


@pytest.fixture
def model(monkeypatch: pytest.MonkeyPatch) -> Iterator[Model]:
    made = Model()
    monkeypatch.setattr(photo_selector, "read_model", lambda path: made)
    forget_model()
    yield made
    made.go_on.set()
    forget_model()


@pytest.fixture
def photo(tmp_path: Path) -> PictureFile:
    image = Image.new("RGB", (WIDTH, HEIGHT), (200, 200, 190))
    ImageDraw.Draw(image).ellipse((60, 40, 140, 120), fill=(200, 40, 30))
    return saved(tmp_path, image)


@pytest.fixture(params=[False, True], ids=["first", "waits"])
def waits(request: pytest.FixtureRequest) -> bool:
    return bool(request.param)


@pytest.fixture
def worker(waits: bool, tmp_path: Path) -> Iterator[MaskWorker]:
    made = MaskWorker(waits=waits)
    made.use_model(tmp_path / "weights.pt")
    yield made
    made.close()


def settle(worker: MaskWorker, photo: PictureFile) -> None:
    """Wait until the model has looked at the photo."""
    worker.look_at(photo)
    worker.start("settled", MaskEdit(photo, outline=((1.0, 1.0), (9.0, 1.0), (9.0, 9.0))))
    worker.finish()
    worker.drain()
    ended = threading.Event()
    worker._looks.submit(ended.set)
    assert ended.wait(BOUND)


def made(worker: MaskWorker, key: str) -> MadeMask:
    worker.finish()
    worker.drain()
    found = worker.made(key)
    assert found is not None, worker.problem(key)
    return found


def covered(png: bytes) -> int:
    return int((np.asarray(Image.open(io.BytesIO(png))) > 127).sum())


def test_a_click_may_mean_several_things(worker: MaskWorker, model: Model, photo: PictureFile) -> None:
    settle(worker, photo)
    worker.start("a", MaskEdit(photo, MIDDLE))
    found = made(worker, "a")
    assert [covered(each.png) for each in found.candidates] == [1600, 6400]  # two of the three were alike
    assert not found.is_first and not found.is_unsure and found.chosen == 0
    worker.choose("b", before="a", number=1)
    mask = worker.mask("b")
    assert mask is not None and covered(mask) == 6400
    mask = worker.mask("a")
    assert mask is not None and covered(mask) == 1600  # undo finds it


def test_a_correction_refines_what_is_shown(worker: MaskWorker, model: Model, photo: PictureFile) -> None:
    settle(worker, photo)
    worker.start("a", MaskEdit(photo, MIDDLE))
    made(worker, "a")
    worker.choose("b", before="a", number=1)
    more = Prompts((*MIDDLE.points, PointPrompt(20, 20, positive=False)))
    worker.start("c", MaskEdit(photo, more), before="b")
    assert covered(made(worker, "c").shown.png) == 3600
    assert model.corrected == [None, 40.0]
    worker.start("d", MaskEdit(photo, more), before="c")  # made anew, and no correction
    made(worker, "d")
    worker.start("e", MaskEdit(photo, Prompts(more.points[::-1])), before="d")  # another drawing
    made(worker, "e")
    assert model.corrected[-2:] == [None, None]
    worker.start("f", MaskEdit(photo, MIDDLE, change=Change.ADD), before="c")
    made(worker, "f")
    assert model.corrected[-1] is None
    assert model.encoded == 1


@pytest.mark.parametrize("waits", [False], indirect=True)
def test_until_the_model_is_ready_the_built_in_selection_answers(
    worker: MaskWorker, model: Model, photo: PictureFile
) -> None:
    model.go_on.clear()
    worker.look_at(photo)
    assert model.begun.wait(BOUND)
    assert worker.looking == 0.25 and worker.busy and worker.has_moved() and not worker.has_moved()
    worker.start("a", MaskEdit(photo, MIDDLE))
    assert made(worker, "a").is_first and not model.corrected and not worker.can_improve("a")
    assert abs(covered(made(worker, "a").shown.png) - 5027) < 300  # the disc
    model.go_on.set()
    settle(worker, photo)
    assert worker.looking is None and worker.has_moved()
    assert worker.can_improve("a") and not worker.can_improve("unknown")
    worker.improve("b", before="a")
    assert not made(worker, "b").is_first and covered(made(worker, "b").shown.png) == 1600
    assert worker.mask("a") == worker.mask("b") and not worker.can_improve("a")


@pytest.mark.parametrize("waits", [True], indirect=True)
def test_scripts_wait_for_the_model(worker: MaskWorker, model: Model, photo: PictureFile, tmp_path: Path) -> None:
    """And what they send with a job is the same mask."""
    worker.start("a", MaskEdit(photo, MIDDLE))
    found = made(worker, "a")
    assert not found.is_first and covered(found.shown.png) == 1600
    (sent,) = Batch(photo, [SubjectPrompt(prompts=MIDDLE)], model=tmp_path / "weights.pt").subject_mask(0).masks
    assert (np.asarray(Image.open(io.BytesIO(sent))) == np.asarray(Image.open(io.BytesIO(found.shown.png)))).all()


def test_a_damaged_model_is_told_and_does_without(
    worker: MaskWorker, photo: PictureFile, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    def refuse(path: Path) -> object:
        raise ModelError("It is damaged.")

    monkeypatch.setattr(photo_selector, "read_model", refuse)
    forget_model()
    settle(worker, photo)
    worker.start("a", MaskEdit(photo, MIDDLE))
    assert abs(covered(made(worker, "a").shown.png) - 5027) < 300
    assert worker.problem_of_model == "It is damaged. The built-in selection serves meanwhile."
    notes = Batch(photo, [SubjectPrompt(prompts=MIDDLE)], model=tmp_path / "weights.pt").subject_mask(0).notes
    assert notes == (worker.problem_of_model,)
    worker.use_model(None)
    worker.look_at(photo)
    worker.start("b", MaskEdit(photo, MIDDLE))
    made(worker, "b")
    assert not worker.problem_of_model and not worker.has_model


def test_what_nobody_foresaw_in_the_model(photo: PictureFile, model: Model, capsys: pytest.CaptureFixture[str]) -> None:
    def fail(fraction: float) -> None:
        raise MemoryError

    selector = PhotoSelector(np.zeros((HEIGHT, WIDTH, 3), np.uint8), Path("weights.pt"), fail)
    selector.look()
    assert (
        selector.problem.startswith("Segment Anything could not look at the photo (MemoryError)") and selector.is_ready
    )
    assert "MemoryError" in capsys.readouterr().err
    assert selector.everything(lambda fraction: None) == ()


def test_everything_is_found(worker: MaskWorker, model: Model, photo: PictureFile) -> None:
    search = worker.search(photo)
    found = search.found.result(BOUND)
    assert [covered(png) for png in found.masks] == [14400, 400]
    assert found.numbers.shape == (HEIGHT, WIDTH)
    assert found.numbers[80, 100] == 2 and found.numbers[80, 150] == 1 and found.numbers[80, 300] == 0
    worker.put("a", found.masks[1])
    mask = worker.mask("a")
    assert mask is not None and covered(mask) == 400
    search.stop()


def test_numbers_of_a_large_photo_are_small() -> None:
    masks = [np.ones((1500, 3000), bool)] * 300
    found = proposals([Selection(mask, 0.5) for mask in masks[:2]], (3000, 1500))
    assert found.numbers.shape == (512, 1024) and (found.numbers == 2).all()


def test_what_is_alike_is_offered_once() -> None:
    empty = Selection(np.zeros((HEIGHT, WIDTH), bool), 0.9)
    assert distinct((empty, empty)) == (empty,)
    several = [Selection(square(x, 100, 20), 0.5) for x in (50, 51, 100, 150, 200)]
    assert distinct(tuple(several)) == (several[0], several[2], several[3])
