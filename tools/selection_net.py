# SPDX-License-Identifier: GPL-3.0-or-later
"""The network of engine/selection/network.py in PyTorch, to be trained, and how its weights are kept."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
import torch
from torch import nn

from sam3d.engine.arrays import Single
from sam3d.engine.selection.network import CHANNELS

WIDTHS = (20, 36, 64, 96)  # channels at a half, a quarter, an eighth and a sixteenth of the cells


def _convolution(before: int, after: int, *, size: int = 3, stride: int = 1, groups: int = 1, bend: bool = True) -> Any:
    layers: list[Any] = [
        nn.Conv2d(before, after, size, stride, size // 2, groups=groups, bias=False),
        nn.BatchNorm2d(after),
    ]
    return nn.Sequential(*layers, nn.ReLU()) if bend else nn.Sequential(*layers)


class Separable(nn.Module):  # type: ignore[misc, unused-ignore]
    """Each channel by itself, then all together; added to what came in where that has the same form."""

    def __init__(self, before: int, after: int, stride: int = 1) -> None:
        super().__init__()
        self.d = _convolution(before, before, stride=stride, groups=before, bend=False)
        self.p = _convolution(before, after, size=1)
        self.added = before == after and stride == 1

    def forward(self, values: Any) -> Any:
        """(N, before, H, W) to (N, after, H / stride, W / stride)."""
        found = self.p(self.d(values))
        return values + found if self.added else found


class Residual(nn.Module):  # type: ignore[misc, unused-ignore]
    """A convolution that is added to what came in."""

    def __init__(self, width: int) -> None:
        super().__init__()
        self.c = _convolution(width, width)

    def forward(self, values: Any) -> Any:
        """(N, width, H, W) to the same."""
        return values + self.c(values)


class Net(nn.Module):  # type: ignore[misc, unused-ignore]
    """From (N, CHANNELS, SIZE, SIZE) to the logits (N, SIZE, SIZE) of the mask and (N,) of the expected overlap."""

    def __init__(self) -> None:
        super().__init__()
        fine, middle, coarse, deep = WIDTHS
        self.stem, self.a = _convolution(4 * CHANNELS, fine), Residual(fine)
        self.d1 = _convolution(fine, middle, stride=2)
        self.b = nn.Sequential(Residual(middle), Residual(middle))
        self.d2 = Separable(middle, coarse, 2)
        self.c = nn.Sequential(*(Separable(coarse, coarse) for _ in range(3)))
        self.d3 = Separable(coarse, deep, 2)
        self.d = nn.Sequential(*(Separable(deep, deep) for _ in range(3)))
        self.g = nn.Conv2d(deep, deep, 1)
        self.u2, self.u1, self.u0 = (
            _convolution(below, above, size=1, bend=False)
            for below, above in ((deep, coarse), (coarse, middle), (middle, fine))
        )
        self.c2 = nn.Sequential(Separable(coarse, coarse), Separable(coarse, coarse))
        self.b2, self.a2 = Residual(middle), Residual(fine)
        self.out, self.score = nn.Conv2d(fine, 4, 3, 1, 1), nn.Linear(deep, 1)

    def forward(self, seen: Any) -> Any:
        """See the class."""
        fine = self.a(self.stem(nn.functional.pixel_unshuffle(seen, 2)))
        middle = self.b(self.d1(fine))
        coarse = self.c(self.d2(middle))
        deep = self.d(self.d3(coarse))
        deep = deep + torch.relu(self.g(deep.mean((2, 3), keepdim=True)))
        coarse = self.c2(torch.relu(coarse + _twice(self.u2(deep))))
        middle = self.b2(torch.relu(middle + _twice(self.u1(coarse))))
        fine = self.a2(torch.relu(fine + _twice(self.u0(middle))))
        return nn.functional.pixel_shuffle(self.out(fine), 2)[:, 0], self.score(deep.mean((2, 3)))[:, 0]


def _twice(values: Any) -> Any:
    return nn.functional.interpolate(values, scale_factor=2, mode="nearest")


def save(net: Any, path: Path) -> None:
    """Leaves the weights as `weight LAYER` int8 (inputs, outputs), `scale LAYER` (outputs,) and `bias LAYER`."""
    net.eval()
    kept: dict[str, Any] = {}
    for name, module in net.named_modules():
        if isinstance(module, nn.Sequential) and isinstance(module[0], nn.Conv2d):
            norm = module[1]
            gain = (norm.weight / torch.sqrt(norm.running_var + norm.eps)).detach().numpy()
            weight = module[0].weight.detach().numpy() * gain[:, None, None, None]
            _keep(kept, name, weight, norm.bias.detach().numpy() - norm.running_mean.numpy() * gain)
    for name in ("g", "out"):
        layer = getattr(net, name)
        _keep(kept, name, layer.weight.detach().numpy(), layer.bias.detach().numpy())
    _keep(kept, "score", net.score.weight.detach().numpy()[..., None, None], net.score.bias.detach().numpy())
    np.savez_compressed(path, **kept)


def _keep(kept: dict[str, Any], name: str, weight: Single, bias: Single) -> None:
    outputs = len(weight)
    table = weight[:, 0].reshape(outputs, -1).T if name.endswith(".d") else weight.transpose(2, 3, 1, 0)
    table = table.reshape(-1, outputs)
    scale = (np.maximum(np.abs(table).max(0), 1e-4) / 127).astype(np.float16)
    kept[f"weight {name}"] = np.clip(np.round(table / scale.astype(np.float32)), -127, 127).astype(np.int8)
    kept[f"scale {name}"], kept[f"bias {name}"] = scale, bias.astype(np.float16)
