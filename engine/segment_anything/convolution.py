# SPDX-License-Identifier: GPL-3.0-or-later
"""Convolutions of 3 x 3 cells on pictures that pass by row by row, so that little is held and most stays in the cache.

A row is (W, C): cells, channels.
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

    def __call__(self, rows: Iterable[Single]) -> Iterator[Single]:
        """From rows (W, C) to rows (W / stride, C), which are overwritten by the next."""
        window: list[Single] = []  # the row above, this one and the one below
        result, last = np.empty((0, 0), np.float32), -1
        for i, row in enumerate(rows):
            if not window:
                window = [np.zeros((len(row) + 2, row.shape[1]), np.float32) for _ in range(3)]
                result = np.empty((len(row) // self._stride, row.shape[1]), np.float32)
            window = [*window[1:], window[0]]
            window[2][1:-1] = row
            if i > 0 and (i - 1) % self._stride == 0:
                yield self._row(window, result)
            last = i
        if last >= 0 and last % self._stride == 0:
            window = [*window[1:], window[0]]
            window[2][:] = 0
            yield self._row(window, result)

    def _row(self, window: list[Single], result: Single) -> Single:
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
        return result


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
