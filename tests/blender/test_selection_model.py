# SPDX-License-Identifier: GPL-3.0-or-later
"""The model that selects, through the installed zip, without a window."""

from pathlib import Path

from blender_process import check


def test_it_comes_and_goes(tmp_path: Path) -> None:
    check("selection_model", "it_comes_and_goes", tmp_path)


def test_a_damaged_model_is_told(tmp_path: Path) -> None:
    check("selection_model", "a_damaged_model_is_told", tmp_path)


def test_what_else_it_may_be(tmp_path: Path) -> None:
    check("selection_model", "what_else_it_may_be", tmp_path)


def test_who_is_asked(tmp_path: Path) -> None:
    check("selection_model", "who_is_asked", tmp_path)
