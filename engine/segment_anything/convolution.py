# SPDX-License-Identifier: GPL-3.0-or-later
"""Convolutions of 3 x 3 cells on pictures that pass by in strips of rows, so that little is held at a time.

A strip is (R, W, C): rows, cells, channels; strips of one picture need not have as many rows each.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator

import numpy as np

from ..arrays import Single
from .numerics import Linear

PIECE = 1 << 15  # numbers of a row that are worked on at a time


class Depthwise:
    """A convolution of 3 x 3 cells of each channel by itself, with zeros around the picture."""

    def __init__(self, kernel: Single, bias: Single, stride: int = 1) -> None:
        """kernel: (C, 1, 3, 3), as PyTorch has it. bias: (C,)."""
        self._kernel = np.ascontiguousarray(kernel[:, 0].transpose(1, 2, 0))
        self._bias, self._stride = bias, stride

    def __call__(self, strips: Iterable[Single]) -> Iterator[Single]:
        """From strips (R, W, C) to strips (R', W / stride, C).

        A row is there as soon as the one below it has passed by.
        """
        seen = 0  # rows
        held = np.empty((0, 0, 0), np.float32)  # the last two rows
        for strip in strips:
            height, width, channels = strip.shape
            if not seen:
                held = np.zeros((1, width + 2, channels), np.float32)
            window = np.empty((len(held) + height, width + 2, channels), np.float32)
            window[: len(held)] = held
            window[len(held) :, 1:-1] = strip
            window[len(held) :, [0, -1]] = 0
            held = window[-2:]
            yield self._rows(window, max(seen - 1, 0))
            seen += height
        if seen:
            yield self._rows(np.concatenate([held, np.zeros_like(held[:1])]), seen - 1)

    def _rows(self, window: Single, first: int) -> Single:
        """The rows (R, W / stride, C) that a window (R + 2, W + 2, C) of the picture gives, from this row on."""
        step = self._stride
        tops = range(-first % step, len(window) - 2, step)
        result = np.empty((len(tops), (window.shape[1] - 2) // step, window.shape[2]), np.float32)
        for row, top in zip(result, tops, strict=True):
            self._row(window[top : top + 3], row)
        return result

    def _row(self, window: Single, result: Single) -> None:
        step, (width, channels) = self._stride, result.shape
        cells = max(1, PIECE // channels)
        product = np.empty((min(cells, width), channels), np.float32)
        for start in range(0, width, cells):
            piece = result[start : start + cells]
            some = product[: len(piece)]
            piece[:] = self._bias
            for row, kernel in zip(window, self._kernel, strict=True):
                for shift in range(3):
                    first = start * step + shift
                    np.multiply(row[first : first + step * len(piece) - step + 1 : step], kernel[shift], out=some)
                    piece += some


class Convolution:
    """A convolution of 3 x 3 cells of all channels, on a picture that has its border already."""

    def __init__(self, kernel: Single, bias: Single, stride: int = 1) -> None:
        """kernel: (outputs, inputs, 3, 3), as PyTorch has it. bias: (outputs,)."""
        self._linear = Linear(np.ascontiguousarray(kernel.transpose(2, 3, 1, 0).reshape(-1, len(kernel))), bias)
        self._stride, self.outputs = stride, len(kernel)

    def __call__(self, picture: Single) -> Single:
        """From (H + 2, W + 2, inputs), contiguous along its rows, to (H / stride, W / stride, outputs)."""
        height, width = ((side - 3) // self._stride + 1 for side in picture.shape[:2])
        row, cell, number = picture.strides
        # The three cells side by side that an output sees are one piece of a row.
        seen = np.lib.stride_tricks.as_strided(
            picture,
            (height, width, 3, 3 * picture.shape[2]),
            (self._stride * row, self._stride * cell, row, number),
            writeable=False,
        )
        return self._linear(seen.reshape(height, width, -1))
