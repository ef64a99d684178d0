# SPDX-License-Identifier: GPL-3.0-or-later
"""What comes from outside does no harm: tokens, hosts, sizes, bombs, addresses, slowness."""

from __future__ import annotations

import contextlib
import http.server
import io
import os
import socket
import struct
import subprocess
import threading
import time
import zlib
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest
import requests
import uvicorn
from environments import python_in
from PIL import Image
from sam3d_server.connections import while_connected
from sam3d_server.errors import BadPicture
from sam3d_server.fetching import fetch, is_public
from sam3d_server.guard import Guard, Rate
from sam3d_server.listening import client_of
from sam3d_server.metrics import Metrics
from sam3d_server.settings import Settings
from server_process import wait_until
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route
from talking import Start, Talk, disc_mask, noise, picture

TOKEN = "a-token-for-the-tests-only"
OBJECTS = "/api/v3/wavespeed-ai/sam-3d-objects"


def test_the_token_is_asked_for(start: Start) -> None:
    talk = start(token=TOKEN)
    assert talk.get("/health").status_code == 200
    done = talk.result(talk.submit(talk.upload(picture()))["id"])
    stranger = requests.Session()
    for path in ("/health", "/metrics", "/api/v3/balance", "/api/v3/predictions/x/result"):
        for headers in (
            {},
            {"Authorization": "Bearer wrong"},
            {"Authorization": TOKEN},
            {"Authorization": "Bearer \xff"},
        ):
            answer = stranger.get(talk.url + path, headers=headers, timeout=10)
            assert answer.status_code == 401, (path, headers)
    for path in (OBJECTS, "/api/v3/media/uploads"):
        assert stranger.post(talk.url + path, json={}, timeout=10).status_code == 401
    # who was told a result's address may read it, as everywhere in this protocol
    assert stranger.get(done["outputs"][0], timeout=10).content[:4] == b"glTF"
    assert TOKEN not in talk.server.log.read_text()


@pytest.mark.parametrize("host", ["0.0.0.0", "::", "192.168.1.5", "studio"])
def test_other_addresses_need_a_token(host: str, tmp_path: Path) -> None:
    command = [python_in("server"), "-m", "sam3d_server", "--host", host, "--data", tmp_path / "d", "--port", "0"]
    environment = {**os.environ, "PYTHONPATH": os.pathsep.join(["server", "build/python"])}
    root = Path(__file__).resolve().parents[2]
    refused = subprocess.run(
        command, capture_output=True, text=True, cwd=root, env=environment, timeout=60, check=False
    )
    assert refused.returncode == 1
    assert f"Listening on {host} needs a token" in refused.stderr
    assert Settings(host=host, token=TOKEN)


@pytest.mark.parametrize("token", ["short", "with a space in it", "ümläut-token-with-marks"])
def test_poor_tokens(token: str) -> None:
    with pytest.raises(ValueError, match="at least 16 plain characters"):
        Settings(token=token)


def test_pages_of_the_web_get_nothing(talk: Talk) -> None:
    assert talk.get("/health", headers={"Host": "evil.example.com"}).status_code == 421
    assert talk.get("/health", headers={"Host": "a b"}).status_code == 400
    assert talk.get("/health", headers={"Origin": "https://evil.example.com"}).status_code == 403
    assert talk.get("/health", headers={"Origin": "null"}).status_code == 403
    assert talk.get("/health", headers={"Origin": talk.url}).status_code == 200


def test_sizes(talk: Talk) -> None:
    assert talk.post("/api/v3/model/price", data=b"x" * 2**21).status_code == 413
    much = talk.post("/api/v3/media/upload/binary", files={"file": ("x", bytes(66 * 2**20))})
    assert much.status_code == 413
    assert "at most 64 MB" in much.json()["message"]
    announced = talk.post("/api/v3/media/uploads", {"filename": "x", "size": 65 * 2**20})
    assert announced.status_code == 400
    options = {"filename": "x", "size": 100}
    way = talk.post("/api/v3/media/uploads", options).json()["data"]["upload"]
    for size in (99, 101, 2**20):
        assert requests.put(way["url"], bytes(size), timeout=10).status_code == 400
    assert talk.get("/health").status_code == 200


