# SPDX-License-Identifier: GPL-3.0-or-later
"""Whatever a service delivers becomes a checked model or one sentence, and never harms the artist's disk."""

from __future__ import annotations

import io
import json
import shutil
import stat
import struct
import tracemalloc
import zipfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import trimesh

from sam3d.providers import archive
from sam3d.providers.archive import unpack
from sam3d.providers.delivery import Kind, check_glb, kind_of, to_model
from sam3d.providers.errors import ProviderError, UnexpectedResponse

SHARED = Path(__file__).resolve().parents[2].parent / "shared" / "data"
SERVICE = "Somebody"
SPLAT = b"""ply
format binary_little_endian 1.0
element vertex 1
property float x
property float y
property float z
property float f_dc_0
property float rot_0
end_header
""" + bytes(20)

Entries = dict[str | zipfile.ZipInfo, bytes]


def glb(subdivisions: int = 1) -> bytes:
    data: bytes = trimesh.creation.icosphere(subdivisions=subdivisions).export(file_type="glb")
    return data


def ply() -> bytes:
    data: bytes = trimesh.creation.icosphere(subdivisions=1).export(file_type="ply")
    return data


def zipped(entries: Entries, method: int = zipfile.ZIP_DEFLATED) -> bytes:
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w", method) as archive:
        for name, data in entries.items():
            archive.writestr(name, data)
    return buffer.getvalue()


def with_json(document: object, binary: bytes = b"") -> bytes:
    """A GLB of any JSON."""
    text = document if isinstance(document, bytes) else json.dumps(document).encode()
    chunks = struct.pack("<I4s", len(text), b"JSON") + text
    if binary:
        chunks += struct.pack("<I4s", len(binary), b"BIN\0") + binary
    return struct.pack("<4sII", b"glTF", 2, 12 + len(chunks)) + chunks


def put(folder: Path, content: bytes, name: str = "answer") -> Path:
    file = folder / name
    file.write_bytes(content)
    return file


def left_in(folder: Path) -> list[str]:
    return sorted(str(file.relative_to(folder)) for file in folder.rglob("*"))


@contextmanager
def little_memory() -> Iterator[None]:
    """What is done here may use ten megabytes."""
    tracemalloc.start()
    try:
        yield
        assert tracemalloc.get_traced_memory()[1] < 10_000_000
    finally:
        tracemalloc.stop()


@pytest.mark.parametrize(
    ("content", "kind"),
    [
        (glb(), Kind.GLB),
        (ply(), Kind.PLY),
        (b"ply\r\nformat", Kind.PLY),
        (b"plywood", Kind.OTHER),
        (zipped({"a": b"b"}), Kind.ZIP),
        (zipped({}), Kind.ZIP),
        (b'{"a": 1}', Kind.JSON),
        (b"\xef\xbb\xbf\r\n [1]", Kind.JSON),
        (b"\n<!DOCTYPE html>", Kind.HTML),
        (b"\x89PNG\r\n\x1a\n", Kind.OTHER),
        (b"   ", Kind.OTHER),
        (b"gl", Kind.OTHER),
        (b"", Kind.EMPTY),
    ],
)
def test_files_are_told_by_their_first_bytes(tmp_path: Path, content: bytes, kind: Kind) -> None:
    assert kind_of(put(tmp_path, content, "model.glb")) is kind


def test_real_models_pass() -> None:
    models = sorted(SHARED.glob("props/*/truth.glb"))
    if not models:
        pytest.skip("the models of ../shared/data/props are not here")
    for model in models:
        check_glb(model, SERVICE)


def test_padding_after_a_model_is_harmless(tmp_path: Path) -> None:
    check_glb(put(tmp_path, glb() + bytes(10)), SERVICE)


ASSET = {"version": "2.0"}


@pytest.mark.parametrize(
    ("content", "fault"),
    [
        (glb()[:-1], "cut short"),
        (glb()[:15], "cut short"),
        (glb() + b"x", "something else follows"),
        (glb() + bytes(3_000_000) + b"x", "something else follows"),
        (b"glTF\x01" + glb()[5:], "not glTF 2.0"),
        (glb()[:16] + b"BIN\0" + glb()[20:], "not glTF 2.0"),
        (glb()[:12] + b"\xff\xff\xff\x7f" + glb()[16:], "too long"),
        (with_json(b"{"), "description is damaged"),
        (with_json(b'{"\xff": 1}'), "description is damaged"),
        (with_json(b"[" * 100_000), "description is damaged"),
        (with_json([]), "description is damaged"),
        (with_json({"meshes": [{}]}), "description is damaged"),
        (with_json({"asset": ASSET}), "holds no mesh"),
        (with_json({"asset": ASSET, "meshes": []}), "holds no mesh"),
        (with_json({"asset": ASSET, "meshes": {"0": 1}}), "holds no mesh"),
        (with_json({"asset": ASSET, "meshes": [{}]}, b"1234").replace(b"\x04\0\0\0BIN", b"\x05\0\0\0BIN"), "data are"),
        (with_json({"asset": ASSET, "meshes": [{}]}, b"1234").replace(b"BIN\0", b"BAN\0"), "data are"),
    ],
)
def test_a_broken_model_is_told_in_a_sentence(tmp_path: Path, content: bytes, fault: str) -> None:
    file = put(tmp_path, content, "answer.glb")
    with pytest.raises(UnexpectedResponse, match=f"^The model that Somebody delivered is broken .*{fault}.*Retry"):
        to_model(file, SERVICE)
    assert file.read_bytes() == content  # it was paid for


