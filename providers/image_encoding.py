# SPDX-License-Identifier: GPL-3.0-or-later
"""Photo and masks in the forms in which services want them."""

import base64
import io
from pathlib import Path

from PIL import Image


def media_type(file: Path) -> str:
    """What a photo or mask is, by its first bytes."""
    with file.open("rb") as stream:
        return "image/png" if stream.read(4) == b"\x89PNG" else "image/jpeg"


def as_base64(file: Path) -> str:
    """A file's bytes as text."""
    return base64.b64encode(file.read_bytes()).decode()


def as_data_uri(file: Path) -> str:
    """A photo or mask as an address that holds it."""
    return f"data:{media_type(file)};base64,{as_base64(file)}"


def white_mask(photo: Path) -> str:
    """A mask of the photo's size that selects everything, as an address that holds it."""
    with Image.open(photo) as image:
        size = image.size
    memory = io.BytesIO()
    Image.new("L", size, 255).save(memory, "PNG")
    return f"data:image/png;base64,{base64.b64encode(memory.getvalue()).decode()}"
