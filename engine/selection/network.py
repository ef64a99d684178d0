# SPDX-License-Identifier: GPL-3.0-or-later
"""A small network that tells what prompts in a window mean, from shapes and edges that it has seen in photographs."""

from __future__ import annotations

from functools import cache
from pathlib import Path

import numpy as np

from ..arrays import Single

SIZE = 64  # cells along each side of the window that it sees
CHANNELS = 7
WEIGHTS = Path(__file__).with_name("network.npz")


class Network:
    """A U-Net (Ronneberger et al. 2015) with separable convolutions (Howard et al. 2017) at its lower resolutions.

    tools/train_selection.py makes its weights, which are kept as bytes with one scale for each channel that they make.
    """

    def __init__(self, path: Path) -> None:
        self._weights: dict[str, Single] = {}
        with np.load(path) as file:
            for name in file.files:
                kind, _, layer = name.partition(" ")
                if kind == "scale":
                    continue
                values = file[name].astype(np.float32)
                self._weights[name] = values * file[f"scale {layer}"].astype(np.float32) if kind == "weight" else values

    def __call__(self, window: Single) -> tuple[Single, float]:
        """From what is seen (SIZE, SIZE, CHANNELS) to the logits (SIZE, SIZE) of the subject, and the logit of the
        overlap with all of the subject that is expected.
        """
        half = SIZE // 2
        packed = window.reshape(half, 2, half, 2, CHANNELS).transpose(0, 2, 4, 1, 3).reshape(half, half, -1)
        fine = self._residual("a", self._convolve("stem", packed))
        middle = self._residual("b.1", self._residual("b.0", self._convolve("d1", fine, 2)))
        coarse = self._chain("c", self._separable("d2", middle, 2))
        deep = self._chain("d", self._separable("d3", coarse, 2))
        deep = deep + np.maximum(self._point("g", deep.mean((0, 1), keepdims=True)), 0)
        score = self._point("score", deep.mean((0, 1)))
        coarse = self._chain("c2", self._joined("u2", coarse, deep))
        middle = self._residual("b2", self._joined("u1", middle, coarse))
        fine = self._residual("a2", self._joined("u0", fine, middle))
        logits = self._spread("out", fine, 1).reshape(half, half, 2, 2).transpose(0, 2, 1, 3).reshape(SIZE, SIZE)
        return logits, float(score[0])

    def _spread(self, layer: str, values: Single, stride: int) -> Single:
        """A convolution over 3 x 3 cells."""
        height, width, channels = values.shape
        padded = _padded(values)
        seen = np.empty((height // stride, width // stride, 9, channels), np.float32)
        for tap in range(9):
            top, left = divmod(tap, 3)
            seen[:, :, tap] = padded[top : top + height : stride, left : left + width : stride]
        return self._point(layer, seen.reshape(height // stride, width // stride, -1))

    def _point(self, layer: str, values: Single) -> Single:
        return np.asarray(values @ self._weights[f"weight {layer}"] + self._weights[f"bias {layer}"], np.float32)

    def _convolve(self, layer: str, values: Single, stride: int = 1) -> Single:
        return np.maximum(self._spread(layer, values, stride), 0)

    def _residual(self, layer: str, values: Single) -> Single:
        return values + self._convolve(f"{layer}.c", values)

    def _separable(self, layer: str, values: Single, stride: int = 1) -> Single:
        """A convolution of each channel by itself, then one over the channels."""
        height, width, _ = values.shape
        padded, weight = _padded(values), self._weights[f"weight {layer}.d"]
        total = np.broadcast_to(self._weights[f"bias {layer}.d"], (height // stride, width // stride, values.shape[2]))
        for tap in range(9):
            top, left = divmod(tap, 3)
            total = total + padded[top : top + height : stride, left : left + width : stride] * weight[tap]
        return np.maximum(self._point(f"{layer}.p", np.asarray(total, np.float32)), 0)

    def _chain(self, layer: str, values: Single) -> Single:
        number = 0
        while f"weight {layer}.{number}.d" in self._weights:
            values = values + self._separable(f"{layer}.{number}", values)
            number += 1
        return values

    def _joined(self, layer: str, skipped: Single, below: Single) -> Single:
        """What was seen at a resolution, with what half of it says."""
        return np.asarray(np.maximum(skipped + self._point(layer, below).repeat(2, 0).repeat(2, 1), 0), np.float32)


def _padded(values: Single) -> Single:
    """With a rim of zeros; np.pad takes longer."""
    height, width, channels = values.shape
    padded = np.zeros((height + 2, width + 2, channels), np.float32)
    padded[1:-1, 1:-1] = values
    return padded


@cache
def network() -> Network:
    """The trained network."""
    return Network(WEIGHTS)
