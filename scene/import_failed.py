# SPDX-License-Identifier: GPL-3.0-or-later
"""Why a result does not come into the scene."""


class ImportFailed(Exception):
    """The result cannot be brought into the scene; the message is one sentence for an artist."""
