# SPDX-License-Identifier: GPL-3.0-or-later
"""What stands in the way of a release."""

from __future__ import annotations

import subprocess
from pathlib import Path

from release import obstacles


def git(root: Path, *words: str) -> None:
    author = ("-c", "user.name=Test", "-c", "user.email=test@example.org")
    subprocess.run(["git", *author, *words], cwd=root, check=True, capture_output=True)


def write(root: Path, version: str, heading: str) -> None:
    (root / "blender_manifest.toml").write_text(f'version = "{version}"\n')
    (root / "CHANGELOG.md").write_text(f"# Changelog\n\n## {heading}\n\nMore.\n\n## 0.1.0 (2026-01-01)\n")


def test_a_version_that_is_new_dated_and_committed_can_be_released(tmp_path: Path) -> None:
    git(tmp_path, "init", "--quiet")
    write(tmp_path, "0.1.0", "0.2.0 (unreleased)")
    (told,) = obstacles(tmp_path)[1:]
    assert "not begin with version 0.1.0" in told
    write(tmp_path, "0.2.0", "0.2.0 (unreleased)")
    changes, date = obstacles(tmp_path)
    assert "CHANGELOG.md" in changes and "no date for 0.2.0" in date
    write(tmp_path, "0.2.0", "0.2.0 (2026-02-03)")
    git(tmp_path, "add", "--all")
    git(tmp_path, "commit", "--message", "Next")
    assert obstacles(tmp_path) == []
    git(tmp_path, "tag", "v0.2.0")
    (told,) = obstacles(tmp_path)
    assert "was released" in told
