# SPDX-License-Identifier: GPL-3.0-or-later
"""The gate for addresses, against what really connects: requests and urllib3, and two servers on this machine."""

import ipaddress
import random
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
import requests
from network import Host, Told, without_proxies
from requests.adapters import HTTPAdapter
from urllib3.util import parse_url

from sam3d.providers.addresses import Address, AddressError, is_loopback, join, parse_address
from sam3d.providers.base import Credentials
from sam3d.providers.errors import ProviderError, UnexpectedResponse, Unreachable
from sam3d.providers.http import Client

KEY = "key-0123456789"
SERVICE = "http://service.example"


@pytest.fixture(autouse=True)
def _bare_environment(monkeypatch: pytest.MonkeyPatch) -> None:
    without_proxies(monkeypatch)


def client(url: str, *, online: bool = True) -> Client:
    return Client("Service", Credentials(url, KEY, online), {"Authorization": f"Bearer {KEY}"})


def no_report(_fraction: float, _stage: str) -> None:
    pass


# What passes, and what does not


@pytest.mark.parametrize(
    ("text", "origin"),
    [
        ("https://api.service.example/v1?a=b#c", ("https", "api.service.example", 443)),
        ("HTTP://Service.Example:8777", ("http", "service.example", 8777)),
        ("http://service.example/a@b:c?d=http://e@f", ("http", "service.example", 80)),
        ("http://service.example#@evil.example/", ("http", "service.example", 80)),
        ("https://storage.example/my photo.png".replace(" ", "%20"), ("https", "storage.example", 443)),
        ("https://storage.example/büro/鍵?name=ü|{}", ("https", "storage.example", 443)),
        ("http://büro.example", ("http", "xn--bro-hoa.example", 80)),
        ("http://gpu_box:8777/", ("http", "gpu_box", 8777)),
        ("http://192.168.1.5:8777", ("http", "192.168.1.5", 8777)),
        ("http://[FE80:0:0::1]:80/", ("http", "fe80::1", 80)),
    ],
)
def test_an_address_of_the_web_passes(text: str, origin: tuple[str, str, int]) -> None:
    assert parse_address(text).origin == origin


@pytest.mark.parametrize(
    "text",
    [
        *("", "service", "//service", "ftp://service", "http:service", "http:/service", "http:///service", "http://"),
        *("http://evil\\@service", "http://service\\", "http:\\\\service", "http://service/a\\b"),
        *(" http://service", "http://service ", "http://host name", "http://service/\tx", "ht\ntp://service"),
        *(
            "http://service\x00",
            "http://service/\x7f",
            "http://service/\u2028",
            "http://serv\u00adice",
            "http://a\ud800",
        ),
        *("http://me@service", "http://me:secret@service", "http://@service", "http://:@service", "http://a@b@service"),
        *("http://service:", "http://service:0", "http://service:080", "http://service:65536", "http://service:+80"),
        *("http://service:80:80", "http://service:８０", "http://service:8_0", "http://:80", "http://[::1]:"),
        *("http://.", "http://service.", "http://a..b", "http://-a", "http://a-.b", f"http://{'a' * 64}.b"),
        *(
            f"http://{'a.' * 127}b",
            "http://a%2eb",
            "http://%61",
            "http://a*b",
            "http://a,b",
            "http://a'b",
            "http://a|b",
        ),
        # systems read these as 127.0.0.1 or another IP address
        *("http://127.1", "http://2130706433", "http://0x7f000001", "http://0x7f.0.0.1", "http://0177.0.0.1"),
        *(
            "http://127.0.0.01",
            "http://127.0.0.1.",
            "http://256.0.0.1",
            "http://1.2.3.4.5",
            "http://a.0x",
            "http://127.0.1",
        ),
        # other characters that become ordinary ones on the way
        *(
            "http://１２７.0.0.1",
            "http://service。evil",
            "http://service．evil",
            "http://ｌocalhost",
            "http://ⓛocalhost",
        ),
        *(
            "http://evil／.service",
            "http://evil＃.service",
            "http://evil＠service",
            "http://ſervice",
            "http://\u200blocalhost",
        ),
        *("http://[::1", "http://::1", "http://[::1]a", "http://[::1%25lo]", "http://[::1%lo]", "http://[127.0.0.1]"),
        *("http://[v1.a]", "http://[::127.0.0.256]", "http://[]", "http://a[::1]", "http://[::1]@service"),
    ],
)
def test_an_odd_address_does_not(text: str) -> None:
    with pytest.raises(AddressError) as caught:
        parse_address(text)
    assert str(caught.value).startswith(("it ", "its ", "there "))
    assert not is_loopback(text)


