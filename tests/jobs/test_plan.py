# SPDX-License-Identifier: GPL-3.0-or-later
"""What the artist has set becomes jobs: which, with which seeds, groups, places, options; or a sentence why none."""

import itertools
import time
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from PIL import Image
from sample_pictures import loaded, quadrants, saved

from sam3d.jobs.ledger import over_limit
from sam3d.jobs.model import Destination, Job
from sam3d.jobs.plan import (
    LARGEST_SEED,
    AddedView,
    CannotStart,
    MaskSettings,
    Plan,
    ReconstructSettings,
    SceneMasks,
    plan,
)
from sam3d.jobs.service_status import ServiceStatus
from sam3d.photos.layout import Placeholder
from sam3d.photos.picture import PictureBytes, PictureOfNumber
from sam3d.photos.prompts import PointPrompt, Prompts
from sam3d.providers.base import Capabilities, Credentials, ReconstructionOptions, Service, Subject
from sam3d.providers.http import OFFLINE

NOW = time.mktime((2031, 4, 5, 6, 7, 8, 0, 0, -1))
DRAWN_SEED = 1234
SPHERE, CONE = PictureBytes(b"sphere"), PictureBytes(b"cone")
QUARTER = (0, 0, 32, 24)
POINT, BOX = PointPrompt(10.0, 20.0), (1, 2, 30, 40)
DESTINATION = Destination("a.blend", "Scene", "desk.jpg", "desk.jpg", (1.0, 2.0, 3.0), face_limit=500)
CUBE = Placeholder((5.0, 6.0, 0.0), width=2.0, height=1.5, turn=0.25)
BALL = Placeholder((9.0, 6.0, 0.5), width=1.0, height=1.0, turn=0.25)
BOTH = Placeholder((7.0, 6.0, 0.0), width=5.0, height=1.5, turn=0.25)
SETTINGS = ReconstructSettings("SERVICE", Subject.OBJECT, "desk.jpg", DESTINATION, Path("results"))


def refuse(*_: object) -> Any:
    raise AssertionError("Planning asks no service and reads no ledger.")


def able(*, limit: float = 0.0, key: str = "key", pending: float = 0.0, **capabilities: Any) -> ServiceStatus:
    """One service that can do this, with its key, the day's limit, and the dollars of jobs that wait."""
    can = {Subject.OBJECT: Capabilities(expected_seconds=1.0, price=0.25, **capabilities)}
    status = ServiceStatus({"SERVICE": Service("SERVICE", "Acme", "", can, 1, refuse)}, refuse, lambda: pending)
    status.allow({"SERVICE": Credentials("https://acme.test", key)}, limit)
    return status


def planned(services: ServiceStatus | None = None, top: list[int] | None = None, **settings: Any) -> Plan:
    """With ids from 0 on, seeds that are drawn as DRAWN_SEED, and the time NOW. `top` gets what is drawn from."""
    ids = itertools.count()

    def draw_seed(below: int) -> int:
        if top is not None:
            top.append(below)
        return DRAWN_SEED

    return plan(
        replace(SETTINGS, **settings),
        services or able(),
        draw_seed=draw_seed,
        new_id=lambda: f"{next(ids):032x}",
        clock=lambda: NOW,
    )


def jobs_of(made: Plan) -> list[Job]:
    return [job for jobs in made.jobs for job in jobs]


def options_of(made: Plan) -> list[ReconstructionOptions]:
    return [job.options for job in jobs_of(made)]


def scene_masks(*, each: bool, active: str = "") -> SceneMasks:
    return SceneMasks((("Cube", CUBE), ("Ball", BALL)), BOTH, each=each, active=active)


def masks(*names: str) -> tuple[MaskSettings, ...]:
    return tuple(MaskSettings(name, picture=PictureBytes(name.encode())) for name in names)


def test_the_whole_photo_is_one_job_at_the_cursor() -> None:
    made = planned(prompt="a desk")
    (job,) = jobs_of(made)
    assert job == Job(
        id=f"{0:032x}",
        provider="SERVICE",
        photo="desk.jpg",
        options=ReconstructionOptions(prompt="a desk", seed=DRAWN_SEED),
        destination=DESTINATION,
        folder=Path("results/2031-04-05_06-07-08_desk_jpg_000000"),
        price=0.25,
        created=NOW,
    )
    assert not made.groups and not made.copies
    (new_job,) = made.new_jobs(SPHERE)
    assert new_job.job == job and new_job.number == 0 and not new_job.copies


