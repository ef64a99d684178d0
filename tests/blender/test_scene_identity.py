# SPDX-License-Identifier: GPL-3.0-or-later
"""A result finds the scene that it was made for, and no other one."""

from pathlib import Path

import pytest
from quick_service import check_with_service

EVENTS = (
    "first save",
    "save as",
    "save a copy",
    "save a copy of an unsaved file",
    "rename",
    "rename and save",
    "rename, save and reload",
    "reload",
    "save as and reload",
    "undo",
    "undo, save and reload",
    "copy",
    "another file and back",
    "rename, save and reload in another Blender",
    "the extension is enabled again",
)


@pytest.mark.parametrize("order", ["before", "after"])
@pytest.mark.parametrize("event", EVENTS)
def test_a_result_finds_its_scene(tmp_path: Path, event: str, order: str) -> None:
    """Whether it arrives before or after what happens to the scene."""
    check_with_service("scene_identity", "a_result_finds_its_scene", tmp_path, event, order)


@pytest.mark.parametrize(
    "event",
    ["new, unsaved", "new", "another, unsaved", "another", "a copy on disk", "removed", "appended", "linked"],
)
def test_a_result_is_put_into_no_strangers_file(tmp_path: Path, event: str) -> None:
    check_with_service("scene_identity", "a_result_is_put_into_no_strangers_file", tmp_path, event)


def test_a_group_keeps_its_arrangement(tmp_path: Path) -> None:
    check_with_service("scene_identity", "a_group_keeps_its_arrangement", tmp_path)
