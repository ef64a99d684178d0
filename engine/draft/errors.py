# SPDX-License-Identifier: GPL-3.0-or-later
"""The draft engine's one error."""

from __future__ import annotations


class DraftError(ValueError):
    """No draft can be made; the text says in one sentence why and what to do."""
