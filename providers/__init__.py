# SPDX-License-Identifier: GPL-3.0-or-later
"""The reconstruction services behind one protocol. No bpy."""

from . import draft
from .base import Service, Subject, Wish


def _planned(identifier: str, name: str, description: str, *, online: bool = True) -> Service:
    """A service that this version cannot talk to yet; the panel says so."""
    both = (Subject.OBJECT, Subject.BODY)
    return Service(identifier, name, description, both, expected_seconds=30.0, price=0.0, parallel=1, online=online)


__all__ = ["SERVICES", "Service", "Subject", "Wish"]

SERVICES: dict[str, Service] = {
    service.id: service
    for service in (
        draft.SERVICE,
        _planned("LOCAL", "Own GPU server", "SAM 3D on a computer of your own", online=False),
        _planned("WAVESPEED", "WaveSpeedAI", "SAM 3D Objects and SAM 3D Body at WaveSpeedAI"),
        _planned("SEGMIND", "Segmind", "SAM 3D Objects and SAM 3D Body at Segmind"),
        _planned("RUNWARE", "Runware", "SAM 3D Objects at Runware"),
    )
}
"""By the names that the scene's `provider` setting uses, in the order of its menu."""
