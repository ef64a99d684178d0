# SPDX-License-Identifier: GPL-3.0-or-later
"""PyTorch's files are read without PyTorch, and whatever is no such file is told in a sentence."""

from __future__ import annotations

import io
import os
import pickle
import zipfile
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest
from random_model import Draw, random_weights, write_checkpoint, write_random_model

from sam3d.engine.arrays import Single
from sam3d.engine.segment_anything import ModelError, read_model
from sam3d.engine.segment_anything.checkpoint import ANOTHER, DAMAGED, read_tensors
from sam3d.engine.segment_anything.layout import Shapes, shapes

SAVED_BY_TORCH = Path(__file__).with_name("saved_by_torch.pt")
SMALL: Shapes = {"one": (2, 3), "other": (4,)}


def numbers() -> dict[str, Single]:
    """Two tensors."""
    draw = Draw(1)
    return {name: draw(*shape) for name, shape in SMALL.items()}


@pytest.fixture
def small(tmp_path: Path) -> Path:
    """A checkpoint of two tensors."""
    path = tmp_path / "small.pt"
    write_checkpoint(path, numbers())
    return path


def parts(path: Path) -> dict[str, bytes]:
    """What a checkpoint holds."""
    with zipfile.ZipFile(path) as archive:
        return {name: archive.read(name) for name in archive.namelist()}


def rewrite(path: Path, content: dict[str, bytes]) -> None:
    """Make a checkpoint anew."""
    with zipfile.ZipFile(path, "w") as archive:
        for name, each in content.items():
            archive.writestr(name, each)


def change(path: Path, name: str, edit: Callable[[bytes], bytes]) -> None:
    """Make a checkpoint anew with one part changed."""
    content = parts(path)
    rewrite(path, content | {name: edit(content[name])})


def test_what_torch_saved() -> None:
    counted = np.arange(24, dtype=np.float32)
    found = read_tensors(SAVED_BY_TORCH, {"plain": (2, 3, 4), "view": (2, 3), "transposed": (6, 4)})
    assert np.array_equal(found["plain"], counted.reshape(2, 3, 4))
    assert np.array_equal(found["view"], counted[4:10].reshape(2, 3))
    assert np.array_equal(found["transposed"], counted.reshape(4, 6).T)
    assert all(tensor.dtype == np.float32 and tensor.flags.c_contiguous for tensor in found.values())


@pytest.mark.parametrize(("name", "shape"), [("half", (2,)), ("batches", ()), ("none", (2,)), ("plain", (2, 12))])
def test_tensors_that_do_not_fit(name: str, shape: tuple[int, ...]) -> None:
    with pytest.raises(ModelError) as told:
        read_tensors(SAVED_BY_TORCH, {name: shape})
    assert str(told.value) == ANOTHER


def test_a_model_with_random_weights(tmp_path: Path) -> None:
    path = tmp_path / "random.pt"
    write_random_model(path, seed=3)
    assert 40.5e6 < path.stat().st_size < 41e6
    found, drawn = read_tensors(path, shapes()), random_weights(3)
    assert sum(tensor.size for tensor in found.values()) == 9_818_564
    assert all(np.array_equal(tensor, drawn[name]) for name, tensor in found.items())


def test_another_model(small: Path) -> None:
    with pytest.raises(ModelError) as told:
        read_model(small)
    assert str(told.value) == ANOTHER


def test_no_file(tmp_path: Path) -> None:
    with pytest.raises(ModelError, match=r"cannot be read \(No such file or directory\)"):
        read_model(tmp_path / "none.pt")
    with pytest.raises(ModelError, match="cannot be read"):
        read_model(tmp_path)


@pytest.mark.parametrize("content", [b"", b"PK\x03\x04", b"<!doctype html>", pickle.dumps({"one": 1}, 2)])
def test_no_zip(tmp_path: Path, content: bytes) -> None:
    path = tmp_path / "other.pt"
    path.write_bytes(content)
    with pytest.raises(ModelError) as told:
        read_tensors(path, SMALL)
    assert str(told.value) == DAMAGED


def test_every_truncation_is_told(small: Path) -> None:
    whole = small.read_bytes()
    for size in range(0, len(whole), 37):
        small.write_bytes(whole[:size])
        with pytest.raises(ModelError):
            read_tensors(small, SMALL)


def test_a_changed_bit_is_never_a_changed_weight(small: Path) -> None:
    """It is told, or it lies where it does not matter."""
    whole, found = small.read_bytes(), read_tensors(small, SMALL)
    told = 0
    for place in range(0, len(whole), 5):
        small.write_bytes(whole[:place] + bytes([whole[place] ^ 16]) + whole[place + 1 :])
        try:
            now = read_tensors(small, SMALL)
        except ModelError:
            told += 1
        else:
            assert all(np.array_equal(now[name], found[name]) for name in SMALL)
    assert told > len(whole) / 5 / 3


