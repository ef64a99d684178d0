# SPDX-License-Identifier: GPL-3.0-or-later
"""When a value in a service's JSON is what it should be."""

import re
from typing import Any, TypeGuard
from urllib.parse import urlsplit

MOST_JSON = 64 * 1024**2
"""Bytes of a document that is read."""
LARGEST_NUMBER = 1e12
"""Beyond it, or not a number at all, is no cost, balance or progress."""
ENDED = frozenset(
    {"failed", "failure", "error", "cancelled", "canceled", "aborted", "timeout", "expired", "deleted", "rejected"}
)
"""What services call a task that has ended without a result, in lower case; each documents only some of them."""
TASK_ID = re.compile(r"[A-Za-z0-9][A-Za-z0-9_.:-]{0,199}")


def number(value: Any) -> float | None:
    """A number of a sensible size; None for anything else."""
    known = isinstance(value, int | float) and not isinstance(value, bool) and abs(value) < LARGEST_NUMBER
    return float(value) if known else None


def is_task_id(value: Any) -> TypeGuard[str]:
    """Whether this can be a service's name for a task."""
    return isinstance(value, str) and TASK_ID.fullmatch(value) is not None


def is_ended(status: Any) -> bool:
    """Whether a task's status says that nothing comes of it any more."""
    return isinstance(status, str) and status.lower() in ENDED


def is_address(value: Any) -> TypeGuard[str]:
    """Whether this is meant as an address of the web; whether it can be used is seen when it is."""
    if not isinstance(value, str):
        return False
    try:
        parts = urlsplit(value)
    except ValueError:  # brackets that hold no address
        return False
    return parts.scheme in ("http", "https") and bool(parts.netloc)
