# SPDX-License-Identifier: GPL-3.0-or-later
"""Segmind as a provider, against a server on this machine that speaks as its pages say."""

import base64
import json
import shutil
import socket
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from loopback import faults, models
from loopback.segmind import SegmindServer
from loopback.server import File

from sam3d.engine.gltf.triangles import read_surface
from sam3d.engine.ply import read_mesh
from sam3d.providers.base import Credentials, Progress, ReconstructionOptions, Request, Result, Subject, Task
from sam3d.providers.delivery import Kind, kind_of
from sam3d.providers.errors import (
    Cancelled,
    InsufficientCredit,
    InvalidInput,
    ProviderError,
    RateLimited,
    RemoteFailure,
    UnexpectedResponse,
    Unreachable,
    WrongKey,
)
from sam3d.providers.segmind.parts import Role, parts_of
from sam3d.providers.segmind.provider import SERVICE, SegmindProvider
from sam3d.providers.segmind.results import number

PHOTO, MASK = models.png(), models.png(channels=1, fill=255)
OBJECT = ReconstructionOptions(prompt=" car ", points=((1.7, 2.2), (3.0, 0.0)), box=(0, 1, 3, 4), seed=77)
BODY = ReconstructionOptions(subject=Subject.BODY, prompt="a person", seed=5, points=((1.0, 1.0),))


@pytest.fixture
def server() -> Iterator[SegmindServer]:
    with SegmindServer() as server:
        yield server


@pytest.fixture
def request_for(tmp_path: Path) -> Callable[..., Request]:
    def make(options: ReconstructionOptions = OBJECT, masks: int = 1) -> Request:
        folder = tmp_path / "job"
        folder.mkdir(exist_ok=True)
        photo = folder / "photo.png"
        photo.write_bytes(PHOTO)
        found = tuple(folder / f"mask_{index}.png" for index in range(masks))
        for mask in found:
            mask.write_bytes(MASK)
        return Request("ours", photo, found, options, folder)

    return make


def provider_of(server: SegmindServer, key: str | None = None) -> SegmindProvider:
    return SegmindProvider(Credentials(server.url, server.key if key is None else key))


def quiet(_fraction: float, _stage: str) -> None:
    pass


def submitted(server: SegmindServer, request: Request) -> Task:
    provider = provider_of(server)
    return provider.submit(provider.prepare(request))


def fetched(server: SegmindServer, task: Task) -> Result:
    folder = task.request.folder / "results"
    folder.mkdir(exist_ok=True)
    [result] = provider_of(server).fetch(task, folder, quiet)
    assert kind_of(result.model) is Kind.GLB
    assert all(folder in file.parents and file.is_file() for file in (result.model, *result.extras))
    assert server.leaks == []
    return result


def names(result: Result) -> set[str]:
    return {file.name for file in result.extras}


