# SPDX-License-Identifier: GPL-3.0-or-later
"""Photos: from pictures and prompts to what is sent. Decoding, orientation, color, masks, crops, encoding. No bpy."""
