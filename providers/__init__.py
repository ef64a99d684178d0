# SPDX-License-Identifier: GPL-3.0-or-later
"""The reconstruction services behind one protocol. No bpy."""

from . import draft, local, runware, segmind, wavespeed
from .base import Account, Capabilities, Credentials, ReconstructionOptions, Service, Subject
from .errors import ProviderError

__all__ = [
    "SERVICES",
    "Account",
    "Capabilities",
    "Credentials",
    "ProviderError",
    "ReconstructionOptions",
    "Service",
    "Subject",
]

SERVICES: dict[str, Service] = {
    service.id: service
    for service in (
        draft.SERVICE,
        local.SERVICE,
        wavespeed.SERVICE,
        segmind.SERVICE,
        runware.SERVICE,
    )
}
"""By the names that the scene's `provider` setting uses, in the order of its menu."""
