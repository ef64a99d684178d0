# SPDX-License-Identifier: GPL-3.0-or-later
"""The catalogs of an asset library: Blender's file that says under which names its assets are shown. No bpy."""

import uuid
from pathlib import Path

from ..engine.atomic_write import write_atomic

CATALOGS_FILE = "blender_assets.cats.txt"
VERSION = "VERSION 1"
HEADER = f"""# This is an Asset Catalog Definition file for Blender.
#
# Empty lines and lines starting with `#` will be ignored.
# The first non-ignored line should be the version indicator.
# Other lines are of the format "UUID:catalog/path/for/assets:simple catalog name"

{VERSION}

"""
TOP = "SAM 3D"
"""The catalog that holds those of all photos. Blender takes a library for changed where it is not in the file, too."""
OURS = uuid.UUID("5f0c8a52-6f0f-4b5e-9d3c-7a1e2b8c4d60")
"""Its id, and the name space of those of the photos."""


def catalog_of_photo(library: Path, source: str, name: str) -> str:
    """The id of a photo's catalog in a library, which is made if the library has none.

    source: what tells the photo from others of its `name`; the id depends on nothing else. Whatever the file holds
    stays as it is, also a catalog of the photo that the artist has renamed. Raises OSError where the disk refuses.
    """
    path, wanted = library / CATALOGS_FILE, str(uuid.uuid5(OURS, source))
    text = path.read_text("utf-8", errors="surrogateescape") if path.exists() else HEADER
    lines = [line.strip() for line in text.splitlines()]
    catalogs = [line.split(":") for line in lines if line.count(":") >= 1 and not line.startswith("#")]
    if VERSION not in lines or any(catalog[0].strip().lower() == wanted for catalog in catalogs):
        return wanted  # of a later version, which is not ours to change, or there already
    taken = {catalog[1] for catalog in catalogs}
    added = "" if TOP in taken else f"{OURS}:{TOP}:{TOP}\n"
    full_name = _free_name(_legible(name), taken)
    added += f"{wanted}:{full_name}:{full_name.replace('/', '-')}\n"
    content = text + ("" if text.endswith("\n") else "\n") + added
    write_atomic(path, content.encode("utf-8", "surrogateescape"))
    return wanted


def _legible(name: str) -> str:
    """A name without the signs that mean something in the file, and without halves of characters."""
    plain = "".join(sign if sign.isprintable() and sign not in ":/\\" else "_" for sign in name)
    return plain.encode("utf-8", "replace").decode("utf-8").strip() or "Photo"


def _free_name(name: str, taken: set[str]) -> str:
    full_name, number = f"{TOP}/{name}", 1
    while full_name in taken:
        number += 1
        full_name = f"{TOP}/{name} {number}"
    return full_name
