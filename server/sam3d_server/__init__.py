# SPDX-License-Identifier: GPL-3.0-or-later
"""SAM 3D on a computer of your own: WaveSpeed's protocol in front, engines in worker processes behind."""

__version__ = "0.1.0"