def test_each_mask_is_a_job_and_all_are_one_group() -> None:
    made = planned(masks=masks("Sphere", "Cone"), prompt="a toy")
    assert [job.destination.name for job in jobs_of(made)] == ["Sphere", "Cone"]
    assert {job.group for job in jobs_of(made)} == {f"{0:032x}"}
    assert len({job.id for job in jobs_of(made)} | {f"{0:032x}"}) == 3
    assert [subject.visual.masks for subject in made.subjects] == [(PictureBytes(b"Sphere"),), (PictureBytes(b"Cone"),)]
    assert [(new.number, new.copies) for new in made.new_jobs(SPHERE)] == [(0, 1), (1, 1)]


def test_a_mask_has_its_own_name_and_prompt_or_those_of_the_photo() -> None:
    made = planned(masks=(MaskSettings("", picture=SPHERE), MaskSettings("Cone", "a cone", CONE)), prompt="toys")
    assert [(job.destination.name, job.options.prompt) for job in jobs_of(made)] == [
        ("desk.jpg", "toys"),
        ("Cone", "a cone"),
    ]


def test_masks_in_one_run_are_one_job() -> None:
    made = planned(able(masks=2), masks=masks("Sphere", "Cone"), masks_in_one_run=True)
    (job,) = jobs_of(made)
    assert job.destination.name == "desk.jpg" and not job.group and job.price == 0.25
    assert made.subjects[0].visual.masks == (PictureBytes(b"Sphere"), PictureBytes(b"Cone"))
    assert made.copies == 1  # what comes back may be several objects


@pytest.mark.parametrize(("most", "count"), [(1, 2), (2, 1)])
def test_masks_go_alone_where_a_service_takes_one_or_there_is_one(most: int, count: int) -> None:
    made = planned(able(masks=most), masks=masks("Sphere", "Cone")[:count], masks_in_one_run=True)
    assert [len(subject.visual.masks) for subject in made.subjects] == [1] * count
    assert made.copies == (1 if count > 1 else 0)


def test_a_seed_that_is_set_counts_on_with_each_variation_and_is_the_same_for_each_subject() -> None:
    made = planned(able(largest_seed=99), masks=masks("Sphere", "Cone"), seed=98, variations=3)
    assert [options.seed for options in options_of(made)] == [98, 99, 0] * 2
    assert [options.alternative for options in options_of(made)] == [0, 1, 2] * 2


@pytest.mark.parametrize(("largest", "top"), [(0, LARGEST_SEED), (99, 99), (2**40, LARGEST_SEED)])
def test_a_new_seed_is_one_that_service_and_blender_can_hold(largest: int, top: int) -> None:
    drawn: list[int] = []
    made = planned(able(largest_seed=largest), drawn)
    assert drawn == [top] and options_of(made)[0].seed == DRAWN_SEED % (top + 1)


def test_no_seed_is_drawn_where_one_is_set() -> None:
    drawn: list[int] = []
    assert options_of(planned(top=drawn, seed=0))[0].seed == 0 and not drawn


@pytest.mark.parametrize(
    ("variations", "per_task", "results"),
    [(1, 1, [1]), (3, 1, [1, 1, 1]), (3, 4, [3]), (4, 3, [3, 1]), (4, 4, [4])],
)
def test_variations_share_tasks_as_far_as_the_service_makes_several(
    variations: int, per_task: int, results: Sequence[int]
) -> None:
    made = planned(able(results=per_task), variations=variations)
    assert [options.results for options in options_of(made)] == results
    assert [options.alternative for options in options_of(made)] == list(
        range(0, variations, min(variations, per_task))
    )
    assert [job.price for job in jobs_of(made)] == [0.25 * count for count in results]
    assert all(bool(job.group) is (variations > 1) for job in jobs_of(made))
    assert made.copies == (variations if variations > 1 else 0)