def bomb() -> bytes:
    """A PNG of a few kilobytes that would be 40 gigabytes."""

    def chunk(kind: bytes, data: bytes) -> bytes:
        return struct.pack(">I", len(data)) + kind + data + struct.pack(">I", zlib.crc32(kind + data))

    head = struct.pack(">IIBBBBB", 100_000, 100_000, 8, 6, 0, 0, 0)
    return (
        b"\x89PNG\r\n\x1a\n" + chunk(b"IHDR", head) + chunk(b"IDAT", zlib.compress(bytes(10**6))) + chunk(b"IEND", b"")
    )


def gif() -> bytes:
    memory = io.BytesIO()
    Image.new("RGB", (20, 20)).save(memory, "GIF")
    return memory.getvalue()


@pytest.mark.parametrize(
    ("content", "words"),
    [
        (bomb(), "more than 64 million pixels"),
        (b"", "cannot be read"),
        (b"<svg xmlns='http://www.w3.org/2000/svg'/>", "cannot be read"),
        (gif(), "cannot be read"),
        (picture()[:40], ""),
        (disc_mask(4, 4), "only 4 x 4 pixels"),
    ],
)
def test_pictures_that_are_none(talk: Talk, content: bytes, words: str) -> None:
    answer = talk.post("/api/v3/media/upload/binary", files={"file": ("photo.png", content)})
    if words:
        assert answer.status_code in (400, 422)
        assert words in answer.json()["message"]


def test_a_broken_picture_ends_its_job_alone(talk: Talk) -> None:
    image = talk.upload(noise(200, 200)[:50_000])
    failed = talk.result(talk.submit(image)["id"])
    assert failed["error"] == "The picture cannot be read: send a PNG, JPEG or WebP file."
    assert failed["tries"] == 1
    assert failed["code"] == 1402


@pytest.mark.parametrize(
    "address",
    [
        "http://127.0.0.1:1/x.png",
        "file:///etc/passwd",
        "/etc/passwd",
        "http://127.0.0.1/files/../../etc/passwd",
        "http://127.0.0.1/files/" + "0" * 32,
        "data:image/png;base64,AAAA",
    ],
)
def test_addresses_that_are_not_ours(talk: Talk, address: str) -> None:
    answer = talk.post(OBJECTS, {"image": address})
    assert answer.status_code == 400
    assert answer.json()["message"].endswith("upload it first.")


def test_nothing_private_is_fetched(start: Start) -> None:
    talk = start("--allow-urls")
    with serving(picture()) as url:
        for address in (
            url,
            url.replace("127.0.0.1", "localhost"),
            "http://169.254.169.254/latest/meta-data",
            "http://[::1]/x",
        ):
            answer = talk.post(OBJECTS, {"image": address})
            assert answer.status_code == 400, address
            assert "not fetched from this address" in answer.json()["message"]


@pytest.mark.parametrize(
    ("address", "public"),
    [
        ("8.8.8.8", True),
        ("2606:4700::1111", True),
        ("127.0.0.1", False),
        ("10.1.2.3", False),
        ("100.64.0.1", False),
        ("169.254.169.254", False),
        ("192.168.0.1", False),
        ("224.0.0.1", False),
        ("0.0.0.0", False),
        ("::1", False),
        ("fe80::1%eth0", False),
        ("fd00::1", False),
        ("::ffff:127.0.0.1", False),
        ("2002:7f00:1::", False),
        ("64:ff9b::7f00:1", False),
        ("64:ff9b::808:808", False),
        ("64:ff9b:1::a00:1", False),
        ("::127.0.0.1", False),
        ("::808:808", False),
        ("::", False),
        ("::ffff:0:127.0.0.1", False),
        ("2001::7f00:1", False),
        ("2a00:1450:4001:830::5efe:7f00:1", False),
        ("2a00:1450:4001:830:0:5efe:127.0.0.1", False),
        ("2a00:1450:4001:830:200:5efe:10.0.0.1", False),
        ("fec0::1", False),
        ("3fff::1", False),
        ("192.88.99.1", False),
        ("100.64.0.1", False),
    ],
)
def test_what_is_public(address: str, public: bool) -> None:
    assert is_public(address) is public


def test_fetching(tmp_path: Path) -> None:
    content = picture()
    file = tmp_path / "x"
    with serving(content) as url:
        port = int(url.split(":")[2].split("/")[0])

        def bring(address: str, largest: int = 10**6) -> int:
            return fetch(address, file, largest, allowed=lambda _: True, ports=(port,))

        assert bring(url) == len(content)
        assert file.read_bytes() == content
        for address, largest, words in (
            (url, 100, "send a smaller one"),
            (url + "/redirect", 10**6, "HTTP 302"),
            (url.replace("http:", "ftp:"), 10**6, "not fetched"),
            (url.replace("http://", "http://user:x@"), 10**6, "not fetched"),
        ):
            with pytest.raises(BadPicture, match=words):
                bring(address, largest)
        with pytest.raises(BadPicture, match="not fetched"):
            fetch(url, file, 10**6, ports=(port,))


