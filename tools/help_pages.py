# SPDX-License-Identifier: GPL-3.0-or-later
"""Makes `help/`: the guide as pages that a browser shows without a network, with what "Try a Sample" needs.

Beside the pages lies `messages.json`: which place of them explains which sentence of the add-on. Runs in the
environment `docs`; `tools/build.py` calls it.
"""

from __future__ import annotations

import argparse
import json
import re
import shutil
import sys
import tomllib
from collections.abc import Iterator, Sequence
from html import escape
from pathlib import Path, PurePosixPath
from string import Template

from markdown_it import MarkdownIt
from markdown_it.token import Token
from messages import FILLED, fixed_parts, pattern, shown_sentences

ROOT = Path(__file__).resolve().parent.parent
DOCS = ROOT / "docs"
HELP = ROOT / "help"
FIRST = ("guide", "choosing", "bodies", "services", "wavespeed", "segmind", "runware", "server")
LAST = "troubleshooting"
FOR_DEVELOPERS = frozenset({"debugging"})
SAMPLES = ("mug.jpg", "mannequin.png")
ANCHOR_WORDS = 10
MOST_BYTES = 3_000_000
"""What the folder may add to each zip."""


class CannotMakePages(Exception):
    """The text says why."""


def page_names() -> list[str]:
    """The pages that travel, in the order in which they are listed."""
    found = {path.stem for path in DOCS.glob("*.md")} - FOR_DEVELOPERS
    others = sorted(found - {*FIRST, LAST})
    return [*FIRST, *others, LAST]


def slug(text: str) -> str:
    """The name of a place, as web pages of Markdown make it of a heading."""
    return re.sub(r"[^\w\- ]", "", text.lower()).replace(" ", "-")


def _plain(token: Token) -> str:
    """What is read in a line of text."""
    return "".join(" " if part.type == "softbreak" else part.content for part in token.children or ())


def _bold_beginning(inline: Token) -> str:
    """What an item begins with in bold; empty where it does not."""
    parts = inline.children or []
    if not parts or parts[0].type not in ("strong_open", "text") or (parts[0].type == "text" and parts[0].content):
        return ""
    begin = next((index for index, part in enumerate(parts) if part.type == "strong_open"), None)
    end = next((index for index, part in enumerate(parts) if part.type == "strong_close"), None)
    if begin is None or end is None:
        return ""
    inner = Token("inline", "", 0, children=parts[begin + 1 : end])
    return " ".join(_plain(inner).split())


class Page:
    """One page of the guide: its parsed text, with a name at each place that can be linked to.

    sentences: of the items with a bold beginning, and the names of their places.
    """

    def __init__(self, name: str, pages: Sequence[str]) -> None:
        """Raises CannotMakePages where a link leads to what does not travel."""
        self.name, self._pages = name, pages
        self._markdown = MarkdownIt("commonmark").enable("table")
        self._tokens = self._markdown.parse((DOCS / f"{name}.md").read_text("utf-8"))
        self.anchors: list[str] = []
        self.sentences: list[tuple[str, str]] = []
        self.pictures: set[PurePosixPath] = set()
        self.title = next(_plain(inline) for token, inline in self._pairs() if token.type == "heading_open")
        self._name_places()
        for token in self._tokens:
            for part in token.children or ():
                self._lead(part)

    def _pairs(self) -> Iterator[tuple[Token, Token]]:
        """Each token with the line of text that it holds first, if it holds one."""
        for index, token in enumerate(self._tokens):
            inside = self._tokens[index + 1 : index + 3]
            if token.type == "heading_open":
                yield token, inside[0]
            elif token.type == "list_item_open" and len(inside) > 1 and inside[1].type == "inline":
                yield token, inside[1]

    def _name_places(self) -> None:
        for token, inline in self._pairs():
            if token.type == "heading_open":
                anchor = slug(_plain(inline))
            elif sentence := _bold_beginning(inline):
                anchor = "-".join(re.findall(r"\w+", sentence.lower().replace("'", ""))[:ANCHOR_WORDS])
            else:
                continue
            same = sum(re.fullmatch(rf"{re.escape(anchor)}(-\d+)?", other) is not None for other in self.anchors)
            anchor = f"{anchor}-{same}" if same else anchor
            self.anchors.append(anchor)
            token.attrSet("id", anchor)
            if token.type == "list_item_open":
                self.sentences.append((sentence, anchor))

    def _lead(self, part: Token) -> None:
        """A link to another page leads to what becomes of that; pictures are taken along."""
        if part.type == "image":
            self.pictures.add(PurePosixPath(str(part.attrs["src"])))
        if part.type != "link_open":
            return
        address = str(part.attrs["href"])
        path, _, anchor = address.partition("#")
        if not path or re.match(r"[a-z]+:", path):
            return
        if path.removesuffix(".md") not in self._pages:
            raise CannotMakePages(f"docs/{self.name}.md links to {path}, which is not in the extension.")
        part.attrSet("href", f"{path.removesuffix('.md')}.html" + (f"#{anchor}" if anchor else ""))

    def html(self) -> str:
        """What the page says, without its frame."""
        return str(self._markdown.renderer.render(self._tokens, self._markdown.options, {}))


