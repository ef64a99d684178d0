# SPDX-License-Identifier: GPL-3.0-or-later
"""What is known of the services: how they are reached, prices, usual times, balances, what was spent. No bpy.

Learned on worker threads and read on the main thread: whole values replace whole values, so neither waits.
"""

import threading
from collections.abc import Callable, Mapping
from concurrent.futures import Future
from functools import partial
from typing import Any

from ..log import get_logger, hide
from ..providers.addresses import is_loopback
from ..providers.base import Account, Capabilities, Credentials, Service, Subject
from ..providers.http import OFFLINE
from .ledger import Ledger, over_limit, passes, today
from .model import Job
from .polling import PollSchedule
from .provider_handle import ProviderHandle

LOG = get_logger(__name__)
DAYS_SHOWN = 14
"""Days of spending that are kept at hand for the panel."""


class ServiceStatus:
    """The services of this Blender. Its methods are for the main thread, but where it says so."""

    def __init__(
        self,
        services: Mapping[str, Service],
        with_ledger: Callable[[Callable[[Ledger], Any]], Any],
        pending: Callable[[], float],
    ) -> None:
        """`with_ledger` does something with the book of what was spent; `pending` tells the US dollars of the jobs that
        wait for their turn, which are as good as spent.
        """
        self.balances: dict[str, float] = {}
        self.spending: dict[str, dict[str, float]] = {}
        """US dollars by day, the latest first, and by service."""
        self.known = services
        self._with_ledger, self._pending = with_ledger, pending
        self._limit = 0.0
        self._credentials: dict[str, Credentials] = {}
        self._prices: dict[tuple[str, Subject], float] = {}
        self._times: dict[tuple[str, str], list[float]] = {}
        self.handles = {
            name: ProviderHandle(service, partial(self.credentials, name)) for name, service in services.items()
        }

    def allow(self, credentials: Mapping[str, Credentials], limit: float) -> None:
        """Take over how the services are reached and the spending limit in US dollars a day, 0 for none."""
        self._credentials = dict(credentials)
        for each in credentials.values():
            hide(each.key)
        self._limit = limit

    def credentials(self, provider: str) -> Credentials:
        """How a service is to be reached now."""
        return self._credentials.get(provider, Credentials())

    def capabilities(self, provider: str, subject: Subject) -> Capabilities:
        """What the service says of this subject; raises KeyError where it does not make it."""
        return self.known[provider].capabilities[subject]

    def expected_seconds(self, provider: str, subject: Subject) -> float:
        """How long a job usually takes, learned from earlier ones."""
        return self.poll_schedule(provider, subject).expected

    def poll_schedule(self, provider: str, subject: Subject) -> PollSchedule:
        """When to ask for a job's result, learned from earlier ones; for any thread."""
        stated = self.capabilities(provider, subject).expected_seconds
        return PollSchedule.learned(stated, self._times.get((provider, subject.value), []))

    def price(self, provider: str, subject: Subject) -> float:
        """What one result costs in US dollars: as the service has told, else as its pages say."""
        return self._prices.get((provider, subject), self.capabilities(provider, subject).price)

    def spent_today(self) -> dict[str, float]:
        """US dollars spent today, by service."""
        return self.spending.get(today(), {})

    def obstacle(self, provider: str, dollars: float, *, online: bool) -> str:
        """Why a service cannot be asked now for something of that price, as a sentence; empty when it can.

        `online` tells whether Blender may use the network.
        """
        service, credentials = self.known[provider], self.credentials(provider)
        if (service.online or credentials.url) and not (online or is_loopback(credentials.url)):
            return OFFLINE
        if service.online and not credentials.key:
            return f"There is no key for {service.name}: enter it in the add-on's preferences."
        spent = sum(self.spent_today().values())
        stopped = dollars and passes(self._limit, spent + self._pending(), dollars)
        return over_limit(self._limit, spent) if stopped else ""

    def check(self, provider: str, credentials: Credentials) -> Future[Account]:
        """Ask a service whether address and key work, on a thread; the future holds its answer or a ProviderError."""
        hide(credentials.key)
        future: Future[Account] = Future()
        service = self.known[provider]

        def ask() -> None:
            try:
                account = service.create(credentials).account()
            except Exception as error:  # whatever it is belongs to the one who asked
                LOG.info("The account at %s could not be looked at: %s", service.name, error, exc_info=True)
                future.set_exception(error)
                return
            if account.balance is not None:
                self.balances[provider] = account.balance
            self._prices.update({(provider, subject): price for subject, price in account.prices.items()})
            future.set_result(account)

        threading.Thread(target=ask, name="sam3d-account", daemon=True).start()
        return future

    # Learned, on other threads than the main one. Raise OSError or sqlite3.Error.

    def refresh(self) -> None:
        """Read the usual times and what was spent from the ledger."""
        self._times, self.spending = self._with_ledger(lambda ledger: (ledger.times(), ledger.spent(DAYS_SHOWN)))

    def enter_charge(self, job: Job) -> None:
        """Enter a job that is about to be paid; raises OverLimit where the limit of the day does not allow it."""
        entry = job.id, job.provider, job.options.subject.value, job.price, self._limit
        self._with_ledger(lambda ledger: ledger.enter(*entry))
        self.refresh()

    def correct_charge(self, job: Job, dollars: float) -> None:
        """Enter what a job has cost in truth."""
        self._with_ledger(lambda ledger: ledger.correct(job.id, dollars))

    def record_seconds(self, job: Job, seconds: float) -> None:
        """Enter how long a job took, from submit to result."""
        self._with_ledger(lambda ledger: ledger.time(job.id, seconds))
        self.refresh()

    def record_payment(self, job: Job, dollars: float, balance: float | None) -> None:
        """Take over what is left on the account after a job; where its service does not tell, by what was paid."""
        if balance is not None:
            self.balances[job.provider] = balance
        elif job.provider in self.balances:
            self.balances[job.provider] -= dollars
        self.refresh()
