# SPDX-License-Identifier: GPL-3.0-or-later
"""SAM's prompt encoder: from points, a box and an earlier mask to what the mask decoder reads."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from ..arrays import Mask, Single
from .layout import GRID, LOGITS
from .numerics import Tensors, gelu, normalize
from .products import product


@dataclass(frozen=True, eq=False)
class PlacedPrompts:
    """Prompts in the square that the image encoder sees, 0..1 along each side.

    points: (N, 2) x, y. positive: (N,) whether each is on the object. box: (2, 2), its first and its last corner, or
    None.
    """

    points: Single
    positive: Mask
    box: Single | None = None


class PromptEncoder:
    """Tokens and cells for the mask decoder, made of prompts."""

    def __init__(self, tensors: Tensors) -> None:
        self._frequencies = 2 * np.pi * tensors["pe_layer.positional_encoding_gaussian_matrix"].astype(np.float64)
        negative, positive, first, last = (tensors[f"point_embeddings.{i}.weight"] for i in range(4))
        self._kinds = np.concatenate([negative, positive])
        self._corners = np.concatenate([first, last])
        self._no_point = tensors["not_a_point_embed.weight"]
        self._no_mask = tensors["no_mask_embed.weight"]
        self._kernels = [tensors[f"mask_downscaling.{i}.weight"] for i in (0, 3, 6)]
        self._kernel_biases = [tensors[f"mask_downscaling.{i}.bias"] for i in (0, 3, 6)]
        self._norms = [tensors.norm(f"mask_downscaling.{i}") for i in (1, 4)]
        middles = (np.arange(GRID) + 0.5) / GRID
        x, y = np.meshgrid(middles, middles)
        self.grid = self.positions(np.stack([x, y], 2).reshape(-1, 2))
        """The positions (4096, 256) of the cells of the encoded photo, row by row."""

    def positions(self, places: NDArray[np.floating]) -> Single:
        """Random Fourier features (N, 256) of places (N, 2), 0..1 along each side (Tancik et al., 2020)."""
        angles = (2 * places.astype(np.float64) - 1) @ self._frequencies
        return np.concatenate([np.sin(angles), np.cos(angles)], 1).astype(np.float32)

    def tokens(self, prompts: PlacedPrompts) -> Single:
        """One token (256,) for each point and for both corners of the box; without a box a last one that says so."""
        found = [self.positions(prompts.points) + self._kinds[prompts.positive.astype(np.int64)]]
        found.append(self._no_point if prompts.box is None else self.positions(prompts.box) + self._corners)
        return np.concatenate(found)

    def mask(self, logits: Single | None) -> Single:
        """What an earlier mask's logits (256, 256), or the lack of them, add to each cell: (4096, 256) or (1, 256)."""
        if logits is None:
            return self._no_mask
        picture = logits.reshape(LOGITS, LOGITS, 1)
        for kernel, bias, norm in zip(self._kernels, self._kernel_biases, self._norms, strict=False):
            side = len(picture) // 2
            cells = picture.reshape(side, 2, side, 2, -1).transpose(0, 2, 4, 1, 3).reshape(side, side, -1)
            picture = gelu(normalize(cells @ kernel.reshape(len(kernel), -1).T + bias, 1e-6) * norm[0] + norm[1])
        mask = product(picture.reshape(GRID * GRID, -1), self._kernels[2][..., 0, 0].T)
        return np.asarray(mask + self._kernel_biases[2])