class TestTheRoad:
    def test_object(self, server: SegmindServer, request_for: Callable[..., Request]) -> None:
        task = submitted(server, request_for())
        assert provider_of(server).poll(task).finished
        result = fetched(server, task)
        [job] = server.jobs.values()
        assert task.id == job.id
        assert job.inputs == {
            "image": base64.b64encode(PHOTO).decode(),
            "mask": base64.b64encode(MASK).decode(),
            "prompt": "car",
            "point_coords": "[[1, 2], [3, 0]]",
            "bounding_box": "[0, 1, 3, 4]",
            "seed": 77,
            "include_artifacts": False,
        }
        assert (result.seed, result.cost, result.balance) == (77, 0.065, 9.935)
        assert result.model_name == "sam-3d-objects"
        assert result.extras == ()
        assert (server.submit_posts, server.count("download")) == (1, 1)

    def test_a_bare_photo_sends_nothing_else(self, server: SegmindServer, request_for: Callable[..., Request]) -> None:
        submitted(server, request_for(ReconstructionOptions(seed=1_000_003), masks=0))
        [job] = server.jobs.values()
        assert job.inputs.keys() == {"image", "seed", "include_artifacts"}
        assert job.inputs["seed"] == 2

    def test_body_with_keypoints_and_meshes(self, server: SegmindServer, request_for: Callable[..., Request]) -> None:
        server.people = 2
        result = fetched(server, submitted(server, request_for(BODY, masks=0)))
        [job] = server.jobs.values()
        assert job.inputs.keys() == {"image", "include_keypoints", "return_individual_meshes"}
        assert names(result) == {
            *("keypoints.json", "individual_keypoints-1.json", "individual_keypoints-2.json"),
            *("mesh_ply-1.ply", "mesh_ply-2.ply"),
        }
        keypoints = next(file for file in result.extras if file.name == "keypoints.json")
        assert json.loads(keypoints.read_bytes())["num_people"] == 2
        assert (result.model_name, result.seed) == ("sam-3d-body", None)

    def test_artifacts_are_kept_unpacked_and_listed(
        self, server: SegmindServer, request_for: Callable[..., Request]
    ) -> None:
        result = fetched(server, submitted(server, request_for(ReconstructionOptions(artifacts=True))))
        assert {"artifacts_zip.zip", "model.glb", "metadata.json", "gaussian_splat.ply"} <= names(result)
        assert any("3 files" in note and "metadata.json" in note for note in result.notes)

    @pytest.mark.parametrize("output", ["object", "list", "string"])
    def test_results_under_output(
        self, server: SegmindServer, request_for: Callable[..., Request], output: str
    ) -> None:
        server.output = output
        fetched(server, submitted(server, request_for()))

    def test_states(self, server: SegmindServer, request_for: Callable[..., Request]) -> None:
        now = 0.0
        server.clock, server.job_seconds = (lambda: now), 10.0
        task = submitted(server, request_for())
        stages = []
        for now in (0.0, 5.0, 10.0):
            stages.append(provider_of(server).poll(task))
            if now == 5.0:
                with pytest.raises(RateLimited):
                    provider_of(server).fetch(task, task.request.folder, quiet)
        assert [stage.finished for stage in stages] == [False, False, True]
        assert stages[0].stage == "Waiting in line"

    def test_addresses_of_the_reply_are_not_used(
        self, server: SegmindServer, request_for: Callable[..., Request]
    ) -> None:
        other = dict.fromkeys(("poll_url", "status_url", "response_url"), server.storage_url + "/x")
        server.fault("submit", faults.change(lambda reply: reply | other))
        task = submitted(server, request_for())
        provider_of(server).poll(task)
        fetched(server, task)
        assert not any(record.path == "/x" for record in server.requests)

    def test_the_key_stays_out_of_files(
        self, server: SegmindServer, request_for: Callable[..., Request], tmp_path: Path
    ) -> None:
        fetched(server, submitted(server, request_for(BODY)))
        assert not any(server.key.encode() in file.read_bytes() for file in tmp_path.rglob("*") if file.is_file())