@contextmanager
def trickling(begin: bytes) -> Iterator[tuple[int, threading.Event]]:
    """A server on this computer that sends a byte now and then: its port, and an event that is set while it sends."""
    sending, ending = threading.Event(), threading.Event()

    def serve() -> None:
        with contextlib.suppress(OSError):
            client, _ = listening.accept()
            with client:
                client.sendall(begin)
                while not ending.wait(0.05):
                    client.sendall(b"x")
                    sending.set()

    with socket.create_server(("127.0.0.1", 0)) as listening:
        thread = threading.Thread(target=serve)
        thread.start()
        yield listening.getsockname()[1], sending
        ending.set()
        with contextlib.suppress(OSError):
            listening.shutdown(socket.SHUT_RDWR)
        thread.join()


TRICKLES = [
    b"",
    b"HTTP/1.1 200 OK\r\nX-Long: ",
    b"HTTP/1.1 200 OK\r\nContent-Length: 100000\r\n\r\n",
    b"HTTP/1.1 200 OK\r\n\r\n",
]


def fetch_from(port: int, folder: Path, scheme: str = "http", **options: Any) -> None:
    """What a server on this computer sends."""
    address = f"{scheme}://127.0.0.1:{port}/x"
    fetch(address, folder / "x", 10**6, allowed=lambda _: True, ports=(port,), **options)


@pytest.mark.parametrize("scheme", ["http", "https"])
@pytest.mark.parametrize("begin", TRICKLES)
def test_a_picture_that_trickles_in_has_a_deadline(tmp_path: Path, begin: bytes, scheme: str) -> None:
    with trickling(begin) as (port, _):
        began = time.monotonic()
        with pytest.raises(BadPicture, match=r"sends too slowly|cannot be reached" if scheme == "https" else "slowly"):
            fetch_from(port, tmp_path, scheme, seconds=1.0)
        assert time.monotonic() - began < 10


def test_a_picture_that_nobody_waits_for_is_given_up(tmp_path: Path) -> None:
    with trickling(TRICKLES[2]) as (port, sending):
        stop = threading.Event()
        threading.Thread(target=lambda: (sending.wait(30), stop.set())).start()
        began = time.monotonic()
        with pytest.raises(BadPicture):
            fetch_from(port, tmp_path, seconds=60.0, stop=stop)
        assert time.monotonic() - began < 30


def test_what_a_client_waits_for_is_given_up_when_it_goes_away() -> None:
    begun, given_up = threading.Event(), threading.Event()

    async def long(request: Request) -> Response:
        await request.body()
        stop = threading.Event()

        def work() -> None:
            begun.set()
            if stop.wait(60):
                given_up.set()

        await while_connected(request, work, stop)
        return Response()

    app = Guard(
        Starlette(routes=[Route("/", long, methods=["POST"])]),
        loopback_only=True,
        upload_bytes=1000,
        silent_seconds=30,
        token="",
        metrics=Metrics(),
    )
    with socket.create_server(("127.0.0.1", 0)) as listening:
        server = uvicorn.Server(uvicorn.Config(app, log_config=None, lifespan="off"))
        thread = threading.Thread(target=server.run, kwargs={"sockets": [listening]})
        thread.start()
        with socket.create_connection(listening.getsockname(), timeout=30) as client:
            client.sendall(b"POST / HTTP/1.1\r\nHost: 127.0.0.1\r\nContent-Length: 2\r\n\r\n{}")
            assert begun.wait(30)
            assert not given_up.is_set()
        assert given_up.wait(30)
        server.should_exit = True
        thread.join(30)


