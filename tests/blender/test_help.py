# SPDX-License-Identifier: GPL-3.0-or-later
"""The help in Blender, and what else waits in its menus: the sample, presets, entries for keys."""

import sys
from pathlib import Path

from blender_process import check

BROWSER = """#!{python}
import sys
with open({opened!r}, "a") as file:
    print(sys.argv[1], file=file)
"""


def test_help_is_opened_at_its_place(tmp_path: Path) -> None:
    browser = tmp_path / "browser"
    browser.write_text(BROWSER.format(python=sys.executable, opened=str(tmp_path / "opened.txt")))
    browser.chmod(0o755)
    check("help_pages", "help_is_opened_at_its_place", tmp_path, env={"BROWSER": f"{browser} %s"}, alone=True)


def test_manual_covers_everything(tmp_path: Path) -> None:
    check("help_pages", "manual_covers_everything", tmp_path)


def test_a_sample_becomes_an_object(tmp_path: Path) -> None:
    check("help_pages", "a_sample_becomes_an_object", tmp_path)


def test_presets_are_kept_applied_and_forgotten(tmp_path: Path) -> None:
    check("help_pages", "presets_are_kept_applied_and_forgotten", tmp_path, alone=True)


def test_keys_and_menus_have_entries(tmp_path: Path) -> None:
    check("help_pages", "keys_and_menus_have_entries", tmp_path)