class TestVersionOne:
    @pytest.mark.parametrize("gone", [404, 410])
    @pytest.mark.parametrize("kind", ["json", "glb", "zip", "ply"])
    def test_answers_of_every_kind(
        self, server: SegmindServer, request_for: Callable[..., Request], kind: str, gone: int
    ) -> None:
        server.v2, server.v1_answer = gone, kind
        task = submitted(server, request_for())
        assert task.response == task.request.folder / "answer"
        asked = len(server.requests)
        assert provider_of(server).poll(task) == Progress(1.0, "Finished", finished=True)
        for _ in range(2):  # the answer stays for another time
            result = fetched(server, task)
        assert (result.cost, result.balance, result.seed) == (0.065, 9.935, 77)
        assert task.id in server.jobs
        assert (server.submits, len(server.requests) - asked) == (1, 2 if kind == "json" else 0)

    def test_body(self, server: SegmindServer, request_for: Callable[..., Request]) -> None:
        server.v2 = 410
        assert "keypoints.json" in names(fetched(server, submitted(server, request_for(BODY))))

    def test_an_answer_that_is_no_longer_in_its_folder(
        self, server: SegmindServer, request_for: Callable[..., Request]
    ) -> None:
        server.v2, server.v1_answer = 404, "glb"
        task = submitted(server, request_for())
        assert task.response is not None
        task.response.unlink()
        with pytest.raises(RemoteFailure, match="Segmind's answer is no longer in the job's folder"):
            fetched(server, task)

    def test_an_answer_whose_drive_is_not_connected(
        self, server: SegmindServer, request_for: Callable[..., Request]
    ) -> None:
        """The job's folder may have been made anew on another drive; once its own is back, the result is fetched."""
        server.v2, server.v1_answer = 404, "glb"
        task = submitted(server, request_for())
        assert task.response is not None
        folder, away = task.response.parent, task.response.parent.with_name("away")
        folder.rename(away)
        folder.mkdir()
        with pytest.raises(UnexpectedResponse, match="connect its drive or bring the folder back, and press Retry"):
            fetched(server, task)
        shutil.rmtree(folder)
        away.rename(folder)
        assert fetched(server, task).model.is_file()

    @pytest.mark.parametrize("kept", ["[", "[]", '"a text"', '{"x-cost": "much", "x-seed-value": null}'])
    def test_what_the_headers_told_may_be_damaged(
        self, server: SegmindServer, request_for: Callable[..., Request], kept: str
    ) -> None:
        """The model counts; of the money nothing is known then."""
        server.v2, server.v1_answer = 404, "glb"
        task = submitted(server, request_for())
        assert task.response is not None
        (file,) = task.response.parent.glob("*.headers.json")
        assert float(json.loads(file.read_text())["x-cost"]) == 0.065
        file.write_text(kept)
        result = fetched(server, task)
        assert (result.cost, result.balance, result.seed) == (None, None, 77)

    def test_neither_version(self, server: SegmindServer, request_for: Callable[..., Request]) -> None:
        server.fault("submit", faults.refuse(410))
        with pytest.raises(Unreachable, match="does not offer sam-3d-objects") as caught:
            submitted(server, request_for())
        assert not caught.value.sent

    def test_failure(self, server: SegmindServer, request_for: Callable[..., Request]) -> None:
        server.v2, server.outcome, server.error = 404, "FAILED", "No object found"
        with pytest.raises(RemoteFailure, match="No object found"):
            submitted(server, request_for())

    def test_a_record_of_a_failure(self, server: SegmindServer, request_for: Callable[..., Request]) -> None:
        request = request_for()
        response = request.folder / "answer"
        response.write_text('{"status": "error", "error": "No object found", "model_glb": null}')
        with pytest.raises(RemoteFailure, match="No object found"):
            fetched(server, Task("ours", request, response))

    @pytest.mark.parametrize("content", [b"", b"<html>", b'{"model_glb":', b"[]", b"{}", b"GIF89a", b"[" * 50_000])
    def test_answers_that_hold_nothing(
        self, server: SegmindServer, request_for: Callable[..., Request], content: bytes
    ) -> None:
        server.v2 = 404
        server.fault("submit", faults.deliver(content), after=1)
        request = request_for()
        with pytest.raises((UnexpectedResponse, Unreachable)):
            submitted(server, request)
        assert provider_of(server).recover(request) is None
        assert (request.folder / "answer.unusable").read_bytes() == content

    @pytest.mark.parametrize("fault", [faults.CUT_AFTER, faults.HALF, faults.lose(502), faults.lose(504)])
    def test_a_lost_answer_may_have_been_charged(
        self, server: SegmindServer, request_for: Callable[..., Request], fault: faults.Fault
    ) -> None:
        server.v2 = 404
        server.fault("submit", fault, after=1)
        with pytest.raises(Unreachable) as caught:
            submitted(server, request_for())
        assert caught.value.sent
        assert server.submits == 1


