# SPDX-License-Identifier: GPL-3.0-or-later
"""What the artist's own server has told of itself last. No bpy."""

import time
from concurrent.futures import Future
from dataclasses import dataclass

from ..providers import SERVICES, Account, Credentials, ProviderError, Subject

PROVIDER = "LOCAL"
AGAIN = 20.0
"""Seconds after an answer until the server is asked anew."""
MAKES = {Subject.OBJECT: "objects", Subject.BODY: "people"}


@dataclass
class OwnServer:
    """The last answer, and the question that is on its way."""

    account: Account | None = None
    problem: str = ""
    question: Future[Account] | None = None
    asked: Credentials | None = None
    answered: float = 0.0

    def is_due(self, credentials: Credentials) -> bool:
        """Whether to ask now: the address or the key is another one, or it was long ago."""
        late = time.monotonic() > self.answered + AGAIN
        return self.question is None and (late or credentials != self.asked)

    def ask(self, question: Future[Account], credentials: Credentials) -> None:
        """A question is on its way; what another address has told holds no more."""
        if credentials != self.asked:
            self.account, self.problem = None, ""
        self.question, self.asked = question, credentials

    def take_over(self) -> bool:
        """Keep the answer, if it is there; returns whether it is."""
        if self.question is None or not self.question.done():
            return False
        error = self.question.exception()
        self.account = None if error else self.question.result()
        self.problem = "" if error is None else _problem(error)
        self.question, self.answered = None, time.monotonic()
        return True

    def words(self, subject: Subject) -> str:
        """What the panel says before anything is sent."""
        name = SERVICES[PROVIDER].name
        if self.account is None:
            return self.problem or f"Looking for {name} ..."
        maker = self.account.makers.get(subject)
        if maker is None:
            return f"{name} is there, but makes no {MAKES[subject]}: start it with a model for them."
        return f"{name} is there and makes {MAKES[subject]}: {maker}."


def _problem(error: BaseException) -> str:
    if isinstance(error, ProviderError):
        return str(error)
    return f"{SERVICES[PROVIDER].name} could not be asked ({type(error).__name__}): see Blender's console."
