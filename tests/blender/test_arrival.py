# SPDX-License-Identifier: GPL-3.0-or-later
"""Where results come to stand, through the installed zip, without a window."""

from pathlib import Path

import pytest
from quick_service import check_with_service


@pytest.mark.parametrize(
    "name",
    ["a_result_stands_beside_the_cube", "results_of_one_photo_move_together", "what_is_around_is_not_in_the_way"],
)
def test_arrival(tmp_path: Path, name: str) -> None:
    check_with_service("arrival", name, tmp_path)
