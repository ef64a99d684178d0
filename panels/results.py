# SPDX-License-Identifier: GPL-3.0-or-later
"""The panel with all jobs and what has become of them, drawn in two editors."""

import time
from typing import TYPE_CHECKING

import bpy

from ..runtime.state import runtime
from .job_list import draw_jobs

if TYPE_CHECKING:
    from bpy.stub_internal.rna_enums import RegionTypeItems


class _ResultsPanel:
    bl_label = "Results"
    bl_category = "SAM 3D"
    bl_region_type: "RegionTypeItems" = "UI"
    bl_order = 20
    layout: bpy.types.UILayout

    def draw(self, context: bpy.types.Context) -> None:
        """Those at work first."""
        draw_jobs(self.layout, context, runtime().queue, time.time())


class SAM3D_PT_results_view3d(_ResultsPanel, bpy.types.Panel):
    """What has become of the photos"""

    bl_space_type = "VIEW_3D"


class SAM3D_PT_results_image_editor(_ResultsPanel, bpy.types.Panel):
    """What has become of the photos"""

    bl_space_type = "IMAGE_EDITOR"
