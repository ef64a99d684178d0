# SPDX-License-Identifier: GPL-3.0-or-later
"""What the user sees: a sidebar tab in the 3D viewport and the same one in the image editor."""

from .main import PANELS, SAM3D_UL_masks

CLASSES = (SAM3D_UL_masks, *PANELS)
