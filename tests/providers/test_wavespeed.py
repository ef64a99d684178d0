# SPDX-License-Identifier: GPL-3.0-or-later
"""WaveSpeedAI's provider against the service on this machine: the whole road, and every way in which it can end."""

import json
from collections.abc import Callable, Iterator, Mapping
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from loopback import faults, models
from loopback.faults import Fault
from loopback.server import File
from loopback.wavespeed import WaveSpeedServer
from PIL import Image

from sam3d.providers.base import Credentials, PreparedRequest, ReconstructionOptions, Request, Result, Subject, Task
from sam3d.providers.errors import (
    InsufficientCredit,
    InvalidInput,
    ProviderError,
    RateLimited,
    RemoteFailure,
    UnexpectedResponse,
    Unreachable,
    WrongKey,
)
from sam3d.providers.http import ResultGone
from sam3d.providers.wavespeed import provider as wavespeed
from sam3d.providers.wavespeed.provider import SERVICE, WaveSpeedProvider

GLB = File("output.glb", models.glb())


@pytest.fixture
def server() -> Iterator[WaveSpeedServer]:
    with WaveSpeedServer() as server:
        yield server
        assert not server.leaks


@pytest.fixture
def provider(server: WaveSpeedServer) -> WaveSpeedProvider:
    return WaveSpeedProvider(Credentials(server.url, server.key))


@pytest.fixture
def request_(tmp_path: Path) -> Request:
    """An object's request without masks."""
    photo = tmp_path / "photo.png"
    photo.write_bytes(models.png(6, 4))
    return Request("job-1", photo, (), ReconstructionOptions(), tmp_path)


def with_masks(request: Request, count: int) -> Request:
    masks = tuple(request.folder / f"mask-{number}.png" for number in range(count))
    for number, mask in enumerate(masks):
        Image.new("L", (6, 4), 255 - number).save(mask)
    return replace(request, masks=masks)


def download_result(provider: WaveSpeedProvider, request: Request) -> list[Result]:
    """The whole road of a task that is ready at once."""
    task = provider.submit(provider.prepare(request))
    assert provider.poll(task).finished
    return provider.fetch(task, request.folder, lambda _fraction, _stage: None)


def started(provider: WaveSpeedProvider, request: Request) -> Task:
    return provider.submit(provider.prepare(request))


def said(body: Any, status: int = 200) -> Fault:
    """An answer of its own in place of the service's, whose work is not done."""
    return Fault(status=status, body=json.dumps(body).encode(), headers={"Content-Type": "application/json"})


def outputs(make: Callable[[list[Any]], Any]) -> Fault:
    """A prediction's answer with other outputs, made of the addresses in the true one."""

    def how(value: Any) -> Any:
        value["data"]["outputs"] = make(value["data"]["outputs"])
        return value

    return faults.change(how)


def prediction(**data: Any) -> Fault:
    """A prediction's answer with some of its data exchanged."""
    return faults.change(lambda value: value | {"data": value["data"] | data})


# The whole road


@pytest.mark.parametrize("uploads", ["new", "old"])
def test_object_with_masks_and_prompt(
    server: WaveSpeedServer, provider: WaveSpeedProvider, request_: Request, uploads: str
) -> None:
    server.uploads = uploads
    request = with_masks(replace(request_, options=ReconstructionOptions(prompt=" red chair ")), 2)
    (result,) = download_result(provider, request)
    assert result.model == request.folder / "model.glb"
    assert result.model.read_bytes() == models.glb()
    assert (result.model_name, result.extras) == ("wavespeed-ai/sam-3d-objects", ())
    (submit,) = server.of("submit")
    assert submit.path == "/api/v3/wavespeed-ai/sam-3d-objects"
    assert submit.json.keys() == {"image", "prompt", "mask_images"}
    assert submit.json["prompt"] == "red chair"
    sent = [server.files[address.removeprefix(server.storage_url)] for address in submit.json["mask_images"]]
    assert [file.name for file in sent] == ["mask-0.png", "mask-1.png"]
    assert server.count("put") == (3 if uploads == "new" else 0)
    assert server.submits == server.submit_posts == 1


def test_object_without_prompt_and_masks_sends_the_photo_alone(
    server: WaveSpeedServer, provider: WaveSpeedProvider, request_: Request
) -> None:
    download_result(provider, request_)
    assert server.of("submit")[0].json.keys() == {"image"}


