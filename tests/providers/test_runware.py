# SPDX-License-Identifier: GPL-3.0-or-later
"""Runware's whole road, and what can lie in the way, against a server on this machine that speaks its formats."""

import base64
import io
import json
import shutil
import time
import uuid
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from loopback import faults, models
from loopback.runware import RunwareServer
from loopback.server import File
from PIL import Image

from sam3d.providers.base import Credentials, Progress, ReconstructionOptions, Request, Result, Task
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
from sam3d.providers.runware import provider as runware_provider
from sam3d.providers.runware.provider import QUESTIONS_IN_DOUBT, RunwareProvider, task_uuid

BOUND = 120.0
"""Seconds after which a job that does not end fails a test."""
SEED = 2**63 - 1


@pytest.fixture
def server() -> Iterator[RunwareServer]:
    with RunwareServer() as running:
        yield running
        assert running.leaks == []


def a_provider(server: RunwareServer, **settings: Any) -> RunwareProvider:
    return RunwareProvider(Credentials(server.url, server.key, settings=settings))


def a_request(folder: Path, *, mask: bool = True, **options: Any) -> Request:
    photo, masks = folder / "photo.png", folder / "mask.png"
    photo.write_bytes(models.png(12, 8))
    masks.write_bytes(models.png(12, 8, channels=1, fill=255))
    return Request(uuid.uuid4().hex, photo, (masks,) if mask else (), ReconstructionOptions(**options), folder)


def submit(provider: RunwareProvider, request: Request) -> Task:
    return provider.submit(provider.prepare(request))


def wait(provider: RunwareProvider, task: Task) -> list[Progress]:
    """Poll until the task is finished."""
    seen: list[Progress] = []
    end = time.monotonic() + BOUND
    while not seen or not seen[-1].finished:
        assert time.monotonic() < end
        seen.append(provider.poll(task))
        time.sleep(0.005)
    return seen


def fetch(provider: RunwareProvider, task: Task) -> list[Result]:
    return provider.fetch(task, task.request.folder, lambda _fraction, _stage: None)


def road(provider: RunwareProvider, request: Request) -> list[Result]:
    task = submit(provider, request)
    wait(provider, task)
    return fetch(provider, task)


def sent(server: RunwareServer) -> dict[str, Any]:
    task: dict[str, Any] = server.of("submit")[0].json[0]
    return task


def picture(data_uri: str) -> Image.Image:
    return Image.open(io.BytesIO(base64.b64decode(data_uri.partition(",")[2])))


@pytest.mark.parametrize("sync", [False, True])
def test_a_model_arrives_with_its_seed_and_cost(server: RunwareServer, tmp_path: Path, sync: bool) -> None:
    server.job_seconds = 0.1
    (result,) = road(a_provider(server, sync=sync), a_request(tmp_path, seed=SEED, prompt=" a chair "))
    assert result.model == tmp_path / "model.glb"
    assert result.model.read_bytes() == models.glb()
    assert (result.seed, result.cost, result.notes) == (SEED, 0.0038, ())
    assert (server.submit_posts, server.submits) == (1, 1)
    assert sent(server)["positivePrompt"] == "a chair"
    assert sent(server)["deliveryMethod"] == ("sync" if sync else "async")
    assert (server.polls == 0) is sync


def test_the_task_has_our_own_name(server: RunwareServer, tmp_path: Path) -> None:
    request = a_request(tmp_path)
    task = submit(a_provider(server), request)
    assert task.id == request.id
    assert list(server.jobs) == [str(uuid.UUID(request.id))]


def test_any_text_makes_a_lasting_uuid() -> None:
    name = task_uuid("job 7")
    assert uuid.UUID(name).version == 4
    assert name == task_uuid("job 7") != task_uuid("job 8")


def test_a_white_mask_and_a_prompt_stand_in(server: RunwareServer, tmp_path: Path) -> None:
    submit(a_provider(server), a_request(tmp_path, mask=False))
    task = sent(server)
    mask = picture(task["inputs"]["mask"])
    assert (mask.mode, mask.size, mask.getextrema()) == ("L", (12, 8), (255, 255))
    assert task["positivePrompt"]


def test_a_jpeg_is_sent_as_one(server: RunwareServer, tmp_path: Path) -> None:
    request = a_request(tmp_path)
    Image.new("RGB", (12, 8), "red").save(request.photo, "JPEG")
    submit(a_provider(server), request)
    assert sent(server)["inputs"]["image"].startswith("data:image/jpeg;base64,")


