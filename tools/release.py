# SPDX-License-Identifier: GPL-3.0-or-later
"""The way to a release: what a machine can see to is done in order, and what is left for a person is told.

A clean tree, a version that is new and dated in the changelog, every check and test, the zips and the repository.
"""

from __future__ import annotations

import argparse
import re
import subprocess
import sys
import tomllib
from pathlib import Path

from environments import ROOT

from build import MANIFEST

CHANGELOG = "CHANGELOG.md"
HEADING = re.compile(r"^## (\S+) \((.*)\)$", re.MULTILINE)
LEFT = """
{version} is ready in dist/repository/. What is left for you:

  1. Look at the screens of the window tests in build/window/, and at dist/repository/index.html in a browser.
  2. Install a zip of dist/ on a Windows and on a Mac, and press Reconstruct once. With keys of your own, run one job at
     each service: tests never pay for one.
  3. git tag -a v{version} -m "{version}", and push the tag.
  4. Put the files of dist/repository/ at their address, the zips first and index.json last. Leave the zips of the
     version before beside them for a day: a Blender that has read the listing before still asks for them.
  5. In a Blender with the version before: Get Extensions > Check for Updates, update, and open a file with results.
"""


def version_in(root: Path) -> str:
    """The version of the manifest."""
    return str(tomllib.loads((root / MANIFEST).read_text("utf-8"))["version"])


def obstacles(root: Path) -> list[str]:
    """What stands in the way of releasing the tree at `root`, as sentences."""
    version = version_in(root)
    found = []
    if changes := _git(root, "status", "--porcelain"):
        found.append(f"These files are not committed:\n{changes}")
    tags = _git(root, "tag", "--list", "v*").split()
    if f"v{version}" in tags:
        found.append(f"Version {version} was released: raise it in {MANIFEST}.")
    heading = HEADING.search((root / CHANGELOG).read_text("utf-8"))
    if heading is None or heading[1] != version:
        found.append(f"{CHANGELOG} does not begin with version {version}.")
    elif not re.fullmatch(r"\d{4}-\d\d-\d\d", heading[2]):
        found.append(f"{CHANGELOG} has no date for {version}: write ## {version} (YEAR-MONTH-DAY).")
    return found


def _git(root: Path, *words: str) -> str:
    return subprocess.run(["git", *words], cwd=root, capture_output=True, text=True, check=True).stdout.rstrip()


def _run(*words: str) -> bool:
    print(f"== {' '.join(words)}", flush=True)
    return subprocess.run([sys.executable, *words], cwd=ROOT, check=False).returncode == 0


def main() -> int:
    """The command line; the exit status is 1 where something stands in the way."""
    parser = argparse.ArgumentParser(description="See to all that a release needs.")
    parser.add_argument("--address", default="", help="where the repository will be served")
    parser.add_argument("--website", default="", help="where the add-on is at home")
    words = parser.parse_args()
    found = obstacles(ROOT)
    if not words.address:
        found.append("It is not said where it will be served: make release ADDRESS=https://...")
    if found:
        print("\n".join(found))
        return 1
    if not _run("tools/run_tests.py", "--require-all"):
        return 1
    if not _run("tools/repository.py", "--address", words.address, "--website", words.website):
        return 1
    print(LEFT.format(version=version_in(ROOT)))
    return 0


if __name__ == "__main__":
    sys.exit(main())