REFUSALS: list[tuple[int, Any, type[ProviderError], str]] = [
    (400, {"error": "Missing image"}, InvalidInput, "Missing image"),
    (401, {"error": "invalid_api_key", "error_description": "bad"}, WrongKey, "api-keys"),
    (402, {}, InsufficientCredit, "top up"),
    (403, {"error": "Model restricted"}, WrongKey, "Model restricted"),
    (405, "<html></html>", Unreachable, "check the address"),
    (406, {"error": "Insufficient credits"}, InsufficientCredit, "top up"),
    (406, {}, InsufficientCredit, "top up"),
    (406, {"error": "Monthly team spend limit of $5 reached"}, InsufficientCredit, "team spend limit of"),
    (406, {"error": "Invalid content type"}, UnexpectedResponse, "form of the job"),
    (406, {"error": "seed must be below 5"}, InvalidInput, "seed must be below 5"),
    (413, "", InvalidInput, "longest edge"),
    (422, {"error": "prompt is mandatory"}, InvalidInput, "prompt is mandatory"),
    (422, {"status": "FAILED", "error": "No car found"}, RemoteFailure, "No car found"),
    (429, {"error": "rate_limit_exceeded"}, RateLimited, "in a minute"),
    (500, {"error": "bad box"}, Unreachable, "bad box"),
    (502, "<html></html>", Unreachable, "HTTP 502"),
    (504, "", Unreachable, "HTTP 504"),
]