def test_the_options_are_sent_only_where_set(server: RunwareServer, tmp_path: Path) -> None:
    submit(a_provider(server, keep_hours=0, upload_endpoint="", webhook_url=" ", sync=False), a_request(tmp_path))
    assert not {"ttl", "uploadEndpoint", "webhookURL"} & sent(server).keys()
    endpoint, hook = "https://bucket.example/put?sign=1", "https://example.org/hook"
    provider = a_provider(server, keep_hours=5, upload_endpoint=endpoint, webhook_url=hook)
    body = provider.prepare(a_request(tmp_path)).body
    assert (body["ttl"], body["uploadEndpoint"], body["webhookURL"]) == (5 * 3600, endpoint, hook)


@pytest.mark.parametrize("sync", [False, True])
def test_four_results_of_one_task(server: RunwareServer, tmp_path: Path, sync: bool) -> None:
    server.results = [File(f"{i}.glb", models.glb(name=f"variation {i}"), "model/gltf-binary") for i in range(4)]
    results = road(a_provider(server, sync=sync), a_request(tmp_path, results=4, seed=10))
    assert [result.model.name for result in results] == ["model.glb", "model-2.glb", "model-3.glb", "model-4.glb"]
    assert [result.model.read_bytes() for result in results] == [file.content for file in server.results]
    assert [result.seed for result in results] == [10, 11, 12, 13]
    assert sum(result.cost or 0 for result in results) == pytest.approx(server.charged)
    assert server.submit_posts == 1


def test_results_that_come_one_by_one_are_counted(server: RunwareServer, tmp_path: Path) -> None:
    server.one_by_one = True
    now = 0.0
    server.clock, server.job_seconds = lambda: now, 10.0
    provider = a_provider(server)
    task = submit(provider, a_request(tmp_path, results=4))
    first = provider.poll(task)
    now = 5.5
    middle = provider.poll(task)
    now = 10.0
    assert not first.finished and first.fraction == 0.0
    assert not middle.finished and 0.5 < middle.fraction < 1.0 and middle.stage == "2 of 4 ready"
    assert provider.poll(task).finished
    assert len(fetch(provider, task)) == 4


@pytest.mark.parametrize("item_errors", [True, False])
def test_the_good_results_come_where_others_fail(server: RunwareServer, tmp_path: Path, item_errors: bool) -> None:
    server.failing, server.item_errors = {1}, item_errors
    results = road(a_provider(server), a_request(tmp_path, results=3))
    assert len(results) == 2
    assert results[0].notes == ("Runware delivered 2 of 3 variations: The reconstruction failed",)


def test_a_broken_result_does_not_spoil_the_others(server: RunwareServer, tmp_path: Path) -> None:
    server.fault("download", faults.HTML, times=1)
    results = road(a_provider(server), a_request(tmp_path, results=2))
    assert [result.model.name for result in results] == ["model-2.glb"]
    assert "1 of 2" in results[0].notes[0]


@pytest.mark.parametrize("shape", ["modelURL", "modelBase64Data", "modelDataURI"])
@pytest.mark.parametrize("sync", [False, True])
def test_flat_results(server: RunwareServer, tmp_path: Path, shape: str, sync: bool) -> None:
    server.shape = shape
    (result,) = road(a_provider(server, sync=sync), a_request(tmp_path))
    assert result.model.read_bytes() == models.glb()
    assert server.count("download") == (1 if shape == "modelURL" else 0)


@pytest.mark.parametrize("settings", [{"statuses": False}, {"empty_errors": True}, {"progressing": False}])
def test_the_ways_in_which_answers_differ(server: RunwareServer, tmp_path: Path, settings: dict[str, bool]) -> None:
    for name, value in settings.items():
        setattr(server, name, value)
    server.job_seconds = 0.05
    assert len(road(a_provider(server), a_request(tmp_path, results=2))) == 2


@pytest.mark.parametrize("item_errors", [True, False])
def test_a_task_that_fails_there(server: RunwareServer, tmp_path: Path, item_errors: bool) -> None:
    server.outcome, server.item_errors = "error", item_errors
    server.error = ("timeoutProvider", "No hardware answered")
    provider = a_provider(server)
    task = submit(provider, a_request(tmp_path))
    for ask in (provider.poll, lambda task: fetch(provider, task)):
        with pytest.raises(RemoteFailure, match="failed at the job: No hardware answered"):
            ask(task)


