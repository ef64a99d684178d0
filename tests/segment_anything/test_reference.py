# SPDX-License-Identifier: GPL-3.0-or-later
"""Each stage makes of random weights, a photo and prompts what the code of MobileSAM's authors makes of them.

How reference.npz was made is said in tools/reference_segment_anything.py.
"""

from __future__ import annotations

import numpy as np
import pytest
from encoded import encoded, model
from numpy.typing import NDArray
from random_model import random_weights
from reference_cases import CASES, HEIGHT, REFERENCE, SEED, WIDTH, photo, previous, sample

from sam3d.engine.arrays import Single
from sam3d.engine.segment_anything.frame import Frame
from sam3d.engine.segment_anything.image_encoder import ImageEncoder
from sam3d.engine.segment_anything.layout import STAGES
from sam3d.engine.segment_anything.mask_decoder import MaskDecoder
from sam3d.engine.segment_anything.numerics import Tensors
from sam3d.engine.segment_anything.prompt_encoder import PlacedPrompts, PromptEncoder

OFF = 1e-4  # of a stage's range, at most

FRAME = Frame(HEIGHT, WIDTH)


@pytest.fixture(scope="module")
def reference() -> dict[str, NDArray[np.float32]]:
    with np.load(REFERENCE) as arrays:
        return dict(arrays)


@pytest.fixture(scope="module")
def weights() -> Tensors:
    return Tensors(random_weights(SEED))


@pytest.fixture(scope="module")
def prompt_encoder(weights: Tensors) -> PromptEncoder:
    return PromptEncoder(weights.under("prompt_encoder"))


@pytest.fixture(scope="module")
def decoder(weights: Tensors, prompt_encoder: PromptEncoder) -> MaskDecoder:
    return MaskDecoder(weights.under("mask_decoder"), prompt_encoder.grid)


def off(array: Single, name: str, reference: dict[str, NDArray[np.float32]]) -> float:
    """How far an array is from the reference, as a share of that one's range."""
    assert array.dtype == np.float32
    kept = reference[name]
    return float(np.abs(array.ravel()[sample(array.size)] - kept).max() / reference[f"{name} range"])


def placed(case: str) -> PlacedPrompts:
    """The prompts of a case in the square."""
    prompts = CASES[case]
    points = (*prompts.positive, *prompts.negative)
    box = None if prompts.box is None else FRAME.place((prompts.box[:2], prompts.box[2:]))
    return PlacedPrompts(FRAME.place(points), np.arange(len(points)) < len(prompts.positive), box)


def test_each_stage_of_the_image_encoder(weights: Tensors, reference: dict[str, NDArray[np.float32]]) -> None:
    encoder = ImageEncoder(weights.under("image_encoder"))
    far, seen = {}, ""
    for name, share, picture in encoder.steps(FRAME.square(photo())):
        if name != "layers.0" or share == pytest.approx(0.45):
            far[name] = off(picture, name, reference)
            seen = name
    assert seen == "neck" and len(far) == 2 + sum(stage.blocks for stage in STAGES[1:]) + 2
    assert max(far.values()) < OFF, far


@pytest.mark.parametrize("case", CASES)
def test_the_tokens_of_prompts(
    case: str, prompt_encoder: PromptEncoder, reference: dict[str, NDArray[np.float32]]
) -> None:
    assert off(prompt_encoder.tokens(placed(case)), f"{case} tokens", reference) < OFF


def test_an_earlier_mask(prompt_encoder: PromptEncoder, reference: dict[str, NDArray[np.float32]]) -> None:
    assert off(prompt_encoder.mask(previous()), "mask", reference) < OFF


@pytest.mark.parametrize("case", CASES)
def test_the_mask_decoder(
    case: str, prompt_encoder: PromptEncoder, decoder: MaskDecoder, reference: dict[str, NDArray[np.float32]]
) -> None:
    earlier = prompt_encoder.mask(previous() if case == "refined" else None)
    decoded = decoder.decode(encoded().cells + earlier, prompt_encoder.tokens(placed(case)))
    assert off(decoded.cells, f"{case} cells", reference) < OFF
    for kind, which in (("one", slice(0, 1)), ("several", slice(1, None))):
        assert np.allclose(decoded.quality[which], reference[f"{case} {kind} quality"], atol=OFF)
        logits = decoder.logits(decoded, which)
        for i, each in enumerate(logits):
            kept = reference[f"{case} {kind} logits"][i]
            far = np.abs(each.ravel()[sample(each.size)] - kept).max()
            assert far < OFF * reference[f"{case} {kind} logits range"]


@pytest.mark.parametrize("case", CASES)
def test_the_whole_way(case: str, reference: dict[str, NDArray[np.float32]]) -> None:
    """From a photo of odd size and prompts in its pixels to a mask in its pixels."""
    found = model().candidates(encoded(), CASES[case], previous() if case == "refined" else None)
    kind = "several" if case == "click" else "one"
    best = int(np.argmax(reference[f"{case} {kind} quality"]))
    assert found[0].confidence == pytest.approx(np.clip(reference[f"{case} {kind} quality"][best], 0, 1), abs=OFF)
    assert found[0].logits is not None
    kept = reference[f"{case} {kind} masks"][best]
    within = FRAME.mask(found[0].logits).ravel()[sample(HEIGHT * WIDTH)]
    sure = np.abs(kept) > OFF * reference[f"{case} {kind} masks range"]
    assert sure.mean() > 0.99 and 0.05 < within.mean() < 0.95
    assert (within == (kept > 0))[sure].all()
