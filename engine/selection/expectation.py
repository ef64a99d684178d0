# SPDX-License-Identifier: GPL-3.0-or-later
"""The overlap with what is meant that cues let expect."""

from __future__ import annotations

import numpy as np

from ..arrays import Single

# Of the cues in the order in which they are told, the last of each being the constant: around points and strokes, in a
# box, and without prompts. tools/fit_selection.py fits them.
AROUND = np.array([0.276, 0.356, 1.78, 0.815, -1.88, -1.38, -1.89, 0.069, -0.499, 2.15, -0.15, -0.845])
WITHIN = np.array([0.005, 0.146, 0, 0.659, -2.31, -0.808, 0.28, 0.395, 0.362, 1.77, 0.637, -4.51, 10.6, 0.707])
ALONE = np.array([0.15, 0.65, 0.0, 0.8, -1.1, -0.7, -2.7, 0.5, 0.0, 1.0, 0.0, -1.0, 0.0])


def expected_overlap(cues: Single, weights: Single) -> float:
    """By the logistic function of what cues (N,) add up to with weights (N + 1,), the last of which is the constant."""
    return float(1 / (1 + np.exp(-(cues @ weights[:-1] + weights[-1]))))