def explained(page: Page) -> list[tuple[list[str], str]]:
    """What a sentence always says, and the place that explains it: as the page has it, and as the source has it."""
    places = {tuple(fixed_parts(sentence.replace("…", FILLED))): anchor for sentence, anchor in page.sentences}
    for sentence in shown_sentences():
        looked_for = pattern(sentence)
        anchor = next((anchor for told, anchor in page.sentences if looked_for.search(told)), None)
        if anchor is not None:
            places.setdefault(tuple(fixed_parts(sentence)), anchor)
    return [(list(parts), f"{page.name}.html#{anchor}") for parts, anchor in places.items() if parts]


def _frame(page: Page, pages: Sequence[Page], version: str, website: str) -> str:
    links = [
        f'<a href="{other.name}.html"{" aria-current=page" if other is page else ""}>{escape(other.title)}</a>'
        for other in pages
    ]
    if website:
        links.append(f'<a href="{escape(website)}">Website</a>')
    template = Template((Path(__file__).with_name("help_page.html")).read_text("utf-8"))
    return template.substitute(
        title=escape(page.title), links="\n".join(links), version=version, content=page.html().strip()
    )


def make(folder: Path, website: str = "") -> None:
    """Write all pages, pictures and samples into `folder`, which is emptied first. Raises CannotMakePages."""
    version = tomllib.loads((ROOT / "blender_manifest.toml").read_text("utf-8"))["version"]
    names = page_names()
    pages = [Page(name, names) for name in names]
    shutil.rmtree(folder, ignore_errors=True)
    (folder / "samples").mkdir(parents=True)
    for page in pages:
        (folder / f"{page.name}.html").write_text(_frame(page, pages, version, website), "utf-8")
    for picture in sorted({picture for page in pages for picture in page.pictures}):
        (folder / picture).parent.mkdir(exist_ok=True)
        shutil.copyfile(DOCS / picture, folder / picture)
    for sample in SAMPLES:
        shutil.copyfile(ROOT / "examples" / "photos" / sample, folder / "samples" / sample)
    index = json.dumps(explained(pages[-1]), ensure_ascii=False, separators=(",", ":"))
    (folder / "messages.json").write_text(index, "utf-8")
    size = sum(path.stat().st_size for path in folder.rglob("*") if path.is_file())
    if size > MOST_BYTES:
        raise CannotMakePages(f"The help has {size / 1e6:.1f} MB: make its pictures smaller.")


def main() -> int:
    """The command line; the exit status is 1 if the pages cannot be made."""
    parser = argparse.ArgumentParser(description="Make the pages of the help.")
    parser.add_argument("--website", default="", metavar="ADDRESS", help="where the add-on is at home")
    try:
        make(HELP, parser.parse_args().website)
    except CannotMakePages as reason:
        print(reason)
        return 1
    return 0


if __name__ == "__main__":
    sys.exit(main())
