# SPDX-License-Identifier: GPL-3.0-or-later
"""Models in other formats than this extension brings in: told by their content, for a sentence that helps."""

import json
import re
import struct
import zipfile
from dataclasses import dataclass
from pathlib import Path
from urllib.parse import unquote

from ..engine.gltf.data_addresses import is_data_address
from .json_values import MOST_JSON

HEAD = 64 * 1024  # bytes


@dataclass(frozen=True)
class ForeignModel:
    """A format: what a file of it is called, its extension, and what to do with it, as the end of a sentence."""

    name: str
    extension: str
    advice: str = "convert it to GLB with another program"


FBX = ForeignModel("an FBX file", ".fbx", "bring it in with File > Import > FBX")
OBJ = ForeignModel("an OBJ file", ".obj", "bring it in with File > Import > Wavefront")
STL = ForeignModel("an STL file", ".stl", "bring it in with File > Import > STL")
GLTF = ForeignModel("a glTF file", ".gltf", "bring it in with File > Import > glTF 2.0")
GLTF_ALONE = ForeignModel(
    "a glTF file without the files that it refers to",
    ".gltf",
    "choose GLB among the service's options for the next one",
)
ALEMBIC = ForeignModel("an Alembic file", ".abc", "bring it in with File > Import > Alembic")
BLEND = ForeignModel("a Blender file", ".blend", "bring what is in it in with File > Append")
USDA, USDC, USDZ = (
    ForeignModel("a USD file", extension, "bring it in with File > Import > Universal Scene Description")
    for extension in (".usda", ".usdc", ".usdz")
)
COLLADA = ForeignModel("a COLLADA file", ".dae")
THREE_MF = ForeignModel("a 3MF file", ".3mf")

MAGIC = {
    b"Kaydara FBX Binary": FBX,
    b"; FBX ": FBX,
    b"PXR-USDC": USDC,
    b"#usda ": USDA,
    b"Ogawa": ALEMBIC,
    b"BLENDER": BLEND,
}
OBJ_LINE = re.compile(rb"(v|vn|vt|f|l|o|g|s|mtllib|usemtl) ")
STL_TRIANGLE, STL_START = 50, 84  # bytes


def foreign_model(file: Path) -> ForeignModel | None:
    """The format of a file, None where it is none of these; its name is not believed."""
    size = file.stat().st_size
    with file.open("rb") as stream:
        head = stream.read(HEAD)
    found = next((kind for magic, kind in MAGIC.items() if head.startswith(magic)), None)
    if found is None and head.startswith(b"PK"):
        return _in_zip(file)
    if found is None and head.lstrip().startswith(b"{"):
        return _gltf(file) if size <= MOST_JSON else None
    return found or _without_magic(head, size)


def _without_magic(head: bytes, size: int) -> ForeignModel | None:
    if b"<COLLADA" in head and head.lstrip().startswith(b"<"):
        return COLLADA
    if head.lstrip().startswith(b"solid") and b"facet" in head:
        return STL
    if len(head) >= STL_START and size == STL_START + STL_TRIANGLE * struct.unpack_from("<I", head, STL_START - 4)[0]:
        return STL
    lines = [line for line in head.splitlines() if line.strip() and not line.startswith(b"#")]
    return OBJ if lines and all(OBJ_LINE.match(line) for line in lines[:3]) else None


def _gltf(file: Path) -> ForeignModel | None:
    try:
        document = json.loads(file.read_bytes())
        if "version" not in document["asset"]:
            return None
        parts = [*document.get("buffers", []), *document.get("images", [])]
        named = [part["uri"] for part in parts if "uri" in part and not is_data_address(part["uri"])]
        whole = all((file.parent / unquote(name)).is_file() for name in named)
    except (ValueError, RecursionError, KeyError, TypeError, AttributeError, OSError):
        return None
    return GLTF if whole else GLTF_ALONE


def _in_zip(file: Path) -> ForeignModel | None:
    """USDZ and 3MF are ZIPs themselves: the one begins with a USD file, the other holds a model at a fixed place."""
    try:
        with zipfile.ZipFile(file) as archive:
            names = archive.namelist()
    except (zipfile.BadZipFile, ValueError, RuntimeError, OSError, struct.error):
        return None
    if names and names[0].lower().endswith((".usd", ".usda", ".usdc")):
        return USDZ
    return THREE_MF if "3D/3dmodel.model" in names else None
