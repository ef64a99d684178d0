# SPDX-License-Identifier: GPL-3.0-or-later
"""What the user can do."""

from .connection import SAM3D_OT_test_connection
from .groups import SAM3D_OT_cancel_group
from .job_actions import (
    SAM3D_OT_cancel_job,
    SAM3D_OT_clear_jobs,
    SAM3D_OT_import_job,
    SAM3D_OT_remove_job,
    SAM3D_OT_retry_job,
)
from .masks import SAM3D_OT_add_mask, SAM3D_OT_remove_mask
from .open_preferences import SAM3D_OT_open_preferences
from .photo import (
    SAM3D_FH_photo,
    SAM3D_OT_open_photo,
    SAM3D_OT_open_results,
    SAM3D_OT_paste_photo,
    SAM3D_OT_use_editor_image,
    SAM3D_OT_use_reference,
)
from .points import SAM3D_OT_add_point, SAM3D_OT_remove_point
from .reconstruct import SAM3D_OT_reconstruct
from .watch import SAM3D_OT_watch_jobs

CLASSES = (
    SAM3D_OT_reconstruct,
    SAM3D_OT_watch_jobs,
    SAM3D_OT_cancel_job,
    SAM3D_OT_cancel_group,
    SAM3D_OT_retry_job,
    SAM3D_OT_import_job,
    SAM3D_OT_remove_job,
    SAM3D_OT_clear_jobs,
    SAM3D_OT_add_mask,
    SAM3D_OT_remove_mask,
    SAM3D_OT_add_point,
    SAM3D_OT_remove_point,
    SAM3D_OT_open_photo,
    SAM3D_FH_photo,
    SAM3D_OT_paste_photo,
    SAM3D_OT_use_editor_image,
    SAM3D_OT_use_reference,
    SAM3D_OT_open_results,
    SAM3D_OT_test_connection,
    SAM3D_OT_open_preferences,
)
