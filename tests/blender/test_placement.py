# SPDX-License-Identifier: GPL-3.0-or-later
"""Results stand as their photo shows them, before a camera made for it, whatever is done with them afterwards."""

from pathlib import Path

import pytest
from blender_process import ROOT, check
from quick_service import check_with_service


@pytest.mark.parametrize("system", ["METRIC", "CENTIMETERS"])
def test_results_cover_their_masks(tmp_path: Path, system: str) -> None:
    check("placement", "results_cover_their_masks", tmp_path, system)


def test_results_of_a_service_are_fitted_to_their_masks(tmp_path: Path) -> None:
    """Which tells nothing of how it has seen its models: cubes, for balls."""
    check_with_service("placement", "results_of_a_service_are_fitted_to_their_masks", tmp_path)


def test_one_step_back_and_the_file_keeps_it(tmp_path: Path) -> None:
    check("placement", "one_step_back_and_the_file_keeps_it", tmp_path)


def test_what_comes_again_stands_where_it_stood(tmp_path: Path) -> None:
    check("placement", "what_comes_again_stands_where_it_stood", tmp_path)


def test_what_was_moved_by_hand_is_left_alone_unless_it_is_asked_for(tmp_path: Path) -> None:
    check("placement", "what_was_moved_by_hand_is_left_alone_unless_it_is_asked_for", tmp_path)


def test_another_camera_takes_along_what_stands_before_it(tmp_path: Path) -> None:
    check("placement", "another_camera_takes_along_what_stands_before_it", tmp_path)


def test_more_of_a_photo_comes_to_what_stands_there(tmp_path: Path) -> None:
    check("placement", "more_of_a_photo_comes_to_what_stands_there", tmp_path)


def test_the_photo_is_known_where_the_project_has_moved(tmp_path: Path) -> None:
    check("placement", "the_photo_is_known_where_the_project_has_moved", tmp_path)


def test_photos_of_one_name_have_cameras_of_their_own(tmp_path: Path) -> None:
    check("placement", "photos_of_one_name_have_cameras_of_their_own", tmp_path)


def test_none_comes_before_all_are_there_and_a_failed_one_keeps_none_waiting(tmp_path: Path) -> None:
    output = check("placement", "none_comes_before_all_are_there", tmp_path)
    assert "all black" in output


def test_variations_share_a_place(tmp_path: Path) -> None:
    check("placement", "variations_share_a_place", tmp_path)


def test_what_cannot_be_matched_stands_at_the_cursor(tmp_path: Path) -> None:
    output = check("placement", "what_cannot_be_matched_stands_at_the_cursor", tmp_path, logs_failures=True)
    assert "so it stands at the 3D cursor" in output


def test_a_person_stands_on_the_ground(tmp_path: Path) -> None:
    photo = ROOT / "examples" / "photos" / "mannequin.png"
    check("placement", "a_person_stands_on_the_ground", tmp_path, str(photo))


def test_a_camera_is_found_before_anything_is_made(tmp_path: Path) -> None:
    output = check("placement", "a_camera_is_found_before_anything_is_made", tmp_path)
    assert "Choose a photo first." in output and "No result is selected" in output


def test_a_lying_photo_is_upright_behind_what_it_shows(tmp_path: Path) -> None:
    check("placement", "a_lying_photo_is_upright_behind_what_it_shows", tmp_path)


def test_the_scenes_own_camera_is_the_camera_of_its_pictures(tmp_path: Path) -> None:
    check_with_service("placement", "the_scenes_own_camera_is_the_camera_of_its_pictures", tmp_path)


def test_a_result_that_was_left_unplaced_is_placed_when_it_is_imported(tmp_path: Path) -> None:
    check("placement", "a_result_that_was_left_unplaced_is_placed_when_it_is_imported", tmp_path)


def test_the_command_line(tmp_path: Path) -> None:
    check("placement", "the_command_line", tmp_path)
