# SPDX-License-Identifier: GPL-3.0-or-later
"""Results kept as assets, through the installed zip, and brought back as Blender's asset browser does."""

from pathlib import Path

import pytest
from blender_process import ROOT, check
from loopback.server import File
from loopback.wavespeed import WaveSpeedServer
from moving_files import windmill
from quick_service import check_with_service

bpy = pytest.importorskip("bpy")

MANNEQUIN = str(ROOT / "examples" / "photos" / "mannequin.png")


def test_an_object_comes_back_with_all_that_it_had(tmp_path: Path) -> None:
    check_with_service("assets", "an_object_comes_back_with_all_that_it_had", tmp_path)


def test_a_person_comes_back_posable_and_twice(tmp_path: Path) -> None:
    check("assets", "a_person_comes_back_posable_and_twice", tmp_path, MANNEQUIN)


def test_keeping_leaves_the_file_as_it_was(tmp_path: Path) -> None:
    check_with_service("assets", "keeping_leaves_the_file_as_it_was", tmp_path)


def test_what_is_selected_is_kept_as_it_stands(tmp_path: Path) -> None:
    check_with_service("assets", "what_is_selected_is_kept_as_it_stands", tmp_path)


def test_a_model_comes_back_moving(tmp_path: Path) -> None:
    with WaveSpeedServer(results=[File("model.glb", windmill().bytes(), "model/gltf-binary")]) as server:
        env = {"WAVESPEED_API_KEY": server.key}
        check("assets", "a_model_comes_back_moving", tmp_path, server.url, env=env)


def test_undo_knows_nothing_of_it(tmp_path: Path) -> None:
    check_with_service("assets", "undo_knows_nothing_of_it", tmp_path)


def test_what_is_being_edited_or_posed_is_kept_as_it_stands(tmp_path: Path) -> None:
    check("assets", "what_is_being_edited_or_posed_is_kept_as_it_stands", tmp_path, MANNEQUIN)


def test_catalogs_of_others_stay(tmp_path: Path) -> None:
    check_with_service("assets", "catalogs_of_others_stay", tmp_path)


def test_every_result_can_be_kept(tmp_path: Path) -> None:
    check_with_service("assets", "every_result_can_be_kept", tmp_path)


def test_what_cannot_be_kept_says_why(tmp_path: Path) -> None:
    check_with_service("assets", "what_cannot_be_kept_says_why", tmp_path)


def test_the_library_is_added_only_when_asked_for(tmp_path: Path) -> None:
    check_with_service("assets", "the_library_is_added_only_when_asked_for", tmp_path)


@pytest.mark.skipif(bpy.app.version < (5, 2, 0), reason="Blender serves asset libraries since 5.2")
def test_blender_makes_a_listing_to_serve_it(tmp_path: Path) -> None:
    check_with_service("assets", "blender_makes_a_listing_to_serve_it", tmp_path)
