# SPDX-License-Identifier: GPL-3.0-or-later
"""What the artist says about a photo's camera, and all that follows it, without a window."""

from pathlib import Path

import pytest
from blender_process import check
from quick_service import check_with_service


@pytest.mark.parametrize("orientation", ["1", "6", "3", "2"])
def test_guides_tell_the_camera_however_the_photo_lies(tmp_path: Path, orientation: str) -> None:
    check("guides", "guides_tell_the_camera", tmp_path, orientation)


def test_guides_that_contradict_each_other_move_nothing(tmp_path: Path) -> None:
    check("guides", "guides_that_contradict_each_other_move_nothing", tmp_path)


def test_a_lens_that_is_typed_is_the_cameras(tmp_path: Path) -> None:
    check("guides", "a_lens_that_is_typed_is_the_cameras", tmp_path)


def test_what_stands_there_follows_the_guides(tmp_path: Path) -> None:
    check_with_service("guides", "what_stands_there_follows_the_guides", tmp_path)


def test_all_takes_the_size_that_one_thing_really_has(tmp_path: Path) -> None:
    check_with_service("guides", "all_takes_the_size_that_one_thing_really_has", tmp_path)