@pytest.mark.parametrize("takes", [True, False])
def test_extra_files_are_asked_for_where_there_are_any(takes: bool) -> None:
    assert options_of(planned(able(artifacts=takes), artifacts=True))[0].artifacts is takes
    assert not options_of(planned(able(artifacts=takes)))[0].artifacts


@pytest.mark.parametrize("can", [True, False])
def test_even_light_is_asked_of_what_can_make_it(can: bool) -> None:
    assert options_of(planned(able(even_light=can), even_light=True))[0].even_light is can
    assert not options_of(planned(able(even_light=can)))[0].even_light


UNDERSTANDS = [
    (Prompts((POINT,)), {"points": True}, True),
    (Prompts((POINT,)), {"box": True}, False),
    (Prompts((), BOX), {"box": True}, True),
    (Prompts((), BOX), {"points": True}, False),
    (Prompts((POINT,), BOX), {"points": True, "box": True}, True),
    (Prompts((POINT,), BOX), {"box": True}, False),
    (Prompts((POINT, replace(POINT, positive=False))), {"points": True}, False),
    (Prompts((replace(POINT, radius=4.0),)), {"points": True}, False),
]


@pytest.mark.parametrize(("prompts", "can", "understood"), UNDERSTANDS)
def test_prompts_are_sent_to_a_service_that_understands_all_of_them(
    prompts: Prompts, can: dict[str, Any], understood: bool
) -> None:
    made = planned(able(**can), prompts=prompts)
    (subject,), (options,) = made.subjects, options_of(made)
    assert subject.visual.prompts == prompts and subject.visual.prompts_are_sent is understood
    assert options.points == (prompts.positive_points if can.get("points") else ())
    assert options.box == (prompts.box if can.get("box") else None)


def test_the_prompts_of_the_settings_are_about_the_one_subject_that_has_none() -> None:
    general, own = Prompts((), BOX), Prompts((POINT,))
    sphere, cone = masks("Sphere", "Cone")
    told = replace(sphere, prompts=own)
    negative = replace(sphere, prompts=Prompts((replace(POINT, positive=False),)))

    def prompts(*shown: MaskSettings) -> list[Prompts]:
        return [subject.visual.prompts for subject in planned(masks=shown, prompts=general).subjects]

    assert prompts(sphere) == [general]
    assert prompts(negative) == [general]
    assert prompts(told) == [own]
    assert prompts(told, cone) == [own, Prompts()]


def test_a_mask_without_an_image_is_told_by_its_prompts() -> None:
    made = planned(masks=(MaskSettings("Sphere", prompts=Prompts((), BOX)),))
    assert made.subjects[0].visual.masks == () and made.subjects[0].visual.prompts == Prompts((), BOX)


def test_all_jobs_of_a_thing_share_its_other_photos(tmp_path: Path) -> None:
    """Which are opened once; a mask goes before the prompts that it was made from."""
    views = []
    for number in range(2):
        photo, mask = saved(tmp_path, quadrants(), f"{number}.png"), saved(tmp_path, Image.new("L", (64, 48), 255))
        views.append(AddedView(photo, MaskSettings("", picture=mask if number else None, prompts=Prompts(box=QUARTER))))
    made = planned(views=tuple(views), variations=2)
    jobs = made.new_jobs(saved(tmp_path, quadrants(), "first.png"))
    assert len(jobs) == 2 and jobs[0].views == jobs[1].views
    shares = []
    for view in jobs[0].views:
        [png] = view.subject_mask(0).masks
        shares.append(float((np.asarray(loaded(png)) > 127).mean()))
    assert shares == [pytest.approx(0.25, abs=0.02), 1.0]


