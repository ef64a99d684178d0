# SPDX-License-Identifier: GPL-3.0-or-later
"""What Runware says of a task: results, ready or not, and errors.

Its pages show results in more than one shape, and errors beside them or in them; all become one `Reply`.
"""

import json
from dataclasses import dataclass, replace
from typing import Any

from ..errors import ProviderError, RateLimited, Unreachable
from ..json_values import is_ended, number
from ..response import Response
from .errors import Meaning, ReportedError, at_question, read_error

UNFINISHED = frozenset({"processing", "pending", "queued", "waiting", "starting", "started", "running", "in_progress"})
"""The pages know "processing" only; the others are what services use to say."""
LARGEST_SEED = 2**63 - 1


@dataclass(frozen=True)
class Item:
    """One of a task's results, ready or not.

    `addresses` are where its files lie; data URIs hold them. `fraction` is 0..1, `cost` in US dollars.
    """

    done: bool
    failed: bool
    addresses: tuple[str, ...]
    fraction: float
    seed: int | None
    cost: float | None


@dataclass(frozen=True)
class Reply:
    """What the service says of one task."""

    response: Response
    items: tuple[Item, ...]
    reported_errors: tuple[ReportedError, ...]

    @property
    def done(self) -> list[Item]:
        """The results that can be fetched."""
        return [item for item in self.items if item.done]

    @property
    def running(self) -> list[Item]:
        """The results that are still to come."""
        return [item for item in self.items if not item.done and not item.failed]

    @property
    def knows_nothing(self) -> bool:
        """Whether the service says that it does not know the task, or nothing at all about it."""
        return not self.items and all(reported.meaning is Meaning.UNKNOWN_TASK for reported in self.reported_errors)


def read_reply(response: Response, name: str) -> Reply:
    """What an answer says of the task `name`; raises the error of its status where it says nothing more."""
    data, reported_errors = read_envelope(response, name)
    items = []
    for raw in data:
        item, reported = _item(raw, response)
        items.append(item)
        if reported:
            reported_errors.append(reported)
    return Reply(response, tuple(items), tuple(reported_errors))


def past_reply(response: Response, name: str) -> Reply | None:
    """How the task `name` ended, by an answer with its details; None where they do not tell.

    Raises Busy or Unreachable where they may be told later.
    """
    data, reported_errors = read_envelope(response, name)
    for details in data:
        if isinstance(details.get("response"), dict):
            reply = read_reply(replace(response, body=json.dumps(details["response"]).encode()), name)
            if reply.done or reply.reported_errors:
                return replace(
                    reply, reported_errors=tuple(replace(reported, named=True) for reported in reply.reported_errors)
                )
    for reported in reported_errors:
        error = at_question(response, reported)
        if isinstance(error, RateLimited | Unreachable):
            raise error
    return None


def read_envelope(response: Response, name: str = "") -> tuple[list[dict[str, Any]], list[ReportedError]]:
    """The items and the errors of an answer that are about the task `name`, or about none in particular."""
    if not response.ok and (response.status < 400 or response.status >= 500):
        raise response.error()
    try:
        envelope = response.object()
    except ProviderError as error:
        if response.ok:
            raise
        raise response.error() from error
    data, errors = (_objects(envelope.get(key), response) for key in ("data", "errors"))
    reported_errors = [
        read_error(error, named="taskUUID" in error and bool(name))
        for error in errors
        if _concerns(error, name, response)
    ]
    if not response.ok and not reported_errors:
        raise response.error()
    return [item for item in data if _concerns(item, name, response)], reported_errors


def _concerns(raw: dict[str, Any], name: str, response: Response) -> bool:
    own = raw.get("taskUUID")
    if own is not None and not isinstance(own, str):
        raise response.unexpected()
    return not name or not own or own.lower() == name


def _objects(value: Any, response: Response) -> list[dict[str, Any]]:
    if value is None:
        return []
    if not isinstance(value, list) or not all(isinstance(one, dict) for one in value):
        raise response.unexpected()
    return value


def _item(raw: dict[str, Any], response: Response) -> tuple[Item, ReportedError | None]:
    status, error, seed, progress = (raw.get(key) for key in ("status", "error", "seed", "progress"))
    if status is not None and not isinstance(status, str):
        raise response.unexpected()
    status = status and status.lower()
    failed = is_ended(status) or isinstance(error, dict)
    addresses = _addresses(raw, response)
    # the page's own examples of finished results have no status
    done = not failed and (status == "success" or (status not in UNFINISHED and bool(addresses)))
    if not (failed or done or status is None or status in UNFINISHED):
        raise response.unexpected()  # one that nobody knows could be asked for ever
    item = Item(
        done=done,
        failed=failed,
        addresses=addresses,
        fraction=_fraction(progress),
        seed=seed if isinstance(seed, int) and not isinstance(seed, bool) and abs(seed) <= LARGEST_SEED else None,
        cost=number(raw.get("cost")),
    )
    if not failed:
        return item, None
    reported = read_error(error if isinstance(error, dict) else raw, named=True)
    if status != "error" and is_ended(status) and not (reported.code or reported.message):
        reported = replace(reported, message=f"its status is {status}")
    return item, reported


def _addresses(raw: dict[str, Any], response: Response) -> tuple[str, ...]:
    """Where an item's files are. The page shows them in `outputs.files` and lists flat keys beside."""
    outputs = raw.get("outputs")
    if outputs is not None and not isinstance(outputs, dict):
        raise response.unexpected()
    named = [file.get("url") for file in _objects((outputs or {}).get("files"), response)]
    found = [*named, raw.get("modelURL"), raw.get("modelDataURI"), raw.get("modelBase64Data")]
    if not all(one is None or isinstance(one, str) for one in found):
        raise response.unexpected()
    if any(named):
        return tuple(filter(None, named))
    if raw.get("modelBase64Data"):
        found[-1] = "data:;base64," + raw["modelBase64Data"]
    return tuple(filter(None, found))[:1]


def _fraction(progress: Any) -> float:
    """0..1 of what is a fraction or a percentage: the page shows no example."""
    known = max(number(progress) or 0.0, 0.0)
    return min(known if known <= 1 else known / 100, 1.0)