@contextmanager
def serving(content: bytes) -> Iterator[str]:
    """A web server on this computer."""

    class Handler(http.server.BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            self.send_response(302 if self.path.endswith("redirect") else 200)
            self.send_header("Location", "http://127.0.0.1/")
            self.send_header("Content-Length", str(len(content)))
            self.end_headers()
            self.wfile.write(content)

        def log_message(self, *_words: object) -> None:
            pass

    with http.server.ThreadingHTTPServer(("127.0.0.1", 0), Handler) as server:
        thread = threading.Thread(target=server.serve_forever)
        thread.start()
        yield f"http://127.0.0.1:{server.server_port}/photo.png"
        server.shutdown()
        thread.join()


def test_the_rate_of_submits(start: Start) -> None:
    talk = start("--submits-per-minute", "5")
    image = talk.upload(picture())
    statuses = [talk.post(OBJECTS, {"image": image, "idempotency_key": "k"}).status_code for _ in range(8)]
    assert statuses == [200] * 5 + [429] * 3
    refused = talk.post(OBJECTS, {"image": image})
    assert 1 <= int(refused.headers["Retry-After"]) <= 60


def test_a_rate_recovers() -> None:
    rate = Rate(60)
    assert [rate.wait("a", 0.0) > 0 for _ in range(61)] == [False] * 60 + [True]
    assert rate.wait("b", 0.0) == 0
    assert rate.wait("a", 0.5) == pytest.approx(0.5)
    assert rate.wait("a", 1.01) == 0
    assert Rate(0).wait("a", 0.0) == 0


def test_slow_clients_keep_nobody_waiting(start: Start) -> None:
    talk = start("--silent-seconds", "1")
    host, port = talk.url.removeprefix("http://").split(":")
    lame = []
    for _ in range(60):
        client = socket.create_connection((host, int(port)))
        client.sendall(b"POST /api/v3/model/price HTTP/1.1\r\nHost: 127.0.0.1\r\nContent-Length: 100\r\n\r\n{")
        lame.append(client)
    assert talk.result(talk.submit(talk.upload(picture()))["id"])["status"] == "completed"
    for client in lame:
        client.settimeout(30)
        assert client.recv(12) == b"HTTP/1.1 408"
        client.close()


@pytest.mark.parametrize(
    "begun",
    [
        b"",
        b"P",
        b"POST /api/v3/model/price HTTP/1.1\r\nHost: 127.0.0.1\r\n",
        b"GET /health HTTP/1.1\r\nHost: 127.0.0.1\r\n\r\nGET /health HT",
    ],
)
def test_a_head_that_does_not_end_is_not_waited_for(start: Start, begun: bytes) -> None:
    """Nor one of which a byte comes now and then."""
    talk = start("--silent-seconds", "1")
    host, port = talk.url.removeprefix("http://").split(":")
    with socket.create_connection((host, int(port)), timeout=1) as client:
        client.sendall(begun)
        end, ended = time.monotonic() + 60, False
        while not ended:
            assert time.monotonic() < end
            try:
                client.sendall(b"X" if begun else b"")
                client.settimeout(0.2)
                ended = client.recv(1000) == b""
            except TimeoutError:
                continue
            except OSError:
                ended = True
    assert talk.get("/health").status_code == 200


def test_a_body_that_trickles_in_is_not_waited_for(start: Start) -> None:
    talk = start("--silent-seconds", "1")
    host, port = talk.url.removeprefix("http://").split(":")
    with socket.create_connection((host, int(port)), timeout=30) as client:
        client.sendall(b"POST /api/v3/model/price HTTP/1.1\r\nHost: 127.0.0.1\r\nContent-Length: 999999\r\n\r\n{")
        end, answer = time.monotonic() + 60, b""
        while not answer:
            assert time.monotonic() < end
            client.sendall(b" ")
            client.settimeout(0.2)
            with contextlib.suppress(TimeoutError):
                answer = client.recv(12)
    assert answer == b"HTTP/1.1 408"


def connect(talk: Talk) -> socket.socket:
    """A connection on which nothing is said."""
    host, _, port = talk.url.partition("://")[2].rpartition(":")
    client = socket.create_connection((host, int(port)), timeout=30)
    client.settimeout(30)
    return client


@pytest.mark.parametrize("options", [["--connections", "20"], ["--connections-each", "20"]])
def test_more_connections_than_the_server_bears_are_refused(start: Start, options: list[str]) -> None:
    """However long their clients say nothing, and without an end of those that are there."""
    talk = start(*options)
    with contextlib.ExitStack() as stack:
        clients = [stack.enter_context(connect(talk)) for _ in range(100)]
        answers = []
        for client in clients[20:]:
            told = b""
            while part := client.recv(4096):  # to its end
                told += part
            answers.append(told)
        for told in answers:
            assert told.startswith(b"HTTP/1.1 503 ") and b"Retry-After" in told
            assert b"Too many connections are open" in told
        clients[0].sendall(b"GET /health HTTP/1.1\r\nHost: 127.0.0.1\r\nConnection: close\r\n\r\n")
        assert clients[0].recv(12) == b"HTTP/1.1 200"
    wait_until(lambda: is_well(talk), "room for new connections")


def is_well(talk: Talk) -> bool:
    """Whether a new connection is served."""
    return requests.get(f"{talk.url}/health", timeout=30).status_code == 200


@pytest.mark.parametrize(
    ("address", "client"),
    [
        ("192.0.2.7", "192.0.2.7"),
        ("::ffff:192.0.2.7", "192.0.2.7"),
        ("2001:db8:1:2:3:4:5:6", "2001:db8:1:2::/64"),
        ("fe80::1%eth0", "fe80::/64"),
    ],
)
def test_whose_connections_are_counted_together(address: str, client: str) -> None:
    assert client_of(address) == client


def test_a_handshake_that_does_not_end_is_not_waited_for(start: Start, tmp_path: Path) -> None:
    """Nor does it count for nothing."""
    talk = start("--silent-seconds", "1", "--connections", "10", *certificate(tmp_path))
    with contextlib.ExitStack() as stack:
        clients = [stack.enter_context(connect(talk)) for _ in range(10)]
        for client in clients[5:]:
            client.sendall(b"\x16\x03\x01")
        with connect(talk) as refused:
            assert refused.recv(100) == b""
        for client in clients:
            with contextlib.suppress(ConnectionResetError):
                assert client.recv(100) == b""
    answer = requests.get(f"{talk.url}/health", timeout=30, verify=str(tmp_path / "certificate.pem"))
    assert answer.status_code == 200


def certificate(folder: Path) -> list[str]:
    """The options for TLS with a certificate for this computer."""
    files = folder / "certificate.pem", folder / "key.pem"
    command = ["openssl", "req", "-x509", "-newkey", "rsa:2048", "-nodes", "-days", "2", "-subj", "/CN=localhost"]
    names = ["-addext", "subjectAltName=IP:127.0.0.1", "-out", str(files[0]), "-keyout", str(files[1])]
    try:
        subprocess.run([*command, *names], check=True, capture_output=True)
    except FileNotFoundError:
        pytest.skip("no openssl to make a certificate with")
    return ["--certificate", str(files[0]), "--certificate-key", str(files[1])]


@pytest.mark.parametrize("path", ["/api/v3/media/upload/binary", "/api/v3/wavespeed-ai/sam-3d-objects", "/nowhere"])
def test_the_token_is_asked_for_before_the_body_is_read(start: Start, path: str) -> None:
    talk = start(token=TOKEN)
    host, port = talk.url.removeprefix("http://").split(":")
    head = f"POST {path} HTTP/1.1\r\nHost: 127.0.0.1\r\nContent-Type: multipart/form-data; boundary=x\r\n"
    with socket.create_connection((host, int(port)), timeout=30) as client:
        client.sendall(f"{head}Content-Length: 1000000\r\n\r\n--x\r\n".encode())
        answer = client.recv(4096)
        assert answer.startswith(b"HTTP/1.1 401") and b"connection: close" in answer.lower()


def test_what_is_not_http(talk: Talk) -> None:
    host, port = talk.url.removeprefix("http://").split(":")
    for junk in (
        b"\x00\xff\r\n\r\n",
        b"GET / HTTP/1.1\r\nHost: x\r\nContent-Length: -5\r\n\r\n",
        b"A" * 100_000 + b"\r\n\r\n",
    ):
        with socket.create_connection((host, int(port)), timeout=10) as client:
            client.sendall(junk)
            assert b" 400 " in client.recv(100)
    assert talk.get("/health").status_code == 200


@pytest.mark.parametrize(
    "body",
    [
        b"",
        b"{",
        b"[]",
        b"null",
        b'{"image": "\\ud800"}',
        b'{"\\ud800": 1, "image": "x"}',
        b'{"image": "x", "seed": 1e400}',
        b'{"image": "x", "seed": NaN}',
        b'{"image": "x", "seed": 99999999999999999999999}',
        b'{"image": "x", "enable_sync_mode": "yes"}',
        b'{"image": "x", "unknown": 1}',
        b'{"image": 5}',
        b"\xff\xfe",
        b'{"a":' * 5000,
        b"[" * 100_000,
    ],
)
def test_malformed_jobs(talk: Talk, body: bytes) -> None:
    answer = talk.post(OBJECTS, data=body, headers={"Content-Type": "application/json"})
    assert answer.status_code in (400, 422), answer.text
    assert answer.json()["data"] is None
