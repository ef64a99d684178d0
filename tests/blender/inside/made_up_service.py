# SPDX-License-Identifier: GPL-3.0-or-later
"""A service that was made up, with its folder and one line: its preferences, its menu, its jobs."""

import os

import bpy


def the_service_works(extension: str, url: str, photo: str) -> None:
    bpy.ops.extensions.package_install_files(filepath=extension, repo="user_default", enable_on_install=True)
    from bl_ext.user_default.sam3d.preferences import preferences
    from bl_ext.user_default.sam3d.runtime.state import runtime

    chosen, last_checks = preferences(bpy.context), runtime().last_checks
    assert chosen.clay_url == "https://api.clay.example" and chosen.clay_fast is False
    assert chosen.bl_rna.properties["clay_api_key"].subtype == "PASSWORD"
    settings = bpy.context.scene.sam3d
    menu = [item.identifier for item in settings.bl_rna.properties["provider"].enum_items]
    assert menu == ["DRAFT", "LOCAL", "CLAY", "WAVESPEED", "SEGMIND", "RUNWARE"], menu
    chosen.clay_url, chosen.clay_fast = url, True
    assert bpy.ops.sam3d.test_connection(provider="CLAY") == {"FINISHED"}, last_checks
    assert last_checks["CLAY"] == "The key works. Balance $2.00."
    settings.provider = "CLAY"
    settings.image = bpy.data.images.load(photo)
    assert bpy.ops.sam3d.reconstruct() == {"FINISHED"}
    (obj,) = [obj for obj in bpy.context.scene.objects if "sam3d_job" in obj]
    assert (obj["sam3d_provider"], obj["sam3d_model"]) == ("CLAY", "clay-1")
    chosen.clay_api_key = "another"
    assert bpy.ops.sam3d.test_connection(provider="CLAY") == {"CANCELLED"}
    assert "does not accept the key" in last_checks["CLAY"]
    os._exit(0)  # Blender 4.2 as a package crashes at its end
