# SPDX-License-Identifier: GPL-3.0-or-later
"""From the preferences and the environment to what the jobs may use: addresses, keys, the spending limit."""

from pathlib import Path
from typing import Any

import bpy

from ..preferences import NoFolder, default_results_folder, preferences, results_folder
from ..providers import SERVICES, Credentials
from .state import runtime


def credentials(chosen: Any, provider: str) -> Credentials:
    """How to reach a service, as the add-on's preferences `chosen` say it now."""
    return SERVICES[provider].credentials(chosen, bpy.app.online_access)


def refresh_credentials(context: bpy.types.Context) -> None:
    """Tell the jobs what the preferences say now."""
    chosen = preferences(context)
    known = {service.id: credentials(chosen, service.id) for service in SERVICES.values() if service.settings}
    try:
        folders: tuple[Path, ...] = (results_folder(context), default_results_folder())
    except NoFolder:  # whoever starts a job is told
        folders = (default_results_folder(),)
    runtime().queue.allow(known, chosen.spending_limit, folders)
