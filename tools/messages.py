# SPDX-License-Identifier: GPL-3.0-or-later
"""The sentences that the add-on can show, out of its source, and those that the page "what if it fails" explains.

A sentence is told by its look, wherever in the source it stands: it begins with a capital letter, or with something
that is filled in, and ends as sentences do; with something filled in, any end will do. In the page a message is the
bold beginning of a list's item, with … or an example for what is filled in.
"""

import ast
import re
from collections.abc import Iterator
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
PAGE = ROOT / "docs" / "troubleshooting.md"
PACKAGES = ("engine", "photos", "jobs", "operators", "overlay", "panels", "providers", "runtime", "scene")
FILLED = "\0"
"""Stands for what is filled in."""
LEAST_WORDS = 3
"""Words that a sentence without an end has at least; what has fewer is a name, a path or a number."""
NOT_SHOWN = (
    *("SELECT ", "UPDATE ", "DELETE ", "INSERT ", "PRAGMA ", "BEGIN "),
    "Turn a photo into textured 3D objects.",  # the command's own help
    "The SAM 3D extension is not enabled.",  # what asks for jobs is registered after them
    "Stopped.",  # the one who has stopped the job knows
    f"{FILLED} charts do not fit",
    "There is no kind of shape called",
    "The mask shows no turned body.",
    f"{FILLED} of another type",
)
"""How texts begin that look like sentences and are for developers, or become other sentences on their way."""


def sentences(source: str) -> Iterator[str]:
    """The sentences in a module's source, in one line each."""
    tree = ast.parse(source)
    ignored: set[ast.AST] = {node.value for node in ast.walk(tree) if isinstance(node, ast.Expr)}  # docstrings
    ignored |= {value for node in ast.walk(tree) if isinstance(node, ast.JoinedStr) for value in node.values}
    ignored |= {text for node in ast.walk(tree) if _only_logs(node) for text in ast.walk(node)}
    for node in ast.walk(tree):
        if node in ignored:
            continue
        if isinstance(node, ast.JoinedStr):
            parts = [part.value if isinstance(part, ast.Constant) else FILLED for part in node.values]
            text = "".join(map(str, parts))
        elif isinstance(node, ast.Constant) and isinstance(node.value, str):
            text = re.sub(r"\{\w+\}|%[-+.\d]*[dfrs]", FILLED, node.value)  # str.format or logging fills it in
        else:
            continue
        text = " ".join(text.split())
        begins = re.match(rf"[A-Z{FILLED}-]", text) and not text.startswith(NOT_SHOWN)
        ends = text.endswith((".", "?", "!"))
        words = re.findall(r"[A-Za-z']+", text)
        if begins and words and (ends or (FILLED in text and len(words) >= LEAST_WORDS)):
            yield text


def _only_logs(node: ast.AST) -> bool:
    """Whether a call writes lines for whoever looks into a log; warnings and worse are seen by artists, too."""
    if not isinstance(node, ast.Call):
        return False
    name = node.func.attr if isinstance(node.func, ast.Attribute) else getattr(node.func, "id", "")
    return name in ("debug", "info", "log_error")


def shown_sentences() -> dict[str, str]:
    """All sentences of the add-on, each with the file that it stands in."""
    files = [file for package in PACKAGES for file in sorted((ROOT / package).rglob("*.py"))]
    files += [ROOT / "command_line.py", ROOT / "preferences.py", ROOT / "properties.py"]
    return {text: str(file.relative_to(ROOT)) for file in files for text in sentences(file.read_text("utf-8"))}


def messages(page: str) -> list[str]:
    """The messages in the page, in one line each."""
    return [" ".join(text.split()) for text in re.findall(r"^\s*- \*\*(.+?)\*\*", page, re.MULTILINE | re.DOTALL)]


def pattern(sentence: str) -> re.Pattern[str]:
    """What a message must contain to be this sentence; what is filled in before or behind it may be anything."""
    return re.compile(".*?".join(map(re.escape, fixed_parts(sentence))))


def fixed_parts(sentence: str) -> list[str]:
    """What a sentence always says, in its order: all but what is filled in."""
    return [part for part in sentence.strip(f"{FILLED} ").split(FILLED) if part]
