# SPDX-License-Identifier: GPL-3.0-or-later
"""The model that selects, without a window: how it comes and goes, what else a mask may be, and who is not asked."""

import hashlib
import random
import sys
from pathlib import Path
from typing import Any

import bpy
import numpy as np

sys.path.insert(0, str(Path(__file__).resolve().parent.parent.parent))

from bl_ext.user_default.sam3d.engine.selection import Selection
from bl_ext.user_default.sam3d.photos import photo_selector
from bl_ext.user_default.sam3d.providers.model_file import SEGMENT_ANYTHING, ModelFile
from bl_ext.user_default.sam3d.runtime import question, selection_model
from bl_ext.user_default.sam3d.runtime.mask_sync import candidates_of, choose, take_over
from bl_ext.user_default.sam3d.runtime.state import runtime
from common import FOLDER, all_preferences, disc, empty_file
from model_host import ModelHost

CONTENT = random.Random(6).randbytes(300_000)
WANTED = ModelFile(
    "mobile_sam.pt", "https://models.invalid/mobile_sam.pt", 300_000, hashlib.sha256(CONTENT).hexdigest()
)
SIZE = 96


def expect() -> Any:
    """The model's state in this Blender, with another file to be expected, and none there."""
    model = runtime().selection_model
    model.expect(WANTED)
    if model.is_here:
        bpy.ops.sam3d.remove_model()
    all_preferences().selection = "SEGMENT_ANYTHING"
    all_preferences().selection_declined = False
    return model


def it_comes_and_goes() -> None:
    """By the network, from a file, and away again; each trouble is told."""
    assert SEGMENT_ANYTHING.megabytes == 41 and runtime().selection_model.wanted == SEGMENT_ANYTHING
    model = expect()
    empty_file()
    assert selection_model.is_offered(bpy.context) and not runtime().masks.has_model
    assert not bpy.app.online_access and not bpy.ops.sam3d.download_model.poll()
    assert selection_model.obstacle(bpy.context).startswith("Blender is set to work offline")
    with ModelHost(CONTENT) as host:
        all_preferences().selection_model_url = host.url  # on this computer, which needs no network
        assert bpy.ops.sam3d.download_model.poll()
        host.cut_after = 100_000
        assert bpy.ops.sam3d.download_model() == {"CANCELLED"}
        assert "The next download goes on from there." in model.problem and not model.is_here
        host.cut_after = None
        assert bpy.ops.sam3d.download_model() == {"FINISHED"}
        assert host.begins == [0, 100_000]
    assert model.is_here and model.file.read_bytes() == CONTENT and not model.problem
    assert "extensions" in str(model.file) and "user_default" in str(model.file)
    assert runtime().masks.has_model and not selection_model.is_offered(bpy.context)
    all_preferences().selection = "BUILT_IN"
    assert not runtime().masks.has_model and selection_model.file_in_use(bpy.context) is None
    all_preferences().selection = "SEGMENT_ANYTHING"
    assert runtime().masks.has_model and selection_model.file_in_use(bpy.context) == model.file
    assert bpy.ops.sam3d.remove_model() == {"FINISHED"}
    assert not model.is_here and not runtime().masks.has_model and not list(model.file.parent.iterdir())

    own = FOLDER / "own.pt"
    own.write_bytes(CONTENT[:-1])
    assert bpy.ops.sam3d.open_model(filepath=str(own)) == {"CANCELLED"}
    assert (
        model.problem
        == f"own.pt is not the model: choose mobile_sam.pt, 300,000 bytes with the SHA-256 {WANTED.sha256}."
    )
    own.write_bytes(CONTENT)
    assert bpy.ops.sam3d.open_model(filepath=str(own)) == {"FINISHED"} and model.is_here
    bpy.ops.sam3d.remove_model()
    assert selection_model.is_offered(bpy.context)
    assert bpy.ops.sam3d.decline_model() == {"FINISHED"} and not selection_model.is_offered(bpy.context)