@pytest.mark.parametrize("masks", [0, 1])
def test_body_takes_one_mask_and_no_prompt(
    server: WaveSpeedServer, provider: WaveSpeedProvider, request_: Request, masks: int
) -> None:
    download_result(
        provider, with_masks(replace(request_, options=ReconstructionOptions(Subject.BODY, prompt="ignored")), masks)
    )
    (submit,) = server.of("submit")
    assert submit.path == "/api/v3/wavespeed-ai/sam-3d-body"
    assert submit.json.keys() == ({"image", "mask_image"} if masks else {"image"})


def test_a_jpeg_is_uploaded_as_one(server: WaveSpeedServer, provider: WaveSpeedProvider, request_: Request) -> None:
    photo = request_.folder / "photo.jpg"
    photo.write_bytes(b"\xff\xd8\xff\xd9")
    provider.prepare(replace(request_, photo=photo))
    assert server.of("put")[0].headers["content-type"] == "image/jpeg"


def test_progress_goes_from_waiting_to_ready(
    server: WaveSpeedServer, provider: WaveSpeedProvider, request_: Request
) -> None:
    server.job_seconds = 1e9
    task = started(provider, request_)
    assert not provider.poll(task).finished
    with pytest.raises(RateLimited):
        provider.fetch(task, request_.folder, lambda _fraction, _stage: None)
    server.job_seconds = 0.0
    assert provider.poll(task).finished


def test_downloads_report_their_share_of_the_whole(
    server: WaveSpeedServer, provider: WaveSpeedProvider, request_: Request
) -> None:
    server.results = [GLB, File("points.ply", models.gaussian_ply())]
    fractions: list[float] = []
    provider.fetch(started(provider, request_), request_.folder, lambda fraction, _stage: fractions.append(fraction))
    assert fractions == sorted(fractions)
    assert fractions[-1] == 1.0


# Uploads


@pytest.mark.parametrize("status", [404, 405, 410])
@pytest.mark.parametrize("in_200", [False, True])
def test_an_old_service_gets_the_old_upload(
    server: WaveSpeedServer, provider: WaveSpeedProvider, request_: Request, status: int, in_200: bool
) -> None:
    body = {"code": status, "message": "no such route"}
    server.fault("upload", said(body) if in_200 else said(body, status), times=1)
    prepared = provider.prepare(request_)
    assert [record.path for record in server.of("upload")] == ["/api/v3/media/uploads", "/api/v3/media/upload/binary"]
    provider.submit(prepared)


def test_storage_that_refuses_is_not_taken_for_a_wrong_key(
    server: WaveSpeedServer, provider: WaveSpeedProvider, request_: Request
) -> None:
    server.fault("put", faults.EXPIRED)
    with pytest.raises(Unreachable, match="storage did not take the picture"):
        provider.prepare(request_)


@pytest.mark.parametrize(
    "upload",
    [
        {"method": "POST", "url": "https://storage.example/x", "headers": {}},
        {"method": "PUT", "url": "file:///etc/passwd", "headers": {}},
        {"method": "PUT", "url": "http://[::1", "headers": {}},
        {"method": "PUT", "url": 5, "headers": {}},
        {"method": "PUT", "url": "https://storage.example/x", "headers": {"a": 5}},
        {"method": "PUT", "url": "https://storage.example/x", "headers": ["a"]},
        None,
        [],
    ],
)
def test_odd_upload_places_are_refused(
    server: WaveSpeedServer, provider: WaveSpeedProvider, request_: Request, upload: Any
) -> None:
    server.fault("upload", faults.change(lambda value: value | {"data": value["data"] | {"upload": upload}}))
    with pytest.raises(UnexpectedResponse):
        provider.prepare(request_)
    assert server.count("put") == 0


