# SPDX-License-Identifier: GPL-3.0-or-later
"""From the preferences and the environment to what the jobs may use: addresses, keys, the spending limit."""

import os
from typing import Any

import bpy

from ..preferences import preferences
from ..providers import Credentials
from .state import runtime

KEYS = {
    "WAVESPEED": ("wavespeed_api_key", "WAVESPEED_API_KEY"),
    "SEGMIND": ("segmind_api_key", "SEGMIND_API_KEY"),
    "RUNWARE": ("runware_api_key", "RUNWARE_API_KEY"),
    "LOCAL": ("local_token", "SAM3D_LOCAL_TOKEN"),
}
"""The preference that holds a service's key, and the environment variable that serves while it is empty."""


def credentials(chosen: Any, provider: str) -> Credentials:
    """How to reach a service, as the add-on's preferences `chosen` say it now."""
    if provider not in KEYS:
        return Credentials()
    preference, variable = KEYS[provider]
    return Credentials(
        url=getattr(chosen, f"{provider.lower()}_url"),
        key=(getattr(chosen, preference) or os.environ.get(variable, "")).strip(),
        online=bpy.app.online_access,
        settings=_runware_options(chosen) if provider == "RUNWARE" else {},
    )


def refresh_credentials(context: bpy.types.Context) -> None:
    """Tell the jobs what the preferences say now."""
    chosen = preferences(context)
    runtime().queue.allow({provider: credentials(chosen, provider) for provider in KEYS}, chosen.spending_limit)


def _runware_options(chosen: Any) -> dict[str, Any]:
    return {
        "ttl": chosen.runware_keep_hours * 3600,
        "sync": chosen.runware_sync,
        "upload_endpoint": chosen.runware_upload_endpoint.strip(),
        "webhook_url": chosen.runware_webhook_url.strip(),
    }
