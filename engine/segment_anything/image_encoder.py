# SPDX-License-Identifier: GPL-3.0-or-later
"""MobileSAM's image encoder, a TinyViT (see layout.py for the papers)."""

from __future__ import annotations

from collections.abc import Iterable, Iterator

import numpy as np

from ..arrays import Single
from .convolution import Convolution, Depthwise
from .layout import GRID, SIDE, STAGES, WIDTH, Stage
from .numerics import Linear, Report, Tensors, gelu, normalize, pieces
from .window_attention import WindowAttention

STRIP = 32  # rows of cells that the first stage makes at a time: few large products are made quicker than many small
HIDDEN = 1 << 22  # numbers, at most, between a perceptron's maps at a time
CONVOLUTIONS_SHARE = 0.45  # of the time


class ImageEncoder:
    """From a photo to what the mask decoder looks at."""

    def __init__(self, tensors: Tensors) -> None:
        self._embed = (
            Convolution(*tensors.normed_convolution("patch_embed.seq.0"), stride=2),
            Convolution(*tensors.normed_convolution("patch_embed.seq.2"), stride=2),
        )
        layers = [tensors.under(f"layers.{i}") for i in range(len(STAGES))]
        self._bottlenecks = [_InvertedBottleneck(layers[0].under(f"blocks.{i}")) for i in range(STAGES[0].blocks)]
        self._merges = [
            _Merge(layer.under("downsample"), stage.side // following.side)
            for layer, stage, following in zip(layers[:-1], STAGES[:-1], STAGES[1:], strict=True)
        ]
        self._stages = [
            [_Block(layer.under(f"blocks.{i}"), stage) for i in range(stage.blocks)]
            for layer, stage in zip(layers[1:], STAGES[1:], strict=True)
        ]
        self._neck = _Neck(tensors.under("neck"))

    def __call__(self, photo: Single, report: Report) -> Single:
        """The embedding (64, 64, 256) of a photo (1024, 1024, 3) whose colors are normalized."""
        picture = photo
        for _, share, changed in self.steps(photo):
            picture = changed
            report(share)
        return picture

    def steps(self, photo: Single) -> Iterator[tuple[str, float, Single]]:
        """What the encoder does one after the other: the names of parts as in the file, the share of the time that is
        over, and the picture (H, W, C) so far, which later steps change.
        """
        strips = self._embedded(photo)
        for bottleneck in self._bottlenecks:
            strips = bottleneck(strips)
        first, *merges = self._merges
        picture = np.empty((STAGES[1].side, STAGES[1].side, STAGES[1].channels), np.float32)
        done = 0  # rows
        for strip in first(strips):
            picture[done : done + len(strip)] = strip
            done += len(strip)
            yield "layers.0", CONVOLUTIONS_SHARE * done / len(picture), picture
        done, number = 0, sum(map(len, self._stages))
        for i, blocks in enumerate(self._stages):
            for j, block in enumerate(blocks):
                block(picture)
                done += 1
                share = CONVOLUTIONS_SHARE + (1 - CONVOLUTIONS_SHARE) * done / (number + 1)
                yield f"layers.{i + 1}.blocks.{j}", share, picture
            if i < len(merges):
                picture = np.concatenate(list(merges[i]([picture])))
                yield f"layers.{i + 1}", share, picture
        yield "neck", 1.0, self._neck(picture)

    def _embedded(self, photo: Single) -> Iterator[Single]:
        """Strips (R, 256, 64) for the first stage."""
        padded = np.zeros((SIDE + 2 + 2, SIDE + 2, 3), np.float32)
        padded[3:-1, 1:-1] = photo
        half = SIDE // 2
        for top in range(0, half, 2 * STRIP):
            # Each row of the result needs three of those before, and these three each of the photo.
            inner = np.zeros((2 * STRIP + 1, half + 2, self._embed[0].outputs), np.float32)
            inner[:, 1:-1] = gelu(self._embed[0](padded[2 * top : 2 * top + 4 * STRIP + 3]))
            if top == 0:
                inner[0] = 0
            yield self._embed[1](inner)


class _InvertedBottleneck:
    """Into four times the channels, a depthwise convolution there, and back."""

    def __init__(self, tensors: Tensors) -> None:
        self._expand, self._reduce = _pointwise(tensors, "conv1"), _pointwise(tensors, "conv3")
        self._depthwise = Depthwise(*tensors.normed_convolution("conv2"))

    def __call__(self, strips: Iterable[Single]) -> Iterator[Single]:
        waiting = [np.empty((0, 0, 0), np.float32)]  # rows to be added to those that are on their way

        def expanded() -> Iterator[Single]:
            for strip in strips:
                waiting[0] = np.concatenate([waiting[0], strip]) if waiting[0].size else strip
                yield gelu(self._expand(strip))

        for strip in self._depthwise(expanded()):
            result = self._reduce(gelu(strip))
            result += waiting[0][: len(strip)]
            waiting[0] = waiting[0][len(strip) :]
            yield gelu(result)


class _Merge:
    """To the channels, and the cells, of the next stage."""

    def __init__(self, tensors: Tensors, stride: int) -> None:
        self._first, self._last = _pointwise(tensors, "conv1"), _pointwise(tensors, "conv3")
        self._depthwise = Depthwise(*tensors.normed_convolution("conv2"), stride)

    def __call__(self, strips: Iterable[Single]) -> Iterator[Single]:
        for strip in self._depthwise(gelu(self._first(strip)) for strip in strips):
            yield self._last(gelu(strip))


class _Block:
    """Attention in windows, a depthwise convolution, and a perceptron."""

    def __init__(self, tensors: Tensors, stage: Stage) -> None:
        self._attention = WindowAttention(tensors.under("attn"), stage)
        self._depthwise = Depthwise(*tensors.normed_convolution("local_conv"))
        self._expand = tensors.linear("mlp.fc1").after_norm(*tensors.norm("mlp.norm"))
        self._reduce = tensors.linear("mlp.fc2")

    def __call__(self, picture: Single) -> None:
        """Changes a picture (H, W, C)."""
        self._attention.add_to(picture)
        picture[:] = np.concatenate(list(self._depthwise([picture])))
        for some in pieces(picture.reshape(-1, picture.shape[2]), HIDDEN // self._expand.bias.size):
            np.add(some, self._reduce(gelu(self._expand(normalize(some)))), out=some)


class _Neck:
    """To the channels of the mask decoder."""

    def __init__(self, tensors: Tensors) -> None:
        nothing = np.zeros(WIDTH, np.float32)
        self._pointwise = Linear(np.ascontiguousarray(tensors["0.weight"][..., 0, 0].T), nothing)
        self._norm = tensors.norm("1")
        self._convolution = Convolution(tensors["2.weight"], nothing)
        self._last_norm = tensors.norm("3")

    def __call__(self, picture: Single) -> Single:
        narrow = normalize(self._pointwise(picture), 1e-6) * self._norm[0] + self._norm[1]
        padded = np.pad(narrow, ((1, 1), (1, 1), (0, 0)))
        result = np.empty((GRID, GRID, WIDTH), np.float32)
        for top in range(0, GRID, STRIP):
            result[top : top + STRIP] = self._convolution(padded[top : top + STRIP + 2])
        normalize(result, 1e-6, out=result)
        result *= self._last_norm[0]
        result += self._last_norm[1]
        return result


def _pointwise(tensors: Tensors, name: str) -> Linear:
    """A convolution of single cells, which is a linear map."""
    kernel, bias = tensors.normed_convolution(name)
    return Linear(np.ascontiguousarray(kernel[..., 0, 0].T), bias)
