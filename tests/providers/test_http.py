# SPDX-License-Identifier: GPL-3.0-or-later
"""The way to a service, against real sockets: where the key goes, proxies, certificates, limits, and what is said."""

import contextlib
import functools
import gzip
import itertools
import random
import re
import socket
import ssl
import struct
import threading
import traceback
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from network import (
    BOUND,
    SERVICE_HOST,
    Authority,
    Host,
    Proxy,
    Raw,
    Seen,
    Told,
    closed_port,
    make_authority,
    without_proxies,
)
from requests.structures import CaseInsensitiveDict

from sam3d.providers import connections, content, http
from sam3d.providers.addresses import is_loopback
from sam3d.providers.base import Credentials, ReconstructionOptions, Request, Task
from sam3d.providers.connections import Sending, stoppable
from sam3d.providers.errors import BehindProxy, Cancelled, ProviderError, UnexpectedResponse, Unreachable, WrongKey
from sam3d.providers.http import Client
from sam3d.providers.response import LONGEST_WAIT, retry_after
from sam3d.providers.runware.provider import RunwareProvider
from sam3d.providers.segmind.provider import SegmindProvider
from sam3d.providers.wavespeed.provider import WaveSpeedProvider

KEY = "key-0123456789"


@pytest.fixture(autouse=True)
def _bare_environment(monkeypatch: pytest.MonkeyPatch) -> None:
    without_proxies(monkeypatch)


@pytest.fixture
def host() -> Iterator[Host]:
    with Host() as host:
        yield host


@pytest.fixture
def elsewhere() -> Iterator[Host]:
    with Host() as host:
        yield host


@pytest.fixture(scope="session")
def authority(tmp_path_factory: pytest.TempPathFactory) -> Authority:
    return make_authority(tmp_path_factory.mktemp("authority"))


def client(url: str, *, key: str = KEY, online: bool = True) -> Client:
    return Client("Service", Credentials(url, key, online), {"Authorization": f"Bearer {key}"})


def no_report(_fraction: float, _stage: str) -> None:
    pass


def download(way: Client, url: str, folder: Path) -> bytes:
    file = folder / "model.glb"
    way.download(url, file, no_report)
    return file.read_bytes()


def keyed(seen: Seen) -> bool:
    return KEY in str(seen)


# The key


def test_the_key_goes_to_the_service_itself_only(host: Host, elsewhere: Host, tmp_path: Path) -> None:
    way, file = client(host.url), tmp_path / "photo.png"
    file.write_bytes(b"photo")
    way.get("/a")
    way.post("/b", {"c": 1})
    way.post_file("/d", "file", file, "image/png")
    download(way, f"{host.url}/own", tmp_path)
    assert [seen.headers["authorization"] for seen in host.seen] == [f"Bearer {KEY}"] * 4
    way.put_file(f"{host.url}/storage", file, {"Content-Type": "image/png"})
    download(way, f"{elsewhere.url}/result", tmp_path)
    download(way, f"http://localhost:{host.port}/same-port-by-another-name", tmp_path)
    assert not any(map(keyed, (*host.seen[4:], *elsewhere.seen)))
    assert [len(each.seen) for each in (host, elsewhere)] == [6, 1]


@pytest.mark.parametrize("status", [301, 302, 303, 307, 308])
def test_a_redirect_does_not_take_the_key_along(host: Host, elsewhere: Host, tmp_path: Path, status: int) -> None:
    host.responses["/file"] = host.responses["/job"] = Told(b"", status, {"Location": f"{elsewhere.url}/there"})
    elsewhere.responses["/there"] = Told(b"whole")
    way = client(host.url)
    assert download(way, f"{host.url}/file", tmp_path) == b"whole"
    assert keyed(host.seen[0])
    assert not keyed(elsewhere.seen[0])
    response = way.post("/job", {})
    assert response.status == status
    assert len(elsewhere.seen) == 1
    error = response.error()
    assert "sends us on to 127.0.0.1" in str(error)


def test_redirects_come_to_an_end(host: Host, tmp_path: Path) -> None:
    host.responses["/round"] = Told(b"", 302, {"Location": "/round"})
    with pytest.raises(Unreachable, match="from address to address"):
        download(client(host.url), f"{host.url}/round", tmp_path)
    assert len(host.seen) == http.MOST_REDIRECTS


@pytest.mark.parametrize("address", ["file:///etc/passwd", "ftp://127.0.0.1/x", "//127.0.0.1/x", "http://[::1", ""])
def test_only_addresses_of_the_web_are_followed(host: Host, tmp_path: Path, address: str) -> None:
    with pytest.raises(UnexpectedResponse, match="not safe"):
        download(client(host.url), address, tmp_path)


def test_a_safe_service_cannot_lead_to_an_unsafe_address(authority: Authority, host: Host, tmp_path: Path) -> None:
    with Host(authority.context) as service, pytest.raises(UnexpectedResponse, match="not safe"):
        download(client(service.url), f"{host.url}/x", tmp_path)
    assert not host.seen