def test_pictures_have_a_limit(
    server: WaveSpeedServer, provider: WaveSpeedProvider, request_: Request, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(wavespeed, "LARGEST_UPLOAD", 10)
    with pytest.raises(InvalidInput):
        provider.prepare(request_)
    assert server.requests == []


# Submit


SUBMIT_ERRORS: list[tuple[Fault, type[ProviderError], str]] = [
    (faults.refuse(401), WrongKey, "wavespeed.ai/accesskey"),
    (said({"code": 401, "message": "Unauthorized"}), WrongKey, "wavespeed.ai/accesskey"),
    (faults.refuse(403), WrongKey, "not active yet"),
    (said({"code": 401, "message": "API key inactive"}, 401), WrongKey, "not active yet"),
    (said({"code": 400, "message": "Please recharge to activate your key"}), WrongKey, "not active yet"),
    (faults.refuse(402), InsufficientCredit, "too little credit"),
    (said({"code": 400, "message": "Insufficient credits. Please top up."}), InsufficientCredit, "too little credit"),
    (said({"message": "Balance is too low", "error_code": 7}, 403), InsufficientCredit, "too little credit"),
    (said({"code": 400, "message": "image is required"}), InvalidInput, "image is required"),
    (said({"detail": [{"msg": "image: not a URL"}]}, 422), InvalidInput, "image: not a URL"),
    (said({"code": 1200, "message": "flagged"}), InvalidInput, "for what it shows"),
    (said({"error_code": 1401, "message": "prompt too long"}, 400), InvalidInput, "prompt too long"),
    (said({"code": 1402, "message": "cannot fetch"}), InvalidInput, "could not read the pictures"),
    (faults.refuse(429, {"Retry-After": "7"}), RateLimited, "busy"),
    (said({"code": 429, "message": "Rate limit: top up for a higher level"}), RateLimited, "busy"),
    (faults.refuse(404), Unreachable, "check the address"),
]


@pytest.mark.parametrize("case", SUBMIT_ERRORS)
def test_what_is_certainly_not_taken(
    server: WaveSpeedServer,
    provider: WaveSpeedProvider,
    request_: Request,
    case: tuple[Fault, type[ProviderError], str],
) -> None:
    fault, kind, words = case
    prepared = provider.prepare(request_)
    server.fault("submit", fault)
    with pytest.raises(kind, match=words) as caught:
        provider.submit(prepared)
    assert type(caught.value) is kind
    assert not isinstance(caught.value, Unreachable) or not caught.value.sent
    assert server.key not in f"{caught.value}{caught.value.raw}"
    assert (server.submit_posts, server.submits) == (1, 0)


def test_busy_names_the_pause(server: WaveSpeedServer, provider: WaveSpeedProvider, request_: Request) -> None:
    prepared = provider.prepare(request_)
    server.fault("submit", faults.refuse(429, {"Retry-After": "7"}))
    with pytest.raises(RateLimited) as caught:
        provider.submit(prepared)
    assert caught.value.retry_after == 7.0


@pytest.mark.parametrize("in_200", [False, True])
def test_an_empty_account_is_told(
    server: WaveSpeedServer, provider: WaveSpeedProvider, request_: Request, in_200: bool
) -> None:
    server.balance, server.errors_in_200 = 0.0, in_200
    with pytest.raises(InsufficientCredit):
        started(provider, request_)
    assert server.submits == 0


MAYBE_TAKEN: list[Fault] = [
    faults.CUT_AFTER,
    faults.HALF,
    faults.lose(502, body=b"<html>Bad gateway</html>"),
    faults.lose(504),
    said({"code": 500, "message": "internal"}),
    said({"code": 5000, "message": "internal"}),
    faults.HTML,
    faults.EMPTY,
    faults.TRUNCATED,
    faults.WRONG_TYPES,
    faults.WRONG_SHAPE,
    faults.NULL_RESPONSE,
    prediction(id=None),
    prediction(id=""),
    prediction(id="../../balance"),
    prediction(id="a" * 201),
    prediction(id="x\n"),
    prediction(id=17),
]


@pytest.mark.parametrize("fault", MAYBE_TAKEN)
def test_what_may_have_been_charged(
    server: WaveSpeedServer, provider: WaveSpeedProvider, request_: Request, fault: Fault
) -> None:
    prepared = provider.prepare(request_)
    server.fault("submit", fault)
    with pytest.raises((Unreachable, UnexpectedResponse)) as caught:
        provider.submit(prepared)
    assert not isinstance(caught.value, Unreachable) or caught.value.sent
    assert server.submit_posts == 1


@pytest.mark.parametrize(
    "response",
    [
        {"data": {"id": "x"}},
        {"code": 200, "message": "success", "data": {"id": "x", "status": "created", "outputs": None}},
        {"code": 200, "data": {"id": "x", "status": "processing", "code": 5004, "error": "Sync mode timed out"}},
        {"code": 5004, "message": "Sync mode timed out", "data": {"id": "x", "status": "processing"}},
    ],
)
def test_every_answer_with_an_id_is_a_task(
    server: WaveSpeedServer, provider: WaveSpeedProvider, request_: Request, response: Any
) -> None:
    prepared = provider.prepare(request_)
    server.fault("submit", said(response))
    assert provider.submit(prepared) == Task("x", request_)


# Poll


@pytest.mark.parametrize("outcome", ["failed", "cancelled", "timeout", "deleted"])
def test_a_failure_has_its_words(
    server: WaveSpeedServer, provider: WaveSpeedProvider, request_: Request, outcome: str
) -> None:
    server.outcome, server.error = outcome, (0, "No object was found")
    task = started(provider, request_)
    with pytest.raises(RemoteFailure, match="No object was found") as caught:
        provider.poll(task)
    assert "No object was found" in caught.value.raw
    with pytest.raises(RemoteFailure):
        provider.fetch(task, request_.folder, lambda _fraction, _stage: None)


@pytest.mark.parametrize(
    ("code", "words"),
    [
        (1200, "for what it shows"),
        (1400, "misses something"),
        (1401, "one of the job's settings"),
        (1402, "could not read the pictures"),
        (1403, "reconstruction failed"),
        (1405, "reconstruction failed"),
        (5000, "trouble of its own"),
        (5003, "could not run"),
        (5004, "took too long"),
    ],
)
def test_a_failure_by_its_code(
    server: WaveSpeedServer, provider: WaveSpeedProvider, request_: Request, code: int, words: str
) -> None:
    server.outcome, server.error = "failed", (code, "why {so}.")
    task = started(provider, request_)
    with pytest.raises(RemoteFailure, match=words) as caught:
        provider.poll(task)
    assert "(why {so})" in str(caught.value)


def test_the_key_is_never_quoted(server: WaveSpeedServer, provider: WaveSpeedProvider, request_: Request) -> None:
    server.outcome, server.error = "failed", (1403, f"key {server.key} failed")
    with pytest.raises(RemoteFailure) as caught:
        provider.poll(started(provider, request_))
    assert server.key not in f"{caught.value}{caught.value.raw}"


POLL_ERRORS: list[tuple[Fault, type[ProviderError]]] = [
    (said({"code": 404, "message": "not found"}, 404), Unreachable),  # so far, perhaps
    (said({"code": 404, "message": "not found"}), Unreachable),
    (said({"code": 1200, "message": "flagged"}), RemoteFailure),
    (said({"code": 1403, "message": "failed"}, 400), RemoteFailure),
    (said({"code": 5000, "data": {"status": "failed", "error": "x"}}), RemoteFailure),
    (faults.NOT_FOUND, Unreachable),  # not the service's own words: the result may well be there
    (said({"code": 500, "message": "internal"}), Unreachable),
    (said({"code": 5003, "message": "unavailable"}), Unreachable),
    (faults.refuse(503), Unreachable),
    (faults.HTML, Unreachable),
    (faults.TRUNCATED, Unreachable),
    (faults.refuse(401), WrongKey),
    (faults.refuse(429), RateLimited),
    (faults.WRONG_TYPES, UnexpectedResponse),
    (faults.WRONG_SHAPE, UnexpectedResponse),
    (prediction(status="melted"), UnexpectedResponse),
    (prediction(status=None), UnexpectedResponse),
    (prediction(status=["completed"]), UnexpectedResponse),
]


@pytest.mark.parametrize(("fault", "kind"), POLL_ERRORS)
def test_errors_while_polling(
    server: WaveSpeedServer,
    provider: WaveSpeedProvider,
    request_: Request,
    fault: Fault,
    kind: type[ProviderError],
) -> None:
    task = started(provider, request_)
    server.fault("poll", fault)
    with pytest.raises(ProviderError) as caught:
        provider.poll(task)
    assert type(caught.value) is kind
    server.mend()
    assert provider.poll(task).finished
    assert server.submit_posts == 1


@pytest.mark.parametrize(
    ("data", "finished"),
    [
        ({"status": "created"}, False),
        ({"status": "processing", "code": 5004, "error": "Sync mode timed out after 90 seconds"}, False),
        ({"status": "completed", "code": 5004}, True),
    ],
)
def test_what_goes_on(
    server: WaveSpeedServer,
    provider: WaveSpeedProvider,
    request_: Request,
    data: Mapping[str, Any],
    finished: bool,
) -> None:
    task = started(provider, request_)
    server.fault("poll", prediction(**data))
    assert provider.poll(task).finished is finished


def test_an_id_of_an_old_record_stays_one_part_of_the_path(
    server: WaveSpeedServer, provider: WaveSpeedProvider, request_: Request
) -> None:
    with pytest.raises(Unreachable):
        provider.poll(Task("../../balance?x", request_))
    assert server.requests[-1].path.startswith("/api/v3/predictions/..%2F")


# Outputs


@pytest.mark.parametrize(
    "fault",
    [
        outputs(lambda urls: urls),
        outputs(lambda urls: [{"url": url} for url in urls]),
        outputs(lambda urls: [{"model_glb": url, "size": 5, "kind": "mesh"} for url in urls]),
        outputs(lambda urls: [None, *urls, urls[0]]),
        outputs(lambda urls: urls[0]),
        outputs(lambda urls: {"model": urls[0]}),
    ],
)
def test_outputs_come_in_many_forms(
    server: WaveSpeedServer, provider: WaveSpeedProvider, request_: Request, fault: Fault
) -> None:
    server.fault("poll", fault)
    (result,) = download_result(provider, request_)
    assert result.model.read_bytes() == models.glb()
    assert server.count("download") == 1


@pytest.mark.parametrize(
    "fault", [faults.NULL_OUTPUTS, outputs(lambda _: []), outputs(lambda _: [{}]), outputs(lambda _: [None])]
)
def test_nothing_delivered_can_be_asked_for_again(
    server: WaveSpeedServer, provider: WaveSpeedProvider, request_: Request, fault: Fault
) -> None:
    server.fault("poll", fault)
    with pytest.raises(UnexpectedResponse, match="names no model") as caught:
        download_result(provider, request_)
    assert "completed" in caught.value.raw


@pytest.mark.parametrize(
    "odd",
    [5, ["text"], ["file:///etc/passwd"], [{"url": 5}], ["http://[::1"], [["x"]], [True], ["https://a/"] * 65],
)
def test_odd_outputs_are_refused(
    server: WaveSpeedServer, provider: WaveSpeedProvider, request_: Request, odd: Any
) -> None:
    server.fault("poll", outputs(lambda _: odd))
    with pytest.raises(UnexpectedResponse):
        download_result(provider, request_)
    assert server.count("download") == 0


def test_the_model_is_found_among_other_files(
    server: WaveSpeedServer, provider: WaveSpeedProvider, request_: Request
) -> None:
    server.results = [
        File("preview.png", models.png()),
        File("splat.ply", models.gaussian_ply()),
        File("scene.bin", models.glb()),
        File("other.glb", models.glb(scale=2.0)),
    ]
    (result,) = download_result(provider, request_)
    assert result.model.read_bytes() == models.glb()
    assert [extra.name for extra in result.extras] == ["model-3.glb", "model.ply", "extra.png"]
    assert all(extra.is_file() for extra in result.extras)


def test_several_masks_make_several_results(
    server: WaveSpeedServer, provider: WaveSpeedProvider, request_: Request
) -> None:
    server.results = [GLB, File("b.glb", models.glb(scale=2.0)), File("splat.ply", models.gaussian_ply())]
    first, second = download_result(provider, with_masks(request_, 2))
    assert first.model.read_bytes() == models.glb()
    assert second.model.read_bytes() == models.glb(scale=2.0)
    assert ([extra.name for extra in first.extras], second.extras) == (["model-3.ply"], ())


def test_a_broken_model_leaves_the_good_one(
    server: WaveSpeedServer, provider: WaveSpeedProvider, request_: Request
) -> None:
    server.results = [File("a.glb", models.glb()[:-40]), File("b.glb", models.glb(scale=2.0))]
    (result,) = download_result(provider, request_)
    assert result.model.read_bytes() == models.glb(scale=2.0)
    assert result.extras[0].read_bytes() == models.glb()[:-40]
    assert "broken" in result.notes[0]


@pytest.mark.parametrize(
    ("content", "model"),
    [(models.mesh_ply(), "model.glb"), (models.archive(), "model.glb"), (models.glb(), "model.glb")],
)
def test_fetching_again_brings_the_same(
    server: WaveSpeedServer, provider: WaveSpeedProvider, request_: Request, content: bytes, model: str
) -> None:
    server.results = [File("output", content)]
    task = started(provider, request_)
    for _ in range(2):
        (result,) = provider.fetch(task, request_.folder, lambda _fraction, _stage: None)
        assert result.model.name == model
        assert result.model.read_bytes()[:4] == b"glTF"
    assert server.submit_posts == 1


@pytest.mark.parametrize("content", [b"", b"<html>", b'{"error": "gone"}', models.gaussian_ply(), b"who knows"])
def test_files_without_a_model_are_told(
    server: WaveSpeedServer, provider: WaveSpeedProvider, request_: Request, content: bytes
) -> None:
    server.results = [File("model.glb", content)]
    with pytest.raises(UnexpectedResponse):
        download_result(provider, request_)


@pytest.mark.parametrize("gone", [faults.EXPIRED, faults.GONE, faults.NOT_FOUND])
def test_a_result_that_is_gone_stays_to_be_fetched(
    server: WaveSpeedServer, provider: WaveSpeedProvider, request_: Request, gone: Fault
) -> None:
    task = started(provider, request_)
    server.fault("download", gone)
    with pytest.raises(UnexpectedResponse, match=r"no longer has the result.*press Retry") as caught:
        provider.fetch(task, request_.folder, lambda _fraction, _stage: None)
    assert "outputs" in caught.value.raw
    server.mend()
    assert provider.fetch(task, request_.folder, lambda _fraction, _stage: None)


# The account


def test_account_tells_balance_and_prices(server: WaveSpeedServer, provider: WaveSpeedProvider) -> None:
    account = provider.account()
    assert (account.balance, account.note) == (10.0, "")
    assert account.prices == {Subject.OBJECT: 0.02, Subject.BODY: 0.02}
    assert server.submit_posts == 0


def test_account_does_without_prices(server: WaveSpeedServer, provider: WaveSpeedProvider) -> None:
    server.prices, server.balance = False, 0.0
    account = provider.account()
    assert (account.balance, account.prices) == (0.0, {})
    assert "topped up" in account.note
    paths = {record.path for record in server.requests}
    assert {"/api/v3/model/price", "/api/v3/model/pricing"} <= paths


@pytest.mark.parametrize("balance", ["10", None, True, float("nan"), [1]])
def test_a_balance_must_be_a_number(server: WaveSpeedServer, provider: WaveSpeedProvider, balance: Any) -> None:
    server.fault("account", prediction(balance=balance))
    with pytest.raises(UnexpectedResponse):
        provider.account()


def test_keys_that_do_not_work(server: WaveSpeedServer, provider: WaveSpeedProvider) -> None:
    with pytest.raises(WrongKey, match=r"wavespeed\.ai/accesskey"):
        WaveSpeedProvider(Credentials(server.url, "another")).account()
    server.active = False
    with pytest.raises(WrongKey, match="first top-up"):
        provider.account()
    with pytest.raises(WrongKey, match="no key"):
        WaveSpeedProvider(Credentials(server.url))


def test_the_address_may_be_given_with_its_version(server: WaveSpeedServer) -> None:
    assert WaveSpeedProvider(Credentials(f"{server.url}/api/v3/", server.key)).account().balance == 10.0


def test_another_service_of_the_same_protocol(server: WaveSpeedServer, request_: Request) -> None:
    """Its name goes into the sentences, its models into the paths."""
    own = WaveSpeedProvider(Credentials(server.url, server.key), "Own server", {Subject.OBJECT: "own/model"})
    with pytest.raises(Unreachable, match="Own server has no such model"):
        own.submit(PreparedRequest(request_, {}))


def test_offers_say_what_the_models_take() -> None:
    thing, body = SERVICE.capabilities[Subject.OBJECT], SERVICE.capabilities[Subject.BODY]
    assert thing.prompt and thing.masks > 1
    assert not body.prompt and body.masks == 1


def test_a_folder_that_is_gone_is_not_a_result_that_is_gone(provider: WaveSpeedProvider, request_: Request) -> None:
    """The service still has it: the disk's own error tells what is wrong."""
    task = started(provider, request_)
    missing = request_.folder / "taken" / "away"
    with pytest.raises(FileNotFoundError) as caught:
        provider.fetch(task, missing, lambda _fraction, _stage: None)
    assert not isinstance(caught.value, ResultGone)


@pytest.mark.parametrize("status", ["error", "expired", "Rejected"])
def test_other_words_for_a_failure(
    server: WaveSpeedServer, provider: WaveSpeedProvider, request_: Request, status: str
) -> None:
    task = started(provider, request_)
    server.fault("poll", prediction(status=status, outputs=[]))
    with pytest.raises(RemoteFailure, match="failed at WaveSpeedAI"):
        provider.poll(task)
