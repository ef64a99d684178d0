# SPDX-License-Identifier: GPL-3.0-or-later
"""Where photos come from, and that what is sent is what the artist sees, pixel by pixel."""

from pathlib import Path

from blender_process import check
from quick_service import check_with_service


def test_what_is_sent_is_what_the_image_editor_shows(tmp_path: Path) -> None:
    check_with_service("sources", "what_is_sent_is_what_the_image_editor_shows", tmp_path)


def test_photos_are_turned_upright_with_what_was_painted_over_them(tmp_path: Path) -> None:
    check_with_service("sources", "photos_are_turned_upright_with_what_was_painted_over_them", tmp_path)


def test_photos_are_upright_on_every_road(tmp_path: Path) -> None:
    check_with_service("sources", "photos_are_upright_on_every_road", tmp_path)


def test_a_photo_of_50_megapixels_is_not_decoded_on_the_main_thread(tmp_path: Path) -> None:
    output = check_with_service("sources", "a_photo_of_50_megapixels_is_not_decoded_on_the_main_thread", tmp_path)
    print(output)


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
