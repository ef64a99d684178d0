# SPDX-License-Identifier: GPL-3.0-or-later
"""A GPU server of one's own."""

from .provider import SERVICE as SERVICE
