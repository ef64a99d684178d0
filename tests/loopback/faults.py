# SPDX-License-Identifier: GPL-3.0-or-later
"""What can go wrong on the way: given to `server.fault(kind, fault)`, it spoils the answers to one kind of call."""

from __future__ import annotations

import json
import threading
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any, Literal

from . import models

Way = Literal["whole", "cut", "half", "stall", "endless"]
ANSWERS = {"outputs", "output", "files", "model_glb", "modelURL", "modelBase64Data", "modelDataURI"}
PAGE = b"<!DOCTYPE html><html><head><title>Welcome</title></head><body><h1>Please log in</h1></body></html>"


@dataclass(frozen=True)
class Fault:
    """One way in which an answer goes wrong.

    `taken`: the server does its work first (a submit makes a job and charges for it), and only the answer is spoilt;
    else the work is not done. `status`, `headers` and `body` replace those of the answer; a status without a body gets
    an error in the service's own form. `change` gets the answer's parsed JSON and returns another, or bytes.

    `way` is how the answer leaves: whole; "cut" before the first byte; "half" of it and then cut; "stall" after half of
    it until `release` is set; "endless".
    """

    taken: bool = False
    status: int = 0
    headers: Mapping[str, str] = field(default_factory=dict)
    body: bytes | None = None
    change: Callable[[Any], Any] | None = None
    way: Way = "whole"
    release: threading.Event = field(default_factory=threading.Event)


def refuse(status: int, headers: Mapping[str, str] | None = None, body: bytes | None = None) -> Fault:
    """An HTTP status; without a body with an error in the service's own words. The work is not done."""
    return Fault(status=status, headers=headers or {}, body=body)


def lose(status: int, headers: Mapping[str, str] | None = None, body: bytes | None = None) -> Fault:
    """As `refuse`, but the work has been done: a gateway that lost the answer."""
    return Fault(taken=True, status=status, headers=headers or {}, body=body)


def redirect(url: str, status: int = 307) -> Fault:
    """Sends the caller elsewhere."""
    return Fault(status=status, headers={"Location": url}, body=b"")


def deliver(content: bytes, kind: str = "application/octet-stream") -> Fault:
    """Other bytes in place of the answer, as if all were well."""
    return Fault(taken=True, status=200, body=content, headers={"Content-Type": kind})


def change(how: Callable[[Any], Any]) -> Fault:
    """The answer's JSON, changed."""
    return Fault(taken=True, change=how)


def stall() -> Fault:
    """Half of the answer, then nothing until `fault.release.set()`."""
    return Fault(taken=True, way="stall")


def wrong_types(value: Any) -> Any:
    """The same JSON with a value of a wrong type in every place."""
    if isinstance(value, dict):
        return {name: wrong_types(item) for name, item in value.items()}
    if isinstance(value, list):
        return [wrong_types(item) for item in value]
    return 12345 if isinstance(value, str) else [] if value is None else "many"


def first_half(value: Any) -> bytes:
    """The first half of the JSON's text."""
    text = json.dumps(value).encode()
    return text[: len(text) // 2]


def without_outputs(value: Any) -> Any:
    """The same JSON with null wherever a result's address or content was."""
    if isinstance(value, dict):
        return {name: None if name in ANSWERS else without_outputs(item) for name, item in value.items()}
    if isinstance(value, list):
        return [without_outputs(item) for item in value]
    return value


def zip_bomb() -> Fault:
    """A small ZIP of 3 GiB."""
    return deliver(models.zip_bomb(), "application/zip")


CUT_BEFORE = Fault(way="cut")
CUT_AFTER = Fault(taken=True, way="cut")
HALF = Fault(taken=True, way="half")
ENDLESS = Fault(taken=True, way="endless")
HTML = deliver(PAGE, "text/html; charset=utf-8")
TRUNCATED = change(first_half)
WRONG_TYPES = change(wrong_types)
WRONG_SHAPE = change(lambda value: [value] if isinstance(value, dict) else {"data": value})
NULL_RESPONSE = change(lambda value: None)
NULL_OUTPUTS = change(without_outputs)
EMPTY = deliver(b"")
PLY_FOR_GLB = deliver(models.mesh_ply())
ZIP_OUTSIDE = deliver(models.zip_outside(), "application/zip")
EXPIRED = refuse(403, {"Content-Type": "application/xml"}, b"<Error><Code>AccessDenied</Code></Error>")
GONE = refuse(410, {"Content-Type": "text/plain"}, b"Gone")
NOT_FOUND = refuse(404, {"Content-Type": "text/plain"}, b"Not Found")
