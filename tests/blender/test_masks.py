# SPDX-License-Identifier: GPL-3.0-or-later
"""Masks of what was drawn, through the installed zip, without a window."""

from pathlib import Path

import pytest
from blender_process import check
from quick_service import check_with_service


def test_a_box_and_points_become_a_masks_image(tmp_path: Path) -> None:
    check_with_service("masks", "a_box_and_points_become_a_masks_image", tmp_path)


def test_what_cannot_become_a_mask_says_why(tmp_path: Path) -> None:
    check("masks", "what_cannot_become_a_mask_says_why", tmp_path)


def test_an_artists_own_image_is_not_written_into(tmp_path: Path) -> None:
    check("masks", "an_artists_own_image_is_not_written_into", tmp_path)


def test_the_list_is_led_by_operators(tmp_path: Path) -> None:
    check("masks", "the_list_is_led_by_operators", tmp_path)


def test_masks_are_named_after_what_they_are_said_to_be(tmp_path: Path) -> None:
    check("masks", "masks_are_named_after_what_they_are_said_to_be", tmp_path)


def test_pixels_are_read_once_for_many_gestures(tmp_path: Path) -> None:
    check("masks", "pixels_are_read_once_for_many_gestures", tmp_path)


def test_undo_brings_earlier_masks_back(tmp_path: Path) -> None:
    check("masks", "undo_brings_earlier_masks_back", tmp_path)


@pytest.mark.parametrize("kind", ["LINK_COPY", "FULL_COPY"])
def test_what_is_drawn_in_a_copy_of_a_scene_leaves_the_first_alone(tmp_path: Path, kind: str) -> None:
    check("masks", "what_is_drawn_in_a_copy_of_a_scene_leaves_the_first_alone", tmp_path, kind)


def test_what_was_painted_is_built_upon_and_comes_back(tmp_path: Path) -> None:
    check("masks", "what_was_painted_is_built_upon_and_comes_back", tmp_path)
