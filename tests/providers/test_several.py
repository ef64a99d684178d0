# SPDX-License-Identifier: GPL-3.0-or-later
"""Answers that hold several models: each arrives, and one that does not can be fetched later."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
from loopback import faults, models
from loopback.people import people, person_glb
from loopback.runware import RunwareServer
from loopback.segmind import SegmindServer
from loopback.server import File
from loopback.wavespeed import WaveSpeedServer

from sam3d.engine.gltf.triangles import read_surface
from sam3d.engine.ply import Mesh, join, to_glb
from sam3d.providers.base import Credentials, Provider, ReconstructionOptions, Request, Result, Subject, Task
from sam3d.providers.errors import Cancelled, ProviderError, UnexpectedResponse, Unreachable
from sam3d.providers.runware.provider import RunwareProvider
from sam3d.providers.segmind.provider import SegmindProvider
from sam3d.providers.several import Incomplete
from sam3d.providers.wavespeed.provider import WaveSpeedProvider

BODY = ReconstructionOptions(Subject.BODY)
THREE = people(1.0, 0.6, 0.9)


def a_request(folder: Path, options: ReconstructionOptions = BODY) -> Request:
    photo = folder / "photo.png"
    photo.write_bytes(models.png(6, 4))
    return Request("1" * 32, photo, (), options, folder)


def submitted(provider: Provider, request: Request) -> Task:
    task = provider.submit(provider.prepare(request))
    assert provider.poll(task).finished
    return task


def quiet(_fraction: float, _stage: str) -> None:
    pass


def contents(entries: Sequence[Result | ProviderError]) -> list[bytes | None]:
    """What has arrived, in order; None for what has not."""
    return [entry.model.read_bytes() if isinstance(entry, Result) else None for entry in entries]


def at_wavespeed(server: WaveSpeedServer) -> WaveSpeedProvider:
    return WaveSpeedProvider(Credentials(server.url, server.key))


def at_segmind(server: SegmindServer) -> SegmindProvider:
    return SegmindProvider(Credentials(server.url, server.key))


def together(files: Sequence[File], folder: Path) -> bytes:
    """All these people in one GLB."""
    meshes = []
    for number, file in enumerate(files):
        path = folder / f"part-{number}.glb"
        path.write_bytes(file.content)
        vertices, faces = read_surface(path)
        meshes.append(Mesh(vertices.astype(np.float32), faces.astype(np.uint32)))
        path.unlink()
    return to_glb(join(meshes), "people")


def test_everybody_arrives_in_the_answers_order(tmp_path: Path) -> None:
    with WaveSpeedServer(results=[*THREE, File("preview.png", models.png())]) as server:
        provider = at_wavespeed(server)
        results = provider.fetch(submitted(provider, a_request(tmp_path)), tmp_path, quiet)
        assert contents(results) == [file.content for file in THREE]
        assert [extra.name for extra in results[0].extras] == ["extra.png"]


def test_objects_of_one_word_arrive_all(tmp_path: Path) -> None:
    files = [File(f"{size}.glb", models.glb(scale=size)) for size in (1.0, 2.0)]
    with WaveSpeedServer(results=files) as server:
        provider = at_wavespeed(server)
        request = a_request(tmp_path, ReconstructionOptions(prompt="chairs"))
        assert len(provider.fetch(submitted(provider, request), tmp_path, quiet)) == 2


@pytest.mark.parametrize("place", [0, 1, 3])
def test_a_file_of_all_together_is_not_taken_beside_the_single_ones(tmp_path: Path, place: int) -> None:
    everybody = together(THREE, tmp_path)
    files = list(THREE)
    files.insert(place, File("all.glb", everybody))
    with WaveSpeedServer(results=files) as server:
        provider = at_wavespeed(server)
        (result,) = provider.fetch(submitted(provider, a_request(tmp_path)), tmp_path, quiet)
        assert result.model.read_bytes() == everybody
        assert len(result.extras) == 3


def test_a_zip_of_people(tmp_path: Path) -> None:
    names = ("person_10.glb", "person_2.glb", "person_1.glb")
    held = {name: file.content for name, file in zip(names, THREE, strict=True)}
    content = models.packed({**held, "broken.glb": b"glTF and no more", "keypoints.json": b"{}"})
    with WaveSpeedServer(results=[File("people.zip", content)]) as server:
        provider = at_wavespeed(server)
        results = provider.fetch(submitted(provider, a_request(tmp_path)), tmp_path, quiet)
        assert contents(results) == [held[name] for name in reversed(names)]
        assert {extra.name for extra in results[0].extras} == {"broken.glb", "keypoints.json", "model.zip"}


@pytest.mark.parametrize(
    ("fault", "kind"),
    [
        (faults.NOT_FOUND, UnexpectedResponse),
        (faults.HALF, Unreachable),
        (faults.refuse(500), Unreachable),
        (faults.EMPTY, UnexpectedResponse),
    ],
)
def test_one_who_cannot_be_had_leaves_the_others(
    tmp_path: Path, fault: faults.Fault, kind: type[ProviderError]
) -> None:
    with WaveSpeedServer(results=list(THREE)) as server:
        provider = at_wavespeed(server)
        task = submitted(provider, a_request(tmp_path))
        server.fault("download", fault, after=1, times=1)
        with pytest.raises(Incomplete) as caught:
            provider.fetch(task, tmp_path, quiet)
        assert contents(caught.value.entries) == [THREE[0].content, None, THREE[2].content]
        assert isinstance(caught.value.entries[1], kind)
        last = caught.value.entries[2]
        again = provider.fetch(task, tmp_path, quiet)
        assert contents(again) == [file.content for file in THREE]
        assert isinstance(last, Result) and again[2].model == last.model  # nobody has taken another's file
        assert server.submit_posts == 1


def test_where_nobody_can_be_had_it_is_the_jobs_error(tmp_path: Path) -> None:
    with WaveSpeedServer(results=list(THREE)) as server:
        provider = at_wavespeed(server)
        task = submitted(provider, a_request(tmp_path))
        server.fault("download", faults.NOT_FOUND)
        with pytest.raises(UnexpectedResponse, match="no longer has the result"):
            provider.fetch(task, tmp_path, quiet)


def test_cancelling_ends_the_whole(tmp_path: Path) -> None:
    with WaveSpeedServer(results=list(THREE)) as server:
        provider = at_wavespeed(server)
        task = submitted(provider, a_request(tmp_path))

        def stop(_fraction: float, _stage: str) -> None:
            if server.count("download") > 1:
                raise Cancelled

        with pytest.raises(Cancelled):
            provider.fetch(task, tmp_path, stop)


@pytest.mark.parametrize("held", ["nothing", "one person", "everybody"])
def test_people_at_segmind(tmp_path: Path, held: str) -> None:
    everybody = together(THREE, tmp_path)
    whole = {"nothing": b"", "one person": person_glb(), "everybody": everybody}[held]
    with SegmindServer(people=3, person_models=list(THREE), results=[File("model.glb", whole)]) as server:
        if not whole:
            server.fault("result", faults.change(lambda record: record | {"model_glb": None}))
        provider = at_segmind(server)
        results = provider.fetch(submitted(provider, a_request(tmp_path)), tmp_path, quiet)
        expected = [everybody] if held == "everybody" else [file.content for file in THREE]
        assert contents(results) == expected
        assert sum(result.cost or 0 for result in results) == pytest.approx(server.charged)
        assert "keypoints.json" in {extra.name for extra in results[0].extras}


def test_one_who_cannot_be_had_at_segmind(tmp_path: Path) -> None:
    with SegmindServer(people=3, person_models=list(THREE)) as server:
        server.fault("result", faults.change(lambda record: record | {"model_glb": None}))
        provider = at_segmind(server)
        task = submitted(provider, a_request(tmp_path))
        server.fault("download", faults.NOT_FOUND, times=1)
        with pytest.raises(Incomplete) as caught:
            provider.fetch(task, tmp_path, quiet)
        assert contents(caught.value.entries) == [None, THREE[1].content, THREE[2].content]
        assert contents(provider.fetch(task, tmp_path, quiet)) == [file.content for file in THREE]


def test_a_variation_that_cannot_be_downloaded_leaves_the_others(tmp_path: Path) -> None:
    with RunwareServer() as server:
        provider = RunwareProvider(Credentials(server.url, server.key))
        request = a_request(tmp_path, replace(BODY, subject=Subject.OBJECT, results=3))
        task = submitted(provider, request)
        server.fault("download", faults.GONE, after=1, times=1)
        with pytest.raises(Incomplete) as caught:
            provider.fetch(task, tmp_path, quiet)
        assert [isinstance(entry, Result) for entry in caught.value.entries] == [True, False, True]
        first = caught.value.entries[0]
        assert isinstance(first, Result) and first.notes == ()
        assert len(provider.fetch(task, tmp_path, quiet)) == 3
        assert server.submit_posts == 1