def test_a_huge_model_is_not_read_into_memory(tmp_path: Path) -> None:
    head = with_json({"asset": ASSET, "meshes": [{}]}, b"1234")
    size = 512 * 1024**2
    head = head[:8] + struct.pack("<I", size) + head[12:-12] + struct.pack("<I", size - len(head) + 4) + head[-8:]
    file = put(tmp_path, head)
    with file.open("r+b") as stream:
        stream.truncate(size)  # a hole, no bytes on the disk
    with little_memory():
        check_glb(file, SERVICE)


@pytest.mark.parametrize("name", ["answer", "answer.bin", "answer.ply", "answer.glb"])
def test_a_model_gets_the_extension_of_what_it_is(tmp_path: Path, name: str) -> None:
    delivery = to_model(put(tmp_path, glb(), name), SERVICE)
    assert delivery.model == tmp_path / "answer.glb"
    assert not delivery.extras
    assert not delivery.notes
    assert left_in(tmp_path) == ["answer.glb"]


def test_another_file_of_that_name_is_not_lost(tmp_path: Path) -> None:
    other = put(tmp_path, b"other", "answer.glb")
    assert to_model(put(tmp_path, glb(), "answer.bin"), SERVICE).model == tmp_path / "answer.bin.glb"
    assert other.read_bytes() == b"other"


def test_a_mesh_in_a_ply_becomes_a_glb_beside_it(tmp_path: Path) -> None:
    delivery = to_model(put(tmp_path, ply(), "body.glb"), SERVICE)
    assert delivery.extras == (tmp_path / "body.ply",)
    assert delivery.extras[0].read_bytes() == ply()
    assert "PLY" in delivery.notes[0]
    check_glb(delivery.model, SERVICE)
    mesh: Any = trimesh.load(delivery.model, force="mesh")
    assert len(mesh.faces) == 80
    assert left_in(tmp_path) == ["body.glb", "body.ply"]


def test_the_same_answer_fetched_again_ends_under_the_same_names(tmp_path: Path) -> None:
    first = to_model(put(tmp_path, ply(), "body.glb"), SERVICE)
    assert to_model(put(tmp_path, ply(), "body.glb"), SERVICE) == first
    assert left_in(tmp_path) == ["body.glb", "body.ply"]


@pytest.mark.parametrize(
    ("content", "words"),
    [
        (SPLAT, r"Somebody delivered a point cloud \(Gaussian splat\) and no mesh: it is kept"),
        (ply()[:-5], r"The model that Somebody delivered is broken \(it is cut short\)"),
        (b"", "Somebody delivered an empty file instead of a model"),
        (b"<html>", "Somebody delivered a web page instead of a model"),
        (b'{"error": "no"}', "Somebody delivered a message instead of a model"),
        (b"\xff\xd8\xff", "Somebody delivered a file of an unknown kind instead of a model"),
        (zipped({}), "holds no model"),
        (zipped({"readme.txt": b"hello"}), "holds no model"),
        (zipped({"splat.ply": SPLAT}), "Gaussian splat"),
        (zipped({"a.glb": glb()[:-1], "b.ply": SPLAT}), "broken"),
    ],
)
def test_what_is_no_model_is_told_in_a_sentence(tmp_path: Path, content: bytes, words: str) -> None:
    with pytest.raises(UnexpectedResponse, match=words):
        to_model(put(tmp_path, content), SERVICE)
    assert content in [file.read_bytes() for file in tmp_path.iterdir() if file.is_file()]  # it was paid for


