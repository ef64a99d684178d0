# SPDX-License-Identifier: GPL-3.0-or-later
"""What can be wrong with an artist's pictures and prompts."""


class PhotoError(Exception):
    """A photo, a mask or a prompt cannot be used; `str(error)` is a sentence for the artist."""
