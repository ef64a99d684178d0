# SPDX-License-Identifier: GPL-3.0-or-later
"""Several photos of one thing, through the installed zip, without a window."""

from pathlib import Path

from blender_process import check


def test_a_draft_is_made_from_all_photos(tmp_path: Path) -> None:
    check("views", "a_draft_is_made_from_all_photos", tmp_path)


def test_what_cannot_be_used_says_why(tmp_path: Path) -> None:
    check("views", "what_cannot_be_used_says_why", tmp_path)


def test_views_belong_to_their_photo(tmp_path: Path) -> None:
    check("views", "views_belong_to_their_photo", tmp_path)
