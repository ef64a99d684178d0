# SPDX-License-Identifier: GPL-3.0-or-later
"""Every request leaves a line in the log, and no line tells a secret."""

import logging
import re
from pathlib import Path

import pytest
from loopback import models
from loopback.runware import RunwareServer
from loopback.segmind import SegmindServer
from loopback.server import LoopbackServer
from loopback.wavespeed import WaveSpeedServer
from network import SERVICE_HOST, Host, Proxy, Told, closed_port, until, without_proxies

from sam3d.providers import SERVICES
from sam3d.providers.base import Credentials, ReconstructionOptions, Request
from sam3d.providers.errors import Cancelled, UnexpectedResponse, Unreachable
from sam3d.providers.http import Client

KEY = "sk-5ecret-0f-the-log"
SIGNATURE = "X-Signature=5igned"


@pytest.fixture(autouse=True)
def _bare_environment(monkeypatch: pytest.MonkeyPatch) -> None:
    without_proxies(monkeypatch)


@pytest.fixture(autouse=True)
def _listening(caplog: pytest.LogCaptureFixture) -> None:
    caplog.set_level(logging.DEBUG, "sam3d.http")


def client(url: str) -> Client:
    return Client("Service", Credentials(url, KEY), {"Authorization": f"Bearer {KEY}"})


def lines(caplog: pytest.LogCaptureFixture) -> list[str]:
    return [record.getMessage() for record in caplog.records if record.name == "sam3d.http"]


def test_a_request_leaves_one_line(caplog: pytest.LogCaptureFixture) -> None:
    with Host() as host:
        host.responses["/refused?a=b"] = Told(b"no such thing", 404)
        client(host.url).post("/job", {"a": 1})
        client(host.url).get("/refused?a=b")
    accepted, refused = lines(caplog)
    assert re.fullmatch(r"POST 127\.0\.0\.1/job 200, 8 bytes sent, 2 bytes received, \d+ ms", accepted)
    assert re.fullmatch(r"GET 127\.0\.0\.1/refused 404, 0 bytes sent, 13 bytes received, \d+ ms", refused)


def test_a_request_that_fails_tells_the_kinds_of_its_error(caplog: pytest.LogCaptureFixture) -> None:
    with pytest.raises(Unreachable):
        client(f"http://127.0.0.1:{closed_port()}").get(f"/a?{SIGNATURE}")
    with Host() as host, pytest.raises(Unreachable):
        host.responses["/broken"] = Told(b"????", headers={"Content-Encoding": "gzip", "Content-Length": "4"})
        client(host.url).get("/broken")
    refused, broken = lines(caplog)
    assert re.match(r"GET 127\.0\.0\.1/a no answer, \d+ ms: Unreachable from ConnectionError from .*", refused)
    assert refused.endswith("ConnectionRefusedError")
    assert re.match(r"GET 127\.0\.0\.1/broken 200, 0 bytes sent, 4 bytes received, \d+ ms: Unreachable from", broken)


def test_a_download_that_is_stopped_is_told(caplog: pytest.LogCaptureFixture, tmp_path: Path) -> None:
    def stop(_fraction: float, _stage: str) -> None:
        raise Cancelled

    with Host(told=Told(b"whole", headers={"Content-Length": "5"})) as host, pytest.raises(Cancelled):
        client(host.url).download(f"{host.url}/file", tmp_path / "model.glb", stop)
    assert lines(caplog)[0].endswith(": Cancelled")


def test_no_signature_of_a_storage_is_told(
    caplog: pytest.LogCaptureFixture, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Not that of an address, of one that a redirect leads to, nor of one that a proxy refuses."""
    photo = tmp_path / "photo.png"
    photo.write_bytes(b"photo")
    with Host() as host, Proxy(host.port) as proxy:
        host.responses[f"/file?{SIGNATURE}"] = Told(b"", 302, {"Location": f"/there?{SIGNATURE}"})
        way = client(host.url)
        way.download(f"{host.url}/file?{SIGNATURE}", tmp_path / "model.glb", lambda _fraction, _stage: None)
        way.put_file(f"{host.url}/storage?{SIGNATURE}", photo, {})
        with pytest.raises(UnexpectedResponse, match="not safe"):
            way.put_file(f"http://somebody:{SIGNATURE}@127.0.0.1:{host.port}/storage?{SIGNATURE}", photo, {})
        proxy.status = 403
        monkeypatch.setenv("HTTP_PROXY", proxy.url)
        way.put_file(f"http://{SERVICE_HOST}/storage?{SIGNATURE}#{SIGNATURE}", photo, {})
    assert [line.split()[1] for line in lines(caplog)] == [
        *("127.0.0.1/file", "127.0.0.1/there", "127.0.0.1/storage", f"{SERVICE_HOST}/storage")
    ]
    assert "5igned" not in caplog.text


def test_a_path_cannot_forge_lines(caplog: pytest.LogCaptureFixture, tmp_path: Path) -> None:
    """Addresses come from services: a key in one is made unreadable, and a line stays one."""
    with Host() as host:
        client(host.url).get(f"/{KEY}/a\u2028b\u001b[31m{'c' * 5000}")
    (line,) = lines(caplog)
    assert line.startswith("GET 127.0.0.1/[key]/a b [31mccc")
    assert line.isprintable()
    assert len(line) < 400


@pytest.mark.parametrize(
    ("provider", "server_class"),
    [
        ("WAVESPEED", WaveSpeedServer),
        ("SEGMIND", SegmindServer),
        ("RUNWARE", RunwareServer),
    ],
)
def test_the_log_of_a_whole_job_holds_no_key(
    provider: str, server_class: type[LoopbackServer], caplog: pytest.LogCaptureFixture, tmp_path: Path
) -> None:
    photo = tmp_path / "photo.png"
    photo.write_bytes(models.png(64, 48))
    request = Request("0123456789abcdef", photo, (), ReconstructionOptions(prompt="a mug"), tmp_path)
    with server_class(key=KEY) as server:
        service = SERVICES[provider].create(Credentials(server.url, KEY))
        task = service.submit(service.prepare(request))
        until(lambda: service.poll(task).finished)
        service.fetch(task, tmp_path, lambda _fraction, _stage: None)
        told = lines(caplog)
        assert len(told) == len(server.requests)
    assert not any(KEY in line or "?" in line for line in told)
