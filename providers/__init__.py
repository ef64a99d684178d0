# SPDX-License-Identifier: GPL-3.0-or-later
"""The reconstruction services behind one protocol. No bpy."""

from importlib import import_module

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

FOLDERS = (
    "draft",
    "local",
    "wavespeed",
    "segmind",
    "runware",
)
"""Each holds one service and is all that there is of it, in the order of the menu."""

SERVICES: dict[str, Service] = {
    service.id: service for service in (import_module(f".{folder}", __name__).SERVICE for folder in FOLDERS)
}
"""By the names that the scene's `provider` setting uses."""
