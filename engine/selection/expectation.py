# SPDX-License-Identifier: GPL-3.0-or-later
"""The overlap with what is meant that cues let expect."""

from __future__ import annotations

import numpy as np

from ..arrays import Single

AROUND = np.array([0.15, 0.65, 0.6, 0.8, -1.1, -0.7, -2.7, 0.5, 0.0, 1.0, 0.0, 0.0])
WITHIN = np.array([0.1, 0.3, 0.0, 0.4, -1.1, -0.7, -1.0, 0.5, 0.0, 1.0, 0.0, -2.0, -2.0, 0.0])
ALONE = np.array([0.15, 0.65, 0.0, 0.8, -1.1, -0.7, -2.7, 0.5, 0.0, 1.0, 0.0, -1.0, 0.0])


def expected_overlap(cues: Single, weights: Single) -> float:
    """By the logistic function of what cues (N,) add up to with weights (N + 1,), the last of which is the constant."""
    return float(1 / (1 + np.exp(-(cues @ weights[:-1] + weights[-1]))))
