# SPDX-License-Identifier: GPL-3.0-or-later
"""Tensors out of a PyTorch checkpoint, without PyTorch and without running what a pickle may hold.

Such a file is a zip of a pickle, which tells names, shapes and places of tensors, and of their raw numbers. A pickle
can call whatever Python can; this one is read by an unpickler that knows dictionaries and tensors only.
"""

from __future__ import annotations

import io
import pickle
import zipfile
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from ..arrays import Single
from .layout import Shapes

LARGEST = 256 * 2**20  # bytes of a file; MobileSAM's has 41 million
LARGEST_PICKLE = 8 * 2**20  # bytes of the pickle; MobileSAM's has 0.1 million
DAMAGED = "The file of the selection model is damaged: download it again."
ANOTHER = "The file of the selection model holds another model: download MobileSAM's mobile_sam.pt."


class ModelError(ValueError):
    """The file cannot be used; the text says in one sentence why and what to do."""


def read_tensors(path: Path, shapes: Shapes) -> dict[str, Single]:
    """The tensors of these names and shapes from a checkpoint that holds them, and may hold more.

    Raises ModelError where the file cannot be read, is no checkpoint, is damaged, or is that of another model.
    """
    try:
        with path.open("rb") as file:
            if file.seek(0, io.SEEK_END) > LARGEST:
                raise ModelError(ANOTHER)
            with zipfile.ZipFile(file) as archive:
                return _read(archive, shapes)
    except ModelError:
        raise
    except OSError as error:
        raise ModelError(
            f"The file of the selection model cannot be read ({error.strerror or error}): download it again."
        ) from error
    except Exception as error:  # a damaged zip or pickle raises whatever it comes upon
        raise ModelError(DAMAGED) from error


def _read(archive: zipfile.ZipFile, shapes: Shapes) -> dict[str, Single]:
    pickles = [entry for entry in archive.infolist() if entry.filename.split("/")[1:] == ["data.pkl"]]
    if len(pickles) != 1 or pickles[0].file_size > LARGEST_PICKLE:
        raise ModelError(ANOTHER)
    root = pickles[0].filename.removesuffix("data.pkl")
    if f"{root}byteorder" in archive.namelist() and _content(archive, f"{root}byteorder", 16) != b"little":
        raise ModelError(ANOTHER)
    tensors = _Unpickler(io.BytesIO(_content(archive, pickles[0].filename, LARGEST_PICKLE))).load()
    if not isinstance(tensors, dict):
        raise ModelError(ANOTHER)
    found = {}
    for name, shape in shapes.items():
        tensor = tensors.get(name)
        if not isinstance(tensor, _Tensor) or tensor.shape != shape or tensor.storage.kind != "FloatStorage":
            raise ModelError(ANOTHER)
        found[name] = _numbers(archive, root, tensor)
    return found


def _numbers(archive: zipfile.ZipFile, root: str, tensor: _Tensor) -> Single:
    last = tensor.offset + sum((size - 1) * step for size, step in zip(tensor.shape, tensor.stride, strict=True))
    if tensor.offset < 0 or min(tensor.stride, default=0) < 0 or last >= tensor.storage.count:
        raise ModelError(DAMAGED)
    raw = _content(archive, f"{root}data/{tensor.storage.key}", 4 * tensor.storage.count)
    if len(raw) != 4 * tensor.storage.count:
        raise ModelError(DAMAGED)
    numbers = np.frombuffer(raw, "<f4", offset=4 * tensor.offset)
    numbers = np.lib.stride_tricks.as_strided(numbers, tensor.shape, [4 * step for step in tensor.stride])
    if not np.isfinite(numbers).all():
        raise ModelError(DAMAGED)
    return np.ascontiguousarray(numbers, np.float32)


def _content(archive: zipfile.ZipFile, name: str, limit: int) -> bytes:
    """What a part of the file holds, which zipfile compares with its checksum."""
    with archive.open(name) as part:
        content = part.read(limit + 1)
    if len(content) > limit:
        raise ModelError(DAMAGED)
    return content


@dataclass(frozen=True)
class _Storage:
    """Numbers in the file. kind: the name of PyTorch's class. key: of the part. count: of the numbers."""

    kind: str
    key: str
    count: int


@dataclass(frozen=True)
class _Tensor:
    storage: _Storage
    offset: int
    shape: tuple[int, ...]
    stride: tuple[int, ...]


class _Names(dict[str, object]):
    """A state dict, which has attributes, too."""


class _Unpickler(pickle.Unpickler):
    """Knows what a state dict consists of, and refuses all else."""

    def find_class(self, module: str, name: str) -> object:
        if (module, name) == ("collections", "OrderedDict"):
            return _state_dict
        if (module, name) == ("torch._utils", "_rebuild_tensor_v2"):
            return _tensor
        if module == "torch" and name.endswith("Storage"):
            return name
        raise ModelError(ANOTHER)

    def persistent_load(self, pid: object) -> _Storage:
        match pid:
            case ("storage", str(kind), str(key), str(), int(count)) if key.isalnum() and count >= 0:
                return _Storage(kind, key, count)
        raise ModelError(ANOTHER)


def _state_dict() -> _Names:
    return _Names()


def _tensor(
    storage: object, offset: object, shape: object, stride: object, _differentiable: object, _hooks: object
) -> _Tensor:
    match (storage, offset, shape, stride):
        case (_Storage(), int(), tuple(), tuple()) if all(isinstance(size, int) for size in (*shape, *stride)):
            return _Tensor(storage, offset, shape, stride)
    raise ModelError(ANOTHER)
