# SPDX-License-Identifier: GPL-3.0-or-later
"""The end of jobs is told once, for those together that were started together."""

from dataclasses import replace
from pathlib import Path

import pytest
from made_jobs import delivered, make_job

from sam3d.jobs.announcements import announcement
from sam3d.jobs.model import Job, State

FOLDER = Path("job")


def ended(*states: State) -> list[Job]:
    """Jobs of one photo; those that have arrived took 31 seconds."""
    return [
        replace(delivered(make_job(FOLDER, f"job-{number}")), state=state, message="The photo is a moon.")
        for number, state in enumerate(states)
    ]


@pytest.mark.parametrize(
    ("states", "words", "is_warning"),
    [
        ((State.IMPORTED,), "dancer has arrived, 0:31", False),
        ((State.FAILED,), "dancer: The photo is a moon.", True),
        ((State.IMPORTED,) * 4, "4 objects of stage.jpg have arrived, 0:31", False),
        (
            (State.IMPORTED, State.FAILED, State.IMPORTED, State.IMPORTED),
            "3 of 4 objects of stage.jpg have arrived; 1 failed: see Results",
            True,
        ),
        ((State.FAILED,) * 2, "0 of 2 objects of stage.jpg have arrived; 2 failed: see Results", True),
        ((State.IMPORTED, State.CANCELLED), "1 of 2 objects of stage.jpg have arrived, 0:31", False),
    ],
)
def test_words(states: tuple[State, ...], words: str, is_warning: bool) -> None:
    told = announcement(ended(*states))
    assert told is not None
    assert (told.text, told.is_warning) == (words, is_warning)
    assert told.followed_by(["Look there."]).text == f"{words.removesuffix('.')}. Look there."


def test_what_was_cancelled_needs_no_word() -> None:
    assert announcement(ended(State.CANCELLED)) is None
    assert announcement(ended(State.CANCELLED, State.CANCELLED)) is None
