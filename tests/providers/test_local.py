# SPDX-License-Identifier: GPL-3.0-or-later
"""The artist's own server as a provider, against the real server's process."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
from loopback import models
from network import Proxy, closed_port, without_proxies
from PIL import Image
from server_process import ServerProcess, wait_until

from sam3d.engine.gltf.painted import read_painted
from sam3d.engine.raster import scan
from sam3d.providers import Credentials, ReconstructionOptions
from sam3d.providers.base import Request, Subject
from sam3d.providers.errors import InvalidInput, RemoteFailure, Unreachable, WrongKey
from sam3d.providers.local.provider import LocalProvider

PHOTO = Path(__file__).resolve().parents[2] / "examples" / "photos" / "mug.jpg"
GLTF_TO_BLENDER = np.array([[1.0, 0, 0], [0, 0, -1], [0, 1, 0]])
TOKEN = "a-token-for-the-tests-only"


@pytest.fixture(scope="module")
def server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[ServerProcess]:
    with ServerProcess(tmp_path_factory.mktemp("server"), env={"SAM3D_SERVER_TOKEN": TOKEN}) as process:
        yield process


@pytest.fixture
def provider(server: ServerProcess) -> LocalProvider:
    return LocalProvider(Credentials(url=server.url, key=TOKEN, online=False))


def request(
    folder: Path, name: str, *, options: ReconstructionOptions | None = None, mask: tuple[int, int] | None = None
) -> Request:
    """A request of that id for a small photo."""
    photo = folder / "photo.jpg"
    photo.write_bytes(PHOTO.read_bytes())
    masks: tuple[Path, ...] = ()
    if mask:
        masks = (folder / "mask.png",)
        masks[0].write_bytes(models.png(*mask, channels=1, fill=255))
    return Request(name, photo, masks, options or ReconstructionOptions(), folder)


def quiet(_fraction: float, _stage: str) -> None:
    """Nobody wants to know."""


def test_a_submit_whose_answer_got_lost(provider: LocalProvider, tmp_path: Path) -> None:
    asked = request(tmp_path, "lost")
    assert provider.recover(asked) is None
    task = provider.submit(provider.prepare(asked))
    assert provider.recover(asked) == task
    assert provider.submit(provider.prepare(asked)) == task
    wait_until(lambda: provider.poll(task).finished, "the result")
    (result,) = provider.fetch(task, tmp_path, quiet)
    assert result.model.read_bytes()[:4] == b"glTF"
    assert result.model_name == "draft" and result.frontal


def test_an_engine_tells_how_it_has_seen_its_model(provider: LocalProvider, tmp_path: Path) -> None:
    """The model, in that pose before that camera, covers what it was made of."""
    asked = request(tmp_path, "posed")
    size = 256, 192
    with Image.open(PHOTO) as photo:
        photo.resize(size).save(asked.photo)
    shown = np.zeros(size[::-1], bool)
    shown[60:150, 90:200] = True
    Image.fromarray(shown).convert("L").save(tmp_path / "mask.png")
    task = provider.submit(provider.prepare(replace(asked, masks=(tmp_path / "mask.png",))))
    wait_until(lambda: provider.poll(task).finished, "the result")
    (result,) = provider.fetch(task, tmp_path, quiet)
    assert result.pose is not None
    covered = np.zeros_like(shown)
    for part in read_painted(result.model):
        points = np.c_[part.points @ GLTF_TO_BLENDER.T, np.ones(len(part.points))] @ result.pose.matrix.T
        pixels = points[:, :2] / -points[:, 2:3] * (1, -1) * result.pose.focal * max(size) + np.array(size) / 2
        _, columns, rows = scan(pixels[part.faces], *size)
        covered[rows, columns] = True
    assert (covered & shown).sum() / (covered | shown).sum() > 0.9


def test_stages_and_cancel(provider: LocalProvider, tmp_path: Path) -> None:
    first = provider.submit(
        provider.prepare(request(tmp_path, "first", options=ReconstructionOptions(subject=Subject.BODY)))
    )
    second = provider.submit(provider.prepare(request(tmp_path, "second")))
    assert provider.poll(second).stage.startswith(("Waiting", "Starting"))
    for task in (second, first):
        provider.cancel(task)
        with pytest.raises(RemoteFailure, match="SAM 3D Server: The job was cancelled"):
            provider.poll(task)


def test_a_failure_is_told_in_the_servers_words(provider: LocalProvider, tmp_path: Path) -> None:
    task = provider.submit(provider.prepare(request(tmp_path, "small", mask=(20, 20))))

    def ended() -> bool:
        try:
            return provider.poll(task).finished
        except RemoteFailure as error:
            assert "The mask does not have the photo's size" in str(error)
            return True

    wait_until(ended, "the failure")
    with pytest.raises(RemoteFailure):
        provider.poll(task)


def test_what_is_wrong(server: ServerProcess, provider: LocalProvider, tmp_path: Path) -> None:
    assert "It runs version" in provider.account().note
    for key in ("", "another-token-than-its"):
        with pytest.raises(WrongKey, match="does not accept the token"):
            LocalProvider(Credentials(url=server.url, key=key)).account()
    with pytest.raises(Unreachable, match="is not running at this address") as told:
        LocalProvider(Credentials(url="http://127.0.0.1:9", online=False)).account()
    assert not told.value.sent
    with pytest.raises(Unreachable, match="allow online access"):
        LocalProvider(Credentials(url="http://192.0.2.1:8777", online=False)).account()
    empty = request(tmp_path, "none")
    empty.photo.write_bytes(b"no picture")
    with pytest.raises((InvalidInput, Unreachable)):
        provider.prepare(empty)


@pytest.mark.parametrize("answer", [407, 403, 404, 503, None])
def test_a_proxy_before_a_server_in_the_network(answer: int | None, monkeypatch: pytest.MonkeyPatch) -> None:
    """Neither its token nor its address is blamed, and the way out is named."""
    without_proxies(monkeypatch)
    server = LocalProvider(Credentials(url="http://192.168.7.7:8777", key=TOKEN))
    with Proxy(closed_port()) as proxy:
        proxy.status = answer or 0
        url = proxy.url if answer else f"http://127.0.0.1:{closed_port()}"
        monkeypatch.setenv("HTTP_PROXY", url)
        with pytest.raises(Unreachable) as told:
            server.account()
    assert url.removeprefix("http://") in str(told.value)
    assert "add 192.168.7.7 to the environment variable NO_PROXY" in str(told.value)