def test_a_task_that_fails_while_we_wait(server: RunwareServer, tmp_path: Path) -> None:
    server.outcome = "error"
    with pytest.raises(RemoteFailure, match="The reconstruction failed"):
        submit(a_provider(server, sync=True), a_request(tmp_path))


@pytest.mark.parametrize("in_200", [False, True])
@pytest.mark.parametrize("sync", [False, True])
@pytest.mark.parametrize("error", [WrongKey, InsufficientCredit, InvalidInput, RateLimited])
def test_what_is_refused_was_not_taken(
    server: RunwareServer, tmp_path: Path, in_200: bool, sync: bool, error: type[ProviderError]
) -> None:
    server.errors_in_200 = in_200
    options: dict[str, Any] = {}
    if error is WrongKey:
        server.key = "another"
    elif error is InsufficientCredit:
        server.balance = 0.001
    elif error is InvalidInput:
        options["results"] = 9
    else:
        server.rate_limit = 0
    provider = RunwareProvider(Credentials(server.url, "sk-of-the-artist", settings={"sync": sync}))
    if error is not WrongKey:
        server.key = "sk-of-the-artist"
    with pytest.raises(error) as caught:
        submit(provider, a_request(tmp_path, **options))
    assert server.submits == 0
    assert "sk-of-the-artist" not in str(caught.value) + caught.value.raw
    if error is InvalidInput:
        assert "numberResults" in str(caught.value)
    if error is WrongKey:
        assert "my.runware.ai/keys" in str(caught.value)


def test_errors_as_the_pages_write_them(server: RunwareServer, tmp_path: Path) -> None:
    error = {"code": "invalidInputs", "message": "Not both", "parameter": ["inputs.image", "inputs.mask"]}
    server.fault("submit", faults.Fault(status=400, body=json.dumps({"data": [], "errors": [error]}).encode()))
    with pytest.raises(InvalidInput) as caught:
        submit(a_provider(server), a_request(tmp_path))
    assert str(caught.value) == (
        "Runware refused the job: Not both (inputs.image, inputs.mask). Change the prompt, photo or mask."
    )


@pytest.mark.parametrize("sync", [False, True])
@pytest.mark.parametrize(
    ("status", "error"),
    [(400, InvalidInput), (401, WrongKey), (402, InsufficientCredit), (403, WrongKey), (404, InvalidInput),
     (406, InvalidInput), (422, InvalidInput), (429, RateLimited), (500, Unreachable), (504, Unreachable)],
)  # fmt: skip
def test_the_statuses(
    server: RunwareServer, tmp_path: Path, status: int, error: type[ProviderError], sync: bool
) -> None:
    server.fault("submit", faults.refuse(status))
    with pytest.raises(error) as caught:
        submit(a_provider(server, sync=sync), a_request(tmp_path))
    assert getattr(caught.value, "sent", True)
    assert not list(tmp_path.glob("answer*"))


@pytest.mark.parametrize("sync", [False, True])
@pytest.mark.parametrize("fault", [faults.NOT_FOUND, faults.GONE])
def test_where_nobody_listens_nothing_was_taken(
    server: RunwareServer, tmp_path: Path, fault: faults.Fault, sync: bool
) -> None:
    server.fault("submit", fault)
    with pytest.raises(Unreachable, match="check the address") as caught:
        submit(a_provider(server, sync=sync), a_request(tmp_path))
    assert not caught.value.sent


def test_busy_tells_how_long(server: RunwareServer, tmp_path: Path) -> None:
    server.fault("submit", faults.refuse(429, {"Retry-After": "7"}))
    with pytest.raises(RateLimited) as caught:
        submit(a_provider(server), a_request(tmp_path))
    assert caught.value.retry_after == 7


@pytest.mark.parametrize("sync", [False, True])
@pytest.mark.parametrize(
    "fault",
    [faults.CUT_AFTER, faults.HALF, faults.lose(502), faults.TRUNCATED, faults.HTML, faults.EMPTY, faults.WRONG_TYPES,
     faults.WRONG_SHAPE, faults.NULL_RESPONSE, faults.change(lambda response: {"data": []})],
)  # fmt: skip
def test_a_lost_answer_can_be_asked_for(server: RunwareServer, tmp_path: Path, fault: faults.Fault, sync: bool) -> None:
    server.fault("submit", fault)
    provider, request = a_provider(server, sync=sync), a_request(tmp_path)
    with pytest.raises((Unreachable, UnexpectedResponse)) as caught:
        submit(provider, request)
    assert getattr(caught.value, "sent", True)
    task = provider.recover(request)
    wait(provider, task)
    assert len(fetch(provider, task)) == 1
    assert (server.submit_posts, server.submits) == (1, 1)


