# SPDX-License-Identifier: GPL-3.0-or-later
"""Runware, which runs SAM 3D Objects and Body."""

from .provider import SERVICE as SERVICE
