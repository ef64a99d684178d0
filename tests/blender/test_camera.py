# SPDX-License-Identifier: GPL-3.0-or-later
"""The camera as the photo's source, without a window: what is sent is what F12 shows, and masks are exact."""

from pathlib import Path

import pytest
from blender_process import check
from quick_service import check_with_service


@pytest.mark.parametrize("transform", ["AgX", "Filmic", "Standard"])
def test_what_is_sent_is_what_f12_saves(tmp_path: Path, transform: str) -> None:
    film = "transparent" if transform == "Standard" else "opaque"
    check_with_service("camera", "what_is_sent_is_what_f12_saves", tmp_path, transform, film)


def test_object_masks_are_exact_and_results_take_the_objects_places(tmp_path: Path) -> None:
    check_with_service("camera", "object_masks_are_exact_and_results_take_the_objects_places", tmp_path)


@pytest.mark.parametrize("fit", ["AUTO", "VERTICAL"])
@pytest.mark.parametrize(("across", "up"), [(2.0, 1.0), (1.0, 1.5)])
def test_pixels_that_are_not_square_are_sent_square(tmp_path: Path, across: float, up: float, fit: str) -> None:
    check_with_service("camera", "pixels_that_are_not_square_are_sent_square", tmp_path, str(across), str(up), fit)


def test_a_region_of_pixels_that_are_not_square(tmp_path: Path) -> None:
    check_with_service("camera", "a_region_of_pixels_that_are_not_square", tmp_path)


@pytest.mark.parametrize("degrees", [40, -120, 180])
def test_drafts_face_the_camera(tmp_path: Path, degrees: int) -> None:
    check("camera", "drafts_face_the_camera", tmp_path, str(degrees))


def test_results_face_as_their_boxes_do(tmp_path: Path) -> None:
    check_with_service("camera", "results_face_as_their_boxes_do", tmp_path)


def test_what_is_solid_stays_solid(tmp_path: Path) -> None:
    check("camera", "what_is_solid_stays_solid", tmp_path)


def test_what_the_camera_cannot_do_is_said(tmp_path: Path) -> None:
    output = check_with_service("camera", "what_the_camera_cannot_do_is_said", tmp_path)
    assert "No object is selected" in output
    assert "Rigid bodies would be seen where they began" in output
    assert "Without a window there is no viewport" in output


def test_a_render_is_limited_and_leaves_the_compositors_files_alone(tmp_path: Path) -> None:
    check_with_service("camera", "a_render_is_limited_and_leaves_the_compositors_files_alone", tmp_path)


def test_forty_objects(tmp_path: Path) -> None:
    output = check("camera", "forty_objects", tmp_path)
    print(output)
