# SPDX-License-Identifier: GPL-3.0-or-later
"""Many objects of one photo, through the installed zip: they stand as they do in the photo."""

from pathlib import Path

from blender_process import check
from loopback.wavespeed import WaveSpeedServer
from quick_service import check_with_service


def test_objects_stand_side_by_side_as_in_the_photo(tmp_path: Path) -> None:
    check_with_service("many_objects", "objects_stand_side_by_side_as_in_the_photo", tmp_path)


def test_the_height_that_was_asked_for_is_every_objects(tmp_path: Path) -> None:
    check_with_service("many_objects", "the_height_that_was_asked_for_is_every_objects", tmp_path)


def test_variations_do_not_stand_in_one_another(tmp_path: Path) -> None:
    check_with_service("many_objects", "variations_do_not_stand_in_one_another", tmp_path)


def test_masks_have_prompts_of_their_own_and_share_one_upload(tmp_path: Path) -> None:
    with WaveSpeedServer(balance=1.0) as server:
        check(
            "many_objects",
            "masks_have_prompts_of_their_own_and_share_one_upload",
            tmp_path,
            server.url,
            env={"WAVESPEED_API_KEY": server.key},
        )
        assert sorted(submit.json["prompt"] for submit in server.of("submit")) == ["a disc", "a disc", "the left one"]
        assert server.count("put") == 1 + 3
        assert server.submits == 3


def test_points_and_boxes_become_masks_on_the_way(tmp_path: Path) -> None:
    check_with_service("many_objects", "points_and_boxes_become_masks_on_the_way", tmp_path)
