# SPDX-License-Identifier: GPL-3.0-or-later
"""The page "what if it fails" has every sentence that the add-on can show, and none that it cannot.

How a sentence is told, and a message in the page, is said in tools/messages.py.
"""

from messages import FILLED, PAGE, messages, pattern, sentences, shown_sentences


def missing(found: dict[str, str], page: str) -> list[str]:
    """The sentences that the page does not have."""
    told = messages(page)
    return [
        f"{file}: {text.replace(FILLED, '…')}"
        for text, file in found.items()
        if not any(pattern(text).search(message) for message in told)
    ]


def test_page_has_every_message() -> None:
    """A new sentence in the source is explained to the artist, too."""
    gone = missing(shown_sentences(), PAGE.read_text("utf-8"))
    assert not gone, "docs/troubleshooting.md lacks:\n" + "\n".join(gone)


def test_page_has_no_other_message() -> None:
    """A sentence that was changed or taken away is not left behind in the page."""
    known = [pattern(text) for text in shown_sentences()]
    stale = [text for text in messages(PAGE.read_text("utf-8")) if not any(one.search(text) for one in known)]
    assert not stale, "docs/troubleshooting.md has what the add-on does not say:\n" + "\n".join(stale)


def test_a_new_sentence_is_missed() -> None:
    """However it is written, and only for what it says."""
    source = '''
"""Not a message, for it is a docstring."""
raise InvalidInput(f"The {role} is a "
                   f"moon of {size:.0f} km: choose another.")
CODES = {7: "{name} is out of cheese{said}: wait."}
label = "Choose a moon first."
head = f"{name} has lost the moon"
layout.prop(self, "moon", text="Phase of the Moon")
LOG.warning("The moon %s is full.", name)
LOG.info("The moon %s was looked at.", name)
'''
    found = dict.fromkeys(sentences(source), "moon.py")
    assert len(missing(found, "")) == len(found) == 5
    page = """
- **The photo is a
  moon of … km: choose another.** Choose another.
- **… is out of cheese: wait.** There is more tomorrow.
- **Choose a moon first.** And then a photo.
- **Runware has lost the moon: …** It says where.
- **The moon … is full.** It will wane.
"""
    assert not missing(found, page)
    assert len(missing(found, page.replace("cheese", "crackers"))) == 1
