# SPDX-License-Identifier: GPL-3.0-or-later
"""The engine as a whole: good input, bad input, progress and cancelling."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest
from numpy.typing import NDArray
from solids import read

from sam3d.engine.draft import Draft, DraftError, reconstruct

SIZE = 200


def photo(size: int = SIZE) -> NDArray[np.uint8]:
    """A red bottle on light gray (H, W, 3)."""
    x = np.arange(size) / size
    picture = np.full((size, size, 3), 225, np.uint8)
    shade = np.clip(1 - 2 * abs(x - 0.48), 0.4, 1)[None, :, None]
    picture[bottle(size)] = np.broadcast_to(shade * (200, 60, 40), picture.shape)[bottle(size)]
    return picture


def bottle(size: int = SIZE) -> NDArray[np.bool_]:
    y, x = np.mgrid[0:size, 0:size] / size
    wide = np.where(y > 0.45, 0.14, 0.05)
    return np.asarray((abs(x - 0.5) < wide) & (y > 0.2) & (y < 0.85))


def mesh_of(draft: Draft) -> Any:
    mesh = read(draft.glb)
    assert mesh.visual.material.baseColorTexture is not None
    mesh.merge_vertices(merge_tex=True, merge_norm=True)
    return mesh


def check(draft: Draft) -> None:
    mesh = mesh_of(draft)
    assert mesh.is_watertight
    assert mesh.volume > 0
    assert len(mesh.faces) <= 20_000
    assert mesh.extents.max() == pytest.approx(1, abs=0.02)
    assert mesh.bounds[0, 1] == pytest.approx(0, abs=0.01)


def test_a_photo_becomes_a_closed_textured_object() -> None:
    draft = reconstruct(photo())
    assert draft.foreground == "background"
    assert draft.confidence > 0.75
    assert draft.notes == ()
    check(draft)


@pytest.mark.parametrize(("size", "texture"), [(100, 256), (300, 512), (900, 1024)])
def test_the_texture_is_as_fine_as_the_photo(size: int, texture: int) -> None:
    picture = mesh_of(reconstruct(photo(size), bottle(size))).visual.material.baseColorTexture
    assert picture.size == (texture, texture)


def test_the_same_photo_gives_the_same_bytes() -> None:
    assert reconstruct(photo(), bottle()).glb == reconstruct(photo(), bottle()).glb


def test_alternatives_can_be_asked_for() -> None:
    for alternative in (1, 2, 3):
        check(reconstruct(photo(), bottle(), alternative=alternative))


def test_gray_and_transparent_photos() -> None:
    check(reconstruct(photo()[..., 0], bottle()))
    cut_out = np.dstack([photo(), bottle().astype(np.uint8) * 255])
    draft = reconstruct(cut_out)
    assert draft.foreground == "alpha"
    check(draft)


def test_a_mask_of_another_size_is_scaled_with_a_note() -> None:
    draft = reconstruct(photo(), bottle(320).astype(np.uint8) * 255)
    assert "320 x 320" in draft.notes[0]
    check(draft)


def test_a_large_photo() -> None:
    check(reconstruct(photo(3000)))


def test_a_mask_of_the_whole_photo() -> None:
    draft = reconstruct(photo(), np.full((SIZE, SIZE), 255, np.uint8))
    assert "whole photo" in draft.notes[0]
    check(draft)


def test_a_mask_in_several_pieces() -> None:
    mask = bottle()
    mask[20:60, 20:60] = True
    check(reconstruct(photo(), mask))


def test_a_tiny_mask_gives_a_draft_or_a_sentence() -> None:
    for side in (1, 3, 9):
        mask = np.zeros((SIZE, SIZE), bool)
        mask[90 : 90 + side, 90 : 90 + side] = True
        try:
            check(reconstruct(photo(), mask))
        except DraftError as error:
            assert "small" in str(error)


@pytest.mark.parametrize(
    ("image", "mask", "sentence"),
    [
        (np.zeros((0, 0, 3), np.uint8), None, "0 x 0 pixels"),
        (np.zeros((1, 1, 3), np.uint8), None, "1 x 1 pixels"),
        (np.zeros((64, 64, 3), np.float32), None, "8 bits"),
        (np.zeros((64, 64, 2), np.uint8), None, "channels"),
        (np.full((64, 64, 3), 99, np.uint8), None, "Nothing stands out"),
        (np.tile(np.eye(1, 32, 16, dtype=np.uint8) * 255, (32, 1)), None, "Nothing stands out"),  # a line
        (photo(), np.zeros((SIZE, SIZE), np.uint8), "mask is empty"),
        (photo(), np.zeros((0, 0), np.uint8), "mask"),
    ],
)
def test_bad_input_is_answered_with_one_sentence(
    image: NDArray[np.uint8], mask: NDArray[np.uint8] | None, sentence: str
) -> None:
    with pytest.raises(DraftError, match=sentence) as caught:
        reconstruct(image, mask)
    assert str(caught.value).endswith(".")
    assert "\n" not in str(caught.value)


def test_progress_grows_and_cancelling_ends_the_work() -> None:
    steps: list[tuple[float, str]] = []
    reconstruct(photo(), report=lambda fraction, stage: steps.append((fraction, stage)))
    fractions = [fraction for fraction, _ in steps]
    assert fractions == sorted(fractions)
    assert 0 <= fractions[0] < fractions[-1] <= 1
    assert len({stage for _, stage in steps}) >= 4

    def stop(fraction: float, stage: str) -> None:
        if fraction > 0.5:
            raise InterruptedError

    with pytest.raises(InterruptedError):
        reconstruct(photo(), report=stop)
