# SPDX-License-Identifier: GPL-3.0-or-later
"""Figures of what the engine makes of some inputs, kept in files beside a test: none changes unless that was meant.

With SAM3D_NEW_FIGURES set, the tests write the files anew; what has changed is then seen in the commit.
"""

from __future__ import annotations

import json
import os
from collections.abc import Iterable, Mapping
from pathlib import Path

import numpy as np


def hold(file: Path, found: Mapping[str, Iterable[float]], *, tolerance: float = 0.02) -> None:
    """Hold figures against those that a file keeps of the same input.

    tolerance: relative, and for figures below 1 absolute. Processors differ in the last digits, and what is decided by
    these can differ more.
    """
    rounded = {key: [float(f"{value:.5g}") for value in values] for key, values in found.items()}
    if "SAM3D_NEW_FIGURES" in os.environ:
        file.parent.mkdir(exist_ok=True)
        lines = [f"  {json.dumps(key)}: {json.dumps(values)}" for key, values in rounded.items()]
        file.write_text("{\n" + ",\n".join(lines) + "\n}\n", "utf-8")
        return
    known = json.loads(file.read_text("utf-8"))
    assert rounded.keys() == known.keys()
    for key, values in rounded.items():
        np.testing.assert_allclose(values, known[key], rtol=tolerance, atol=tolerance, err_msg=f"{file.stem}: {key}")
