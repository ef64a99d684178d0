# SPDX-License-Identifier: GPL-3.0-or-later
"""The built-in offline engine."""

from .provider import SERVICE as SERVICE
