# SPDX-License-Identifier: GPL-3.0-or-later
"""Figures of what the engine makes of some inputs, kept in a file beside a test: none changes unless that was meant.

With SAM3D_NEW_FIGURES set, the tests write the file anew; what has changed is then seen in the commit.
"""

from __future__ import annotations

import json
import os
from collections.abc import Iterable, Mapping
from pathlib import Path

import numpy as np


def hold(file: Path, name: str, found: Mapping[str, Iterable[float]], *, tolerance: float = 0.02) -> None:
    """Hold figures against those that the file has under the name of an input.

    tolerance: relative, and for figures below 1 absolute. Processors differ in the last digits, and what is decided by
    these can differ more.
    """
    rounded = {key: [float(f"{value:.5g}") for value in values] for key, values in found.items()}
    kept = json.loads(file.read_text("utf-8")) if file.exists() else {}
    if "SAM3D_NEW_FIGURES" in os.environ:
        file.write_text(json.dumps({**kept, name: rounded}, indent=0, sort_keys=True) + "\n", "utf-8")
        return
    known = kept[name]
    assert rounded.keys() == known.keys()
    for key, values in rounded.items():
        np.testing.assert_allclose(values, known[key], rtol=tolerance, atol=tolerance, err_msg=f"{name}: {key}")
