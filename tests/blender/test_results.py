# SPDX-License-Identifier: GPL-3.0-or-later
"""What can be done with results through the installed zip: variations compared in place, old jobs, clearing."""

from pathlib import Path

import pytest
from blender_process import ROOT, check


@pytest.mark.parametrize(
    "function",
    [
        "variations_are_compared_in_place",
        "one_variation_is_kept",
        "each_comparison_is_one_undo_step",
        "a_job_that_is_not_in_memory_is_found",
        "results_that_are_not_in_memory_come_together",
        "the_list_is_cleared_of_what_is_searched_for",
    ],
)
def test_results(tmp_path: Path, function: str) -> None:
    check("results", function, tmp_path)


@pytest.mark.parametrize("placement", ["CURSOR", "PHOTO"])
def test_another_reading_takes_the_place_of_a_draft(tmp_path: Path, placement: str) -> None:
    output = check("results", "another_reading_takes_the_place_of_a_draft", tmp_path, placement)
    assert "no such other reading" in output


def test_people_swap_with_their_bones(tmp_path: Path) -> None:
    check("results", "people_swap_with_their_bones", tmp_path, str(ROOT / "examples" / "photos" / "mannequin.png"))


def test_what_cannot_be_done_says_why(tmp_path: Path) -> None:
    output = check("results", "a_single_result_has_no_variations", tmp_path)
    for sentence in ("no other variations of this result", "There is no such job any more", "No job is at work"):
        assert sentence in output
