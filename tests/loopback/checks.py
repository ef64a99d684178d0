# SPDX-License-Identifier: GPL-3.0-or-later
"""Checks of what callers send: JSON fields by name and type."""

from __future__ import annotations

import re
import uuid
from collections.abc import Callable, Mapping
from typing import Any
from urllib.parse import urlsplit

from .server import Record, Refusal

Check = Callable[[Any], bool]


def fields(value: Any, checks: Mapping[str, Check], required: set[str]) -> dict[str, Any]:
    """The JSON object `value` if it has the required fields, no unknown ones and no wrong value; else Refusal 400."""
    if not isinstance(value, dict):
        raise Refusal(400, "The body must be a JSON object")
    for name in sorted(required - value.keys()):
        raise Refusal(400, f"Missing required parameter: {name}", parameter=name)
    for name, item in value.items():
        if name not in checks:
            raise Refusal(400, f"Unknown parameter: {name}", parameter=name)
        if not checks[name](item):
            raise Refusal(400, f"Invalid value for parameter: {name}", parameter=name)
    return value


def text(value: Any) -> bool:
    return isinstance(value, str)


def some_text(value: Any) -> bool:
    return isinstance(value, str) and bool(value.strip())


def boolean(value: Any) -> bool:
    return isinstance(value, bool)


def whole(low: int, high: float) -> Check:
    """A check for whole numbers from `low` to `high`, both included."""
    return lambda value: isinstance(value, int) and not isinstance(value, bool) and low <= value <= high


def one_of(*allowed: str) -> Check:
    return lambda value: isinstance(value, str) and value in allowed


def address(value: Any) -> bool:
    """An absolute http(s) address."""
    return isinstance(value, str) and urlsplit(value).scheme in ("http", "https") and bool(urlsplit(value).netloc)


def uuid4(value: Any) -> bool:
    """A random UUID in its usual spelling."""
    if not isinstance(value, str) or not re.fullmatch(r"[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}", value):
        return False
    return uuid.UUID(value).version == 4


def method(record: Record, expected: str) -> None:
    """Refuses another method."""
    if record.method != expected:
        raise Refusal(405, "Method not allowed")


def content_type(record: Record, expected: str = "application/json", status: int = 415) -> None:
    """Refuses a body of another type."""
    if record.headers.get("content-type", "").partition(";")[0].strip().lower() != expected:
        raise Refusal(status, f"Content-Type must be {expected}")


def bearer(record: Record) -> str:
    """The key in the Authorization header, "" without one."""
    scheme, _, key = record.headers.get("authorization", "").partition(" ")
    return key if scheme == "Bearer" else ""
