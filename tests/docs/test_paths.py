# SPDX-License-Identifier: GPL-3.0-or-later
"""Files that the pages for contributors name are there."""

import re
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]
PAGES = [ROOT / "CONTRIBUTING.md", ROOT / "docs" / "debugging.md", *sorted((ROOT / "docs" / "decisions").glob("*.md"))]
MADE = ("build/", "dist/", "wheels/", "providers/clay/")
"""Folders that are made, not kept, and the service that CONTRIBUTING makes up."""


def paths(text: str) -> list[str]:
    """What stands as code in a page and looks like a path: a/b, a/, or a file's name with its suffix."""
    inline = re.findall(r"`([^`\s]+)`", text)
    return [
        path
        for path in inline
        if re.fullmatch(r"[\w.-]+(/[\w.-]+)*/?", path) and ("/" in path or re.search(r"\.(py|md|toml|in)$", path))
    ]


def is_there(path: str) -> bool:
    """Whether the repository has it, or makes it; a name alone may be that of a file in a service's folder."""
    return path.startswith(MADE) or (ROOT / path).exists() or any((ROOT / "providers").glob(f"*/{path}"))


@pytest.mark.parametrize("page", PAGES, ids=lambda page: page.relative_to(ROOT).as_posix())
def test_paths(page: Path) -> None:
    """Each path that a page names leads to a file or folder."""
    named = paths(page.read_text("utf-8"))
    assert [path for path in named if not is_there(path)] == []


def test_a_path_that_is_not_there_is_noticed() -> None:
    """Paths are told from other code, and wrong ones from right ones."""
    found = paths("`jobs/moon.py`, `jobs/`, `make test`, `scene.sam3d`, `CONTRIBUTING.md`, `wheels/x`")
    assert found == ["jobs/moon.py", "jobs/", "CONTRIBUTING.md", "wheels/x"]
    assert [path for path in found if not is_there(path)] == ["jobs/moon.py"]
