# SPDX-License-Identifier: GPL-3.0-or-later
"""The model with random weights and the photo that it has encoded, made once for all tests of a process."""

from __future__ import annotations

import tempfile
from functools import cache
from pathlib import Path

from random_model import write_random_model
from reference_cases import SEED, photo

from sam3d.engine.segment_anything import EncodedPhoto, SegmentAnything, read_model


@cache
def model() -> SegmentAnything:
    """The model that the reference was made with."""
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "random.pt"
        write_random_model(path, SEED)
        return read_model(path)


@cache
def encoded() -> EncodedPhoto:
    """The reference's photo."""
    return model().encode(photo())
