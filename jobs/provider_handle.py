# SPDX-License-Identifier: GPL-3.0-or-later
"""A service's provider, made anew when the preferences change. No bpy."""

import threading
from collections.abc import Callable

from ..providers.base import Credentials, Provider, Service


class ProviderHandle:
    """The way to a service for all its jobs, as the preferences say it now; safe to use from several threads."""

    def __init__(self, service: Service, credentials: Callable[[], Credentials]) -> None:
        """`credentials` tells how the service is to be reached now."""
        self.service, self.credentials = service, credentials
        self._lock = threading.Lock()
        self._last: tuple[Credentials, Provider] | None = None

    def provider(self) -> Provider:
        """Raises WrongKey where the key cannot be one."""
        credentials = self.credentials()
        with self._lock:
            if self._last is None or self._last[0] != credentials:
                self._last = credentials, self.service.create(credentials)
            return self._last[1]
