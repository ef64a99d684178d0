# SPDX-License-Identifier: GPL-3.0-or-later
"""Makes tests/segment_anything/reference.npz: what MobileSAM's own code makes of random weights, a photo and prompts.

usage: python tools/reference_segment_anything.py [--checkpoint FILE]
  --checkpoint FILE  only write a small checkpoint with torch.save, as tests/segment_anything/saved_by_torch.pt

For an environment of its own, with torch 2.13.0 (CPU), mobilesam-mirror 1.0.0 (installed with --no-deps), numpy and
Pillow; PYTHONPATH=build/python:tests:tests/segment_anything:tools. Of timm and torchvision, which mobilesam-mirror
imports, a few lines below are enough. For each stage a sample of the numbers is kept, and their range.
"""

from __future__ import annotations

import argparse
import sys
import tempfile
from collections import OrderedDict
from pathlib import Path
from types import ModuleType
from typing import Any

import numpy as np
from PIL import Image
from random_model import write_random_model
from reference_cases import CASES, HEIGHT, REFERENCE, SEED, WIDTH, photo, previous, sample

from sam3d.engine.segment_anything.frame import Frame
from sam3d.engine.selection import PixelPrompts


def main() -> None:
    """Make what the command line asks for."""
    parser = argparse.ArgumentParser(description="Makes the fixtures of the tests of engine/segment_anything.")
    parser.add_argument("--checkpoint", type=Path)
    checkpoint = parser.parse_args().checkpoint
    if checkpoint:
        save(checkpoint)
    else:
        compare()


def save(path: Path) -> None:
    """A state dict as torch.save writes it: views, a buffer of whole numbers, a tensor that is laid out otherwise."""
    import torch

    numbers = torch.arange(24, dtype=torch.float32)
    tensors = {
        "plain": numbers.reshape(2, 3, 4),
        "view": numbers[4:10].reshape(2, 3),
        "transposed": numbers.reshape(4, 6).T,
        "batches": torch.tensor(3),
        "half": torch.ones(2, dtype=torch.float16),
    }
    state = OrderedDict(tensors)
    state._metadata = OrderedDict({"": {"version": 1}})  # type: ignore[attr-defined]  # as nn.Module.state_dict has it
    torch.save(state, path)


def compare() -> None:
    """Run the authors' code, and keep samples."""
    stand_in()
    import torch
    from mobile_sam import SamPredictor, sam_model_registry

    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "random.pt"
        write_random_model(path, SEED)
        model = sam_model_registry["vit_t"](str(path))
    model.eval()  # again, for the attention's biases were looked up before the weights were read
    found: dict[str, Any] = {}

    def keep(name: str, tensor: Any) -> None:
        """Keep a sample of a tensor (1, C, H, W), (1, N, C) or other, channels last."""
        array = tensor.detach().numpy()
        array = array[0].transpose(1, 2, 0) if array.ndim == 4 else array
        found[name] = array.ravel()[sample(array.size)]
        found[f"{name} range"] = np.ptp(array)

    def watch(name: str, module: Any) -> None:
        module.register_forward_hook(lambda _module, _inputs, output: keep(name, output))

    encoder = model.image_encoder
    watch("neck", encoder.neck)
    for i, layer in enumerate(encoder.layers):
        watch(f"layers.{i}", layer)
        for j, block in enumerate(layer.blocks):
            watch(f"layers.{i}.blocks.{j}", block)
    predictor = SamPredictor(model)
    predictor.set_image(photo())
    watch("mask", model.prompt_encoder.mask_downscaling)
    current = ""
    model.prompt_encoder.register_forward_hook(lambda _module, _inputs, output: keep(f"{current} tokens", output[0]))
    model.mask_decoder.transformer.register_forward_hook(
        lambda _module, _inputs, output: keep(f"{current} cells", output[1])
    )
    for current, prompts in CASES.items():
        earlier = previous()[None] if current == "refined" else None
        arguments = in_pixels(prompts)
        for several in (False, True):
            masks, quality, logits = predictor.predict(
                **arguments, mask_input=earlier, multimask_output=several, return_logits=True
            )
            kind = "several" if several else "one"
            found[f"{current} {kind} quality"] = quality
            for kept, array in (("masks", masks), ("logits", logits)):
                found[f"{current} {kind} {kept}"] = array.reshape(len(array), -1)[:, sample(array[0].size)]
                found[f"{current} {kind} {kept} range"] = np.ptp(array)
    print(f"torch {torch.__version__}, {len(found)} arrays")
    np.savez_compressed(REFERENCE, **found)


def in_pixels(prompts: PixelPrompts) -> dict[str, Any]:
    """Prompts as the authors' code wants them: the middle of the first pixel of the square is at 0."""
    height, width = Frame(HEIGHT, WIDTH).size
    half = np.array((WIDTH / width, HEIGHT / height)) / 2
    points = [*prompts.positive, *prompts.negative]
    found: dict[str, Any] = {}
    if points:
        found["point_coords"] = np.array(points) - half
        found["point_labels"] = np.array([1] * len(prompts.positive) + [0] * len(prompts.negative))
    if prompts.box:
        found["box"] = np.array(prompts.box) - np.tile(half, 2)
    return found


def stand_in() -> None:
    """The little of timm and torchvision that an encoder that is not trained needs."""
    import torch

    class DropPath(torch.nn.Identity):  # type: ignore[misc]
        def __init__(self, drop_prob: float | None = None) -> None:
            super().__init__()

    modules = {
        "timm.models.layers": {
            "DropPath": DropPath,
            "to_2tuple": lambda number: (number, number),
            "trunc_normal_": torch.nn.init.trunc_normal_,
        },
        "timm.models.registry": {"register_model": lambda function: function},
        "torchvision.transforms.functional": {
            "to_pil_image": Image.fromarray,
            "resize": lambda picture, size: picture.resize(size[::-1], Image.Resampling.BILINEAR),
        },
        "torchvision.ops.boxes": {"batched_nms": None, "box_area": None},
    }
    for package in ("timm", "timm.models", "torchvision", "torchvision.transforms", "torchvision.ops"):
        sys.modules[package] = ModuleType(package)
    for name, content in modules.items():
        sys.modules[name] = ModuleType(name)
        vars(sys.modules[name]).update(content)


if __name__ == "__main__":
    main()
