# SPDX-License-Identifier: GPL-3.0-or-later
"""The types of the arrays that the numerics pass around; shapes and units are told where they are used."""

import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.float64]
Ints = NDArray[np.int64]
Single = NDArray[np.float32]
"""Single precision, for pictures and for fields on a grid."""
Mask = NDArray[np.bool_]
Pixels = NDArray[np.uint8]
