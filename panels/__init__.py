# SPDX-License-Identifier: GPL-3.0-or-later
"""What the user sees: a sidebar tab in the 3D viewport and the same one in the image editor."""

from .bodies import SAM3D_PT_body
from .main import SAM3D_PT_image_editor, SAM3D_PT_view3d
from .masks import SAM3D_MT_masks, SAM3D_UL_masks
from .painting import SAM3D_PT_overlay
from .photo import SAM3D_MT_from_scene
from .presets import SAM3D_PT_presets
from .results import SAM3D_PT_results_image_editor, SAM3D_PT_results_view3d
from .spending import SAM3D_PT_spending

CLASSES = (
    SAM3D_UL_masks,
    SAM3D_MT_masks,
    SAM3D_MT_from_scene,
    SAM3D_PT_presets,
    SAM3D_PT_view3d,
    SAM3D_PT_image_editor,
    SAM3D_PT_body,
    SAM3D_PT_results_view3d,
    SAM3D_PT_results_image_editor,
    SAM3D_PT_spending,
    SAM3D_PT_overlay,
)