def test_an_answer_that_arrived_before_a_crash_is_not_asked_for(server: RunwareServer, tmp_path: Path) -> None:
    provider, request = a_provider(server, sync=True), a_request(tmp_path)
    submit(provider, request)
    task = a_provider(server).recover(request)
    assert provider.poll(task).finished
    assert len(fetch(provider, task)) == 1
    assert server.polls == 0


def test_a_task_that_is_there_already_is_not_paid_for_again(server: RunwareServer, tmp_path: Path) -> None:
    provider, request = a_provider(server), a_request(tmp_path)
    submit(provider, request)
    again = submit(provider, request)
    assert (again.id, server.submits) == (request.id, 1)
    assert len(fetch(provider, again)) == 1


def test_a_job_that_never_arrived_is_unknown(server: RunwareServer, tmp_path: Path) -> None:
    server.fault("submit", faults.CUT_BEFORE)
    provider, request = a_provider(server), a_request(tmp_path)
    with pytest.raises(Unreachable):
        submit(provider, request)
    task = provider.recover(request)
    for _ in range(QUESTIONS_IN_DOUBT):
        with pytest.raises(Unreachable, match="so far"):
            provider.poll(task)
    with pytest.raises(RemoteFailure, match="never arrived"):
        provider.poll(task)
    assert server.submits == 0


def test_a_job_that_arrives_late_is_found(server: RunwareServer, tmp_path: Path) -> None:
    provider, request = a_provider(server), a_request(tmp_path)
    task = provider.recover(request)
    with pytest.raises(Unreachable):
        provider.poll(task)
    submit(a_provider(server), request)
    assert provider.poll(task).finished


def test_a_job_that_was_taken_and_is_gone_is_not_given_up(server: RunwareServer, tmp_path: Path) -> None:
    provider = a_provider(server)
    task = submit(provider, a_request(tmp_path))
    server.jobs.clear()
    for _ in range(QUESTIONS_IN_DOUBT + 2):
        with pytest.raises(Unreachable, match="so far or any more"):
            provider.poll(task)


def forget(server: RunwareServer, task: Task, *, silently: bool) -> None:
    """From now on the server has nothing more to say of the task, except in its records of past tasks."""
    error = {"code": "taskFailedOrNotFound", "message": "Unknown task", "taskUUID": task_uuid(task.id)}
    server.fault("poll", faults.change(lambda _: {"data": []} if silently else {"errors": [error]}))


@pytest.mark.parametrize("silently", [False, True])
@pytest.mark.parametrize("recovered", [False, True])
def test_a_forgotten_result_is_found_in_the_records(
    server: RunwareServer, tmp_path: Path, recovered: bool, silently: bool
) -> None:
    provider, request = a_provider(server), a_request(tmp_path, results=2, seed=10)
    task = submit(provider, request)
    if recovered:
        provider = a_provider(server)
        task = provider.recover(request)
    forget(server, task, silently=silently)
    assert provider.poll(task).finished
    results = fetch(provider, task)
    assert [result.seed for result in results] == [10, 11]
    assert results[0].model.read_bytes() == models.glb()
    assert server.submit_posts == 1


def test_a_forgotten_failure_keeps_its_reason(server: RunwareServer, tmp_path: Path) -> None:
    server.outcome, server.error = "error", ("timeout", "No hardware answered")
    provider = a_provider(server)
    task = submit(provider, a_request(tmp_path))
    forget(server, task, silently=False)
    with pytest.raises(RemoteFailure, match="No hardware answered"):
        provider.poll(task)


@pytest.mark.parametrize("fault", [faults.refuse(429), faults.refuse(500), faults.CUT_BEFORE, faults.HTML])
def test_no_result_is_given_up_before_the_records_were_read(
    server: RunwareServer, tmp_path: Path, fault: faults.Fault
) -> None:
    provider = a_provider(server)
    task = submit(provider, a_request(tmp_path))
    forget(server, task, silently=False)
    server.fault("result", fault, times=1)
    with pytest.raises((RateLimited, Unreachable)):
        provider.poll(task)
    assert provider.poll(task).finished