@pytest.mark.parametrize(
    ("location", "leads_to"),
    [
        ("/c", "http://service.example/c"),
        ("c?d", "http://service.example/a/c?d"),
        ("//other.example/c", "http://other.example/c"),
        ("https://other.example", "https://other.example/"),
        ("", "http://service.example/a/b"),
    ],
)
def test_where_a_redirect_leads(location: str, leads_to: str) -> None:
    assert join(parse_address(f"{SERVICE}/a/b"), location).url == leads_to


@pytest.mark.parametrize(
    "location",
    [
        *("/\\evil", "\\\\evil", "//evil\\@service", "\thttp://evil", "ht\ntp://evil", "//me@evil", "http://[", "//["),
        *("ftp://evil", "file:///etc/passwd", "javascript:x", "http://evil:x/", "https:///evil", "/a b"),
    ],
)
def test_a_redirect_that_leads_nowhere(location: str) -> None:
    with pytest.raises(AddressError):
        join(parse_address(f"{SERVICE}/a/b"), location)


@pytest.mark.parametrize("url", ["http://[::ffff:127.0.0.1]", "http://[0:0:0:0:0:0:0:1]/", "http://127.255.255.254"])
def test_this_computer_in_other_words(url: str) -> None:
    assert is_loopback(url)


@pytest.mark.parametrize("url", ["http://[::127.0.0.1]", "http://[::]", "http://[::ffff:10.0.0.1]", "http://128.0.0.1"])
def test_not_this_computer(url: str) -> None:
    assert not is_loopback(url)


# A few thousand odd addresses, and where they would lead

HOSTS = (
    *("service.example", "SERVICE.EXAMPLE", "evil.example", "127.0.0.1", "localhost", "[::1]", "10.0.0.1", "service"),
    *("service.example.evil.example", "evil.example.", "127.1", "0x7f.1", "2130706433", "127.0.0.1.evil.example", ""),
    *(
        "service．example",
        "１２７.0.0.1",
        "evil。example",
        "bücher.example",
        "[::ffff:127.0.0.1]",
        "0.0.0.0",
        "evil%2eexample",
    ),
)
PLAIN = ("service.example", "service.example", "service.example", "127.0.0.1", "localhost", "[::1]", "evil.example")
SCHEMES = (
    "http://",
    "http://",
    "http://",
    "https://",
    "HTTP://",
    "http:/",
    "http:",
    "http:///",
    "http:\\\\",
    "//",
    "ftp://",
    "",
)
PORTS = ("", "", "", ":80", ":443", ":8777", ":", ":0", ":080", ":99999", ":٨", ":80:443")
TAILS = (
    "",
    "/",
    "/x",
    "/x?y=z",
    "?@service.example",
    "#@service.example/",
    "/..//service.example",
    "/%2e%2e",
    "/ä b",
    ";x",
)
BETWEEN = (
    "@",
    "\\@",
    "\\",
    "/@",
    "#@",
    "?@",
    ":@",
    "@@",
    "%40",
    " ",
    "\t",
    "\n",
    "\r\n",
    "%00",
    "\x00",
    "／",
    "＠",
    "&",
    ";",
    ":80@",
)
ODD = "\\@:/?#[]%&;,. \t\r\n\x00\x0b\x1c\x85\xa0\xad\u200b\u2028\u3002\uff0e\uff20\uff0f\ud800a0x-_~|^`{}<>\"'*"


def odd_addresses(count: int) -> Iterator[str]:
    """Addresses that are put together from what parsers stumble over, the same ones each time."""
    chance = random.Random(20_260_711)
    for _ in range(count):
        text = chance.choice(SCHEMES)
        if chance.random() < 0.3:
            text += chance.choice(HOSTS) + chance.choice(BETWEEN)
        text += chance.choice(PLAIN if chance.random() < 0.5 else HOSTS) + chance.choice(PORTS) + chance.choice(TAILS)
        for _ in range(chance.choice((0, 0, 0, 1, 1, 2))):
            at = chance.randrange(len(text) + 1)
            text = text[:at] + chance.choice(ODD) + text[at + chance.randrange(2) :]
        yield text


@pytest.fixture
def connected(monkeypatch: pytest.MonkeyPatch) -> list[tuple[tuple[str, str, int], bool]]:
    """Where requests would have connected to, by the pool of connections that it takes, and whether with the key."""
    found: list[tuple[tuple[str, str, int], bool]] = []

    def send(self: HTTPAdapter, request: requests.PreparedRequest, **_options: Any) -> requests.Response:
        if hasattr(self, "get_connection_with_tls_context"):
            pool: Any = self.get_connection_with_tls_context(request, True)
        else:
            pool = self.get_connection(str(request.url))
        host = str(pool.host).strip("[]")
        by_urllib3 = parse_url(str(request.url))
        assert (by_urllib3.host or "").strip("[]") == host
        found.append(((pool.scheme, host, pool.port), KEY in str(request.headers)))
        raise requests.ConnectionError

    monkeypatch.setattr(HTTPAdapter, "send", send)
    return found