def test_numbers_that_are_none(small: Path) -> None:
    change(small, "archive/data/0", lambda raw: np.float32(np.nan).tobytes() + raw[4:])
    with pytest.raises(ModelError) as told:
        read_tensors(small, SMALL)
    assert str(told.value) == DAMAGED


@pytest.mark.parametrize("edit", [lambda raw: raw[:-4], lambda raw: raw + b"\0\0\0\0"])
def test_too_few_and_too_many_numbers(small: Path, edit: Callable[[bytes], bytes]) -> None:
    change(small, "archive/data/1", edit)
    with pytest.raises(ModelError) as told:
        read_tensors(small, SMALL)
    assert str(told.value) == DAMAGED


def test_a_machine_with_another_order_of_bytes(small: Path) -> None:
    change(small, "archive/byteorder", lambda _: b"big")
    with pytest.raises(ModelError) as told:
        read_tensors(small, SMALL)
    assert str(told.value) == ANOTHER


def test_a_part_that_unfolds(small: Path) -> None:
    """A zip may hold little that becomes very much."""
    content = parts(small)
    with zipfile.ZipFile(small, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, each in content.items():
            archive.writestr(name, bytes(50 << 20) if name.endswith("data/0") else each)
    with pytest.raises(ModelError) as told:
        read_tensors(small, SMALL)
    assert str(told.value) == DAMAGED


class Harmful:
    """What runs a command when it is unpickled."""

    def __init__(self, command: str) -> None:
        self._command = command

    def __reduce__(self) -> tuple[object, tuple[str]]:
        return os.system, (self._command,)


@pytest.mark.parametrize("protocol", range(pickle.HIGHEST_PROTOCOL + 1))
def test_nothing_is_run(small: Path, tmp_path: Path, protocol: int) -> None:
    mark = tmp_path / "mark"
    harmful = pickle.dumps({"one": Harmful(f"touch {mark}")}, protocol)
    pickle.loads(harmful)
    assert mark.exists()
    mark.unlink()
    change(small, "archive/data.pkl", lambda _: harmful)
    with pytest.raises(ModelError) as told:
        read_tensors(small, SMALL)
    assert str(told.value) == ANOTHER and not mark.exists()


@pytest.mark.parametrize("name", [b"builtins\neval\n", b"torch\nload\n", b"torch._utils\n_rebuild\n", b"numpy\nload\n"])
def test_no_other_name_is_known(small: Path, name: bytes) -> None:
    change(small, "archive/data.pkl", lambda _: pickle.GLOBAL + name + pickle.STOP)
    with pytest.raises(ModelError) as told:
        read_tensors(small, SMALL)
    assert str(told.value) == ANOTHER


def tensor(storage: bytes, offset: int, shape: tuple[int, ...], stride: tuple[int, ...]) -> bytes:
    """The pickle of a dictionary with one tensor, which need not make sense."""
    out = io.BytesIO()
    out.write(pickle.PROTO + b"\2" + pickle.EMPTY_DICT + pickle.dumps("other", 2)[2:-1])
    out.write(pickle.GLOBAL + b"torch._utils\n_rebuild_tensor_v2\n" + pickle.MARK + storage)
    out.write(b"".join(pickle.dumps(part, 2)[2:-1] for part in (offset, shape, stride, False, None)))
    out.write(pickle.TUPLE + pickle.REDUCE + pickle.SETITEM + pickle.STOP)
    return out.getvalue()


def stored(key: str = "1", count: int = 4) -> bytes:
    """The reference to a part of the file."""
    parts = b"".join(pickle.dumps(part, 2)[2:-1] for part in (key, "cpu", count))
    storage = pickle.dumps("storage", 2)[2:-1] + pickle.GLOBAL + b"torch\nFloatStorage\n"
    return pickle.MARK + storage + parts + pickle.TUPLE + pickle.BINPERSID


@pytest.mark.parametrize(
    ("storage", "offset", "stride"),
    [
        (stored(), 1, (1,)),  # beyond the end
        (stored(), -1, (1,)),
        (stored(), 0, (2,)),
        (stored(), 3, (-1,)),
        (stored(), 0, (1, 1)),
        (stored("7"), 0, (1,)),  # of which there is no part
        (stored("../version"), 0, (1,)),
        (stored(count=-4), 0, (1,)),
        (stored(count=1 << 40), 0, (1,)),
        (pickle.NONE, 0, (1,)),
    ],
)
def test_tensors_that_make_no_sense(small: Path, storage: bytes, offset: int, stride: tuple[int, ...]) -> None:
    change(small, "archive/data.pkl", lambda _: tensor(storage, offset, (4,), stride))
    with pytest.raises(ModelError):
        read_tensors(small, {"other": (4,)})


def test_a_tensor_that_makes_sense(small: Path) -> None:
    change(small, "archive/data.pkl", lambda _: tensor(stored(), 0, (4,), (1,)))
    assert np.array_equal(read_tensors(small, {"other": (4,)})["other"], numbers()["other"])
