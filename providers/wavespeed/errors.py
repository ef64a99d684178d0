# SPDX-License-Identifier: GPL-3.0-or-later
"""What WaveSpeedAI's error codes and its words mean, for a task and for a whole answer."""

import re
from dataclasses import replace
from typing import Final

from ..errors import InsufficientCredit, InvalidInput, ProviderError, RemoteFailure, WrongKey
from ..response import Response

FAILED = "The reconstruction failed at {name}{said}: try another photo, prompt or mask."
TOO_SLOW = "{name} gave the job up because it took too long{said}: press Retry to run it again."
FAILURES: Final = {
    "failed": FAILED,
    "timeout": TOO_SLOW,
    "cancelled": "The job was cancelled at {name}{said}: press Retry to run it again.",
    "canceled": "The job was cancelled at {name}{said}: press Retry to run it again.",
    "deleted": "The job was deleted at {name}{said}: press Retry to run it again.",
}
"""The sentences for the states in which a task has ended without a result."""
SYNC_TIMEOUT = 5004
"""With the status "processing" it only says that the service has stopped waiting for its own job."""
TASK_CODES: Final = {
    1200: "{name} refuses this photo or prompt for what it shows or says{said}: try another.",
    1400: "{name} misses something in the job{said}: see the job's log file.",
    1401: "{name} does not accept one of the job's settings{said}: change the prompt, photo or mask.",
    1402: "{name} could not read the pictures that were uploaded to it{said}: press Retry to send them again.",
    1403: FAILED,
    1405: FAILED,
    5000: "{name} had trouble of its own with the job{said}: press Retry in a while.",
    5003: "{name} could not run the job at the moment{said}: press Retry in a while.",
    SYNC_TIMEOUT: TOO_SLOW,
}
OUTAGES = (5000, 5003, SYNC_TIMEOUT)
"""The codes of the service's own trouble: as a task's they are final, as a whole answer's they may pass."""
REFUSALS = (1200, 1400, 1401, 1402)
"""The codes that say that a job cannot be taken as it is."""

NO_CREDIT = re.compile(
    r"(insufficient|not enough|too low|too little|no (more|remaining)) .{0,30}(balance|credit|fund)"
    r"|(balance|credits?|funds) .{0,30}(insufficient|not enough|too low|exhausted|used up)",
    re.IGNORECASE,
)
NOT_ACTIVE = re.compile(r"inactive|not (yet )?active|activat|top[ -]?(ped )?up|recharge", re.IGNORECASE)


def error_of(response: Response, code: int) -> ProviderError:
    """The error of the family for an answer and the code that counts in it."""
    name, words, raw = response.service, response.error_text(), response.raw
    if code == 402 or (400 <= code < 500 and code != 429 and NO_CREDIT.search(words)):
        return InsufficientCredit(f"The account at {name} has too little credit: top up, then try again.", raw=raw)
    if code == 403 or (code in (400, 401) and NOT_ACTIVE.search(words)):
        sentence = (
            f"The key is not active yet: {name}'s keys work only after the account's first top-up. "
            "Top up, then make a new key and copy it into the preferences."
        )
        return WrongKey(sentence, raw=raw)
    if code == 401:
        sentence = (
            f"{name} does not accept the key: copy it anew from wavespeed.ai/accesskey into the preferences. "
            "A key that was made before the account's first top-up never works: make a new one."
        )
        return WrongKey(sentence, raw=raw)
    if code in REFUSALS:
        return InvalidInput(_sentence(TASK_CODES[code], response, words), raw=raw)
    if code in TASK_CODES and code not in OUTAGES:
        return RemoteFailure(_sentence(TASK_CODES[code], response, words), raw=raw)
    return replace(response, status=500 if code in OUTAGES else code).error()


def failure_of(response: Response, how: int | str, reason: str) -> RemoteFailure:
    """The error for a task that ended with one of `TASK_CODES` or in one of the states of `FAILURES`."""
    sentence = TASK_CODES[how] if isinstance(how, int) else FAILURES[how]
    return RemoteFailure(_sentence(sentence, response, reason), raw=response.raw)


def _sentence(sentence: str, response: Response, words: str) -> str:
    return sentence.format(name=response.service, said=f" ({words.rstrip('.')})" if words else "")
