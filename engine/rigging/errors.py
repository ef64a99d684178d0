# SPDX-License-Identifier: GPL-3.0-or-later
"""The rigging's one error."""

from __future__ import annotations


class RigError(ValueError):
    """No rig can be made; the text says in one sentence why and what to do."""
