# SPDX-License-Identifier: GPL-3.0-or-later
"""Attention of the cells within each window of a picture to each other, as TinyViT has it."""

from __future__ import annotations

import numpy as np

from ..arrays import Ints, Single
from .layout import Stage
from .numerics import Tensors, normalize, softmax
from .products import product

PIECE = 1 << 18  # weights of attention that are held at a time
SERIAL = 1 << 18  # multiplications, from which on a product would be shared out among threads, which is not worth it


class WindowAttention:
    """Normalization, attention within windows of side x side cells with a bias for each offset, projection."""

    def __init__(self, tensors: Tensors, stage: Stage) -> None:
        self._side, self._heads, self._width = stage.window, stage.heads, stage.channels // stage.heads
        qkv = tensors.linear("qkv").after_norm(*tensors.norm("norm"))
        # The file has queries, keys and values of each head together; here all queries come first, and so on.
        order = np.arange(3 * stage.channels).reshape(stage.heads, 3, self._width).transpose(1, 0, 2).ravel()
        qkv.weight[:], qkv.bias[:] = qkv.weight[:, order], qkv.bias[order]
        qkv.weight[:, : stage.channels] *= np.float32(self._width**-0.5)
        qkv.bias[: stage.channels] *= np.float32(self._width**-0.5)
        self._qkv, self._project = qkv, tensors.linear("proj")
        number = self._side**2
        self._parts = next(
            n for n in range(1, number + 1) if number % n == 0 and number**2 // n * self._width <= SERIAL
        )
        biases = tensors["attention_biases"][:, _offsets(self._side)]
        self._biases = biases.reshape(stage.heads, self._parts, -1, number)

    def add_to(self, picture: Single) -> None:
        """Add the outcome to a picture (H, W, C); cells beyond its border, which fill up windows, are zeros."""
        height, width, channels = picture.shape
        side = self._side
        down, across = -(-height // side), -(-width // side)
        padded = np.zeros((down * side, across * side, channels), np.float32)
        normalize(picture, out=padded[:height, :width])
        cells = padded.reshape(down, side, across, side, channels).swapaxes(1, 2)
        outcome = self._attend(cells.reshape(down * across, side * side, channels))
        rows = outcome.reshape(down, across, side, side, channels).swapaxes(1, 2).reshape(padded.shape)
        picture += rows[:height, :width]

    def _attend(self, cells: Single) -> Single:
        """Of the cells (windows, N, C) of some windows."""
        windows, number, channels = cells.shape
        qkv = self._qkv(cells).reshape(windows, number, 3, self._heads, self._width)
        query, key, value = qkv.transpose(2, 0, 3, 1, 4)
        result = np.empty((windows, number, self._heads, self._width), np.float32)
        outcome = result.transpose(0, 2, 1, 3)
        # The cells that ask are taken a few at a time.
        query, outcome = (each.reshape(windows, self._heads, self._parts, -1, self._width) for each in (query, outcome))
        some = max(1, PIECE // (self._heads * number**2))
        for start in range(0, windows, some):
            part = slice(start, start + some)
            weights = product(query[part], key[part, :, None].swapaxes(3, 4))
            weights += self._biases
            total = softmax(weights)
            product(weights, value[part, :, None], out=outcome[part])
            outcome[part] /= total
        return self._project(result.reshape(windows, number, channels))


def _offsets(side: int) -> Ints:
    """For each pair of cells the number (N, N) of their offset's bias.

    Offsets, without signs, are numbered in the order in which they turn up, which is row by row.
    """
    row, column = np.divmod(np.arange(side * side), side)
    return np.asarray(np.abs(row[:, None] - row) * side + np.abs(column[:, None] - column))
