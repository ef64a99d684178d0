# SPDX-License-Identifier: GPL-3.0-or-later
"""Where photos come from, and that what is sent is what the artist sees, pixel by pixel."""

import os
import sys
from pathlib import Path

import pytest
from blender_process import check
from quick_service import check_with_service


def test_what_is_sent_is_what_the_image_editor_shows(tmp_path: Path) -> None:
    check_with_service("sources", "what_is_sent_is_what_the_image_editor_shows", tmp_path)


def test_photos_are_turned_upright_with_what_was_painted_over_them(tmp_path: Path) -> None:
    check_with_service("sources", "photos_are_turned_upright_with_what_was_painted_over_them", tmp_path)


def test_photos_are_upright_on_every_road(tmp_path: Path) -> None:
    check_with_service("sources", "photos_are_upright_on_every_road", tmp_path)


def test_what_blender_shows_of_odd_files_is_sent(tmp_path: Path) -> None:
    check_with_service("sources", "what_blender_shows_of_odd_files_is_sent", tmp_path)


def test_what_cannot_be_a_photo_is_told_when_it_is_chosen(tmp_path: Path) -> None:
    output = check("sources", "what_cannot_be_a_photo_is_told_when_it_is_chosen", tmp_path)
    assert "IMG_1.HEIC is a HEIC photo" in output
    assert "IMG_2.jpg is a HEIC photo" in output
    assert "IMG_3.CR2 is a camera's raw file" in output
    assert "clip.mp4 is a movie" in output
    assert "page.pdf is a drawing or document" in output


def test_a_small_mask_in_a_large_photo_arrives_whole(tmp_path: Path) -> None:
    check_with_service("sources", "a_small_mask_in_a_large_photo_arrives_whole", tmp_path)


def test_a_mask_that_may_lie_either_way_is_noted(tmp_path: Path) -> None:
    check_with_service("sources", "a_mask_that_may_lie_either_way_is_noted", tmp_path)


@pytest.mark.skipif(os.name == "nt" or sys.platform == "darwin", reason="names of files are text there")
def test_names_that_are_no_text(tmp_path: Path) -> None:
    check_with_service("sources", "names_that_are_no_text", tmp_path)


def test_a_photo_of_50_megapixels_is_not_decoded_on_the_main_thread(tmp_path: Path) -> None:
    output = check_with_service("sources", "a_photo_of_50_megapixels_is_not_decoded_on_the_main_thread", tmp_path)
    print(output)


def test_a_photo_changed_on_disk_is_sent_as_it_is_shown(tmp_path: Path) -> None:
    check_with_service("sources", "a_photo_changed_on_disk_is_sent_as_it_is_shown", tmp_path)


def test_masks_at_the_border_and_of_twenty_pixels(tmp_path: Path) -> None:
    check("sources", "masks_at_the_border_and_of_twenty_pixels", tmp_path)


def test_forty_masks(tmp_path: Path) -> None:
    check_with_service("sources", "forty_masks", tmp_path)


def test_opening_and_choosing(tmp_path: Path) -> None:
    output = check("sources", "opening_and_choosing", tmp_path)
    assert "notes.txt cannot be opened" in output
    assert "none.png cannot be opened" in output
    assert "no image on the clipboard" in output
    assert "The file of Gone is missing" in output
