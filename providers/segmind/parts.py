# SPDX-License-Identifier: GPL-3.0-or-later
"""The files that a record of Segmind's names.

Its pages do not agree on the names in a record, and neither do its clients, so a model is looked for under all of them.
"""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from enum import StrEnum
from pathlib import PurePosixPath
from typing import Any
from urllib.parse import urlsplit

from .. import json_values

DEEPEST = 8


class Role(StrEnum):
    """What a file of a record is for."""

    MODEL = "MODEL"
    MESH = "MESH"
    SPLAT = "SPLAT"
    KEYPOINTS = "KEYPOINTS"
    ARTIFACTS = "ARTIFACTS"
    UNKNOWN = "UNKNOWN"


ROLES = {
    **dict.fromkeys(("model_glb", "glb", "model", "mesh"), Role.MODEL),
    **dict.fromkeys(("individual_meshes", "individual_glbs", "meshes", "mesh_ply", "mesh_glb"), Role.MESH),
    **dict.fromkeys(("gaussian_splat", "individual_splats"), Role.SPLAT),
    **dict.fromkeys(("keypoints", "keypoints_2d", "keypoints_3d", "individual_keypoints"), Role.KEYPOINTS),
    **dict.fromkeys(("artifacts", "artifacts_zip", "artifacts_url", "zip"), Role.ARTIFACTS),
    **dict.fromkeys(("output", "outputs", "metadata"), Role.UNKNOWN),
}
"""By the names of a record's fields. A field of another name is looked into only inside one of these."""
SUFFIX_ROLES = {
    **dict.fromkeys(("", ".glb", ".bin"), Role.MODEL),
    ".ply": Role.MESH,
    ".json": Role.KEYPOINTS,
    ".zip": Role.ARTIFACTS,
}
"""For files whose field does not tell."""


@dataclass(frozen=True)
class Part:
    """A file that a record names, with the name of its field there."""

    role: Role
    name: str
    url: str

    @property
    def suffix(self) -> str:
        """How its address ends."""
        return PurePosixPath(urlsplit(self.url).path).suffix.lower()

    @property
    def stem(self) -> str:
        """What the file is called beside the model."""
        return "other_model" if self.role is Role.MODEL else self.name


def parts_of(record: Mapping[str, Any]) -> list[Part]:
    """The files that a record names, each address once."""
    found: dict[str, Part] = {}
    for name, value in record.items():
        if name in ROLES:
            for part in _parts(value, name, ROLES[name]):
                found.setdefault(part.url, part)
    return [part for part in found.values() if part.role is not Role.UNKNOWN]


def people_of(parts: Sequence[Part]) -> list[Part]:
    """The files that hold one person each, behind one that may hold them all; none where there are not several.

    People in PLYs become one model, which is made elsewhere.
    """
    models = [part for part in parts if part.role is Role.MODEL]
    single = [part for part in parts if part.role is Role.MESH and part.suffix != ".ply"]
    if len(single) > 1:
        return models[:1] + single
    return models if len(models) > 1 else []


def _parts(value: Any, name: str, role: Role, depth: int = 0) -> Iterator[Part]:
    if isinstance(value, str):
        if json_values.is_address(value):
            part = Part(role, name, value)
            known = role if role is not Role.UNKNOWN else SUFFIX_ROLES.get(part.suffix, Role.UNKNOWN)
            yield replace(part, role=known)
    elif isinstance(value, list) and depth < DEEPEST:
        for item in value:
            yield from _parts(item, name, role, depth + 1)
    elif isinstance(value, dict) and depth < DEEPEST:
        for inner, item in value.items():
            yield from _parts(item, inner if inner in ROLES else name, ROLES.get(inner, role), depth + 1)
