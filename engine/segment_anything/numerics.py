# SPDX-License-Identifier: GPL-3.0-or-later
"""What the layers of the network share: linear maps, normalization and activation, in single precision.

Arrays have their channels last, so that a linear map is one product of matrices.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass

import numpy as np

from ..arrays import Single
from .products import product

Report = Callable[[float], None]
"""Is told the share that is done, 0..1; may raise to stop."""

PIECE = 1 << 15  # numbers that are worked on at a time, so that they stay in the processor's cache
LOG_ODDS = np.array(
    (1.59576843, 7.26685670e-2, -6.62599880e-5, -1.10480317e-4, 7.93821892e-6, -2.66892819e-7, 3.61123284e-9),
    np.float32,
)
"""Of an odd polynomial, x to x**13, for the logarithm of Φ(x) / Φ(-x) of the normal distribution, fitted so that GELU
is off by 7e-8 at most; the last one is positive, so that it holds for all x."""


@dataclass(frozen=True, eq=False)
class Linear:
    """x @ weight + bias. weight: (inputs, outputs). bias: (outputs,)."""

    weight: Single
    bias: Single

    def __call__(self, x: Single) -> Single:
        """From (..., inputs) to (..., outputs)."""
        result = product(x.reshape(-1, len(self.weight)), self.weight)
        result += self.bias
        return result.reshape(*x.shape[:-1], self.bias.size)

    def after_norm(self, gain: Single, bias: Single) -> Linear:
        """With the gain and bias (inputs,) of a normalization before it taken in."""
        return Linear(np.ascontiguousarray(gain[:, None] * self.weight), self.bias + bias @ self.weight)


class Tensors:
    """Tensors by name, and below a prefix."""

    def __init__(self, tensors: dict[str, Single], prefix: str = "") -> None:
        self._tensors, self._prefix = tensors, prefix

    def __getitem__(self, name: str) -> Single:
        return self._tensors[self._prefix + name]

    def under(self, name: str) -> Tensors:
        """Those whose names begin with this and a dot."""
        return Tensors(self._tensors, f"{self._prefix}{name}.")

    def linear(self, name: str) -> Linear:
        """A layer of PyTorch's nn.Linear."""
        return Linear(np.ascontiguousarray(self[f"{name}.weight"].T), self[f"{name}.bias"])

    def norm(self, name: str) -> tuple[Single, Single]:
        """Gain and bias."""
        return self[f"{name}.weight"], self[f"{name}.bias"]

    def normed_convolution(self, name: str) -> tuple[Single, Single]:
        """A convolution with the batch normalization after it taken in: kernel (outputs, inputs, h, w), bias."""
        norm = self.under(f"{name}.bn")
        gain = norm["weight"] / np.sqrt(norm["running_var"] + np.float32(1e-5))
        bias = norm["bias"] - norm["running_mean"] * gain
        return self[f"{name}.c.weight"] * gain[:, None, None, None], bias


def normalize(x: Single, epsilon: float = 1e-5, out: Single | None = None) -> Single:
    """Each vector along the last axis with mean 0 and variance 1."""
    result = np.subtract(x, x.mean(-1, keepdims=True), out=out)
    variance = np.einsum("...c,...c->...", result, result) / np.float32(x.shape[-1])
    result *= (1 / np.sqrt(variance + np.float32(epsilon)))[..., None]
    return np.asarray(result)


def softmax(x: Single) -> Single:
    """Exponentials of x (..., N), in place, whose sums along the last axis are given back (..., 1)."""
    x -= x.max(-1, keepdims=True)
    np.exp(x, out=x)
    return np.asarray(x.sum(-1, keepdims=True))


def gelu(x: Single) -> Single:
    """x times the chance that a normal variable is below it (Hendrycks and Gimpel, 2016), in place.

    x must be contiguous.
    """
    flat = x.reshape(-1)
    squares, odds = np.empty((2, min(PIECE, flat.size)), np.float32)
    first, *middle, last = -LOG_ODDS
    middle.reverse()
    with np.errstate(over="ignore", under="ignore"):
        for piece in pieces(flat, PIECE):
            square, odd = squares[: piece.size], odds[: piece.size]
            np.multiply(piece, piece, out=square)
            np.multiply(square, last, out=odd)
            for factor in middle:
                odd += factor
                odd *= square
            odd += first
            odd *= piece
            np.exp(odd, out=odd)
            odd += np.float32(1)
            np.divide(piece, odd, out=piece)
    return x


def pieces(x: Single, length: int) -> Iterator[Single]:
    """Views of a length, or less, one after the other, along the first axis."""
    for start in range(0, len(x), length):
        yield x[start : start + length]
