# SPDX-License-Identifier: GPL-3.0-or-later
"""Trains the network of smart selection and leaves its weights: python tools/train_selection.py PHOTOS [--minutes N]

PHOTOS is a folder that tools/training_photos.py has made. Wants PyTorch and Pillow in an environment of its own.
"""

from __future__ import annotations

import argparse
import math
import multiprocessing
import sys
import time
from pathlib import Path
from typing import Any

ROOT = Path(__file__).resolve().parent.parent
sys.path[:0] = [str(ROOT / "build" / "python"), str(ROOT / "tests" / "selection")]

import numpy as np  # noqa: E402
import torch  # noqa: E402
from selection_net import Net, save  # noqa: E402
from selection_samples import Samples, made_up, photographed  # noqa: E402

from sam3d.engine.arrays import Single  # noqa: E402
from sam3d.engine.selection.network import WEIGHTS  # noqa: E402

BATCH = 32
RATE, DECAY = 3e-3, 2e-2
MADE = 240
AVERAGED = 0.999  # of the running mean of the weights is kept at each step


def _draw(folder: Path, queue: Any) -> None:
    rng = np.random.default_rng(0)
    samples = Samples(photographed(folder, rng), made_up(MADE, rng), 0)
    while True:
        batch = samples.batch(BATCH)
        seen = np.stack([sample.seen for sample in batch]).transpose(0, 3, 1, 2).astype(np.float32)
        queue.put(
            (np.ascontiguousarray(seen), np.stack([one.mask for one in batch]), np.array([one.inside for one in batch]))
        )


def loss_of(net: Any, seen: Single, mask: Single, inside: Single) -> Any:
    """Cross entropy and the soft overlap of the masks, and how wrong the expected overlap with the whole object is."""
    known = torch.from_numpy(seen[:, 3])
    meant, share = torch.from_numpy(mask), torch.from_numpy(inside).float()
    logits, score = net(torch.from_numpy(seen).contiguous(memory_format=torch.channels_last))
    chance = torch.sigmoid(logits)
    entropy = torch.nn.functional.binary_cross_entropy_with_logits(logits, meant, reduction="none")
    common = (torch.minimum(chance, meant) * known).sum((1, 2))
    both = (torch.maximum(chance, meant) * known).sum((1, 2))
    with torch.no_grad():
        found, true = (chance > 0.5) & (known > 0.5), meant > 0.5
        hit = (found & true).sum((1, 2)).float()
        whole = true.sum((1, 2)).float() / share.clamp(min=0.05)
        overlap = hit / (found.sum((1, 2)) + whole - hit).clamp(min=1)
    per_photo = (entropy * known).mean((1, 2)) + 1 - (common + 1) / (both + 1)
    return per_photo.mean() + 0.5 * ((torch.sigmoid(score) - overlap) ** 2).mean(), float(overlap.mean())


def train(folder: Path, seconds: float) -> Any:
    """The state of the network after so long, as a running mean."""
    torch.set_num_threads(1)
    torch.manual_seed(0)
    queue: Any = multiprocessing.Queue(40)
    multiprocessing.Process(target=_draw, args=(folder, queue), daemon=True).start()
    net: Any = Net().to(memory_format=torch.channels_last)
    optimizer = torch.optim.AdamW(net.parameters(), lr=RATE, weight_decay=DECAY)
    mean = {name: value.clone().float() for name, value in net.state_dict().items()}
    batch = queue.get()
    start, step = time.monotonic(), 0
    while (done := (time.monotonic() - start) / seconds) < 1:
        for group in optimizer.param_groups:
            group["lr"] = RATE * min(1, step / 300) * (0.5 * (1 + math.cos(math.pi * done)) + 0.003)
        loss, overlap = loss_of(net, *batch)
        optimizer.zero_grad()
        loss.backward()
        torch.nn.utils.clip_grad_norm_(net.parameters(), 2.0)
        optimizer.step()
        kept = min(AVERAGED, (1 + step) / (10 + step))
        for name, value in net.state_dict().items():
            mean[name].mul_(kept).add_(value.float(), alpha=1 - kept)
        step += 1
        if step % 100 == 0:
            print(f"{done:.0%}, step {step}: loss {loss.item():.3f}, overlap {overlap:.3f}", flush=True)
        batch = queue.get()
    return mean


def main() -> int:
    """Trains and saves."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("photos", type=Path)
    parser.add_argument("--minutes", type=float, default=45)
    arguments = parser.parse_args()
    net: Any = Net()
    state = train(arguments.photos, 60 * arguments.minutes)
    net.load_state_dict({name: state[name].to(value.dtype) for name, value in net.state_dict().items()})
    save(net, WEIGHTS)
    return 0


if __name__ == "__main__":
    raise SystemExit(main())
