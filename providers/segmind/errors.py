# SPDX-License-Identifier: GPL-3.0-or-later
"""What the statuses of Segmind's answers mean, in the words that an artist reads."""

from typing import Any

from ..errors import InsufficientCredit, ProviderError, RemoteFailure, UnexpectedResponse, Unreachable, WrongKey
from ..json_values import is_ended
from ..response import Response, one_line

KEYS_PAGE = "cloud.segmind.com/console/api-keys"


def error_of(response: Response, *, at_submit: bool = False) -> ProviderError | None:
    """The error of the family for an answer; None for one that is good.

    That a job has failed is told by the body, most often under status 422.
    """
    name, said, raw = response.service, response.error_text().rstrip("."), response.raw
    status = _status(response)
    if status == "FAILED":
        said = said or "it does not say why"
        sentence = (
            f"{name} could not do the job: {said}. Failed jobs are not charged: try another photo, prompt or mask."
        )
        return RemoteFailure(sentence, raw=raw)
    if is_ended(status):
        sentence = f"{name} ended the job without a result (its status is {one_line(str(status))})."
        return RemoteFailure(f"{sentence} Press Retry to run it again.", raw=raw)
    if response.status == 500 and at_submit:
        reason = f": {said}." if said else "."
        advice = "An unusual setting can cause that: change it, or try again in a while."
        return Unreachable(f"{name} had trouble with the job (HTTP 500){reason} {advice}", raw=raw)
    return None if response.ok else _error_of_status(response)


def _error_of_status(response: Response) -> ProviderError:
    name, said, raw = response.service, response.error_text().rstrip("."), response.raw
    reason = f": {said}." if said else "."
    if response.status == 401:
        return WrongKey(f"{name} does not accept the key: copy it anew from {KEYS_PAGE} into the preferences.", raw=raw)
    if response.status == 403:
        sentence = f"{name} does not allow this with the key (its team may restrict it, see {KEYS_PAGE}){reason}"
        return WrongKey(sentence, raw=raw)
    if response.status == 405:
        sentence = f"{name} does not take jobs at this address (HTTP 405): check the address in the preferences."
        return Unreachable(sentence, sent=False, raw=raw)
    if response.status == 406:
        return _not_acceptable(response)
    return response.error()


def _status(response: Response) -> Any:
    """What an answer says of a job's state; None where it says nothing of one."""
    try:
        data = response.json()
    except Unreachable:  # there is no JSON
        return None
    return data.get("status") if isinstance(data, dict) else None


def _not_acceptable(response: Response) -> ProviderError:
    """Status 406 has four meanings, which its text tells apart; without one it is what Segmind's pages say: credit."""
    name, said, text, raw = response.service, response.error_text(), response.raw.lower(), response.raw
    if "content type" in text or "content-type" in text:
        return UnexpectedResponse(f"{name} did not understand the form of the job: see the job's log file.", raw=raw)
    if "limit" in text:
        reason = f" ({said.rstrip('.')})" if said else ""
        return InsufficientCredit(
            f"A spending limit of the team at {name} is reached{reason}: raise it there.", raw=raw
        )
    if "credit" in text or not said:
        return InsufficientCredit(f"The account at {name} has too little credit: top up, then try again.", raw=raw)
    return response.error()
