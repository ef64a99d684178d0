# SPDX-License-Identifier: GPL-3.0-or-later
"""What the panel says of the artist's own server before anything is sent, from one answer to the next."""

from concurrent.futures import Future

import pytest

from sam3d.jobs.own_server import AGAIN, OwnServer
from sam3d.providers import Account, Credentials, Subject
from sam3d.providers.errors import Unreachable

HERE, ELSEWHERE = Credentials("http://127.0.0.1:8777"), Credentials("http://127.0.0.1:8778")


def test_from_the_question_to_the_answer(monkeypatch: pytest.MonkeyPatch) -> None:
    """One question at a time, a new one when the answer is old; what is there no more is told."""
    now = 1000.0
    monkeypatch.setattr("time.monotonic", lambda: now)
    server, question = OwnServer(), Future[Account]()
    assert server.is_due(HERE)
    server.ask(question, HERE)
    assert not server.is_due(HERE) and not server.take_over()
    assert server.words(Subject.OBJECT).startswith("Looking for")
    question.set_result(Account(makers={Subject.OBJECT: "SAM 3D Objects"}))
    assert server.take_over() and not server.take_over()
    assert server.words(Subject.OBJECT).endswith("is there and makes objects: SAM 3D Objects.")
    assert "makes no people" in server.words(Subject.BODY)
    assert not server.is_due(HERE)
    now += AGAIN + 1.0
    assert server.is_due(HERE)
    question = Future[Account]()
    server.ask(question, HERE)
    assert "is there" in server.words(Subject.OBJECT)  # as it was, until the answer comes
    question.set_exception(Unreachable("It is not running."))
    assert server.take_over()
    assert server.words(Subject.OBJECT) == "It is not running."


def test_another_address() -> None:
    """It is asked at once, and what the first one has told does not hold for it."""
    server, question = OwnServer(), Future[Account]()
    server.ask(question, HERE)
    question.set_result(Account(makers={Subject.OBJECT: "SAM 3D Objects"}))
    server.take_over()
    assert server.is_due(ELSEWHERE)
    server.ask(Future[Account](), ELSEWHERE)
    assert server.words(Subject.OBJECT).startswith("Looking for")
