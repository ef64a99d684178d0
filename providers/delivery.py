# SPDX-License-Identifier: GPL-3.0-or-later
"""What a service delivered becomes one checked model; nothing is believed but the bytes themselves.

A file is told by its first bytes, never by its name or by what the service called it. Everything is bounded. A file
that is refused stays where it is: it was paid for.
"""

import codecs
import filecmp
from dataclasses import dataclass
from enum import StrEnum
from pathlib import Path
from typing import BinaryIO

from ..engine.atomic_write import write_atomic
from ..engine.gltf.container import MAGIC as GLB_MAGIC
from ..engine.gltf.container import ContainerError, Fault, read_head
from ..engine.ply import PlyError, PointCloud, read_mesh, to_glb
from .archive import CHUNK, check_entries, unpack
from .errors import UnexpectedResponse
from .foreign_models import foreign_model
from .json_values import MOST_JSON


class Kind(StrEnum):
    """What a file is, by its first bytes."""

    GLB = "GLB"
    ZIP = "ZIP"
    PLY = "PLY"
    JSON = "JSON"
    HTML = "HTML"
    EMPTY = "EMPTY"
    OTHER = "OTHER"


EXTENSIONS = {Kind.GLB: ".glb", Kind.ZIP: ".zip", Kind.PLY: ".ply"}
NOT_MODELS = {
    Kind.JSON: "a message",
    Kind.HTML: "a web page",
    Kind.EMPTY: "an empty file",
    Kind.OTHER: "a file of an unknown kind",
}
MAGIC = {
    GLB_MAGIC: Kind.GLB,
    b"PK\x03\x04": Kind.ZIP,
    b"PK\x05\x06": Kind.ZIP,  # one without entries
    b"ply\n": Kind.PLY,
    b"ply\r": Kind.PLY,
}
FAULTS = {
    Fault.CUT_SHORT: "it is cut short",
    Fault.NOT_GLTF: "it is not glTF 2.0",
    Fault.DOCUMENT_TOO_LONG: "its description is too long",
    Fault.DOCUMENT_DAMAGED: "its description is damaged",
    Fault.DATA_DAMAGED: "its data are damaged",
}
TEXT = {b"{": Kind.JSON, b"[": Kind.JSON, b"<": Kind.HTML}


@dataclass(frozen=True)
class DeliveredModel:
    """A checked GLB, the other files that came with it, and what the artist should know of it."""

    model: Path
    extras: tuple[Path, ...] = ()
    notes: tuple[str, ...] = ()


def kind_of(file: Path) -> Kind:
    """What the file is, by its first bytes."""
    with file.open("rb") as stream:
        return kind_of_head(stream.read(1024))


def kind_of_head(head: bytes) -> Kind:
    """What a file is whose first bytes these are."""
    if not head:
        return Kind.EMPTY
    text = head.removeprefix(codecs.BOM_UTF8).lstrip()
    return MAGIC.get(head[:4]) or TEXT.get(text[:1]) or Kind.OTHER


def to_model(response: Path, service: str) -> DeliveredModel:
    """Turn a downloaded file of any kind into a checked model in the same folder.

    A GLB is checked; a ZIP is unpacked and the most likely model in it taken; a mesh in a PLY is written anew as GLB
    beside it. `response` is renamed to the extension of what it is: of one that is on record, give a copy. `service` is
    the service's name for the artist.

    Raises Unexpected where there is no model in it, where it is broken, or of a format that is not brought in.
    """
    kind = kind_of(response)
    _refuse_foreign(response, kind, service)
    if kind not in EXTENSIONS:
        raise UnexpectedResponse(
            f"{service} delivered {NOT_MODELS[kind]} instead of a model: press Retry to fetch it again."
        )
    file = _named(response, EXTENSIONS[kind])
    if kind is Kind.ZIP:
        return _from_zip(file, service)
    if kind is Kind.PLY:
        return _from_ply(file, service)
    check_glb(file, service)
    return DeliveredModel(file)