class TestTroubles:
    @pytest.mark.parametrize("refusal", REFUSALS)
    def test_submit(
        self,
        server: SegmindServer,
        request_for: Callable[..., Request],
        refusal: tuple[int, Any, type[ProviderError], str],
    ) -> None:
        status, body, kind, words = refusal
        content = body.encode() if isinstance(body, str) else json.dumps(body).encode()
        server.fault("submit", faults.refuse(status, body=content))
        with pytest.raises(kind, match=words) as caught:
            submitted(server, request_for())
        assert server.key not in str(caught.value) + caught.value.raw
        assert server.submit_posts == 1
        if isinstance(caught.value, Unreachable):
            assert caught.value.sent == (status >= 500)

    def test_the_pause_that_is_asked_for(self, server: SegmindServer, request_for: Callable[..., Request]) -> None:
        server.rate_limit = 0
        with pytest.raises(RateLimited) as caught:
            submitted(server, request_for())
        assert caught.value.retry_after is not None

    @pytest.mark.parametrize(
        ("setting", "words"), [({"balance": 0.0}, "top up"), ({"team_limit": True}, "Team spending limit reached")]
    )
    def test_no_credit(
        self, server: SegmindServer, request_for: Callable[..., Request], setting: dict[str, Any], words: str
    ) -> None:
        vars(server).update(setting)
        with pytest.raises(InsufficientCredit, match=words):
            submitted(server, request_for())

    @pytest.mark.parametrize(
        "fault",
        [
            *(faults.CUT_AFTER, faults.HALF, faults.HTML, faults.TRUNCATED, faults.WRONG_TYPES, faults.WRONG_SHAPE),
            *(faults.NULL_RESPONSE, faults.EMPTY, faults.lose(502), faults.change(lambda _: {"request_id": "../up"})),
        ],
    )
    def test_a_lost_answer_to_a_submit_may_have_been_charged(
        self, server: SegmindServer, request_for: Callable[..., Request], fault: faults.Fault
    ) -> None:
        server.fault("submit", fault)
        with pytest.raises((Unreachable, UnexpectedResponse)) as caught:
            submitted(server, request_for())
        assert getattr(caught.value, "sent", True)
        assert (server.submits, server.submit_posts) == (1, 1)

    def test_a_failed_job(self, server: SegmindServer, request_for: Callable[..., Request]) -> None:
        server.outcome, server.error = "FAILED", "Prompt is mandatory"
        task = submitted(server, request_for())
        with pytest.raises(RemoteFailure, match="Prompt is mandatory"):
            provider_of(server).poll(task)
        with pytest.raises(RemoteFailure, match="Prompt is mandatory"):
            fetched(server, task)

    @pytest.mark.parametrize("status", ["CANCELLED", "canceled", "TIMEOUT"])
    def test_a_job_that_was_ended_there(
        self, server: SegmindServer, request_for: Callable[..., Request], status: str
    ) -> None:
        task = submitted(server, request_for())
        server.fault("poll", faults.change(lambda value: value | {"status": status}))
        with pytest.raises(RemoteFailure, match=f"ended the job without a result .its status is {status}"):
            provider_of(server).poll(task)

    def test_a_status_that_nobody_knows(self, server: SegmindServer, request_for: Callable[..., Request]) -> None:
        task = submitted(server, request_for())
        server.fault("poll", faults.change(lambda value: value | {"status": "HIBERNATING"}))
        with pytest.raises(UnexpectedResponse, match="does not understand"):
            provider_of(server).poll(task)

    def test_an_expired_record(self, server: SegmindServer, request_for: Callable[..., Request]) -> None:
        task = submitted(server, request_for())
        server.expired = True
        with pytest.raises(Unreachable, match="for an hour"):
            provider_of(server).poll(task)
        with pytest.raises(Unreachable, match="for an hour"):
            fetched(server, task)

    @pytest.mark.parametrize(
        ("fault", "kind"),
        [
            (faults.refuse(401), WrongKey),
            (faults.refuse(429, {"Retry-After": "3"}), RateLimited),
            (faults.refuse(500), Unreachable),
            (faults.refuse(504), Unreachable),
            (faults.CUT_AFTER, Unreachable),
            (faults.HTML, Unreachable),
            (faults.TRUNCATED, Unreachable),
            (faults.WRONG_TYPES, UnexpectedResponse),
            (faults.WRONG_SHAPE, UnexpectedResponse),
            (faults.NULL_RESPONSE, UnexpectedResponse),
        ],
    )
    def test_poll_and_result(
        self,
        server: SegmindServer,
        request_for: Callable[..., Request],
        fault: faults.Fault,
        kind: type[ProviderError],
    ) -> None:
        task = submitted(server, request_for())
        server.fault("poll", fault)
        server.fault("result", fault)
        with pytest.raises(kind):
            provider_of(server).poll(task)
        with pytest.raises(kind):
            fetched(server, task)
        server.mend()
        fetched(server, task)
        assert server.submit_posts == 1

    def test_a_bare_404_is_no_reason_to_give_up(
        self, server: SegmindServer, request_for: Callable[..., Request]
    ) -> None:
        task = submitted(server, request_for())
        for kind in ("poll", "result"):
            server.fault(kind, faults.NOT_FOUND)
        with pytest.raises(Unreachable):
            provider_of(server).poll(task)
        with pytest.raises(Unreachable):
            fetched(server, task)

    def test_null_outputs_can_be_asked_for_again(
        self, server: SegmindServer, request_for: Callable[..., Request]
    ) -> None:
        task = submitted(server, request_for())
        nothing = {"status": "COMPLETED", "output": None, "model_glb": None, "individual_meshes": None}
        server.fault("result", faults.change(lambda _: nothing), times=1)
        with pytest.raises(UnexpectedResponse, match="names no model"):
            fetched(server, task)
        fetched(server, task)