def test_no_password_of_the_user_is_sent(host: Host, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    netrc = tmp_path / ".netrc"
    netrc.write_text("machine 127.0.0.1 login somebody password secret\n")
    netrc.chmod(0o600)
    monkeypatch.setenv("NETRC", str(netrc))
    monkeypatch.setenv("HOME", str(tmp_path))
    way, file = client(host.url), tmp_path / "photo.png"
    file.write_bytes(b"photo")
    way.get("/own")
    way.put_file(f"{host.url}/storage", file, {})
    assert [seen.headers.get("authorization") for seen in host.seen] == [f"Bearer {KEY}", None]


def test_cookies_are_not_kept(host: Host) -> None:
    host.responses["/a"] = Told(headers={"Set-Cookie": "session=1; Path=/", "Content-Length": "2"})
    way = client(host.url)
    way.get("/a")
    way.get("/a")
    assert not any("cookie" in seen.headers for seen in host.seen)


@pytest.mark.parametrize("key", ["two\nlines", "ümlaut", "with space", "tab\t", "a\r\nX-Other: b", "\x00", "鍵"])
def test_a_key_that_cannot_be_one_is_not_sent(host: Host, key: str) -> None:
    with pytest.raises(WrongKey, match="characters that no key has") as caught:
        client(host.url, key=key)
    assert key not in str(caught.value)


def test_without_a_key_nothing_is_asked() -> None:
    with pytest.raises(WrongKey, match="no key for Service"):
        client("http://127.0.0.1", key="")


@pytest.mark.parametrize(
    "address",
    [
        *(
            "",
            "service",
            "127.0.0.1:80",
            "ftp://host",
            "http://",
            "http://[::1",
            "http://host:port",
            "http://host:99999",
        ),
        *(
            "http://ho st",
            "http://.",
            f"http://{'a' * 70}.invalid",
            "http://*.invalid",
            "http:///path",
            "https://\u0000",
        ),
    ],
)
def test_an_odd_address_gets_one_sentence(address: str) -> None:
    with pytest.raises(Unreachable) as caught:
        client(address).get("/a")
    words = str(caught.value)
    assert not caught.value.sent, words
    assert "not one of the web" in words or "cannot be found" in words


@pytest.mark.parametrize("end", ["", "/", "/v1", "/v2/", "/api/v3", "//"])
def test_the_version_in_an_address_is_ours_to_add(host: Host, end: str) -> None:
    client(host.url + end).get("/v1/x")
    assert host.seen[0].path == "/v1/x"


# Proxies


def test_a_proxy_of_the_environment_is_used(host: Host, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    host.responses["/file"] = Told(b"whole")
    with Proxy(host.port) as proxy:
        monkeypatch.setenv("HTTP_PROXY", proxy.url.replace("//", "//somebody:secret@"))
        way = client(f"http://{SERVICE_HOST}")
        assert way.get("/a").ok
        assert download(way, "http://elsewhere.invalid/file", tmp_path) == b"whole"
        assert [seen.path for seen in proxy.seen] == [f"http://{SERVICE_HOST}/a", "http://elsewhere.invalid/file"]
        assert all("proxy-authorization" in seen.headers for seen in proxy.seen)
        assert [keyed(seen) for seen in proxy.seen] == [True, False]
        monkeypatch.setenv("NO_PROXY", SERVICE_HOST)
        with pytest.raises(Unreachable, match="No network: the name"):
            way.get("/b")
        assert len(proxy.seen) == 2


def test_what_is_on_this_computer_needs_no_proxy(host: Host, monkeypatch: pytest.MonkeyPatch) -> None:
    """Nor may it leave the computer that way while Blender is offline."""
    with Proxy(host.port) as proxy:
        for name in ("HTTP_PROXY", "ALL_PROXY"):
            monkeypatch.setenv(name, proxy.url)
        assert client(host.url, online=False).get("/a").ok
        assert not proxy.seen


@pytest.mark.parametrize(("scheme", "status"), [("http", 407), ("https", 407), ("https", 403)])
def test_a_proxy_that_refuses_is_told(host: Host, scheme: str, status: int, monkeypatch: pytest.MonkeyPatch) -> None:
    with Proxy(host.port) as proxy:
        proxy.status = status
        monkeypatch.setenv(f"{scheme.upper()}_PROXY", proxy.url)
        with pytest.raises(Unreachable, match="The proxy does not let us through") as caught:
            client(f"{scheme}://{SERVICE_HOST}").post("/job", {})
        assert not caught.value.sent
        assert len(proxy.seen) == 1
    assert not host.seen


@pytest.mark.parametrize(
    "address", ["http://127.0.0.1:{closed}", "http://proxy.invalid:80", "http://", "what://x:1", "socks5://x:1"]
)
def test_a_proxy_that_is_not_there_is_told(address: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("HTTP_PROXY", address.format(closed=closed_port()))
    with pytest.raises(Unreachable, match="The proxy does not let us through") as caught:
        client(f"http://{SERVICE_HOST}").post("/job", {})
    assert not caught.value.sent


def test_a_proxy_that_breaks_off_may_have_passed_the_job_on(host: Host, monkeypatch: pytest.MonkeyPatch) -> None:
    with Proxy(host.port) as proxy:
        proxy.cut = True
        monkeypatch.setenv("HTTP_PROXY", proxy.url)
        with pytest.raises(Unreachable, match="broke off") as caught:
            client(f"http://{SERVICE_HOST}").post("/job", {})
    assert caught.value.sent
    assert len(host.seen) == 1


@pytest.mark.parametrize(
    ("value", "says"),
    [
        ("http://{closed}", "127.0.0.1:{port} cannot be reached"),
        ("http://me:secret@{closed}", "127.0.0.1:{port} cannot be reached"),
        ("{closed}", "127.0.0.1:{port} cannot be reached"),
        ("http://proxy.invalid:3128", "proxy.invalid:3128 cannot be reached"),
        ("socks5://me:secret@proxy.invalid", "proxy.invalid:1080 is one for SOCKS, which Blender cannot use"),
        ("what://me:secret@proxy:1", "what the environment variable {variable} holds is not the address of one"),
        ("http://me:secret@proxy:notaport", "what the environment variable {variable} holds is not the address of one"),
        ("http://", "what the environment variable {variable} holds is not the address of one"),
        ("http://[me:secret", "what the environment variable {variable} holds is not the address of one"),
    ],
)
@pytest.mark.parametrize("scheme", ["http", "https"])
def test_a_faulty_proxy_is_named(value: str, says: str, scheme: str, monkeypatch: pytest.MonkeyPatch) -> None:
    """Itself, and without its password; and what is to be done where none is needed."""
    port, variable = closed_port(), f"{scheme.upper()}_PROXY"
    monkeypatch.setenv(variable, value.format(closed=f"127.0.0.1:{port}"))
    with pytest.raises(BehindProxy) as caught:
        client(f"{scheme}://192.0.2.7:8777").post("/job", {})
    words = str(caught.value)
    assert f"let us through to Service: {says.format(port=port, variable=variable)}. Check the proxy" in words
    assert "add 192.0.2.7 to the environment variable NO_PROXY" in words
    check_words(words)
    assert not caught.value.sent
    assert "secret" not in "".join(traceback.format_exception(caught.value))


@pytest.mark.parametrize(
    ("said", "says"),
    [
        (b"HTTP/1.1 407 No\r\n\r\n", "asks for a user name and a password"),
        (b"HTTP/1.1 403 No\r\n\r\n", "refuses the connection (HTTP 403)"),
        (b"HTTP/1.1 502 No\r\n\r\n", "refuses the connection (HTTP 502)"),
        (b"SSH-2.0-OpenSSH_9\r\n", "does not answer as a proxy does"),
        (b"\0\1\2", "does not answer as a proxy does"),
        (b"", "does not answer as a proxy does"),
    ],
)
def test_a_proxy_that_makes_no_tunnel_is_named(said: bytes, says: str, monkeypatch: pytest.MonkeyPatch) -> None:
    with Raw(said) as proxy:
        monkeypatch.setenv("HTTPS_PROXY", proxy.url.replace("//", "//me:secret@"))
        with pytest.raises(BehindProxy) as caught:
            client(f"https://{SERVICE_HOST}").post("/job", {})
    assert f"{proxy.url.removeprefix('http://')} {says}. Check" in str(caught.value)
    assert not caught.value.sent
    assert "secret" not in str(caught.value)


@pytest.mark.parametrize(
    ("said", "says"),
    [
        (b"HTTP/1.1 407 No\r\nContent-Length: 0\r\n\r\n", "asks for a user name and a password"),
        (b"HTTP/1.1 403 No\r\n\r\n<html>Access denied</html>", "answers in the place of Service (HTTP 403)"),
        (b"HTTP/1.1 404 No\r\n\r\nno such host", "answers in the place of Service (HTTP 404)"),
        (b"HTTP/1.1 503 No\r\n\r\n", "answers in the place of Service (HTTP 503)"),
        (b"HTTP/1.1 200 OK\r\n\r\n<html>Sign in</html>", "answers in the place of Service (HTTP 200)"),
        (b"SSH-2.0-OpenSSH_9\r\n", "broke off or was not understood"),
        (b"", "broke off or was not understood"),
    ],
)
def test_what_a_proxy_says_is_not_taken_for_the_service(
    said: bytes, says: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A refused token, a wrong address or a failure of the service would be what a page of its own is taken for."""
    with Raw(said) as proxy:
        monkeypatch.setenv("HTTP_PROXY", proxy.url)
        with pytest.raises(BehindProxy) as caught:
            client("http://192.168.7.7:8777").get("/health")
    assert says in str(caught.value)
    assert proxy.url.removeprefix("http://") in str(caught.value)
    assert "add 192.168.7.7 to the environment variable NO_PROXY" in str(caught.value)


def test_what_the_service_says_comes_through_a_proxy(host: Host, monkeypatch: pytest.MonkeyPatch) -> None:
    host.responses["/refused"] = Told(b'{"error": "The token is wrong."}', 401)
    with Proxy(host.port) as proxy:
        monkeypatch.setenv("HTTP_PROXY", proxy.url)
        response = client(f"http://{SERVICE_HOST}").get("/refused")
    assert (response.status, response.error_text()) == (401, "The token is wrong.")


@pytest.mark.parametrize("name", ["127.0.0.1", "localhost", "0.0.0.0"])
def test_this_computer_is_never_asked_for_by_a_proxy(
    host: Host, name: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Whatever the environment says, and for results, too."""
    host.responses["/file"] = Told(b"whole")
    with Proxy(host.port) as proxy:
        for variable in ("HTTP_PROXY", "ALL_PROXY"):
            monkeypatch.setenv(variable, proxy.url)
        monkeypatch.setenv("NO_PROXY", "example.invalid")
        assert download(client(host.url), f"http://{name}:{host.port}/file", tmp_path) == b"whole"
        assert not proxy.seen


# Certificates


@pytest.mark.parametrize("proxied", [False, True])
def test_certificates_are_checked(authority: Authority, proxied: bool, monkeypatch: pytest.MonkeyPatch) -> None:
    with Host(authority.context) as service, Proxy(service.port) as proxy:
        url = f"https://{SERVICE_HOST}" if proxied else service.url
        monkeypatch.setenv("HTTPS_PROXY", proxy.url)
        with pytest.raises(Unreachable, match=r"certificate of Service is not trusted.*REQUESTS_CA_BUNDLE") as caught:
            client(url).post("/job", {})
        assert not caught.value.sent
        assert not service.seen
        monkeypatch.setenv("REQUESTS_CA_BUNDLE", str(authority.file))
        assert client(url).post("/job", {}).ok
        assert len(proxy.seen) == 2 * proxied
        assert not any(map(keyed, proxy.seen))
        assert keyed(service.seen[0])


def test_a_certificate_of_another_host_is_not_enough(authority: Authority, monkeypatch: pytest.MonkeyPatch) -> None:
    with Host(authority.context) as service, Proxy(service.port) as proxy:
        monkeypatch.setenv("HTTPS_PROXY", proxy.url)
        monkeypatch.setenv("REQUESTS_CA_BUNDLE", str(authority.file))
        with pytest.raises(Unreachable, match="certificate of Service is not trusted"):
            client("https://other.invalid").get("/a")
        assert not service.seen


def test_certificates_that_cannot_be_read_are_told(
    authority: Authority, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    with Host(authority.context) as service:
        monkeypatch.setenv("REQUESTS_CA_BUNDLE", str(tmp_path / "missing.pem"))
        with pytest.raises(Unreachable, match=r"file of certificates .* cannot be read") as caught:
            client(service.url).post("/job", {})
        assert not caught.value.sent


def test_a_service_that_does_not_speak_tls_has_got_nothing(host: Host) -> None:
    with pytest.raises(Unreachable, match="No secure connection") as caught:
        client(host.url.replace("http:", "https:")).post("/job", {})
    assert not caught.value.sent
    assert not host.seen


def test_a_connection_cut_before_it_is_secure_has_sent_nothing() -> None:
    with socket.create_server(("127.0.0.1", 0)) as listener:

        def hang_up() -> None:
            with listener.accept()[0] as connection:
                connection.recv(1)

        threading.Thread(target=hang_up, daemon=True).start()
        with pytest.raises(Unreachable) as caught:
            client(f"https://127.0.0.1:{listener.getsockname()[1]}").post("/job", {})
    assert not caught.value.sent


def test_a_secure_connection_cut_later_may_have_been_heard(
    authority: Authority, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("REQUESTS_CA_BUNDLE", str(authority.file))
    with Host(authority.context) as service:
        service.responses["/job"] = Told(way="cut")
        with pytest.raises(Unreachable, match="broke off") as caught:
            client(service.url).post("/job", {})
        assert len(service.seen) == 1
    assert caught.value.sent


def test_a_damaged_secure_answer_may_have_been_paid_for(authority: Authority, monkeypatch: pytest.MonkeyPatch) -> None:
    """Bytes that are no TLS, after the job was heard: an error of TLS, but not of the certificate."""
    monkeypatch.setenv("REQUESTS_CA_BUNDLE", str(authority.file))
    with socket.create_server(("127.0.0.1", 0)) as listener:

        def answer_in_clear() -> None:
            with listener.accept()[0] as connection:
                secure = authority.context.wrap_socket(connection, server_side=True)
                secure.recv(1 << 16)
                with socket.socket(fileno=secure.detach()) as bare:
                    bare.sendall(b"HTTP/1.1 200 OK\r\n\r\n")

        threading.Thread(target=answer_in_clear, daemon=True).start()
        with pytest.raises(Unreachable) as caught:
            client(f"https://127.0.0.1:{listener.getsockname()[1]}").post("/job", {})
    assert isinstance(caught.value.__cause__, OSError | ssl.SSLError)
    assert caught.value.sent


# Whether a request was sent


@contextlib.contextmanager
def listening(behave: Callable[[socket.socket], None]) -> Iterator[int]:
    """The port of a server that does with its first connection what `behave` says, and hangs up."""
    with socket.create_server(("127.0.0.1", 0)) as listener:

        def serve() -> None:
            with listener.accept()[0] as connection:
                behave(connection)

        thread = threading.Thread(target=serve, daemon=True)
        thread.start()
        yield int(listener.getsockname()[1])
        thread.join(BOUND)
        assert not thread.is_alive()


def read_head(connection: socket.socket) -> bytes:
    head = b""
    while b"\r\n\r\n" not in head and (piece := connection.recv(1)):
        head += piece
    return head


def reset(connection: socket.socket) -> None:
    """Hang up at once, with what was not read thrown away."""
    connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))


def test_a_connection_that_is_never_accepted_may_have_been_heard(monkeypatch: pytest.MonkeyPatch) -> None:
    """The system of the other side takes the bytes before its server does."""
    monkeypatch.setattr(http, "SILENT_SECONDS", 0.3)
    with socket.create_server(("127.0.0.1", 0)) as listener, pytest.raises(Unreachable, match="in time") as caught:
        client(f"http://127.0.0.1:{listener.getsockname()[1]}").post("/job", {})
    assert caught.value.sent


def test_a_connection_reset_unread_may_have_been_heard() -> None:
    def wait_and_reset(connection: socket.socket) -> None:
        connection.recv(1, socket.MSG_PEEK)
        reset(connection)

    with listening(wait_and_reset) as port, pytest.raises(Unreachable) as caught:
        client(f"http://127.0.0.1:{port}").post("/job", {})
    assert caught.value.sent


def test_a_connection_cut_after_the_headers_may_have_been_heard() -> None:
    heads: list[bytes] = []

    def read_and_reset(connection: socket.socket) -> None:
        heads.append(read_head(connection))
        reset(connection)

    with listening(read_and_reset) as port, pytest.raises(Unreachable, match="broke off") as caught:
        client(f"http://127.0.0.1:{port}").post("/job", {"a": "b" * (8 << 20)})
    assert heads[0].startswith(b"POST /job ")
    assert caught.value.sent


def test_a_connection_that_is_used_again_and_cut_may_have_been_heard() -> None:
    """The second job finds the connection of the first, which ends while it is on its way."""
    heads: list[bytes] = []

    def answer_once(connection: socket.socket) -> None:
        heads.append(read_head(connection))
        connection.sendall(b"HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\n{}")
        heads.append(read_head(connection))

    with listening(answer_once) as port:
        way = client(f"http://127.0.0.1:{port}")
        assert way.get("/first").ok
        with pytest.raises(Unreachable, match="broke off") as caught:
            way.post("/second", {})
    assert [head.split()[1] for head in heads] == [b"/first", b"/second"]
    assert caught.value.sent


def test_each_request_is_told_for_itself(host: Host) -> None:
    """A request that went out says nothing of the next one, which finds nobody."""
    way = client(host.url)
    assert way.post("/job", {}).ok
    host.close()
    with pytest.raises(Unreachable, match="cannot be reached") as caught:
        way.post("/job", {})
    assert not caught.value.sent


def test_threads_do_not_hear_of_one_another(host: Host) -> None:
    """One client serves all jobs: that others' requests go out is nothing of a job's own."""
    way, closed, over = client(host.url), closed_port(), threading.Event()

    def ask() -> None:
        while not over.is_set():
            way.get("/a")

    thread = threading.Thread(target=ask, daemon=True)
    thread.start()
    try:
        for _ in range(20):
            with pytest.raises(Unreachable) as caught:
                way.put_file(f"http://127.0.0.1:{closed}/storage", Path(__file__), {})
            assert not caught.value.sent
    finally:
        over.set()
        thread.join(BOUND)


@pytest.mark.parametrize("secure", [False, True])
def test_a_proxy_that_hangs_up_has_passed_no_tunnel(secure: bool, monkeypatch: pytest.MonkeyPatch) -> None:
    """What goes to a proxy before its tunnel stands is not the request; without a tunnel it is."""
    with listening(lambda connection: reset(connection) if read_head(connection) else None) as port:
        monkeypatch.setenv("HTTPS_PROXY" if secure else "HTTP_PROXY", f"http://127.0.0.1:{port}")
        with pytest.raises(Unreachable) as caught:
            client(f"{'https' if secure else 'http'}://{SERVICE_HOST}").post("/job", {})
    assert caught.value.sent is not secure


def test_a_tunnel_that_breaks_later_may_have_passed_the_job_on(
    authority: Authority, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("REQUESTS_CA_BUNDLE", str(authority.file))
    with Host(authority.context) as service, Proxy(service.port) as proxy:
        service.responses["/job"] = Told(way="cut")
        monkeypatch.setenv("HTTPS_PROXY", proxy.url)
        with pytest.raises(Unreachable, match="broke off") as caught:
            client(f"https://{SERVICE_HOST}").post("/job", {})
        assert len(service.seen) == 1
    assert caught.value.sent


# No network


def test_a_refused_connection_has_sent_nothing() -> None:
    with pytest.raises(Unreachable, match=r"cannot be reached at 127\.0\.0\.1") as caught:
        client(f"http://127.0.0.1:{closed_port()}").post("/job", {})
    assert not caught.value.sent


def test_offline_mode_sends_nothing(host: Host, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Not even by a proxy, and not to an address that a service on this computer names."""
    with Proxy(host.port) as proxy:
        monkeypatch.setenv("HTTP_PROXY", proxy.url)
        way = client(f"http://{SERVICE_HOST}", online=False)
        with pytest.raises(Unreachable, match="set to work offline") as caught:
            way.post("/job", {})
        assert not caught.value.sent
        here = client(host.url, online=False)
        assert here.get("/a").ok
        with pytest.raises(Unreachable, match="set to work offline"):
            download(here, f"http://{SERVICE_HOST}/file", tmp_path)
        assert not proxy.seen
    assert len(host.seen) == 1


@pytest.mark.parametrize(
    "url", ["http://127.0.0.1:1", "http://localhost", "http://[::1]:80/", "http://127.9.9.9", "https://LOCALHOST/x"]
)
def test_what_counts_as_this_computer(url: str) -> None:
    assert is_loopback(url)


@pytest.mark.parametrize(
    "url",
    [
        *("http://127.0.0.1.invalid", "http://127.0.0.1@service.invalid", "http://0.0.0.0", "http://localhost.invalid"),
        *("", "http://[::1", "http://service.invalid/?127.0.0.1", "http://service.invalid#@127.0.0.1"),
    ],
)
def test_what_does_not(url: str) -> None:
    assert not is_loopback(url)


# Limits


def test_the_limits_are_as_promised() -> None:
    assert http.LARGEST_FILE == 512 * 1024**2
    assert http.LARGEST_RESPONSE == 64 * 1024**2
    assert http.SILENT_SECONDS == 30


def test_an_endless_answer_is_left(host: Host, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(http, "LARGEST_RESPONSE", 1 << 20)
    host.responses["/a"] = Told(itertools.repeat(b" " * 4096))
    with pytest.raises(Unreachable, match="does not stop answering"):
        client(host.url).get("/a")


def test_an_endless_file_is_left(host: Host, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(http, "LARGEST_FILE", 1 << 20)
    host.responses["/file"] = Told(itertools.repeat(b" " * 4096))
    with pytest.raises(UnexpectedResponse, match="larger than 1 MB"):
        download(client(host.url), f"{host.url}/file", tmp_path)
    assert not (tmp_path / "model.glb").exists()


def test_a_bomb_in_gzip_is_left(host: Host, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(http, "LARGEST_FILE", 1 << 20)
    monkeypatch.setattr(http, "LARGEST_RESPONSE", 1 << 20)
    bomb = gzip.compress(bytes(64 << 20))
    host.responses["/bomb"] = Told(bomb, headers={"Content-Encoding": "gzip", "Content-Length": str(len(bomb))})
    with pytest.raises(UnexpectedResponse, match="larger than"):
        download(client(host.url), f"{host.url}/bomb", tmp_path)
    with pytest.raises(Unreachable, match="does not stop answering"):
        client(host.url).get("/bomb")
    assert list(tmp_path.iterdir()) == []


def test_a_packed_answer_is_unpacked(host: Host, tmp_path: Path) -> None:
    content = bytes(range(256)) * 4096
    packed = gzip.compress(content)
    host.responses["/file"] = Told(packed, headers={"Content-Encoding": "GZIP", "Content-Length": str(len(packed))})
    assert download(client(host.url), f"{host.url}/file", tmp_path) == content
    assert host.seen[0].headers["accept-encoding"] == "gzip"


@pytest.mark.parametrize("packing", ["br", "gzip, gzip", "zstd"])
def test_a_packing_that_nobody_asked_for_is_told(host: Host, packing: str) -> None:
    host.responses["/a"] = Told(b"????", headers={"Content-Encoding": packing, "Content-Length": "4"})
    with pytest.raises(Unreachable, match="not asked for"):
        client(host.url).get("/a")


@pytest.mark.parametrize("packed", [False, True])
@pytest.mark.parametrize("whole", [1000, 600_000])
def test_a_file_that_is_not_whole_is_not_taken(host: Host, tmp_path: Path, packed: bool, whole: int) -> None:
    """A result at `model.glb` is a whole one, always."""
    content = bytes(range(256)) * (whole // 256)
    content = gzip.compress(content, 0) if packed else content
    headers = {"Content-Length": str(len(content))} | ({"Content-Encoding": "gzip"} if packed else {})
    host.responses["/file"] = Told(content[: len(content) // 2], headers=headers)
    with pytest.raises(Unreachable, match="broke off"):
        download(client(host.url), f"{host.url}/file", tmp_path)
    assert not (tmp_path / "model.glb").exists()


def test_silence_ends_and_slowness_does_not(host: Host, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(http, "SILENT_SECONDS", 0.5)
    finished = threading.Event()

    def slowly() -> Iterator[bytes]:
        for _ in range(10):
            finished.wait(0.1)
            yield b"x"

    def silently() -> Iterator[bytes]:
        yield b"x"
        finished.wait(30)

    host.responses["/slow"] = Told(slowly())
    host.responses["/silent"] = Told(silently(), headers={"Content-Length": "2"})
    way = client(host.url)
    assert download(way, f"{host.url}/slow", tmp_path) == b"x" * 10
    with pytest.raises(Unreachable, match="did not answer in time"):
        way.get("/silent")
    finished.set()


def test_a_service_at_work_may_be_silent(host: Host, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(http, "SILENT_SECONDS", 0.2)

    def after_a_while() -> Iterator[bytes]:
        threading.Event().wait(0.6)
        for byte in b"glTF!":  # a file is known by its first bytes, however few come at a time
            yield bytes([byte])

    way, file = client(host.url), tmp_path / "model.glb"
    host.responses["/work"] = Told(after_a_while())
    answer = way.post_for_file("/work", {}, file, silent=30.0, is_file=lambda head: head.startswith(b"glTF"))
    assert (answer.body, file.read_bytes()) == (b"", b"glTF!")
    host.responses["/work"] = Told(after_a_while())
    assert way.post("/work", {}, silent=30.0).body == b"glTF!"


def test_a_service_that_takes_no_connection_is_left(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(http, "CONNECT_SECONDS", 0.3)
    with socket.create_server(("127.0.0.1", 0), backlog=0) as listener:
        address = listener.getsockname()
        waiting = [socket.socket() for _ in range(4)]  # more than the queue holds
        for one in waiting:
            one.setblocking(False)
            one.connect_ex(address)
        with pytest.raises(Unreachable, match="does not answer") as caught:
            client(f"http://127.0.0.1:{address[1]}").post("/job", {})
        for one in waiting:
            one.close()
    assert not caught.value.sent


# Time: each byte renews the patience of a socket, so that a byte now and then must not count as an answer


def trickle(head: bytes, byte: bytes) -> Iterator[bytes]:
    yield head
    yield from itertools.repeat(byte)


HEAD = b"HTTP/1.1 200 OK\r\n"
TRICKLES = {
    "a status line": (b"HTTP/1.1 200 ", b"O"),
    "a header": (HEAD + b"X: ", b"y"),
    "headers": (HEAD, b"X: y\r\n"),
    "one 100 Continue after another": (b"", b"HTTP/1.1 100 Continue\r\n\r\n"),
    "a body": (HEAD + b"\r\n", b" "),
    "a body of a known length": (HEAD + b"Content-Length: 99999\r\n\r\n", b" "),
    "chunks": (HEAD + b"Transfer-Encoding: chunked\r\n\r\n", b"1\r\n \r\n"),
    "the length of a chunk": (HEAD + b"Transfer-Encoding: chunked\r\n\r\n", b"0"),
    "trailers": (HEAD + b"Transfer-Encoding: chunked\r\n\r\n0\r\n", b"X: y\r\n"),
    "gzip that unpacks to nothing": (
        HEAD + b"Content-Encoding: gzip\r\n\r\n" + gzip.compress(b"")[:10],
        b"\0\0\0\xff\xff",
    ),
    "the body of an error": (b"HTTP/1.1 500 No\r\n\r\n", b" "),
}


@pytest.fixture
def impatient(monkeypatch: pytest.MonkeyPatch) -> None:
    """The socket itself waits for half a second, so that it does not notice a trickle."""
    monkeypatch.setattr(http, "CONNECT_SECONDS", 0.2)
    monkeypatch.setattr(http, "SILENT_SECONDS", 0.5)
    monkeypatch.setattr(http, "RESPONSE_SECONDS", 0.3)


@pytest.mark.usefixtures("impatient")
@pytest.mark.parametrize("what", TRICKLES)
def test_a_trickle_is_left(what: str, tmp_path: Path) -> None:
    with Raw(lambda: trickle(*TRICKLES[what]), pause=0.05) as server, pytest.raises(Unreachable, match="in time"):
        client(server.url).get("/a")
    if what == "the body of an error":
        return  # of a download, the status is enough
    with Raw(lambda: trickle(*TRICKLES[what]), pause=0.05) as server, pytest.raises(Unreachable, match="in time"):
        download(client(server.url), f"{server.url}/file", tmp_path)
    assert list(tmp_path.iterdir()) == []


@pytest.mark.usefixtures("impatient")
def test_an_upload_that_is_hardly_taken_is_left(tmp_path: Path) -> None:
    photo = tmp_path / "photo.png"
    taken: list[int] = []
    over = threading.Event()

    def sip(connection: socket.socket) -> None:
        connection.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 4096)
        while connection.recv(64) and not over.wait(0.05):
            taken.append(1)

    # the system of this side buffers some of it, so there is more than fits
    photo.write_bytes(bytes(24 << 20))
    with pytest.MonkeyPatch.context() as patch, listening(sip) as port:
        patch.setattr(http, "SLOWEST", 1 << 30)
        with pytest.raises(Unreachable, match="in time"):
            client(f"http://127.0.0.1:{port}").put_file(f"http://127.0.0.1:{port}/storage", photo, {})
        over.set()
    assert taken


def test_a_large_job_has_time_to_leave(host: Host, monkeypatch: pytest.MonkeyPatch) -> None:
    """Pictures in a job leave over slow lines, too: cut on its way, it may have been charged."""
    given: list[float] = []

    def watched(seconds: float) -> contextlib.AbstractContextManager[Sending]:
        given.append(seconds)
        return connections.watched(seconds)

    monkeypatch.setattr(http, "watched", watched)
    way, body = client(host.url), {"photo": "x" * (4 << 20)}
    way.post("/job", body)
    way.post_for_file("/job", body, Path("none"), silent=180.0, is_file=lambda _head: False)
    assert min(given) > (4 << 20) / content.SLOWEST


def test_a_slow_file_that_comes_in_is_waited_for(host: Host, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Slow is not stuck: its time grows with what has arrived."""
    monkeypatch.setattr(http, "RESPONSE_SECONDS", 0.2)

    def slowly() -> Iterator[bytes]:
        for _ in range(10):
            yield bytes(8 << 10)
            threading.Event().wait(0.1)

    host.responses["/slow"] = Told(slowly())
    assert len(download(client(host.url), f"{host.url}/slow", tmp_path)) == 80 << 10


def test_a_report_is_asked_with_every_byte(tmp_path: Path) -> None:
    """So that who stops a download that hardly moves need not wait for it."""
    reports: list[float] = []

    def stop(fraction: float, _stage: str) -> None:
        reports.append(fraction)
        if len(reports) == 5:
            raise Cancelled

    with (
        Raw(lambda: trickle(HEAD + b"Content-Length: 99\r\n\r\n", b"x"), pause=0.01) as server,
        pytest.raises(Cancelled),
    ):
        client(server.url).download(f"{server.url}/file", tmp_path / "model.glb", stop)
    assert reports == sorted(reports)
    assert server.sent < 99


@pytest.mark.parametrize("what", TRICKLES)
def test_a_request_that_is_stopped_ends_at_once(what: str) -> None:
    stop, ended = threading.Event(), threading.Event()

    def ask() -> None:
        with stoppable(stop), pytest.raises(Cancelled):
            client(server.url).get("/a")
        ended.set()

    with Raw(lambda: trickle(*TRICKLES[what]), pause=20.0) as server:
        thread = threading.Thread(target=ask, daemon=True)
        thread.start()
        assert not ended.wait(0.3)
        stop.set()
        assert ended.wait(10.0)  # of the 30 that it may be silent


# Whatever is answered

BOMB = gzip.compress(bytes(64 << 20))


@pytest.mark.parametrize("status", [301, 302, 303, 307, 308, 300, 304, 305])
def test_the_body_of_a_redirect_is_not_read(host: Host, tmp_path: Path, status: int) -> None:
    head = f"HTTP/1.1 {status} Elsewhere\r\nLocation: {host.url}/there\r\nContent-Encoding: gzip\r\n\r\n".encode()
    host.responses["/there"] = Told(b"whole")
    with Raw(lambda: itertools.chain([head], itertools.repeat(BOMB))) as server:
        way = client(server.url)
        if status in (301, 302, 303, 307, 308):
            assert download(way, f"{server.url}/file", tmp_path) == b"whole"
        sent = server.sent
        error = way.get("/a").error()
        assert "sends us on to 127.0.0.1" in str(error)
    assert sent < 32 << 20  # what the systems of both sides hold


@pytest.mark.parametrize(
    "location", ["http://[::1", "http://a:b:c/", "//[", "http://\xff\xfe\\@x", "", "\x01", "x" * 60_000, "http://%zz"]
)
def test_a_bad_redirect_is_told(location: str, tmp_path: Path) -> None:
    said = f"HTTP/1.1 302 Elsewhere\r\nLocation: {location}\r\nContent-Length: 0\r\n\r\n".encode("latin-1")
    with Raw(said) as server:
        way = client(server.url)
        with pytest.raises((Unreachable, UnexpectedResponse)):
            download(way, f"{server.url}/file", tmp_path)
        check_words(str(way.get("/a").error()))


@pytest.mark.parametrize("status", [200, 400, 401, 404, 422, 500, 503])
def test_a_bomb_is_left_whatever_its_status(status: int, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(http, "LARGEST_RESPONSE", 1 << 20)
    head = f"HTTP/1.1 {status} X\r\nContent-Encoding: gzip\r\n\r\n".encode()
    with Raw(lambda: itertools.chain([head], itertools.repeat(BOMB))) as server:
        way = client(server.url)
        try:
            assert len(way.get("/a").body) < 2 << 20
        except Unreachable as error:
            assert status == 200
            assert "does not stop answering" in str(error)
        if status != 200:
            with pytest.raises((ProviderError, http.ResultGone)):
                download(way, f"{server.url}/file", tmp_path)
    assert server.sent < 64 << 20


@pytest.mark.parametrize(
    ("rest", "more"),
    [(b"", b""), (b"\0" * 512, b""), (b"behind", b""), (gzip.compress(b"-more"), b"-more"), (gzip.compress(b""), b"")],
    ids=["nothing", "zeros", "something", "another member", "an empty member"],
)
def test_what_follows_a_packed_answer(host: Host, rest: bytes, more: bytes) -> None:
    host.responses["/a"] = Told(gzip.compress(b"answer") + rest, headers={"Content-Encoding": "gzip"})
    assert client(host.url).get("/a").body == b"answer" + more


@pytest.mark.parametrize("size", [0, 1, 255, (256 << 10) - 1, 256 << 10, 3 << 20])
def test_all_of_a_packed_answer_arrives(host: Host, size: int) -> None:
    """However well it was packed: a piece may unpack to many."""
    host.responses["/a"] = Told(gzip.compress(bytes(size)), headers={"Content-Encoding": "gzip"})
    assert client(host.url).get("/a").body == bytes(size)


def test_a_packed_file_that_is_cut_is_not_whole(host: Host, tmp_path: Path) -> None:
    """Without a length, only the packing tells."""
    packed = gzip.compress(bytes(range(256)) * 64)
    host.responses["/file"] = Told(packed[:-9], headers={"Content-Encoding": "gzip"})
    with pytest.raises(Unreachable, match="broke off"):
        download(client(host.url), f"{host.url}/file", tmp_path)
    assert list(tmp_path.iterdir()) == []


def check_words(words: str) -> None:
    """A sentence, and none of a programmer's."""
    assert words[0].isupper() and words.endswith((".", "…", "?", "!")), words
    assert not re.search(r"\w(Error|Exception)\b|Traceback|[<>{}]", words), words
    words.encode()


GOOD = HEAD + b'Content-Type: application/json\r\nContent-Length: 13\r\n\r\n{"error":"x"}'
CHUNKED = HEAD + b'Transfer-Encoding: chunked\r\n\r\n5\r\n{"a":\r\n2\r\n1}\r\n0\r\n\r\n'
PACKED = HEAD + b"Content-Encoding: gzip\r\n\r\n" + gzip.compress(b'{"a": [1, 2, 3]}')
SENT_ON = b"HTTP/1.1 302 Found\r\nLocation: /there\r\nContent-Length: 0\r\n\r\n"
ODD_ANSWERS = (
    *(b"", b"\r\n\r\n", b"\0" * 64, b"SSH-2.0-OpenSSH_9\r\n", b"<html></html>", b"HTTP/1.1\r\n\r\n"),
    *(b"HTTP/1.1 abc OK\r\n\r\n", b"HTTP/1.1 99999 OK\r\n\r\n", b"HTTP/1.1 -1 OK\r\n\r\n", b"HTTP/9.9 200 OK\r\n\r\n"),
)
ODD_HEADERS = (
    *(b"Content-Length: -5", b"Content-Length: 99999999999999999999", b"Content-Length: x", b"Content-Length: 1_0"),
    *(b"Content-Length: 2, 3", b"Content-Length: " + b"9" * 5000, b"Content-Length: \xb2", b"no colon", b": empty"),
    *(b"\xff\xfe: \x80", b"Transfer-Encoding: nonsense", b"Content-Encoding: gzip", b"Content-Encoding: br"),
    *(
        b"Content-Encoding: \xff",
        b"X: " + b"y" * 70_000,
        b"X: y\r\n" * 200,
        b" folded: x",
        b"Set-Cookie: \xff=; Max-Age=x",
    ),
    *(
        b"Retry-After: " + b"9" * 5000,
        b"Content-Type: \xff/\xfe; charset=nonsense",
        b"Location: http://[",
        b"Location:",
    ),
)
ODD_CHUNKS = (
    *(b"x\r\n", b"-5\r\nabcde\r\n0\r\n\r\n", b"ffffffffffffffffffff\r\nabc", b"5\r\nab", b"2\r\n{}", b"\r\n"),
    *(b"2\r\n{}XX0\r\n\r\n", b"9" * 70_000, b"\xff\r\n", b"2;ext=" + b"a" * 70_000 + b"\r\n{}\r\n0\r\n\r\n"),
    b"0\r\n" + b"X: y\r\n" * 500 + b"\r\n",
)
ODD_BODIES = (
    *(b"[" * 100_000, b'{"a":' * 50_000, b"[" * 900 + b"]" * 900, b"1" * 10_000, b'{"code": 1e999}', b'{"code": NaN}'),
    *(
        b'{"data": {"id": "\\ud800"}}',
        b'"\xed\xa0\x80"',
        b"\xff\xfe{}",
        b"{}" + b"\0" * 9,
        b'{"error": "\\ud800\\u0000"}',
    ),
    *(b'{"a":' * 300 + b"1" + b"}" * 300, b'{"code": -1, "data": {}}', b'{"code": ' + b"4" * 4000 + b"}"),
    *(
        b"\xef\xbb\xbf{}",
        b'{"balance": Infinity}',
        b'{"data": {"balance": -Infinity}}',
        b'{"version": 1, "engines": 2}',
    ),
)


def broken_answers() -> Iterator[bytes]:
    """Odd ones, and good ones with a few bytes changed, taken out or doubled, the same each time."""
    yield from ODD_ANSWERS
    for status in (b"200 OK", b"302 Found", b"422 No"):
        head = b"HTTP/1.1 " + status + b"\r\n"
        yield from (head + odd + b"\r\n\r\n{}" for odd in ODD_HEADERS)
        yield from (head + b"Transfer-Encoding: chunked\r\n\r\n" + odd for odd in ODD_CHUNKS)
        yield from (head + b"\r\n" + odd for odd in ODD_BODIES)
    chance = random.Random(20_260_712)
    for good in (GOOD, CHUNKED, PACKED, SENT_ON) * 40:
        said = bytearray(good)
        for _ in range(chance.randint(1, 4)):
            at = chance.randrange(len(said))
            match chance.randrange(4):
                case 0:
                    said[at] = chance.randrange(256)
                case 1:
                    del said[at : at + chance.randint(1, 8)]
                case 2:
                    said[at:at] = said[at : at + chance.randint(1, 20)]
                case _:
                    said[at:at] = bytes([chance.choice(b"\r\n:-0 \xff\0")])
            if not said:
                break
        yield bytes(said)


def test_whatever_is_answered_becomes_a_sentence(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """For an answer of the service itself, what reads it, and a file."""
    monkeypatch.setattr(http, "SILENT_SECONDS", 5.0)
    with Raw(b"") as server:
        way = client(server.url)
        services = [
            create(Credentials(server.url, KEY)) for create in (WaveSpeedProvider, SegmindProvider, RunwareProvider)
        ]
        task = Task("0123", Request("0123", tmp_path / "photo.png", (), ReconstructionOptions(), tmp_path))
        asks: list[Callable[[], object]] = [
            lambda: way.get("/a").object(),
            lambda: way.download(f"{server.url}/file", tmp_path / "model.glb", no_report),
            *(functools.partial(service.poll, task) for service in services),
            *(service.account for service in services),
        ]
        for said in broken_answers():
            server.said = said
            for ask in asks:
                try:
                    ask()
                except http.ResultGone:
                    pass
                except ProviderError as error:
                    check_words(str(error))
            try:
                check_words(str(way.get("/a").error()))
            except ProviderError as error:
                check_words(str(error))


# When to come back

NOW = 1_700_000_000.0
"""2023-11-14 22:13:20 UTC."""


@pytest.mark.parametrize(
    ("name", "value", "pause"),
    [
        ("Retry-After", "3", 3.0),
        ("retry-after", " 2.5 ", 2.5),
        ("Retry-After", "Tue, 14 Nov 2023 22:13:30 GMT", 10.0),
        ("Retry-After", "Tue, 14 Nov 2023 22:13:10 GMT", 0.0),
        ("Retry-After", "-4", 0.0),
        ("Retry-After", "86400", LONGEST_WAIT),
        ("Retry-After", "inf", LONGEST_WAIT),
        ("Retry-After", "nan", None),
        ("Retry-After", "soon", None),
        ("Retry-After", "", None),
        ("Retry-After", "Tue, 14 Nov 99999 22:13:30 GMT", None),
        ("x-ratelimit-reset", "1700000007", 7.0),
        ("x-ratelimit-reset", "7", 7.0),
        ("x-rate-limit-reset", "7", 7.0),
        ("x-rate-limit-reset-at-utc", "2023-11-14T22:13:25Z", 5.0),
        ("x-rate-limit-reset-at-utc", "2023-11-14 22:13:25", 5.0),
        ("x-rate-limit-reset-at-utc", "2023-11-14T23:13:25+01:00", 5.0),
        ("x-rate-limit-reset-at-utc", "2030-01-01 00:00:00", LONGEST_WAIT),
        ("x-other", "3", None),
    ],
)
def test_the_pause_that_is_asked_for(name: str, value: str, pause: float | None) -> None:
    assert retry_after(CaseInsensitiveDict({name: value}), NOW) == pause


def test_retry_after_goes_before_the_resets() -> None:
    headers = CaseInsensitiveDict({"x-ratelimit-reset": "9", "Retry-After": "2"})
    assert retry_after(headers, NOW) == 2.0
    assert retry_after(CaseInsensitiveDict({"Retry-After": "soon", "x-ratelimit-reset": "9"}), NOW) == 9.0
