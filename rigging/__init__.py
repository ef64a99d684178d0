# SPDX-License-Identifier: GPL-3.0-or-later
"""From a body mesh to joints, bones and weights. No bpy."""