def test_the_likeliest_model_of_a_zip_is_taken(tmp_path: Path) -> None:
    contents: Entries = {
        "parts/large.glb": glb(3),
        "parts/model_0.glb": glb(1),
        "the model.dat": glb(2),
        "model broken.glb": glb(4)[:-1],
        "model.ply": ply(),
        "splat model": SPLAT,
        "notes/pose.json": b"{}",
        "empty/": b"",
    }
    delivery = to_model(put(tmp_path, zipped(contents), "artifacts"), SERVICE)
    folder = tmp_path / "artifacts"
    assert delivery.model == folder / "the model.glb"
    assert delivery.model.read_bytes() == glb(2)
    kept = {str(file.relative_to(tmp_path)) for file in delivery.extras}
    unchanged = ["parts/large.glb", "parts/model_0.glb", "model broken.glb", "model.ply", "notes/pose.json"]
    assert kept == {f"artifacts/{name}" for name in (*unchanged, "splat model.ply")} | {"artifacts.zip"}
    assert all(file.is_file() for file in delivery.extras)


def test_points_are_kept_under_the_name_of_what_they_are(tmp_path: Path) -> None:
    with pytest.raises(UnexpectedResponse):
        to_model(put(tmp_path, SPLAT, "model.glb"), SERVICE)
    assert left_in(tmp_path) == ["model.ply"]


def test_a_ply_is_taken_where_a_zip_has_no_glb(tmp_path: Path) -> None:
    delivery = to_model(put(tmp_path, zipped({"0.ply": ply(), "splat.ply": SPLAT}), "answer.zip"), SERVICE)
    assert delivery.model == tmp_path / "answer" / "0.glb"
    assert set(delivery.extras) == {tmp_path / name for name in ("answer/0.ply", "answer/splat.ply", "answer.zip")}
    assert "PLY" in delivery.notes[0]


def test_a_broken_glb_is_not_written_over_by_the_ply_beside_it(tmp_path: Path) -> None:
    contents: Entries = {"model.glb": glb()[:-1], "model.ply": ply()}
    delivery = to_model(put(tmp_path, zipped(contents), "answer.zip"), SERVICE)
    check_glb(delivery.model, SERVICE)
    assert delivery.model not in delivery.extras
    assert [file.read_bytes() for file in delivery.extras[:2]] == [ply(), glb()[:-1]]


def test_a_zip_never_writes_over_what_is_there(tmp_path: Path) -> None:
    archive = put(tmp_path, zipped({"a/b.txt": b"1", "./c.txt": b"2"}), "artifacts.zip")
    first, again = unpack(archive, SERVICE), unpack(archive, SERVICE)
    assert first == [tmp_path / "artifacts/a/b.txt", tmp_path / "artifacts/c.txt"]
    assert again == [tmp_path / "artifacts-2/a/b.txt", tmp_path / "artifacts-2/c.txt"]
    assert [file.read_bytes() for file in first + again] == [b"1", b"2"] * 2


def test_what_a_killed_run_left_is_cleared(tmp_path: Path) -> None:
    archive = put(tmp_path, zipped({"a.txt": b"1"}), "artifacts.zip")
    (tmp_path / "artifacts.part").mkdir()
    put(tmp_path / "artifacts.part", b"half", "a.txt")
    unpack(archive, SERVICE)
    assert left_in(tmp_path) == ["artifacts", "artifacts.zip", "artifacts/a.txt"]


def link() -> zipfile.ZipInfo:
    entry = zipfile.ZipInfo("link")
    entry.create_system = 3
    entry.external_attr = (stat.S_IFLNK | 0o777) << 16
    return entry


def refused(folder: Path, content: bytes, words: str) -> None:
    """The ZIP is refused with these words, nothing of it is left, inside its folder or outside."""
    (folder / "job").mkdir()
    archive = put(folder / "job", content, "artifacts.zip")
    with pytest.raises(UnexpectedResponse, match=words):
        unpack(archive, SERVICE)
    assert left_in(folder) == ["job", "job/artifacts.zip"]
    shutil.rmtree(folder / "job")


@pytest.mark.parametrize(
    "name",
    [
        "../out.txt",
        "a/../../out.txt",
        "/tmp/out.txt",
        "//host/share/out.txt",
        "C:/out.txt",
        "C:out.txt",
        "..\\out.txt",
        "a\\..\\..\\out.txt",
        "\\\\host\\share",
        "a.txt:stream",
        "con",
        "a/NUL.txt",
        "dots...",
        "space ",
        "a\x01b",
        "what?",
        ".",
    ],
)
def test_a_path_that_leads_elsewhere_is_refused(tmp_path: Path, name: str) -> None:
    refused(tmp_path, zipped({"fine.txt": b"1", zipfile.ZipInfo(name): b"2"}), "cannot be unpacked safely .*paths")


def test_a_name_with_a_hidden_end_is_refused(tmp_path: Path) -> None:
    refused(tmp_path, zipped({"a.txt_.exe": b"1"}).replace(b"a.txt_.exe", b"a.txt\0.exe"), "paths")


