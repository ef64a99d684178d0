# SPDX-License-Identifier: GPL-3.0-or-later
"""What Runware's errors mean.

An answer may hold several, about its tasks or about the question itself; the code tells what one is about, and the
status only sometimes.
"""

import re
from dataclasses import dataclass
from enum import Enum, auto
from typing import Any, Final

from ..errors import (
    InsufficientCredit,
    InvalidInput,
    ProviderError,
    RateLimited,
    RemoteFailure,
    UnexpectedResponse,
    Unreachable,
    WrongKey,
)
from ..response import Response, one_line, redact, retry_after


class Meaning(Enum):
    """What an error code says, as far as it matters."""

    TAKEN = auto()
    KEY = auto()
    CREDIT = auto()
    BUSY = auto()
    UNKNOWN_TASK = auto()
    SERVICE_TROUBLE = auto()
    REFUSED = auto()
    FAILED = auto()
    OTHER = auto()


QUESTIONS: Final = ("getResponse", "getTaskDetails")
STATUSES: Final = {401: Meaning.KEY, 402: Meaning.CREDIT, 403: Meaning.OTHER, 429: Meaning.BUSY}
"""The statuses that say more than the codes beside them."""
CODES: Final = tuple(
    (re.compile(pattern, re.IGNORECASE), meaning)
    for pattern, meaning in (
        (r"^(conflict|duplicate)TaskUUID", Meaning.TAKEN),
        # a failure between the service and those who compute for it: the task was taken
        (r"^(provider|thirdParty)|provider$", Meaning.FAILED),
        (r"api_?key|^auth|unauthori[sz]ed|tokenExpired|suspended|organizationDisabled", Meaning.KEY),
        (r"credits?$|balance|quota|payment|funds", Meaning.CREDIT),
        (r"rate_?limit|requestLimit|tooManyRequests|concurren|noAvailableServer", Meaning.BUSY),
        (r"task.*(notFound|expired)|unknownTask", Meaning.UNKNOWN_TASK),
        (r"(internal|server|service|unavailable|standard|unknown|undefined|default)Error|Unavailable$|timeout",
         Meaning.SERVICE_TROUBLE),
        (r"^(invalid|missing|unsupported|unknown|incompatible|mismatch|duplicate|(value|array)Too)|validation",
         Meaning.REFUSED),
        (r"failed|inferenceError", Meaning.FAILED),
    )
)  # fmt: skip
"""The codes in use, the first that fits: the service's pages warn that they change."""


@dataclass(frozen=True)
class ReportedError:
    """An error as the service tells it.

    `parameter` is what it is about, `task_type` what it happened to; `named` tells that it names the task itself.
    """

    code: str
    message: str
    parameter: str
    task_type: str
    named: bool

    @property
    def meaning(self) -> Meaning:
        """What the code says."""
        return next((meaning for pattern, meaning in CODES if pattern.search(self.code)), Meaning.OTHER)


def read_error(raw: dict[str, Any], *, named: bool) -> ReportedError:
    """The error in a JSON object."""
    parameter = raw.get("parameter")
    names = parameter if isinstance(parameter, list) else [parameter]
    code, message, task_type = (_text(raw.get(key)) for key in ("code", "message", "taskType"))
    return ReportedError(code, message, ", ".join(filter(None, map(_text, names))), task_type, named)


def error_text_of(reported: ReportedError, response: Response) -> str:
    """What the service itself says of an error, fit for a sentence; empty where it says nothing."""
    about = f" ({reported.parameter})" if reported.parameter and reported.parameter not in reported.message else ""
    return one_line(redact(response.key, (reported.message or reported.code) + about))


def at_submit(response: Response, reported: ReportedError) -> ProviderError:
    """The error for a task that was not accepted, or that failed while we waited for it."""
    meaning = STATUSES.get(response.status, reported.meaning)
    general = _general(response, reported, meaning)
    if general:
        return general
    if meaning is Meaning.REFUSED:
        sentence = _sentence(
            f"{response.service} refused the job", reported, response, "Change the prompt, photo or mask."
        )
        return InvalidInput(sentence, raw=response.raw)
    if meaning is Meaning.OTHER and not response.ok:
        return response.error()
    return _failed(response, reported)


def at_question(response: Response, reported: ReportedError) -> ProviderError:
    """The error of an answer to a question: the task's own for good, or the question's, which may be asked again."""
    name, meaning = response.service, STATUSES.get(response.status, reported.meaning)
    if meaning is Meaning.UNKNOWN_TASK:
        sentence = f"{name} does not know this job: most likely it never arrived there. Press Retry to run it again."
        return RemoteFailure(sentence, raw=response.raw)
    of_question = reported.task_type in QUESTIONS or not reported.named
    if meaning is Meaning.KEY or response.status in STATUSES or (of_question and meaning is not Meaning.FAILED):
        general = _general(response, reported, meaning)
        if general or not response.ok:
            return general or response.error()
        sentence = _sentence(f"{name} answers with an error", reported, response, "Try again in a while.")
        return UnexpectedResponse(sentence, raw=response.raw)
    return _failed(response, reported)


def _general(response: Response, reported: ReportedError, meaning: Meaning) -> ProviderError | None:
    """The error for what concerns the account or the service, whatever was asked; else None."""
    name = response.service
    if meaning is Meaning.KEY:
        sentence = f"{name} does not accept the key: copy it anew from my.runware.ai/keys into the preferences."
        return WrongKey(sentence, raw=response.raw)
    if meaning is Meaning.CREDIT:
        sentence = f"The account at {name} has too little credit: top up, then try again."
        return InsufficientCredit(sentence, raw=response.raw)
    if meaning is Meaning.BUSY:
        sentence = f"{name} is busy for the moment: try again in a minute."
        return RateLimited(sentence, retry_after(response.headers), raw=response.raw)
    if meaning is Meaning.SERVICE_TROUBLE:
        sentence = _sentence(f"{name} has trouble of its own", reported, response, "Try again in a while.")
        return Unreachable(sentence, raw=response.raw)
    return None


def _failed(response: Response, reported: ReportedError) -> RemoteFailure:
    advice = "Try another photo, prompt or mask, or press Retry to run it again."
    return RemoteFailure(
        _sentence(f"{response.service} failed at the job", reported, response, advice), raw=response.raw
    )


def _sentence(start: str, reported: ReportedError, response: Response, advice: str) -> str:
    words = error_text_of(reported, response).rstrip(".")
    return f"{start}: {words}. {advice}" if words else f"{start} and does not say why. {advice}"


def _text(value: Any) -> str:
    return value if isinstance(value, str) else ""
