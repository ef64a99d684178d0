# SPDX-License-Identifier: GPL-3.0-or-later
"""How results come into a job's folder: under which names, with which progress, and whole or not at all."""

from pathlib import Path

from .base import Report
from .errors import RateLimited, UnexpectedResponse
from .http import Client, ResultGone


def numbered(stem: str, index: int, suffix: str = "") -> str:
    """The file name for the n-th of its kind, from 0: model.glb, model-2.glb, model-3.glb, ..."""
    return f"{stem}-{index + 1}{suffix}" if index else f"{stem}{suffix}"


def share(report: Report, index: int, count: int) -> Report:
    """A report for one of `count` equal parts of the work, from 0."""

    def tell(fraction: float, stage: str) -> None:
        report((index + fraction) / count, stage)

    return tell


def download_result(client: Client, url: str, file: Path, report: Report, *, raw: str = "", kept: str = "") -> None:
    """Download what a service's answer named as its result.

    `raw` is the answer for the log; `kept` tells how long the service keeps results.

    Raises Unexpected where it is gone: asked once more, the service may name another address.
    """
    try:
        client.download(url, file, report)
    except ResultGone as error:
        sentence = f"{client.service} no longer has the result at the address that it named"
        sentence += f" (it keeps results {kept})" if kept else ""
        raise UnexpectedResponse(f"{sentence}: press Retry to ask once more.", raw=raw) from error


def still_at_work(service: str, raw: str) -> RateLimited:
    """The error for a result that is asked for before it is there."""
    return RateLimited(f"{service} is still at work on this job: try again in a minute.", raw=raw)