@pytest.mark.parametrize(
    "response", [None, "text", [], {}, {"data": [{"taskType": "3dInference"}]}, {"data": None, "errors": []}]
)
def test_records_that_tell_nothing(server: RunwareServer, tmp_path: Path, response: Any) -> None:
    provider = a_provider(server)
    task = submit(provider, a_request(tmp_path))
    forget(server, task, silently=False)
    server.fault("result", faults.change(lambda body: {"data": [{**body["data"][0], "response": response}]}))
    with pytest.raises(Unreachable, match="so far or any more"):
        provider.poll(task)


@pytest.mark.parametrize(
    "fault",
    [faults.refuse(status) for status in (400, 401, 402, 403, 404, 422, 429, 500, 504)]
    + [faults.CUT_BEFORE, faults.HTML, faults.TRUNCATED, faults.WRONG_TYPES, faults.WRONG_SHAPE, faults.EMPTY],
)
def test_a_poll_that_goes_wrong_gives_nothing_up(server: RunwareServer, tmp_path: Path, fault: faults.Fault) -> None:
    provider = a_provider(server)
    task = submit(provider, a_request(tmp_path))
    server.fault("poll", fault, times=1)
    with pytest.raises(ProviderError) as caught:
        provider.poll(task)
    assert not isinstance(caught.value, RemoteFailure)
    assert provider.poll(task).finished


@pytest.mark.parametrize("code", ["internalServerError", "rateLimitExceeded", "somethingNew"])
def test_an_error_of_the_question_is_not_the_tasks(server: RunwareServer, tmp_path: Path, code: str) -> None:
    provider = a_provider(server)
    task = submit(provider, a_request(tmp_path))
    error = {"code": code, "message": "Oh", "taskType": "getResponse", "taskUUID": task_uuid(task.id)}
    server.fault("poll", faults.change(lambda response: {"errors": [error]}))
    with pytest.raises((Unreachable, RateLimited, UnexpectedResponse)):
        provider.poll(task)


@pytest.mark.parametrize("sync", [False, True])
@pytest.mark.parametrize("fault", [faults.EXPIRED, faults.GONE, faults.NOT_FOUND, faults.EMPTY, faults.HALF])
def test_a_download_that_fails_can_be_repeated(
    server: RunwareServer, tmp_path: Path, fault: faults.Fault, sync: bool
) -> None:
    server.fault("download", fault)
    provider = a_provider(server, sync=sync)
    task = submit(provider, a_request(tmp_path))
    with pytest.raises((UnexpectedResponse, Unreachable)):
        fetch(provider, task)
    server.mend()
    assert len(fetch(provider, task)) == 1
    assert server.submit_posts == 1


def test_a_result_without_an_address(server: RunwareServer, tmp_path: Path) -> None:
    server.fault("result", faults.NULL_OUTPUTS)
    provider = a_provider(server, upload_endpoint="https://bucket.example/put")
    task = submit(provider, a_request(tmp_path))
    assert provider.poll(task).finished
    with pytest.raises(UnexpectedResponse, match="upload endpoint"):
        fetch(provider, task)
    with pytest.raises(UnexpectedResponse, match="named no model"):
        fetch(a_provider(server), task)


def test_a_download_reports_and_can_be_stopped(server: RunwareServer, tmp_path: Path) -> None:
    provider = a_provider(server)
    task = submit(provider, a_request(tmp_path, results=2))
    fractions: list[float] = []
    provider.fetch(task, tmp_path, lambda fraction, _stage: fractions.append(fraction))
    assert fractions == sorted(fractions) and fractions[-1] == 1.0


@pytest.mark.parametrize("balance", [12.5, {"amount": 12.5, "currency": "USD"}])
def test_the_balance(server: RunwareServer, balance: Any) -> None:
    server.fault("account", faults.change(lambda response: {"data": [{**response["data"][0], "balance": balance}]}))
    assert a_provider(server).account().balance == 12.5
    assert server.submits == 0


def test_the_account_tells_a_wrong_key(server: RunwareServer) -> None:
    with pytest.raises(WrongKey, match=r"my\.runware\.ai/keys"):
        RunwareProvider(Credentials(server.url, "sk-wrong")).account()
    with pytest.raises(UnexpectedResponse):
        server.fault("account", faults.WRONG_TYPES)
        a_provider(server).account()


