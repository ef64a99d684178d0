# SPDX-License-Identifier: GPL-3.0-or-later
"""Jobs: how they are planned, their states, their journal, the threads that run them. No bpy."""