def test_each_scene_object_is_a_job_that_takes_its_place() -> None:
    made = planned(scene_masks=scene_masks(each=True, active="Ball"), variations=2)
    assert made.groups == (("Cube",), ("Ball",))
    assert [(job.destination.name, job.destination.location) for job in jobs_of(made)] == [
        ("Cube", (5.0, 6.0, 0.0)),
        ("Cube", (pytest.approx(7.2), 6.0, 0.0)),
        ("Ball", (9.0, 6.0, 0.5)),
        ("Ball", (pytest.approx(10.1), 6.0, 0.5)),
    ]
    assert [job.destination.height for job in jobs_of(made)] == [1.5, 1.5, 1.0, 1.0]
    assert [job.destination.stride for job in jobs_of(made)] == pytest.approx([2.2, 2.2, 1.1, 1.1])
    assert {job.destination.turn for job in jobs_of(made)} == {0.25}
    new_jobs = made.new_jobs(SPHERE, b"numbers")
    assert [new.number for new in new_jobs] == [0, 0, 1, 1] and not any(new.copies for new in new_jobs)


def test_a_height_that_is_set_goes_before_that_of_the_place() -> None:
    made = planned(scene_masks=scene_masks(each=True), destination=replace(DESTINATION, height=0.4))
    assert [job.destination.height for job in jobs_of(made)] == [0.4, 0.4]
    assert planned().jobs[0][0].destination.height == 0.0


@pytest.mark.parametrize(("active", "name"), [("Ball", "Ball"), ("", "desk.jpg")])
def test_scene_objects_as_one_subject_are_named_after_the_active_one(active: str, name: str) -> None:
    made = planned(scene_masks=scene_masks(each=False, active=active))
    (job,) = jobs_of(made)
    assert made.groups == (("Cube", "Ball"),) and made.subjects[0].objects == (1,)
    assert job.destination == replace(
        DESTINATION, name=name, location=BOTH.base, height=1.5, stride=5.0 * 1.1, turn=0.25
    )


def test_scene_objects_in_one_run_are_a_group_each_and_one_job() -> None:
    made = planned(able(masks=2), scene_masks=scene_masks(each=True, active="Ball"), masks_in_one_run=True)
    (job,) = jobs_of(made)
    assert made.groups == (("Cube",), ("Ball",)) and made.subjects[0].objects == (1, 2)
    assert job.destination.name == "Ball" and job.destination.location == BOTH.base


def test_rendered_masks_are_told_by_number_and_name() -> None:
    """What `new_jobs` hands on is seen by way of what its batch would send."""
    made = planned(able(masks=2), scene_masks=scene_masks(each=True), masks_in_one_run=True)
    assert made._visual(made.subjects[0], b"png").masks == (
        PictureOfNumber(b"png", 1, "Cube"),
        PictureOfNumber(b"png", 2, "Ball"),
    )
    made = planned(scene_masks=scene_masks(each=False, active="Ball"))
    assert made._visual(made.subjects[0], b"png").masks == (PictureOfNumber(b"png", 1, "Ball"),)


@pytest.mark.parametrize(
    ("name", "label"),
    [
        ("a cup/../of tea.png", "a_cup____of_tea_png"),
        ("blue-cup_2", "blue-cup_2"),
        ("Tässchen ÿ 椅子", "T_sschen_ÿ_椅子"),
        ("x" * 60, "x" * 40),
    ],
)
def test_a_folder_has_the_time_the_subject_and_the_id(name: str, label: str) -> None:
    (job,) = jobs_of(planned(masks=(MaskSettings(name, picture=SPHERE),)))
    assert job.folder == Path("results") / f"2031-04-05_06-07-08_{label}_{job.id[:6]}"
    assert job.destination.name == name


def test_nothing_starts_while_the_service_cannot_be_asked() -> None:
    with pytest.raises(CannotStart) as offline:
        planned(online=False)
    assert str(offline.value) == OFFLINE
    with pytest.raises(CannotStart, match=r"^There is no key for Acme: enter it in the add-on's preferences\.$"):
        planned(able(key=""))


def test_the_price_of_all_results_must_be_within_the_limit() -> None:
    two = masks("Sphere", "Cone")
    with pytest.raises(CannotStart) as limited:
        planned(able(limit=1.0), masks=two, variations=3)
    assert str(limited.value) == over_limit(1.0, 0.0)
    assert len(jobs_of(planned(able(limit=1.0), masks=two, variations=2))) == 4
    with pytest.raises(CannotStart):
        planned(able(limit=1.0, pending=0.25), masks=two, variations=2)
    assert len(jobs_of(planned(able(masks=2, limit=0.25), masks=two, masks_in_one_run=True))) == 1
