# SPDX-License-Identifier: GPL-3.0-or-later
"""The engines that make models of photos. They are loaded in worker processes only."""

from __future__ import annotations

from .base import BODY, DRAFT, OBJECTS, Engine, EngineRequest, EngineResult, Options, Report, Setup

__all__ = ["BODY", "DRAFT", "OBJECTS", "Engine", "EngineRequest", "EngineResult", "Options", "Report", "Setup", "load"]


def load(name: str, setup: Setup) -> Engine:
    """Load an engine by its name; may take minutes. Raises JobError."""
    # each imports what only its own environment has
    if name == OBJECTS:
        from .sam3d_objects import ObjectsEngine

        return ObjectsEngine(setup)
    if name == BODY:
        from .sam3d_body import BodyEngine

        return BodyEngine(setup)
    from .draft import DraftEngine

    return DraftEngine()