def a_damaged_model_is_told() -> None:
    """Masks are made without it."""
    model = expect()
    own = FOLDER / "own.pt"
    own.write_bytes(CONTENT)
    bpy.ops.sam3d.open_model(filepath=str(own))
    _, settings = empty_file()
    settings.image = disc("Disc", background=(0.9, 0.9, 0.9))
    mask = settings.masks.add()
    mask.use_box, mask.box = True, (15, 15, 81, 81)
    assert bpy.ops.sam3d.update_mask() == {"FINISHED"}
    assert mask.image is not None
    assert runtime().masks.problem_of_model.endswith("The built-in selection serves meanwhile.")
    bpy.ops.sam3d.remove_model()
    assert not model.is_here


class _Model:
    """Answers by squares of three sizes."""

    def encode(self, photo: Any, report: Any) -> Any:
        return photo

    def candidates(self, _encoded: Any, _prompts: Any, _previous: Any = None) -> tuple[Selection, ...]:
        found = []
        for half in (10, 20, 30):
            mask = np.zeros((SIZE, SIZE), bool)
            mask[48 - half : 48 + half, 48 - half : 48 + half] = True
            found.append(Selection(mask, 0.4))
        return tuple(found)


def what_else_it_may_be() -> None:
    """One after the other, each a step of undo; the last one is followed by the first."""
    expect()
    before = vars(photo_selector)["read_model"]
    vars(photo_selector)["read_model"] = lambda path: _Model()
    try:
        own = FOLDER / "own.pt"
        own.write_bytes(CONTENT)
        bpy.ops.sam3d.open_model(filepath=str(own))
        _, settings = empty_file()
        settings.image = disc("Disc", size=SIZE, background=(0.9, 0.9, 0.9))
        mask = settings.masks.add()
        assert not bpy.ops.sam3d.choose_candidate.poll()
        point = mask.points.add()
        point.x = point.y = 48
        assert bpy.ops.sam3d.update_mask() == {"FINISHED"}
        made = candidates_of(mask)
        assert made is not None and len(made.candidates) == 3 and made.is_unsure and not made.is_first
        sizes = [covered(mask)]
        for _ in range(3):
            assert bpy.ops.sam3d.choose_candidate() == {"FINISHED"}
            sizes.append(covered(mask))
        assert sizes == [400, 1600, 3600, 400]
        assert bpy.ops.sam3d.choose_candidate(step=-1) == {"FINISHED"} and covered(mask) == 3600
        mask.drawn = ""
        choose(mask, 1)  # of what is no drawing there is nothing else
        assert not take_over() and covered(mask) == 3600
    finally:
        vars(photo_selector)["read_model"] = before
        bpy.ops.sam3d.remove_model()


def covered(mask: Any) -> int:
    """White pixels of a mask's image."""
    values = np.empty(SIZE * SIZE * 4, np.float32)
    mask.image.pixels.foreach_get(values)
    return int((values[::4] > 0.5).sum())


def who_is_asked() -> None:
    """Only where a service has to guess, and once."""
    _, settings = empty_file()
    assert not question.is_needed(bpy.context)
    settings.image = disc("Disc", background=(0.9, 0.9, 0.9))
    assert question.is_needed(bpy.context)
    settings.subject = "BODY"
    assert question.is_needed(bpy.context)  # the draft engine finds no people
    settings.provider = "WAVESPEED"
    assert not question.is_needed(bpy.context)
    settings.subject = "OBJECT"
    assert question.is_needed(bpy.context)
    settings.prompt = "a disc"
    assert not question.is_needed(bpy.context)
    settings.provider = "LOCAL"  # which understands no words
    assert question.is_needed(bpy.context)
    settings.use_box, settings.box = True, (15, 15, 81, 81)
    assert not question.is_needed(bpy.context)
    settings.use_box = False
    settings.masks.add()
    assert not question.is_needed(bpy.context)
    settings.masks.clear()
    guess = question.look(bpy.context).result(60)
    assert guess.is_sure and guess.numbers is not None and guess.numbers[48, 48] == 1 and guess.numbers[2, 2] == 0
    question.ask(settings.image, guess, None)
    asked = runtime().question
    assert asked is not None and asked.is_open(settings) and not question.is_needed(bpy.context)
    question.use_guess(settings)
    (mask,) = settings.masks
    assert runtime().question is None and abs(covered(mask) - 2600) < 200
    empty_file()
    assert not runtime().asked
