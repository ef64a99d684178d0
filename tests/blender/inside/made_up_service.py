# SPDX-License-Identifier: GPL-3.0-or-later
"""A copy of the extension with a made-up service, from its preferences to its model in the scene."""

import bpy
from installation import install

MENU = ["DRAFT", "LOCAL", "CLAY", "WAVESPEED", "SEGMIND", "RUNWARE"]


def the_whole_road(zip_file: str, url: str, photo: str) -> None:
    """The service's key is in the environment."""
    install(zip_file)
    # not before there is an extension
    from bl_ext.user_default.sam3d.runtime.state import runtime
    from common import all_preferences, empty_file, imported_objects, leave

    _, settings = empty_file()
    chosen, last_checks = all_preferences(), runtime().last_checks
    assert chosen.clay_url == "https://api.clay.example"
    assert chosen.clay_fast is False
    assert chosen.bl_rna.properties["clay_api_key"].subtype == "PASSWORD"
    menu = [item.identifier for item in settings.bl_rna.properties["provider"].enum_items]
    assert menu == MENU, menu

    chosen.clay_url, chosen.clay_fast = url, True
    assert bpy.ops.sam3d.test_connection(provider="CLAY") == {"FINISHED"}, last_checks
    assert last_checks["CLAY"] == "The key works. Balance $2.00."
    settings.provider = "CLAY"
    settings.image = bpy.data.images.load(photo)
    assert bpy.ops.sam3d.reconstruct() == {"FINISHED"}
    (obj,) = imported_objects()
    assert (obj["sam3d_provider"], obj["sam3d_model"]) == ("CLAY", "clay-1")

    chosen.clay_api_key = "another"
    assert bpy.ops.sam3d.test_connection(provider="CLAY") == {"CANCELLED"}
    assert "does not accept the key" in last_checks["CLAY"]
    leave()
