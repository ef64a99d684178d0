# SPDX-License-Identifier: GPL-3.0-or-later
"""What one Blender has in hand: settings read into plain data, results on their way into the scene, all handlers."""
