# SPDX-License-Identifier: GPL-3.0-or-later
"""Makes `dist/repository/`: all that a web server needs for Blender to install the extension from it, and to update it.

The zips, Blender's listing of them (`index.json`), a page from which the extension is dragged into Blender, and the GPU
server's wheel.
"""

from __future__ import annotations

import argparse
import shutil
import sys
import tempfile
from collections.abc import Sequence
from html import escape
from pathlib import Path
from string import Template

from environments import ROOT, EnvironmentMissing

from build import DIST, BuildFailed, blenders_builder, build, run

REPOSITORY = DIST / "repository"
PAGE = ROOT / "tools" / "repository_page.html"
INDEX = "index.json"


def publish(files: Sequence[Path], folder: Path, address: str = "", website: str = "") -> None:
    """Makes a folder the repository of these zips, and of whatever else is to lie beside them.

    address: where it will be served; the page finds out itself where it is empty. website: where there is more to read.
    Raises BuildFailed or EnvironmentMissing.
    """
    shutil.rmtree(folder, ignore_errors=True)
    folder.mkdir(parents=True)
    for file in files:
        shutil.copyfile(file, folder / file.name)
    with tempfile.TemporaryDirectory() as temporary:
        page = Path(temporary, "page.html")
        page.write_text(_page(files, address, website), "utf-8")
        listing = ("server-generate", "--repo-dir", folder, "--html", "--html-template", page)
        run(*blenders_builder(), *listing)


def _page(files: Sequence[Path], address: str, website: str) -> str:
    """The page as a template for Blender, which fills in the table."""
    wheels = [file.name for file in files if file.suffix == ".whl"]
    more = [f'<a href="{escape(website)}">Read more</a>.'] if website else []
    more += [f'The <a href="{name}">server for your own graphics card</a>.' for name in wheels]
    index = f"{address.rstrip('/')}/{INDEX}" if address else INDEX
    return Template(PAGE.read_text("utf-8")).safe_substitute(index=escape(index), more=" ".join(more))


def main() -> int:
    """The command line; the exit status is 1 if the repository could not be made."""
    parser = argparse.ArgumentParser(description="Build the extension, and a repository to install it from.")
    parser.add_argument("--address", default="", help="where the repository will be served")
    parser.add_argument("--website", default="", help="where the add-on is at home; the address, if there is none")
    words = parser.parse_args()
    website = words.website or words.address
    try:
        zips = build(website)
        publish([*zips, *DIST.glob("sam3d_server-*.whl")], REPOSITORY, words.address, words.website)
    except (BuildFailed, EnvironmentMissing) as error:
        print(error)
        return 1
    for path in sorted(REPOSITORY.iterdir()):
        print(f"{path.relative_to(ROOT)}  {path.stat().st_size / 1e6:.1f} MB")
    return 0


if __name__ == "__main__":
    sys.exit(main())