def _refuse_foreign(file: Path, kind: Kind, service: str) -> None:
    """Raise Unexpected, with the file under a name that other programs know, where it is of another format."""
    if kind in (Kind.GLB, Kind.PLY, Kind.EMPTY):
        return
    if kind is Kind.ZIP:
        check_entries(file, service)
    foreign = foreign_model(file)
    if foreign:
        kept = _named(file, foreign.extension)
        raise UnexpectedResponse(
            f"{service} delivered {foreign.name} and no GLB: it is kept in the job's folder as {kept.name}; "
            f"{foreign.advice}."
        )


def check_glb(file: Path, service: str) -> None:
    """Raise Unexpected where the file is not a whole glTF 2.0 binary with a mesh in it.

    Looks at the container, the chunks' lengths and the JSON chunk; the arrays are the importer's to check.
    """
    with file.open("rb") as stream:
        fault = _glb_fault(stream, file.stat().st_size)
    if fault:
        raise UnexpectedResponse(
            f"The model that {service} delivered is broken ({fault}): press Retry to fetch it again."
        )


def _glb_fault(stream: BinaryIO, size: int) -> str:
    try:
        head = read_head(stream, size, longest_document=MOST_JSON)
    except ContainerError as error:
        return FAULTS[error.fault]
    if not isinstance(head.document.get("asset"), dict):
        return FAULTS[Fault.DOCUMENT_DAMAGED]
    meshes = head.document.get("meshes")
    if not isinstance(meshes, list) or not meshes:
        return "it holds no mesh"
    stream.seek(head.length)
    while rest := stream.read(CHUNK):
        if rest.strip(b"\0"):
            return "something else follows it"
    return ""


def _from_ply(file: Path, service: str) -> DeliveredModel:
    try:
        content = to_glb(read_mesh(file), file.stem)
    except PointCloud as error:
        raise UnexpectedResponse(
            f"{service} delivered {error} and no mesh: it is kept in the job's folder for other programs."
        ) from error
    except PlyError as error:
        raise UnexpectedResponse(
            f"The model that {service} delivered is broken ({error}): press Retry to fetch it again."
        ) from error
    model = file.with_suffix(".glb")
    if model.exists() and model.read_bytes() != content:  # another file's, not the same made before
        model = file.with_name(file.name + ".glb")
    write_atomic(model, content)
    return DeliveredModel(
        model, (file,), (f"{service} delivered the mesh as PLY: it was made a GLB, the PLY is kept.",)
    )


def _from_zip(archive: Path, service: str) -> DeliveredModel:
    """The most likely of the models in a ZIP: GLB before PLY, then what is called a model, then the largest."""
    files = []
    for file in unpack(archive, service):
        kind = kind_of(file)
        files.append(_named(file, EXTENSIONS[kind]) if kind in EXTENSIONS else file)
    models = sorted(
        (file for file in files if kind_of(file) in (Kind.GLB, Kind.PLY)),
        key=lambda file: (kind_of(file) is Kind.PLY, "model" not in file.stem.lower(), -file.stat().st_size),
    )
    first: UnexpectedResponse | None = None
    for file in models:
        try:
            delivery = to_model(file, service)
        except UnexpectedResponse as error:
            first = first or error
            continue
        others = tuple(other for other in files if other != file)
        return DeliveredModel(delivery.model, (*delivery.extras, *others, archive), delivery.notes)
    for file in files if first is None else ():
        foreign = foreign_model(file)
        if foreign:
            raise UnexpectedResponse(
                f"The ZIP that {service} delivered holds {foreign.name} and no GLB: it is kept, unpacked, in the job's "
                f"folder as {file.relative_to(archive.parent)}; {foreign.advice}."
            )
    raise first or UnexpectedResponse(
        f"The ZIP that {service} delivered holds no model: it is kept in the job's folder with what was in it."
    )


def _named(file: Path, extension: str) -> Path:
    """The file under a name with this extension, given to it where it has another."""
    if file.suffix.lower() == extension:
        return file
    name = file.with_suffix(extension)
    if name.exists() and not filecmp.cmp(file, name, shallow=False):  # another file's, not the same fetched before
        name = file.with_name(file.name + extension)
    return file.replace(name)
