# SPDX-License-Identifier: GPL-3.0-or-later
"""Where the guide explains what the mouse is over: for F1, and for Online Manual in the menu of the right button."""

from typing import Final

import bpy

from .state import runtime

PLACES: Final = (
    ("bpy.types.sam3d_pg_settings.subject", "guide.html#objects-and-bodies"),
    ("bpy.types.sam3d_pg_settings.provider", "services.html#which-one"),
    ("bpy.types.sam3d_pg_settings.source", "guide.html#where-the-photo-comes-from"),
    ("bpy.types.sam3d_pg_settings.image", "guide.html#where-the-photo-comes-from"),
    ("bpy.types.sam3d_pg_settings.added_views", "guide.html#several-photos-of-one-thing"),
    ("bpy.types.sam3d_pg_view.*", "guide.html#several-photos-of-one-thing"),
    ("bpy.types.sam3d_pg_settings.render_mode", "guide.html#a-render-as-the-photo"),
    ("bpy.types.sam3d_pg_settings.camera*", "guide.html#a-render-as-the-photo"),
    ("bpy.types.sam3d_pg_settings.placement", "photo-to-scene.html#how"),
    ("bpy.types.sam3d_pg_settings.*mask*", "guide.html#masks"),
    ("bpy.types.sam3d_pg_settings.*", "guide.html#options"),
    ("bpy.types.sam3d_pg_mask.*", "choosing.html"),
    ("bpy.types.sam3d_pg_point.*", "choosing.html#points-and-boxes-as-such"),
    ("bpy.types.sam3d_pg_drawing.*", "choosing.html#new-objects"),
    ("bpy.types.sam3d_pg_match.*", "photo-to-scene.html#your-last-word"),
    ("bpy.types.sam3d_pg_guide.*", "photo-to-scene.html#your-last-word"),
    ("bpy.types.sam3d_pg_results.*", "guide.html#results"),
    ("bpy.types.sam3d_ap_preferences.wavespeed_*", "wavespeed.html#getting-a-key"),
    ("bpy.types.sam3d_ap_preferences.segmind_*", "segmind.html#getting-a-key"),
    ("bpy.types.sam3d_ap_preferences.runware_*", "runware.html#getting-a-key"),
    ("bpy.types.sam3d_ap_preferences.local_*", "server.html#try-it"),
    ("bpy.types.sam3d_ap_preferences.results_folder", "services.html#where-results-lie"),
    ("bpy.types.sam3d_ap_preferences.selection*", "choosing.html#better-selections"),
    ("bpy.types.sam3d_ap_preferences.*", "services.html#setting-up"),
    ("bpy.ops.sam3d.stand_on", "photo-to-scene.html#what-it-can-and-cannot-know"),
    ("bpy.ops.sam3d.match_camera", "photo-to-scene.html#what-the-camera-is-found-by"),
    ("bpy.ops.sam3d.fit_to_photo", "photo-to-scene.html#your-last-word"),
    ("bpy.ops.sam3d.look_through", "photo-to-scene.html#your-last-word"),
    ("bpy.ops.sam3d.use_photo_size", "photo-to-scene.html#your-last-word"),
    ("bpy.ops.sam3d.*_photo", "guide.html#where-the-photo-comes-from"),
    ("bpy.ops.sam3d.*_view", "guide.html#several-photos-of-one-thing"),
    ("bpy.ops.sam3d.try_sample", "guide.html#the-first-object"),
    ("bpy.ops.sam3d.use_*", "guide.html#where-the-photo-comes-from"),
    ("bpy.ops.sam3d.*_model", "choosing.html#better-selections"),
    ("bpy.ops.sam3d.cancel_download", "choosing.html#better-selections"),
    ("bpy.ops.sam3d.*_everything", "choosing.html#everything-at-once"),
    ("bpy.ops.sam3d.use_guess", "choosing.html#which-thing-is-meant"),
    ("bpy.ops.sam3d.choose_candidate", "choosing.html#what-else-it-may-be"),
    ("bpy.ops.sam3d.choose_in_editor", "choosing.html#where"),
    ("bpy.ops.sam3d.draw_mask", "choosing.html#new-objects"),
    ("bpy.ops.sam3d.paint_mask", "choosing.html#new-objects"),
    ("bpy.ops.sam3d.finish_painting", "choosing.html#new-objects"),
    ("bpy.ops.sam3d.*mask*", "choosing.html"),
    ("bpy.ops.sam3d.*_point", "choosing.html#points-and-boxes-as-such"),
    ("bpy.ops.sam3d.choose_tool", "choosing.html#new-objects"),
    ("bpy.ops.sam3d.*guide*", "photo-to-scene.html#your-last-word"),
    ("bpy.ops.sam3d.set_real_height", "photo-to-scene.html#your-last-word"),
    ("bpy.ops.sam3d.clear_prompts", "guide.html#options"),
    ("bpy.ops.sam3d.*_job*", "guide.html#results"),
    ("bpy.ops.sam3d.*_group", "guide.html#results"),
    ("bpy.ops.sam3d.cancel_*", "guide.html#results"),
    ("bpy.ops.sam3d.*_result*", "guide.html#results"),
    ("bpy.ops.sam3d.*_variation", "guide.html#results"),
    ("bpy.ops.sam3d.show_reading", "guide.html#results"),
    ("bpy.ops.sam3d.turn_page*", "guide.html#results"),
    ("bpy.ops.sam3d.copy_seed", "guide.html#results"),
    ("bpy.ops.sam3d.unfold", "guide.html#results"),
    ("bpy.ops.sam3d.*asset*", "assets.html#keep-one"),
    ("bpy.ops.sam3d.rig_body", "bodies.html#a-mesh-from-elsewhere"),
    ("bpy.ops.sam3d.rebind_body", "bodies.html#when-a-joint-is-wrong"),
    ("bpy.ops.sam3d.take_pose", "bodies.html#posing"),
    ("bpy.ops.sam3d.toggle_ik", "bodies.html#posing"),
    ("bpy.ops.sam3d.test_connection", "services.html#setting-up"),
    ("bpy.ops.sam3d.open_preferences", "services.html#setting-up"),
    ("bpy.ops.sam3d.add_preset", "guide.html#presets"),
    ("bpy.ops.sam3d.explain", "troubleshooting.html"),
    ("bpy.ops.sam3d.*", "guide.html#the-first-object"),
)
"""Blender's names of properties and operators, in small letters, as patterns; the first that fits counts."""


def register() -> None:
    """Let Blender ask."""
    bpy.utils.register_manual_map(_places)


def unregister() -> None:
    """Take it back."""
    bpy.utils.unregister_manual_map(_places)


def _places() -> tuple[str, tuple[tuple[str, str], ...]]:
    """The beginning of an address, and how it goes on."""
    return runtime().help.address(), PLACES
