# SPDX-License-Identifier: GPL-3.0-or-later
"""Asking whether address and key work: each error has a sentence of its own, at each service, and costs nothing."""

from collections.abc import Iterator
from pathlib import Path

import pytest
from loopback.runware import RunwareServer
from loopback.segmind import SegmindServer
from loopback.server import LoopbackServer
from loopback.wavespeed import WaveSpeedServer
from network import SERVICE_HOST, Authority, Host, Proxy, Told, closed_port, make_authority, without_proxies

from sam3d.jobs.messages import check_message
from sam3d.jobs.queue import JobQueue
from sam3d.providers import SERVICES
from sam3d.providers.base import Credentials, Subject
from sam3d.providers.errors import ProviderError, Unreachable, WrongKey

SERVERS: dict[str, type[LoopbackServer]] = {
    "WAVESPEED": WaveSpeedServer,
    "SEGMIND": SegmindServer,
    "RUNWARE": RunwareServer,
}
KEY = "key-0123456789"
EMPTY = {"WAVESPEED": {}, "SEGMIND": {"free_credits": 0.0}, "RUNWARE": {}}
"""What beside the balance a service must have none of."""


@pytest.fixture(autouse=True)
def _bare_environment(monkeypatch: pytest.MonkeyPatch) -> None:
    without_proxies(monkeypatch)


@pytest.fixture(scope="session")
def authority(tmp_path_factory: pytest.TempPathFactory) -> Authority:
    return make_authority(tmp_path_factory.mktemp("authority"))


@pytest.fixture
def queue(tmp_path: Path) -> Iterator[JobQueue]:
    made = JobQueue(SERVICES, tmp_path / "journal.sqlite3")
    yield made
    made.close()


def told(queue: JobQueue, provider: str, credentials: Credentials) -> str:
    """What the test of the connection says where all is well enough to have an answer."""
    return check_message(queue.services.check(provider, credentials).result(30.0), SERVICES[provider])


@pytest.mark.parametrize("provider", SERVERS)
def test_what_is_left_is_told(queue: JobQueue, provider: str) -> None:
    with SERVERS[provider](balance=1.5, **EMPTY[provider]) as server:
        credentials = Credentials(server.url, server.key)
        assert told(queue, provider, credentials) == "The key works. Balance $1.50."
        server.balance = 0.002
        assert "The key works, but there is too little credit for a run ($0.002 of" in told(
            queue, provider, credentials
        )
        for nothing in (0.0, -0.01):
            server.balance = nothing
            name = SERVICES[provider].name
            sentence = f"The key works, but there is no credit: top up the account at {name}."
            assert told(queue, provider, credentials) == sentence
        assert server.submit_posts == 0
        assert server.leaks == []


def test_a_segmind_account_without_any_credits_so_far(queue: JobQueue) -> None:
    with SegmindServer(credits_known=False) as server:
        assert "there is no credit" in told(queue, "SEGMIND", Credentials(server.url, server.key))


def test_the_price_is_the_one_that_the_service_tells(queue: JobQueue) -> None:
    with WaveSpeedServer(balance=0.03, price=0.04) as server:
        assert "too little credit for a run ($0.030 of $0.040)" in told(
            queue, "WAVESPEED", Credentials(server.url, server.key)
        )
        assert queue.services.price("WAVESPEED", Subject.OBJECT) == 0.04


def test_a_draft_has_no_account(queue: JobQueue) -> None:
    assert told(queue, "DRAFT", Credentials()) == "It is built in: free, offline and always ready."


def refused(
    queue: JobQueue, provider: str, credentials: Credentials, kind: type[ProviderError], *fragments: str
) -> str:
    """The sentence of the error that must come up."""
    with pytest.raises(kind) as caught:
        told(queue, provider, credentials)
    sentence = str(caught.value)
    assert all(fragment in sentence for fragment in fragments), sentence
    assert sentence.endswith(".")
    assert "\n" not in sentence
    if credentials.key:
        assert credentials.key not in sentence + caught.value.raw
    return sentence


@pytest.mark.parametrize("provider", SERVERS)
def test_each_error_has_its_own_sentence(
    queue: JobQueue, provider: str, authority: Authority, monkeypatch: pytest.MonkeyPatch
) -> None:
    name = SERVICES[provider].name

    def find(url: str, kind: type[ProviderError], *fragments: str, key: str = KEY, online: bool = True) -> str:
        return refused(queue, provider, Credentials(url, key, online), kind, *fragments)

    with SERVERS[provider]() as server:
        sentences = [
            find(server.url, WrongKey, f"{name} does not accept the key", "copy it anew"),
            find(server.url, WrongKey, f"There is no key for {name}", "preferences", key=""),
            find(server.url, WrongKey, "characters that no key has", key="two words"),
        ]
        if isinstance(server, WaveSpeedServer):
            server.active = False
            sentences.append(find(server.url, WrongKey, "not active yet", "first top-up", key=server.key))
    sentences += [
        find(f"http://127.0.0.1:{closed_port()}", Unreachable, f"{name} cannot be reached at 127.0.0.1"),
        find(f"https://{SERVICE_HOST}", Unreachable, f"No network: the name {SERVICE_HOST} cannot be found"),
        find(f"https://{SERVICE_HOST}", Unreachable, "set to work offline", "System", online=False),
        find("nonsense", Unreachable, f"The address of {name} in the preferences is not one of the web"),
    ]
    with Host(authority.context) as host:
        sentences.append(find(host.url, Unreachable, f"The certificate of {name} is not trusted"))
        with Proxy(host.port) as proxy:
            proxy.status = 407
            monkeypatch.setenv("HTTPS_PROXY", proxy.url)
            sentences.append(find(f"https://{SERVICE_HOST}", Unreachable, "The proxy does not let us through"))
            assert not host.seen
    assert len(set(sentences)) == len(sentences)


@pytest.mark.parametrize("provider", SERVERS)
@pytest.mark.parametrize("content", [b"{}", b"[]", b"null", b"<html>Please log in</html>", b""])
def test_something_else_that_answers_is_not_taken_for_the_service(
    queue: JobQueue, provider: str, content: bytes
) -> None:
    with Host(told=Told(content)) as host:
        refused(queue, provider, Credentials(host.url, KEY), ProviderError, SERVICES[provider].name)
