# SPDX-License-Identifier: GPL-3.0-or-later
"""What was spent, by day and service, and how long the services took. No bpy.

A run is entered before its submit with the price that was stated, and put right once its true cost is known. It stays
when its job is taken off the list.
"""

import time
from pathlib import Path

from . import database

REMEMBERED = 20
"""Past runs of a service and subject from which its usual time is learned."""
TINY = 1e-9
"""Dollars: sums of prices are not exact."""


class OverLimit(Exception):
    """The spending limit of the day does not allow a run; the text is a sentence for the artist."""


class Ledger:
    """The table of runs, in the journal's file. Its methods raise OSError or sqlite3.Error when the disk refuses."""

    def __init__(self, path: Path) -> None:
        """`path` is the journal's file, which exists."""
        self.path = path

    def enter(self, job_id: str, provider: str, subject: str, dollars: float, limit: float) -> None:
        """Enter a run that is about to be paid; raises OverLimit where today's sum would pass `limit` (0 for none)."""
        day = today()
        with database.opened(self.path) as connection:
            connection.execute("BEGIN IMMEDIATE")  # sum and entry belong together, whichever Blender else is at it
            (spent,) = connection.execute("SELECT TOTAL(dollars) FROM runs WHERE day = ?", (day,)).fetchone()
            if dollars and passes(limit, spent, dollars):
                raise OverLimit(over_limit(limit, spent))
            database.put(connection, "runs", [(job_id, provider, subject, day, dollars, None)])

    def correct(self, job_id: str, dollars: float) -> None:
        """Enter what a run has really cost."""
        with database.opened(self.path) as connection:
            connection.execute("UPDATE runs SET dollars = ? WHERE job = ?", (dollars, job_id))

    def time(self, job_id: str, seconds: float) -> None:
        """Enter how long a run took, from submit to result."""
        with database.opened(self.path) as connection:
            connection.execute("UPDATE runs SET seconds = ? WHERE job = ?", (seconds, job_id))

    def spent(self, days: int) -> dict[str, dict[str, float]]:
        """Dollars spent on the last so many days on which any were, the latest first, by service."""
        query = (
            "SELECT day, provider, TOTAL(dollars) FROM runs WHERE dollars > 0 AND day IN "
            "(SELECT DISTINCT day FROM runs WHERE dollars > 0 ORDER BY day DESC LIMIT ?) "
            "GROUP BY day, provider ORDER BY day DESC, provider"
        )
        found: dict[str, dict[str, float]] = {}
        with database.opened(self.path) as connection:
            for day, provider, dollars in connection.execute(query, (days,)):
                found.setdefault(day, {})[provider] = dollars
        return found

    def times(self) -> dict[tuple[str, str], list[float]]:
        """Seconds of the latest runs, by service and subject."""
        pairs = "SELECT DISTINCT provider, subject FROM runs WHERE seconds IS NOT NULL"
        latest = (
            "SELECT seconds FROM runs WHERE provider = ? AND subject = ? AND seconds IS NOT NULL "
            "ORDER BY rowid DESC LIMIT ?"
        )
        with database.opened(self.path) as connection:
            return {
                pair: [seconds for (seconds,) in connection.execute(latest, (*pair, REMEMBERED))]
                for pair in connection.execute(pairs).fetchall()
            }


def today() -> str:
    """The day on the artist's own calendar, as 2026-01-31."""
    return time.strftime("%Y-%m-%d")


def passes(limit: float, spent: float, dollars: float) -> bool:
    """Whether spending `dollars` more would pass the limit (0 for none)."""
    return limit > 0 and spent + dollars > limit + TINY


def over_limit(limit: float, spent: float) -> str:
    """The sentence for a run that would pass the limit."""
    return f"The spending limit of ${limit:.2f} a day stops this (${spent:.2f} spent): raise it in the preferences."
