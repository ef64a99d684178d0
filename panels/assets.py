# SPDX-License-Identifier: GPL-3.0-or-later
"""What can be done with a result for other scenes."""

import bpy

from ..jobs.model import Job


def draw_asset(layout: bpy.types.UILayout, job: Job) -> None:
    """The button that keeps a job's result as an asset; nothing for a job without one."""
    if job.model is not None:
        layout.operator("sam3d.keep_as_asset", icon="ASSET_MANAGER").job_id = job.id
