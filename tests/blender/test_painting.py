# SPDX-License-Identifier: GPL-3.0-or-later
"""What painting a mask needs of Blender without a window: images to paint on, and that nothing painted is lost."""

from pathlib import Path

from blender_process import check


def test_a_blank_mask_has_the_shape_of_the_photo(tmp_path: Path) -> None:
    check("painting", "a_blank_mask_has_the_shape_of_the_photo", tmp_path)


def test_what_alpha_selects_is_painted_as_white(tmp_path: Path) -> None:
    check("painting", "what_alpha_selects_is_painted_as_white", tmp_path)


def test_what_is_painted_is_kept_with_the_file(tmp_path: Path) -> None:
    check("painting", "what_is_painted_is_kept_with_the_file", tmp_path)


def test_it_is_painted_in_the_image_editor_only(tmp_path: Path) -> None:
    check("painting", "it_is_painted_in_the_image_editor_only", tmp_path)
