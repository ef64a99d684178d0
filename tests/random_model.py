# SPDX-License-Identifier: GPL-3.0-or-later
"""MobileSAM with random weights, in the format of PyTorch's files: it finds nothing, but runs as the true one.

A seed gives the same weights everywhere, so that a fixture need not hold them.
"""

from __future__ import annotations

import io
import math
import pickle
import struct
import zipfile
from pathlib import Path

import numpy as np

from sam3d.engine.arrays import Single
from sam3d.engine.segment_anything.layout import STAGES, Shapes, shapes

CLASSES = 1000
ALIGNMENT = 64  # bytes, to which PyTorch aligns numbers
QUALITY = "mask_decoder.iou_prediction_head.layers.2"
READINGS = "mask_decoder.output_hypernetworks_mlps"
EMBEDDINGS = (
    "point_embeddings",
    "not_a_point_embed",
    "no_mask_embed",
    "mask_tokens",
    "iou_token",
    "attention_biases",
    "gaussian_matrix",
)


def unused_shapes() -> Shapes:
    """What MobileSAM's file has and the selection does not need: a head that tells classes."""
    width = STAGES[-1].channels
    return {
        "image_encoder.norm_head.weight": (width,),
        "image_encoder.norm_head.bias": (width,),
        "image_encoder.head.weight": (CLASSES, width),
        "image_encoder.head.bias": (CLASSES,),
    }


class Draw:
    """Numbers from a seed that are the same with every version of numpy, which promises that for PCG64's bits only."""

    def __init__(self, seed: int) -> None:
        self._bits = np.random.PCG64(seed)

    def __call__(self, *shape: int) -> Single:
        """Evenly spread numbers of mean 0 and variance 1."""
        bits = np.asarray(self._bits.random_raw(math.prod(shape))) >> np.uint64(40)
        return (
            (bits.astype(np.float32) + np.float32(0.5)) * np.float32(2**-24 * 12**0.5) - np.float32(3**0.5)
        ).reshape(shape)


def random_weights(seed: int = 0) -> dict[str, Single]:
    """All tensors of MobileSAM's shapes, drawn in the order of their names, so that signals keep their size through the
    network, with no bias, gain, mean or variance that could be left out unnoticed.
    """
    draw = Draw(seed)
    return {name: _scaled(draw(*shape), name) for name, shape in sorted({**shapes(), **unused_shapes()}.items())}


def _scaled(numbers: Single, name: str) -> Single:
    shape = numbers.shape
    if name.startswith(READINGS) and ".layers.2." in name:  # so that masks are neither empty nor whole
        numbers = 2 * (numbers - numbers.mean(0))
    if name.startswith(QUALITY):  # as qualities are, near 1 for the most
        return np.asarray(0.1 * numbers / math.sqrt(shape[-1]) if len(shape) > 1 else 0.8 + 0.1 * numbers, np.float32)
    if name.endswith("running_var"):
        return np.asarray(np.exp2(0.5 * numbers), np.float32)
    if len(shape) == 1:  # gains are around 1, biases and means around 0
        return np.asarray(0.2 * numbers + name.endswith("weight"), np.float32)
    if any(word in name for word in EMBEDDINGS):
        return numbers
    inputs = shape[0] if "output_upscaling" in name else math.prod(shape[1:])
    return np.asarray(numbers * math.sqrt(1.5 / inputs), np.float32)


def write_random_model(path: Path, seed: int = 0) -> None:
    """Write a checkpoint of MobileSAM's own layout and size with random weights."""
    write_checkpoint(path, random_weights(seed))


def write_checkpoint(path: Path, tensors: dict[str, Single]) -> None:
    """Write tensors as torch.save writes a state dict."""
    with zipfile.ZipFile(path, "w", zipfile.ZIP_STORED) as archive:
        _add(archive, "data.pkl", _pickled(tensors))
        _add(archive, "byteorder", b"little")
        for i, tensor in enumerate(tensors.values()):
            _add(archive, f"data/{i}", tensor.astype("<f4").tobytes())
        _add(archive, "version", b"3\n")


def _add(archive: zipfile.ZipFile, name: str, content: bytes) -> None:
    """Add a part whose content begins at a multiple of ALIGNMENT."""
    entry = zipfile.ZipInfo(f"archive/{name}", (1980, 1, 1, 0, 0, 0))
    assert archive.fp is not None
    begins = archive.fp.tell() + 30 + len(entry.filename) + 4
    padding = -begins % ALIGNMENT
    entry.extra = b"FB" + struct.pack("<H", padding) + b"Z" * padding
    archive.writestr(entry, content)


def _pickled(tensors: dict[str, Single]) -> bytes:
    """The pickle of a state dict, put together by hand, for PyTorch's classes are not there."""
    out = io.BytesIO()
    out.write(pickle.PROTO + b"\2" + pickle.GLOBAL + b"collections\nOrderedDict\n" + pickle.EMPTY_TUPLE)
    out.write(pickle.REDUCE + pickle.MARK)
    for i, (name, tensor) in enumerate(tensors.items()):
        steps = [stride // tensor.itemsize for stride in tensor.strides]
        out.write(_text(name) + pickle.GLOBAL + b"torch._utils\n_rebuild_tensor_v2\n" + pickle.MARK)
        out.write(pickle.MARK + _text("storage") + pickle.GLOBAL + b"torch\nFloatStorage\n" + _text(str(i)))
        out.write(_text("cpu") + _number(tensor.size) + pickle.TUPLE + pickle.BINPERSID + _number(0))
        for sizes in (tensor.shape, steps):
            out.write(pickle.MARK + b"".join(map(_number, sizes)) + pickle.TUPLE)
        out.write(pickle.NEWFALSE + pickle.GLOBAL + b"collections\nOrderedDict\n" + pickle.EMPTY_TUPLE + pickle.REDUCE)
        out.write(pickle.TUPLE + pickle.REDUCE)
    out.write(pickle.SETITEMS + pickle.STOP)
    return out.getvalue()


def _text(text: str) -> bytes:
    return pickle.BINUNICODE + struct.pack("<I", len(text.encode())) + text.encode()


def _number(number: int) -> bytes:
    return pickle.BININT + struct.pack("<i", number)
