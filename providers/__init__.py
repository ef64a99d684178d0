# SPDX-License-Identifier: GPL-3.0-or-later
"""The reconstruction services behind one protocol. No bpy."""

from . import draft, runware, segmind, wavespeed
from .base import Access, Account, Offer, Service, Subject, Wish
from .errors import ProviderError

LOCAL = Service(
    id="LOCAL",
    name="Own GPU server",
    description="SAM 3D on a computer of your own; this version cannot talk to it yet",
    offers={subject: Offer(expected_seconds=30.0) for subject in Subject},
    parallel=1,
    online=False,
)

__all__ = ["SERVICES", "Access", "Account", "Offer", "ProviderError", "Service", "Subject", "Wish"]

SERVICES: dict[str, Service] = {
    service.id: service
    for service in (
        draft.SERVICE,
        LOCAL,
        wavespeed.SERVICE,
        segmind.SERVICE,
        runware.SERVICE,
    )
}
"""By the names that the scene's `provider` setting uses, in the order of its menu."""
