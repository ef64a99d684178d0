# SPDX-License-Identifier: GPL-3.0-or-later
"""The main job through the installed zip, without a window: good photos arrive, bad ones give a sentence."""

import os
from pathlib import Path

import pytest
from blender_process import ROOT, check
from quick_service import check_with_service


def test_a_photo_becomes_an_object_at_the_cursor(tmp_path: Path) -> None:
    check("reconstruct", "a_photo_becomes_an_object_at_the_cursor", tmp_path)


def test_masks_and_variations_each_make_an_object(tmp_path: Path) -> None:
    check("reconstruct", "masks_and_variations_each_make_an_object", tmp_path)


def test_face_limit_and_import_again(tmp_path: Path) -> None:
    check("reconstruct", "face_limit_and_import_again", tmp_path)


def test_a_person_arrives_rigged(tmp_path: Path) -> None:
    photo = ROOT / "examples" / "photos" / "mannequin.png"
    check("reconstruct", "a_person_arrives_rigged", tmp_path, str(photo))


def test_what_cannot_start_says_why(tmp_path: Path) -> None:
    output = check("reconstruct", "what_cannot_start_says_why", tmp_path)
    for sentence in (
        "Choose a photo first.",
        "The file of gone is missing",
        "A mask is empty",
        "No mask is switched on",
        "set the subject to Object",
        "The scene has no camera",
    ):
        assert sentence in output


def test_odd_images_arrive_or_say_why(tmp_path: Path) -> None:
    check_with_service("reconstruct", "odd_images_arrive_or_say_why", tmp_path)


@pytest.mark.skipif(os.name == "nt", reason="needs POSIX permissions")
def test_a_results_folder_that_refuses_gives_a_sentence(tmp_path: Path) -> None:
    check("reconstruct", "a_results_folder_that_refuses_gives_a_sentence", tmp_path, logs_failures=True)


def test_a_results_folder_is_where_it_says_or_a_sentence(tmp_path: Path) -> None:
    output = check("reconstruct", "a_results_folder_is_where_it_says_or_a_sentence", tmp_path)
    assert "beside the .blend: save the file" in output and "is no whole path" in output


@pytest.mark.parametrize("system", ["METRIC", "IMPERIAL", "NONE"])
def test_lengths_are_those_that_blender_shows(tmp_path: Path, system: str) -> None:
    check_with_service("reconstruct", "lengths_are_those_that_blender_shows", tmp_path, system)


def test_photos_of_one_name_do_not_meet(tmp_path: Path) -> None:
    check_with_service("reconstruct", "photos_of_one_name_do_not_meet", tmp_path)


@pytest.mark.skipif(not Path("/dev/full").exists() or os.name == "nt", reason="needs a file size limit of POSIX")
def test_a_full_disk_gives_a_sentence(tmp_path: Path) -> None:
    """No file may grow beyond some kilobytes: writing the photo or the model fails as on a full disk."""
    check("reconstruct", "a_full_disk_gives_a_sentence", tmp_path, logs_failures=True)


def test_a_result_waits_while_the_scene_cannot_take_it(tmp_path: Path) -> None:
    check("reconstruct", "a_result_waits_while_the_scene_cannot_take_it", tmp_path)


def test_the_camera_is_a_source_and_keeps_its_settings(tmp_path: Path) -> None:
    check_with_service("reconstruct", "the_camera_is_a_source_and_keeps_its_settings", tmp_path)


def test_the_command_line(tmp_path: Path) -> None:
    output = check("reconstruct", "the_command_line", tmp_path)
    assert "none.png cannot be read" in output
    assert "set the subject to Object" in output
    assert "must end in .blend or .glb" in output


def test_results_outlive_the_extension(tmp_path: Path) -> None:
    check("reconstruct", "results_outlive_the_extension", tmp_path, alone=True)


def test_one_undo_step_takes_an_arrival_back(tmp_path: Path) -> None:
    check("reconstruct", "one_undo_step_takes_an_arrival_back", tmp_path)
