# SPDX-License-Identifier: GPL-3.0-or-later
"""SAM's mask decoder: a transformer in which tokens and the cells of an encoded photo look at each other."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from ..arrays import Single
from .cross_attention import Attention
from .layout import GRID, LAYERS, LOGITS, MASKS
from .numerics import Linear, Tensors, gelu, normalize, pieces
from .products import product

CELLS = 1024  # that are enlarged or normalized at a time


@dataclass(frozen=True, eq=False)
class Decoded:
    """Readings of prompts, the first for several prompts, three for one that is ambiguous.

    quality: (4,) the overlap with the object that the network expects. cells: (4096, 256). readings: (4, 32), the share
    of each channel of the enlarged cells in each mask.
    """

    quality: Single
    cells: Single
    readings: Single


class MaskDecoder:
    """From prompts' tokens and a photo's cells to masks."""

    def __init__(self, tensors: Tensors, grid: Single) -> None:
        """grid: the positions (4096, 256) of the cells."""
        self._own = np.concatenate([tensors["iou_token.weight"], tensors["mask_tokens.weight"]])
        self._grid = grid
        transformer = tensors.under("transformer")
        self._layers = [_Layer(transformer.under(f"layers.{i}"), grid, first=i == 0) for i in range(LAYERS)]
        self._last = Attention(transformer.under("final_attn_token_to_image"))
        self._last_norm = transformer.norm("norm_final_attn")
        self._quality = _Perceptron(tensors.under("iou_prediction_head"))
        self._readings = [_Perceptron(tensors.under(f"output_hypernetworks_mlps.{i}")) for i in range(MASKS)]
        self._enlarge = [_transposed_convolution(tensors, f"output_upscaling.{i}") for i in (0, 3)]
        self._enlarged_norm = tensors.norm("output_upscaling.1")

    def decode(self, cells: Single, prompts: Single) -> Decoded:
        """Read prompts' tokens (N, 256) in a photo's cells (4096, 256), to which an earlier mask is added."""
        start = np.concatenate([self._own, prompts])
        tokens = start
        for layer in self._layers:
            tokens, cells = layer(tokens, cells, start)
        tokens = tokens + self._last.to_cells(tokens + start, cells + self._grid, cells)
        tokens = _normed(tokens, self._last_norm)
        readings = [read(tokens[1 + i]) for i, read in enumerate(self._readings)]
        return Decoded(self._quality(tokens[0]), cells, np.stack(readings))

    def logits(self, decoded: Decoded, which: slice) -> Single:
        """Some of the masks (M, 256, 256); what is above 0 belongs to them."""
        readings = np.ascontiguousarray(decoded.readings[which].T)
        masks = np.empty((GRID * GRID, 16, readings.shape[1]), np.float32)
        first, second = self._enlarge
        for cells, mask in zip(pieces(decoded.cells, CELLS), pieces(masks, CELLS), strict=True):
            # Each cell becomes 2 x 2, and each of these again; they stay side by side until the mask is put together.
            larger = first(cells).reshape(-1, first.bias.size // 4)
            normalize(larger, 1e-6, out=larger)
            larger *= self._enlarged_norm[0]
            larger += self._enlarged_norm[1]
            largest = gelu(second(gelu(larger)))
            product(largest.reshape(-1, len(readings)), readings, out=mask.reshape(-1, readings.shape[1]))
        ordered = masks.reshape(GRID, GRID, 2, 2, 2, 2, -1).transpose(6, 0, 2, 4, 1, 3, 5)
        return np.ascontiguousarray(ordered).reshape(-1, LOGITS, LOGITS)


class _Layer:
    """Tokens look at each other, at the cells, and the cells at the tokens."""

    def __init__(self, tensors: Tensors, grid: Single, *, first: bool) -> None:
        self._grid, self._first = grid, first
        self._among = Attention(tensors.under("self_attn"))
        self._to_cells = Attention(tensors.under("cross_attn_token_to_image"))
        self._from_cells = Attention(tensors.under("cross_attn_image_to_token"))
        self._norms = [tensors.norm(f"norm{i}") for i in range(1, 5)]
        self._expand, self._reduce = tensors.linear("mlp.lin1"), tensors.linear("mlp.lin2")

    def __call__(self, tokens: Single, cells: Single, start: Single) -> tuple[Single, Single]:
        """Tokens (N, 256), which were `start` at first, and cells (4096, 256)."""
        if self._first:
            tokens = self._among.among(tokens, tokens)
        else:
            tokens = tokens + self._among.among(tokens + start, tokens)
        tokens = _normed(tokens, self._norms[0])
        placed = cells + self._grid
        tokens = _normed(tokens + self._to_cells.to_cells(tokens + start, placed, cells), self._norms[1])
        tokens = _normed(tokens + self._reduce(np.maximum(self._expand(tokens), 0)), self._norms[2])
        seen = self._from_cells.from_cells(placed, tokens + start, tokens)
        for some, own in zip(pieces(seen, CELLS), pieces(cells, CELLS), strict=True):
            normalize(np.add(some, own, out=some), out=some)
            np.multiply(some, self._norms[3][0], out=some)
            np.add(some, self._norms[3][1], out=some)
        return tokens, seen


class _Perceptron:
    """Three linear maps with rectifiers between."""

    def __init__(self, tensors: Tensors) -> None:
        self._maps = [tensors.linear(f"layers.{i}") for i in range(3)]

    def __call__(self, x: Single) -> Single:
        first, second, last = self._maps
        return last(np.maximum(second(np.maximum(first(x), 0)), 0))


def _normed(x: Single, norm: tuple[Single, Single]) -> Single:
    return np.asarray(normalize(x) * norm[0] + norm[1])


def _transposed_convolution(tensors: Tensors, name: str) -> Linear:
    """One that makes 2 x 2 cells of each, from (..., inputs) to (..., 2 * 2 * outputs)."""
    kernel, bias = tensors[f"{name}.weight"], tensors[f"{name}.bias"]
    return Linear(np.ascontiguousarray(kernel.transpose(0, 2, 3, 1).reshape(len(kernel), -1)), np.tile(bias, 4))