def test_a_model_that_went_elsewhere_or_nowhere(server: RunwareServer, tmp_path: Path) -> None:
    server.fault("poll", faults.NULL_OUTPUTS)
    for settings, says in (
        ({"upload_endpoint": "https://storage.invalid/{uuid}"}, "sent the model to the upload endpoint"),
        ({}, "finished the job but named no model: press Retry to ask once more"),
    ):
        provider = a_provider(server, **settings)
        task = submit(provider, a_request(tmp_path))
        with pytest.raises(UnexpectedResponse, match=says) as caught:
            fetch(provider, task)
        assert "HTTP 200" in caught.value.raw


def test_an_answer_beyond_all_bounds_is_not_read(
    server: RunwareServer, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    provider = a_provider(server, sync=True)
    task = submit(provider, a_request(tmp_path))
    monkeypatch.setattr(runware_provider, "LARGEST_RESPONSE", 10)
    with pytest.raises(UnexpectedResponse, match="answer is larger than 0 MB: it is kept in the job's folder"):
        fetch(provider, task)
    assert task.response is not None and task.response.exists()


@pytest.mark.parametrize("status", ["cancelled", "canceled", "failed", "timeout", "Expired", "ERROR"])
def test_a_task_that_ended_without_a_result_is_not_asked_for_again(
    server: RunwareServer, tmp_path: Path, status: str
) -> None:
    provider = a_provider(server)
    task = submit(provider, a_request(tmp_path))
    server.fault("poll", status_of_items(status))
    with pytest.raises(RemoteFailure, match="Runware failed at the job"):
        provider.poll(task)


@pytest.mark.parametrize("status", ["hibernating", "", "42"])
def test_a_status_that_nobody_knows_is_told_at_once(server: RunwareServer, tmp_path: Path, status: str) -> None:
    """The job is paid for, so it is not given up; it is only not asked for by itself for half an hour."""
    provider = a_provider(server)
    task = submit(provider, a_request(tmp_path))
    server.fault("poll", status_of_items(status))
    with pytest.raises(UnexpectedResponse, match="does not understand"):
        provider.poll(task)
    server.mend()
    wait(provider, task)
    assert fetch(provider, task)[0].model.exists()


@pytest.mark.parametrize("status", ["processing", "pending", "Queued", "in_progress"])
def test_a_task_at_work_is_waited_for(server: RunwareServer, tmp_path: Path, status: str) -> None:
    provider = a_provider(server)
    task = submit(provider, a_request(tmp_path))
    server.fault("poll", status_of_items(status))
    assert not provider.poll(task).finished


def status_of_items(status: str) -> faults.Fault:
    """The items of an answer have another status, and no files."""

    def changed(value: Any) -> Any:
        names = ("taskType", "taskUUID")
        return {"data": [{name: item[name] for name in names} | {"status": status} for item in value["data"]]}

    return faults.change(changed)


def test_a_seed_beyond_all_bounds_is_none(server: RunwareServer, tmp_path: Path) -> None:
    """What cannot be written into the journal must not lose a result that is paid for."""
    provider = a_provider(server)
    task = submit(provider, a_request(tmp_path))
    wait(provider, task)
    seeds = faults.change(lambda value: {"data": [item | {"seed": 10**100} for item in value["data"]]})
    server.fault("poll", seeds)
    assert fetch(provider, task)[0].seed is None


def test_an_answer_whose_file_was_taken_away_is_asked_for(server: RunwareServer, tmp_path: Path) -> None:
    provider = a_provider(server, sync=True)
    task = submit(provider, a_request(tmp_path))
    assert task.response is not None
    task.response.unlink()
    wait(provider, task)
    assert fetch(provider, task)[0].model.read_bytes().startswith(b"glTF")


def test_a_folder_that_is_gone_is_not_a_result_that_is_gone(server: RunwareServer, tmp_path: Path) -> None:
    """The service still has it: the disk's own error tells what is wrong."""
    provider = a_provider(server)
    (folder := tmp_path / "job").mkdir()
    task = submit(provider, a_request(folder))
    wait(provider, task)
    shutil.rmtree(folder)
    with pytest.raises(FileNotFoundError) as caught:
        provider.fetch(task, folder, lambda _fraction, _stage: None)
    assert not isinstance(caught.value, ResultGone)
