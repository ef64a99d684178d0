# SPDX-License-Identifier: GPL-3.0-or-later
"""The joints of the people in a result, found before it is brought in and kept beside it. No bpy."""

import json
from collections.abc import Sequence
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from ..engine.atomic_write import write_atomic
from ..engine.gltf.triangles import Unreadable, read_surface
from ..engine.rigging.keypoints import COUNT
from ..engine.rigging.person import Person, rig_people

SUFFIX = ".rig.json"


def rig_file(model: Path) -> Path:
    """Where the joints of a model are kept."""
    return model.with_suffix(SUFFIX)


FRONT = np.array([0.0, 0.0, 1.0])
"""Of a model, in its own frame with y up."""


def make_rig(
    model: Path, extras: Sequence[Path] = (), *, frontal: bool = False, number: int = 0, count: int = 1
) -> tuple[str, ...]:
    """Finds the joints of everybody in a GLB and keeps them beside it; gives sentences on whom it could not.

    extras: the files that came with it, among which keypoints are looked for. frontal: everybody looks to the front;
    for shapes whose back is like their front. number: which of the `count` models of an answer this is, from 0.

    A skinned model has its joints already, and one that cannot be read is left to Blender's importer: both get no
    file. Raises OSError.
    """
    try:
        vertices, faces = read_surface(model)
    except Unreadable:
        return ()
    keypoints = keypoints_of(extras, number, count)
    people = rig_people(vertices, faces, front=FRONT if frontal else None, keypoints=keypoints)
    kept = [
        {
            "middle": person.middle.tolist(),
            "joints": {name: place.tolist() for name, place in person.joints.items()},
            "trouble": person.reason,
        }
        for person in people
    ]
    write_atomic(rig_file(model), json.dumps({"people": kept}).encode())
    return _notes(people)


def read_rig(model: Path) -> list[Person]:
    """The people of a model, in its own frame with y up; nobody where none were looked for."""
    try:
        kept = json.loads(rig_file(model).read_text(encoding="utf-8"))
        return [
            Person(
                np.array(person["middle"], np.float64),
                {name: np.array(place, np.float64) for name, place in person["joints"].items()},
                person["trouble"],
            )
            for person in kept["people"]
        ]
    except (OSError, ValueError, KeyError, TypeError, AttributeError):  # gone or damaged: it can be made again
        return []


def keypoints_of(extras: Sequence[Path], number: int = 0, count: int = 1) -> list[NDArray[np.float64]]:
    """The keypoints (70, 3) of those in one of the `count` models of an answer.

    People come in the order of the models, in one file or in one for each; of other numbers all are given.
    """
    files = [people for file in extras if file.suffix == ".json" and (people := read_keypoints(file))]
    everybody = next((people for people in files if len(people) == count), None)
    single = [people[0] for people in files if len(people) == 1]
    if count > 1 and everybody is not None:
        return [everybody[number]]
    if count > 1 and len(single) == count:
        return [single[number]]
    return [each for people in files for each in people]


def read_keypoints(file: Path) -> list[NDArray[np.float64]]:
    """The keypoints (70, 3) of each person in a service's file; none where it is of another kind."""
    try:
        content = json.loads(file.read_bytes())
    except (OSError, ValueError):
        return []
    people = content.get("people", [content]) if isinstance(content, dict) else content
    found = []
    for person in people if isinstance(people, list) else ():
        try:
            points = np.array(person["keypoints_3d"], np.float64)
        except (TypeError, KeyError, ValueError):  # numbers are missing, or something else is there
            continue
        if points.shape == (COUNT, 3):
            found.append(points)
    return found


def _notes(people: Sequence[Person]) -> tuple[str, ...]:
    reasons = [person.reason for person in people if person.reason]
    notes = [person.note for person in people if person.note]
    if 0 < len(reasons) < len(people):
        reasons = [f"One of {len(people)} people arrives without bones. {reason}" for reason in reasons]
    return tuple(dict.fromkeys(reasons + notes))
