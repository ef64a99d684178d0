# SPDX-License-Identifier: GPL-3.0-or-later
"""Attention between the few tokens of the mask decoder and the many cells of an encoded photo, and among the tokens.

The cells are never projected: since tokens are few, it takes less to bring the other side of each product to the cells'
own channels. With q = t A and k = c B the weights are q kᵀ = (t A Bᵀ) cᵀ, and so with the values.
"""

from __future__ import annotations

import numpy as np

from ..arrays import Single
from .layout import HEADS
from .numerics import Tensors, softmax
from .products import product


class _Projection:
    """A linear map into heads. weight: (heads, inputs, width). bias: (heads, 1, width)."""

    def __init__(self, tensors: Tensors, name: str, scale: float = 1.0) -> None:
        linear = tensors.linear(name)
        inputs = len(linear.weight)
        self.weight = np.ascontiguousarray(linear.weight.reshape(inputs, HEADS, -1).swapaxes(0, 1)) * np.float32(scale)
        self.bias = linear.bias.reshape(HEADS, 1, -1) * np.float32(scale)
        self.width = self.weight.shape[2]

    def __call__(self, x: Single) -> Single:
        """From (N, inputs) to (heads, N, width)."""
        return np.asarray(x @ self.weight + self.bias)


class Attention:
    """Attention of tokens to each other, or between tokens and cells."""

    def __init__(self, tensors: Tensors) -> None:
        out = tensors.linear("out_proj")
        self._out, self._out_bias = out.weight.reshape(HEADS, -1, out.weight.shape[1]), out.bias
        self._query = _Projection(tensors, "q_proj", (self._out.shape[1]) ** -0.5)
        self._key = _Projection(tensors, "k_proj")
        self._value = _Projection(tensors, "v_proj")

    def among(self, x: Single, value: Single) -> Single:
        """Of tokens (N, 256), which bear positions, to their values (N, 256)."""
        weights = self._query(x) @ self._key(x).swapaxes(1, 2)
        total = softmax(weights)
        told = np.asarray(weights @ self._value(value), np.float32)
        told /= total
        return self._joined(told)

    def to_cells(self, x: Single, placed: Single, cells: Single) -> Single:
        """Of tokens (N, 256) to cells (M, 256), which are `placed` with their positions added."""
        asked = self._query(x) @ self._key.weight.swapaxes(1, 2)  # the keys' bias is the same for all cells
        heads, number, channels = asked.shape
        weights = product(asked.reshape(-1, channels), placed.T)
        total = softmax(weights)
        seen = product(weights, cells)
        seen /= total
        return self._joined(seen.reshape(heads, number, channels) @ self._value.weight + self._value.bias)

    def from_cells(self, placed: Single, x: Single, value: Single) -> Single:
        """Of cells (M, 256), with their positions added, to tokens (N, 256) and their values (N, 256)."""
        keys = self._key(x)
        asked = keys @ self._query.weight.swapaxes(1, 2)
        heads, number, channels = asked.shape
        weights = product(asked.reshape(-1, channels), placed.T).reshape(heads, number, -1)
        weights += keys @ self._query.bias.swapaxes(1, 2)
        weights -= weights.max(1, keepdims=True)
        np.exp(weights, out=weights)
        weights /= weights.sum(1, keepdims=True)
        told = (self._value(value) @ self._out).reshape(-1, channels)
        result = product(weights.reshape(heads * number, -1).T, told)
        result += self._out_bias
        return result

    def _joined(self, heads: Single) -> Single:
        """The projection (N, 256) of what all heads (heads, N, width) found."""
        return np.asarray((heads @ self._out).sum(0) + self._out_bias)