class TestFiles:
    @pytest.mark.parametrize("fault", [faults.EXPIRED, faults.GONE, faults.NOT_FOUND])
    def test_a_gone_address_can_be_asked_for_again(
        self, server: SegmindServer, request_for: Callable[..., Request], fault: faults.Fault
    ) -> None:
        task = submitted(server, request_for())
        server.fault("download", fault)
        with pytest.raises(UnexpectedResponse, match=r"no longer has the result.*press Retry"):
            fetched(server, task)
        server.mend()
        fetched(server, task)

    def test_the_files_outlive_the_record(self, server: SegmindServer, request_for: Callable[..., Request]) -> None:
        task = submitted(server, request_for())
        server.fault("download", faults.HALF)
        with pytest.raises(Unreachable):
            fetched(server, task)
        server.mend()
        server.expired = True
        assert fetched(server, task).cost == 0.065

    def test_a_ply_for_a_glb(self, server: SegmindServer, request_for: Callable[..., Request]) -> None:
        server.results = [File("model.glb", models.mesh_ply())]
        assert any("PLY" in note for note in fetched(server, submitted(server, request_for())).notes)

    def test_people_in_files_of_their_own_are_one_model(
        self, server: SegmindServer, request_for: Callable[..., Request]
    ) -> None:
        server.people = 2
        server.fault("result", faults.change(lambda record: {**record, "model_glb": None, "output": None}))
        result = fetched(server, submitted(server, request_for(BODY)))
        _, faces = read_surface(result.model)
        assert result.model.name == "people.glb"
        assert len(faces) == server.people * read_mesh(result.model.with_name("model.ply")).faces.shape[0]

    def test_the_next_file_serves_where_the_first_is_no_model(
        self, server: SegmindServer, request_for: Callable[..., Request]
    ) -> None:
        task = submitted(server, request_for())
        server.fault("download", faults.EMPTY, times=1)
        fetched(server, task)

    @pytest.mark.parametrize("fault", [faults.EMPTY, faults.HTML, faults.deliver(models.gaussian_ply())])
    def test_no_model_at_all(
        self, server: SegmindServer, request_for: Callable[..., Request], fault: faults.Fault
    ) -> None:
        task = submitted(server, request_for())
        server.fault("download", fault)
        with pytest.raises(UnexpectedResponse):
            fetched(server, task)

    @pytest.mark.parametrize("fault", [faults.NOT_FOUND, faults.HALF, faults.EMPTY, faults.refuse(500)])
    def test_lost_extras_do_not_lose_the_model(
        self, server: SegmindServer, request_for: Callable[..., Request], fault: faults.Fault
    ) -> None:
        task = submitted(server, request_for(BODY))
        server.fault("download", fault, after=1)
        result = fetched(server, task)
        assert result.extras == ()
        assert sum("could not be kept" in note for note in result.notes) == 3

    def test_a_second_model_leaves_the_first_in_its_place(
        self, server: SegmindServer, request_for: Callable[..., Request]
    ) -> None:
        other = server.keep(File("other.glb", models.glb(scale=2.0)))
        server.fault("result", faults.change(lambda record: record | {"model": other}))
        result = fetched(server, submitted(server, request_for(ReconstructionOptions(artifacts=True))))
        assert result.model.read_bytes() == models.glb()
        assert "other_model.glb" in names(result)

    @pytest.mark.parametrize("archive", [models.zip_outside(), b"PK\x03\x04 and no more"])
    def test_bad_artifacts_do_not_lose_the_model(
        self, server: SegmindServer, request_for: Callable[..., Request], archive: bytes, tmp_path: Path
    ) -> None:
        task = submitted(server, request_for(ReconstructionOptions(artifacts=True)))
        server.fault("download", faults.deliver(archive), after=1)
        result = fetched(server, task)
        assert "artifacts_zip.zip" in names(result)
        assert any("ZIP" in note for note in result.notes)
        assert not list(tmp_path.rglob("outside.glb"))

    @pytest.mark.parametrize(("count", "end"), [(6, "5.txt"), (7, "5.txt, …")])
    def test_the_list_of_artifacts_is_not_long(
        self, server: SegmindServer, request_for: Callable[..., Request], count: int, end: str
    ) -> None:
        task = submitted(server, request_for(ReconstructionOptions(artifacts=True)))
        server.fault("download", faults.deliver(models.archive(**{f"{k}.txt": b"" for k in range(count)})), after=1)
        [note] = [note for note in fetched(server, task).notes if "artifacts" in note]
        assert note.startswith(f"{count} files") and note.endswith(f"0.txt, 1.txt, 2.txt, 3.txt, 4.txt, {end}")

    def test_stopping_during_the_extras(self, server: SegmindServer, request_for: Callable[..., Request]) -> None:
        task = submitted(server, request_for(BODY))

        def stop(_fraction: float, _stage: str) -> None:
            if server.count("download") > 1:
                raise Cancelled

        with pytest.raises(Cancelled):
            provider_of(server).fetch(task, task.request.folder, stop)

    def test_a_redirect_does_not_carry_the_key(
        self, server: SegmindServer, request_for: Callable[..., Request]
    ) -> None:
        task = submitted(server, request_for())
        target = server.keep(File("elsewhere.glb", models.glb()))
        server.fault("download", faults.redirect(target, 302), times=1)
        fetched(server, task)