def test_links_are_refused(tmp_path: Path) -> None:
    refused(tmp_path, zipped({link(): b"/etc", "link/passwd": b"2"}), "it holds a link")


@pytest.mark.filterwarnings("ignore:Duplicate name")
@pytest.mark.parametrize("names", [("a", "./a"), ("a", "a/b"), ("a/b", "a")])
def test_two_files_of_one_name_are_refused(tmp_path: Path, names: tuple[str, str]) -> None:
    refused(tmp_path, zipped(dict.fromkeys(names, b"1")), "two of its files have one name")


def test_a_locked_zip_is_refused(tmp_path: Path) -> None:
    content = bytearray(zipped({"a.txt": b"1"}))
    content[6] |= 1
    content[content.index(b"PK\x01\x02") + 8] |= 1
    refused(tmp_path, bytes(content), "locked with a password")


@pytest.mark.parametrize("method", [zipfile.ZIP_BZIP2, zipfile.ZIP_LZMA])
def test_a_zip_that_could_burst_the_memory_is_refused(tmp_path: Path, method: int) -> None:
    refused(tmp_path, zipped({"a.txt": bytes(1_000_000)}, method), "unusual way")


def test_a_bomb_that_says_it_is_small_does_not_burst(tmp_path: Path) -> None:
    content = bytearray(zipped({"a": bytes(50_000_000)}))
    assert len(content) < 100_000
    for name in (b"PK\x01\x02", b"PK\x03\x04"):
        place = content.index(name) + (24 if name[2] == 1 else 22)
        content[place : place + 4] = struct.pack("<I", 10)
    with little_memory():
        refused(tmp_path, bytes(content), "broken")


def test_a_bomb_inside_a_bomb_stays_packed(tmp_path: Path) -> None:
    inner = zipped({f"{k}": bytes(10_000_000) for k in range(10)})
    archive = put(tmp_path, zipped({"inner.zip": inner, "model.glb": glb()}), "artifacts.zip")
    delivery = to_model(archive, SERVICE)
    assert delivery.model == tmp_path / "artifacts" / "model.glb"
    assert left_in(tmp_path / "artifacts") == ["inner.zip", "model.glb"]


def test_a_bomb_is_stopped_while_it_is_unpacked(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(archive, "MOST_UNPACKED", 5_000_000)
    refused(tmp_path, zipped({"a": bytes(3_000_000), "b": bytes(3_000_000)}), "more than")


def test_a_zip_that_points_before_its_start_is_broken(tmp_path: Path) -> None:
    content = bytearray(zipped({"a.txt": b"1"}))
    end = content.index(b"PK\x05\x06")
    content[end + 16 : end + 20] = struct.pack("<I", end * 2)  # where the list of entries is said to start
    refused(tmp_path, bytes(content), "broken")


def test_too_many_files_are_refused(tmp_path: Path) -> None:
    most: Entries = {f"{k}": b"" for k in range(archive.MOST_ENTRIES)}
    refused(tmp_path, zipped({**most, "one more": b""}), "more than 2000 files")
    assert len(unpack(put(tmp_path, zipped(most), "most.zip"), SERVICE)) == archive.MOST_ENTRIES


def test_a_disk_that_cannot_take_it_is_told_in_a_sentence(tmp_path: Path) -> None:
    refused(tmp_path, zipped({"long" * 100: b"1"}), "cannot be unpacked to .*too long")


@pytest.mark.parametrize(
    "whole",
    [
        glb(),
        ply(),
        zipped({"model.glb": glb(), "pose/keypoints.json": b"{}"}),
        zipped({"model.ply": ply()}, zipfile.ZIP_STORED),
        SPLAT,
    ],
    ids=["glb", "ply", "zip", "zip of ply", "splat"],
)
def test_damage_anywhere_only_ever_makes_a_sentence(tmp_path: Path, whole: bytes) -> None:
    random = np.random.default_rng(3)
    # the places that describe the rest are where damage hurts most: the start and the end
    edges = [*range(min(len(whole), 500)), *range(max(len(whole) - 300, 0), len(whole))]
    for turn in range(400):
        content = bytearray(whole)
        for position in random.choice(edges, random.integers(1, 4)):
            content[position] ^= 1 << random.integers(8)
        if turn % 4 == 0:
            del content[random.integers(1, len(whole)) :]
        folder = tmp_path / "job"
        folder.mkdir()
        try:
            delivery = to_model(put(folder, bytes(content)), SERVICE)
        except ProviderError as error:
            assert str(error).endswith(".")
        else:
            check_glb(delivery.model, SERVICE)
        assert [name for name in left_in(tmp_path) if not name.startswith("job")] == []
        assert not list(folder.rglob("*.part"))
        shutil.rmtree(folder)
