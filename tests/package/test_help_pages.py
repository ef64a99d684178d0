# SPDX-License-Identifier: GPL-3.0-or-later
"""The guide in the built zip: whole, without a network, and explaining each message at its own place."""

from __future__ import annotations

import json
import posixpath
import re
import zipfile
from html.parser import HTMLParser

import pytest
from blender_process import ROOT, built_zip
from messages import FILLED, PAGE, messages, pattern, shown_sentences

from sam3d.runtime.help_pages import HelpPages

FOLDER = "help/"
MOST_BYTES = 2_000_000
PLACEHOLDERS = re.compile(r"THE-REPOSITORY|TODO|FIXME|example\.org", re.IGNORECASE)
IN_MESSAGES = "a thing"
"""What is filled in where the page has …."""


class Page(HTMLParser):
    """What a page names, and what it leads to."""

    def __init__(self, text: str) -> None:
        super().__init__()
        self.anchors: list[str] = []
        self.links: list[str] = []
        self.pictures: list[str] = []
        self.tags: set[str] = set()
        self.feed(text)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        values = dict(attrs)
        self.tags.add(tag)
        self.anchors += [values["id"] or ""] if "id" in values else []
        self.links += [values["href"] or ""] if tag == "a" else []
        self.pictures += [values["src"] or ""] if tag == "img" else []


@pytest.fixture(scope="module")
def files() -> dict[str, bytes]:
    """What the zip has in the folder of the help."""
    with zipfile.ZipFile(built_zip()) as archive:
        names = [name for name in archive.namelist() if name.startswith(FOLDER) and not name.endswith("/")]
        return {name.removeprefix(FOLDER): archive.read(name) for name in names}


@pytest.fixture(scope="module")
def pages(files: dict[str, bytes]) -> dict[str, Page]:
    return {name: Page(data.decode()) for name, data in files.items() if name.endswith(".html")}


def test_each_link_and_picture_is_there(files: dict[str, bytes], pages: dict[str, Page]) -> None:
    sources = {f"{path.stem}.html" for path in (ROOT / "docs").glob("*.md")} - {"debugging.html"}
    assert set(pages) == sources
    for name, page in pages.items():
        assert len(page.anchors) == len(set(page.anchors)), name
        assert not page.tags & {"script", "link", "iframe"}, name
        for link in page.links:
            if re.match("https?:", link):
                continue
            target, _, anchor = link.partition("#")
            assert target == "" or target in pages, (name, link)
            assert not anchor or anchor in pages[target or name].anchors, (name, link)
        for picture in page.pictures:
            assert posixpath.normpath(picture) in files, (name, picture)
    assert sum(map(len, files.values())) < MOST_BYTES


def test_no_placeholder_is_left(files: dict[str, bytes]) -> None:
    left = {name: PLACEHOLDERS.search(data.decode()) for name, data in files.items() if name.endswith(".html")}
    assert not any(left.values()), left


def test_each_message_leads_to_its_own_place(
    files: dict[str, bytes], pages: dict[str, Page], tmp_path_factory: pytest.TempPathFactory
) -> None:
    """As the page has it with something filled in, alone and with more behind it; and each sentence of the source."""
    folder = tmp_path_factory.mktemp("help")
    (folder / "messages.json").write_bytes(files["messages.json"])
    help_pages = HelpPages(folder)
    wrong = []
    for message in messages(PAGE.read_text("utf-8")):
        said = re.sub(r"[*`]", "", message.replace("…", IN_MESSAGES))
        first = re.findall(r"\w+", message.lower().replace("'", ""))[:4]
        for sentence in (said, f"{said} Nothing was charged."):
            place = help_pages.explanation(sentence)
            if place.split("#")[-1].split("-")[:4] != first:
                wrong.append((sentence, place))
    assert not wrong
    told = messages(PAGE.read_text("utf-8"))
    for sentence in shown_sentences():
        if not any(pattern(sentence).search(message) for message in told):
            continue  # which the tests of the page itself name
        place = help_pages.explanation(sentence.replace(FILLED, IN_MESSAGES))
        _, _, anchor = place.partition("#")
        assert anchor in pages["troubleshooting.html"].anchors, sentence
    places = {place.split("#")[1] for _, place in json.loads(files["messages.json"])}
    assert places <= set(pages["troubleshooting.html"].anchors)