class TestAccount:
    def test_balance(self, server: SegmindServer) -> None:
        assert provider_of(server).account().balance == pytest.approx(10.018)

    def test_no_credits_yet(self, server: SegmindServer) -> None:
        server.credits_known = False
        assert provider_of(server).account().balance == 0.0

    def test_wrong_key(self, server: SegmindServer) -> None:
        with pytest.raises(WrongKey, match="api-keys"):
            provider_of(server, key="SG_wrong").account()

    def test_no_key(self, server: SegmindServer) -> None:
        with pytest.raises(WrongKey, match="no key"):
            provider_of(server, key="")

    @pytest.mark.parametrize("fault", [faults.WRONG_TYPES, faults.WRONG_SHAPE, faults.NULL_RESPONSE])
    def test_nonsense(self, server: SegmindServer, fault: faults.Fault) -> None:
        server.fault("account", fault)
        with pytest.raises(UnexpectedResponse):
            provider_of(server).account()

    def test_nobody_there(self) -> None:
        with socket.create_server(("127.0.0.1", 0)) as closed:
            port = closed.getsockname()[1]
        with pytest.raises(Unreachable) as caught:
            SegmindProvider(Credentials(f"http://127.0.0.1:{port}", "SG_x")).account()
        assert not caught.value.sent


def test_a_photo_that_is_too_large(server: SegmindServer, request_for: Callable[..., Request]) -> None:
    request = request_for()
    request.photo.write_bytes(bytes(25 * 1024**2))
    with pytest.raises(InvalidInput, match="longest edge"):
        provider_of(server).prepare(request)


def test_ids_that_are_none_stay_out_of_addresses(server: SegmindServer, request_for: Callable[..., Request]) -> None:
    with pytest.raises(UnexpectedResponse):
        provider_of(server).poll(Task("../../v1/get-user-credits", request_for()))
    assert server.requests == []


def test_a_body_is_cut_out_before() -> None:
    assert SERVICE.capabilities[Subject.BODY].masks == 0
    assert not SERVICE.capabilities[Subject.BODY].prompt


def test_parts_of_records() -> None:
    nested: Any = "https://x.test/deep"
    for _ in range(500):
        nested = [nested]
    record = {
        "status_url": "https://x.test/status",
        "input": {"image": "https://x.test/photo.png"},
        "output": {"model_glb": {"url": "https://x.test/a?b"}, "preview": "https://x.test/p.png"},
        "artifacts": ["https://x.test/z"],
        "individual_meshes": [{"url": "https://x.test/m", "file_name": "m.glb"}, 5, None],
        "metadata": {"meshes": [{"mesh_ply": "https://x.test/p.ply", "bbox": [1, 2]}], "num_people": 1},
        "keypoints": ["none", "http://[", "https:", ""],
        "gaussian_splat": nested,
    }
    found = {part.url.rpartition("/")[2]: part.role for part in parts_of(record)}
    assert found == {"a?b": Role.MODEL, "z": Role.ARTIFACTS, "m": Role.MESH, "p.ply": Role.MESH}


@pytest.mark.parametrize(
    ("value", "expected"),
    [(1, 1.0), ("0.5", 0.5), (True, None), ("many", None), ("nan", None), (None, None), ([], None)],
)
def test_numbers(value: Any, expected: float | None) -> None:
    assert number(value) == expected
