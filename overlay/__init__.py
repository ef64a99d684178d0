# SPDX-License-Identifier: GPL-3.0-or-later
"""What is drawn over the photo in the image editor: masks, and what they were made from."""
