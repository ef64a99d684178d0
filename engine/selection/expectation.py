# SPDX-License-Identifier: GPL-3.0-or-later
"""The overlap with what is meant that cues let expect."""

from __future__ import annotations

import numpy as np

from ..arrays import Single

# Of the cues in the order in which they are told, the last of each being the constant: around points and strokes, in a
# box, and without prompts. tools/fit_selection.py fits them.
AROUND = np.array([0.276, 0.356, 1.78, 0.815, -1.88, -1.38, -1.89, 0.069, -0.499, 2.15, -0.15, -0.845])
WITHIN = np.array([0.005, 0.146, 0, 0.659, -2.31, -0.808, 0.28, 0.395, 0.362, 1.77, 0.637, -4.51, 10.6, 0.707])
ALONE = np.array([0.541, -0.808, 0, 0.17, -1.93, -1.67, 0.829, 0.45, -2.07, 0.368, 1.27, -0.525, 5.12])


def expected_overlap(cues: Single, weights: Single) -> float:
    """By the logistic function of what cues (N,) add up to with weights (N + 1,), the last of which is the constant."""
    return float(1 / (1 + np.exp(-(cues @ weights[:-1] + weights[-1]))))