def test_no_odd_address_gets_the_key_of_another(
    connected: list[tuple[tuple[str, str, int], bool]], tmp_path: Path
) -> None:
    way, refused, kept = client(SERVICE), 0, 0
    for text in odd_addresses(5000):
        connected.clear()
        with pytest.raises(ProviderError) as caught:
            way.download(text, tmp_path / "model.glb", no_report)
        if not connected:
            assert isinstance(caught.value, UnexpectedResponse), ascii(text)
            assert "not safe to use" in str(caught.value)
            refused += 1
            continue
        ((origin, keyed),) = connected
        assert keyed == (origin == ("http", "service.example", 80)), ascii(text)
        assert _origin_in_words(parse_address(text)) == _origin_in_words_of(origin), ascii(text)
        kept += keyed
    assert kept > 50
    assert 1000 < refused < 4800


def test_no_odd_address_leaves_the_computer_offline(
    connected: list[tuple[tuple[str, str, int], bool]], tmp_path: Path
) -> None:
    way, here = client("http://127.0.0.1:8777", online=False), 0
    for text in odd_addresses(5000):
        connected.clear()
        with pytest.raises(ProviderError):
            way.download(text, tmp_path / "model.glb", no_report)
        for (_scheme, host, _port), _keyed in connected:
            ip = ipaddress.ip_address("127.0.0.1" if host == "localhost" else host)
            mapped = ip.ipv4_mapped if isinstance(ip, ipaddress.IPv6Address) else None
            assert (mapped or ip).is_loopback, ascii(text)
            here += 1
    assert here > 100


def test_the_service_s_own_address_passes_the_gate_too(
    connected: list[tuple[tuple[str, str, int], bool]],
) -> None:
    for text in odd_addresses(1000):
        connected.clear()
        with pytest.raises(Unreachable) as caught:
            client(text).post("/job", {})
        if connected:
            ((origin, keyed),) = connected
            assert keyed
            assert _origin_in_words_of(origin) == _origin_in_words(parse_address(text.strip()))
        else:
            assert "is not one of the web" in str(caught.value)
            assert not caught.value.sent


def _origin_in_words(address: Address) -> str:
    return _origin_in_words_of(address.origin)


def _origin_in_words_of(origin: tuple[str, str, int]) -> str:
    scheme, host, port = origin
    return f"{scheme} {ipaddress.ip_address(host) if ':' in host else host} {port}"


# Two servers


@pytest.fixture
def service() -> Iterator[Host]:
    with Host() as host:
        yield host


@pytest.fixture
def evil() -> Iterator[Host]:
    with Host(told=Told(b"evil")) as host:
        yield host


DISGUISES = (
    "http://{evil}\\@{service}/x",
    "http://{evil}\\.{service}/x",
    "http://{service}@{evil}/x",
    "http://{service}:80@{evil}/x",
    "http://{evil}#@{service}/x",
    "http://{evil}?@{service}/x",
    "http://{evil}/@{service}/x",
    "http://{service}\t@{evil}/x",
    "//{evil}\\@{service}/x",
    "\\\\{evil}/{service}",
    "http:\\\\{evil}\\@{service}/x",
    "http://{evil}%5c@{service}/x",
)


@pytest.mark.parametrize("disguise", DISGUISES)
def test_a_disguised_address_gets_no_key(service: Host, evil: Host, disguise: str, tmp_path: Path) -> None:
    """As a result's address, as a redirect of the service and of a storage, and as where a picture is to be put."""
    url = disguise.format(evil=f"127.0.0.1:{evil.port}", service=f"127.0.0.1:{service.port}")
    way, photo = client(service.url), tmp_path / "photo.png"
    photo.write_bytes(b"photo")
    service.responses["/own"] = evil.responses["/storage"] = Told(
        b"", 302, {"Location": url} if "\t" not in url else {}
    )
    for ask in (
        lambda: way.download(url, tmp_path / "model.glb", no_report),
        lambda: way.download(f"{service.url}/own", tmp_path / "model.glb", no_report),
        lambda: way.download(f"{evil.url}/storage", tmp_path / "model.glb", no_report),
        lambda: way.put_file(url, photo, {}),
    ):
        try:
            ask()
        except ProviderError as error:
            assert "not safe to use" in str(error) or "sends us on" in str(error), error
    assert not any(KEY in str(seen) for seen in evil.seen)
