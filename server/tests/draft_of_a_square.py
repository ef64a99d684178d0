# SPDX-License-Identifier: GPL-3.0-or-later
"""Run with nothing but the wheel: prints the size in bytes of a draft of a square."""

import numpy as np
from sam3d_engine.draft import reconstruct

if __name__ == "__main__":
    photo = np.zeros((40, 40, 3), np.uint8)
    print(len(reconstruct(photo, np.ones((40, 40), bool)).glb))
