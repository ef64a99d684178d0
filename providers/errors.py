# SPDX-License-Identifier: GPL-3.0-or-later
"""The small family of errors that every provider maps its own onto.

Each carries one sentence for an artist: what is wrong and what to do next. The panel knows this family only.
"""


class ProviderError(Exception):
    """A provider could not do what it was asked; `str(error)` is a sentence for the artist.

    `raw` is what the service answered, for the job's log file; it never holds a key.
    """

    def __init__(self, message: str, *, raw: str = "") -> None:
        super().__init__(message)
        self.raw = raw


class WrongKey(ProviderError):
    """The service does not accept the key, or there is none."""


class InsufficientCredit(ProviderError):
    """The account has too little credit."""


class InvalidInput(ProviderError):
    """The photo, mask or an option cannot be used as it is."""


class RateLimited(ProviderError):
    """The service asks to wait; `retry_after` is the pause in seconds, None where it named none."""

    def __init__(self, message: str, retry_after: float | None = None, *, raw: str = "") -> None:
        super().__init__(message, raw=raw)
        self.retry_after = retry_after


class Unreachable(ProviderError):
    """The network or the service did not answer; `sent` tells whether it may have got what was said to it."""

    def __init__(self, message: str, *, sent: bool = True, raw: str = "") -> None:
        super().__init__(message, raw=raw)
        self.sent = sent


class BehindProxy(Unreachable):
    """A proxy stands in the way, or did not bring the answer."""


class RemoteFailure(ProviderError):
    """The service took the job and failed at it, for good: there is nothing to fetch."""


class Cancelled(ProviderError):
    """The artist stopped the job."""

    def __init__(self, message: str = "Stopped.") -> None:
        super().__init__(message)


class UnexpectedResponse(ProviderError):
    """An answer that nobody foresaw; the raw answer is in the job's log file."""
