# SPDX-License-Identifier: GPL-3.0-or-later
"""What the user can do."""

from .arrived import SAM3D_OT_frame_result, SAM3D_OT_move_to_cursor
from .assets import SAM3D_OT_add_asset_library, SAM3D_OT_keep_as_asset
from .bodies import SAM3D_OT_rebind_body, SAM3D_OT_rig_body, SAM3D_OT_take_pose, SAM3D_OT_toggle_ik
from .candidates import SAM3D_OT_choose_candidate
from .connection import SAM3D_OT_test_connection
from .draw_mask import SAM3D_OT_draw_mask
from .everything import SAM3D_OT_end_everything, SAM3D_OT_find_everything
from .groups import SAM3D_OT_cancel_all, SAM3D_OT_cancel_group, SAM3D_OT_import_group
from .guides import (
    SAM3D_OT_clear_guides,
    SAM3D_OT_draw_guide,
    SAM3D_OT_draw_guides,
    SAM3D_OT_follow_guides,
    SAM3D_OT_remove_guide,
)
from .help import SAM3D_OT_explain, SAM3D_OT_help
from .image_editor import SAM3D_OT_back_to_viewport, SAM3D_OT_choose_in_editor
from .job_actions import (
    SAM3D_OT_cancel_job,
    SAM3D_OT_clear_jobs,
    SAM3D_OT_import_job,
    SAM3D_OT_remove_job,
    SAM3D_OT_retry_job,
)
from .masks import (
    SAM3D_OT_add_mask,
    SAM3D_OT_clear_masks,
    SAM3D_OT_move_mask,
    SAM3D_OT_remove_mask,
    SAM3D_OT_switch_masks,
    SAM3D_OT_update_mask,
)
from .match import (
    SAM3D_OT_fit_to_photo,
    SAM3D_OT_look_through,
    SAM3D_OT_match_camera,
    SAM3D_OT_stand_on,
    SAM3D_OT_use_photo_size,
)
from .open_preferences import SAM3D_OT_open_preferences
from .painting import SAM3D_OT_finish_painting, SAM3D_OT_paint_mask
from .photo import (
    SAM3D_FH_photo,
    SAM3D_OT_drop_photo,
    SAM3D_OT_open_photo,
    SAM3D_OT_open_results,
    SAM3D_OT_paste_photo,
    SAM3D_OT_use_editor_image,
    SAM3D_OT_use_reference,
)
from .presets import SAM3D_OT_add_preset
from .prompts import SAM3D_OT_clear_prompts
from .question import SAM3D_OT_use_guess
from .readings import SAM3D_OT_show_reading
from .real_height import SAM3D_OT_set_real_height
from .reconstruct import SAM3D_OT_cancel_capture, SAM3D_OT_reconstruct
from .results import (
    SAM3D_OT_copy_seed,
    SAM3D_OT_select_result,
    SAM3D_OT_turn_page,
    SAM3D_OT_turn_page_at_work,
    SAM3D_OT_unfold,
)
from .sample import SAM3D_OT_try_sample
from .selection_model import (
    SAM3D_OT_cancel_download,
    SAM3D_OT_decline_model,
    SAM3D_OT_download_model,
    SAM3D_OT_open_model,
    SAM3D_OT_remove_model,
)
from .toolbar import SAM3D_OT_choose_tool
from .variations import SAM3D_OT_keep_variation, SAM3D_OT_show_variation
from .views import SAM3D_OT_add_view, SAM3D_OT_remove_view, SAM3D_OT_show_view
from .watch import SAM3D_OT_watch_jobs

CLASSES = (
    SAM3D_OT_reconstruct,
    SAM3D_OT_use_guess,
    SAM3D_OT_cancel_capture,
    SAM3D_OT_watch_jobs,
    SAM3D_OT_match_camera,
    SAM3D_OT_fit_to_photo,
    SAM3D_OT_stand_on,
    SAM3D_OT_look_through,
    SAM3D_OT_use_photo_size,
    SAM3D_OT_set_real_height,
    SAM3D_OT_frame_result,
    SAM3D_OT_move_to_cursor,
    SAM3D_OT_cancel_job,
    SAM3D_OT_cancel_group,
    SAM3D_OT_cancel_all,
    SAM3D_OT_select_result,
    SAM3D_OT_turn_page,
    SAM3D_OT_turn_page_at_work,
    SAM3D_OT_unfold,
    SAM3D_OT_copy_seed,
    SAM3D_OT_show_reading,
    SAM3D_OT_show_variation,
    SAM3D_OT_keep_variation,
    SAM3D_OT_import_group,
    SAM3D_OT_retry_job,
    SAM3D_OT_import_job,
    SAM3D_OT_remove_job,
    SAM3D_OT_clear_jobs,
    SAM3D_OT_add_mask,
    SAM3D_OT_remove_mask,
    SAM3D_OT_move_mask,
    SAM3D_OT_switch_masks,
    SAM3D_OT_clear_masks,
    SAM3D_OT_update_mask,
    SAM3D_OT_draw_mask,
    SAM3D_OT_choose_candidate,
    SAM3D_OT_find_everything,
    SAM3D_OT_end_everything,
    SAM3D_OT_choose_tool,
    SAM3D_OT_download_model,
    SAM3D_OT_cancel_download,
    SAM3D_OT_decline_model,
    SAM3D_OT_open_model,
    SAM3D_OT_remove_model,
    SAM3D_OT_draw_guides,
    SAM3D_OT_draw_guide,
    SAM3D_OT_remove_guide,
    SAM3D_OT_clear_guides,
    SAM3D_OT_follow_guides,
    SAM3D_OT_choose_in_editor,
    SAM3D_OT_back_to_viewport,
    SAM3D_OT_paint_mask,
    SAM3D_OT_finish_painting,
    SAM3D_OT_clear_prompts,
    SAM3D_OT_open_photo,
    SAM3D_OT_try_sample,
    SAM3D_OT_drop_photo,
    SAM3D_FH_photo,
    SAM3D_OT_paste_photo,
    SAM3D_OT_use_editor_image,
    SAM3D_OT_use_reference,
    SAM3D_OT_open_results,
    SAM3D_OT_add_view,
    SAM3D_OT_show_view,
    SAM3D_OT_remove_view,
    SAM3D_OT_rig_body,
    SAM3D_OT_rebind_body,
    SAM3D_OT_take_pose,
    SAM3D_OT_toggle_ik,
    SAM3D_OT_test_connection,
    SAM3D_OT_open_preferences,
    SAM3D_OT_keep_as_asset,
    SAM3D_OT_add_asset_library,
    SAM3D_OT_add_preset,
    SAM3D_OT_help,
    SAM3D_OT_explain,
)
