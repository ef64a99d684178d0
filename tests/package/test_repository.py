# SPDX-License-Identifier: GPL-3.0-or-later
"""The repository that `make repository` leaves: served on this machine, installed from and updated in real Blender."""

from __future__ import annotations

import functools
import re
import threading
import zipfile
from collections.abc import Iterator
from contextlib import contextmanager
from html.parser import HTMLParser
from http.server import SimpleHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from urllib.parse import parse_qs, urlsplit

import pytest
from blender_process import built_zip, run_in_blender
from loopback import models
from loopback.wavespeed import WaveSpeedServer
from repository import publish

pytest.importorskip("bpy")

NEWER = "99.0.0"


class _Quiet(SimpleHTTPRequestHandler):
    def log_message(self, *_: object) -> None:
        """Say nothing of each request."""


@contextmanager
def served(folder: Path) -> Iterator[str]:
    """A folder on a web server of this machine; its address."""
    server = ThreadingHTTPServer(("127.0.0.1", 0), functools.partial(_Quiet, directory=str(folder)))
    threading.Thread(target=server.serve_forever, daemon=True).start()
    try:
        yield f"http://127.0.0.1:{server.server_address[1]}"
    finally:
        server.shutdown()
        server.server_close()


def newer(old: Path, folder: Path) -> Path:
    """A zip as it would be of a later version."""
    new = folder / re.sub(r"-[\d.]+-", f"-{NEWER}-", old.name)
    with zipfile.ZipFile(old) as source, zipfile.ZipFile(new, "w", zipfile.ZIP_STORED) as target:
        for entry in source.infolist():
            content = source.read(entry)
            if entry.filename == "blender_manifest.toml":
                content = re.sub(rb'\nversion = "[^"]+"', f'\nversion = "{NEWER}"'.encode(), content)
            target.writestr(entry, content)
    return new


class _Links(HTMLParser):
    def __init__(self, page: str) -> None:
        super().__init__()
        self.found: list[str] = []
        self.feed(page)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        """Note where it leads."""
        self.found += [value or "" for name, value in attrs if tag == "a" and name == "href"]


def test_page_has_a_link_to_drag_for_each_platform(tmp_path: Path) -> None:
    zips = sorted(built_zip().parent.glob("sam3d-*.zip"))
    publish(zips, tmp_path / "repository", "https://example.org/sam3d/")
    page = (tmp_path / "repository" / "index.html").read_text()
    links = [urlsplit(link) for link in _Links(page).found if ".zip?" in link]
    assert sorted(Path(link.path).name for link in links) == [path.name for path in zips]
    for link in links:
        words = parse_qs(link.query)
        assert words["repository"] == ["./index.json"] and words["blender_version_min"] == ["4.2.0"]
        assert words["platforms"][0].replace("-", "_") in link.path
    assert "https://example.org/sam3d/index.json" in page and "${" not in page


def test_an_update_leaves_jobs_keys_and_results(tmp_path: Path) -> None:
    """One job has ended, another is at the service while Blender changes the version."""
    now, later, photo = tmp_path / "now", tmp_path / "later", tmp_path / "mug.png"
    publish([built_zip()], now)
    publish([newer(built_zip(), tmp_path)], later)
    photo.write_bytes(models.png(64, 48))
    with served(now) as address, WaveSpeedServer(job_seconds=4.0) as service:
        words = (address, str(now), str(later), NEWER, service.url, service.key, str(photo))
        finished = run_in_blender("updating", "from_one_version_to_the_next", tmp_path, *words, install=False)
        assert finished.status == 0, finished.output
        assert "Traceback" not in finished.output, finished.output
        assert service.submits == service.submit_posts == 2  # none was paid for twice
