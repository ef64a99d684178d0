# SPDX-License-Identifier: GPL-3.0-or-later
"""What Segmind delivers: a record that names files, or the file itself."""

import contextlib
import json
import shutil
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any, Self

from ...engine.atomic_write import write_atomic
from ...engine.ply import PlyError, join, read_mesh, to_glb
from .. import json_values
from ..archive import unpack
from ..base import ReconstructionOptions, Report, Subject
from ..delivery import EXTENSIONS, DeliveredModel, Kind, kind_of, to_model
from ..downloads import download_result, numbered
from ..errors import Cancelled, ProviderError, RemoteFailure, UnexpectedResponse
from ..http import Client, ResultGone
from ..response import one_line
from ..several import to_models, triangle_count
from .parts import Part, Role, parts_of, people_of

ACCOUNTING = "answer.headers.json"
"""The file beside an answer of version 1 that holds what its headers tell."""
HEADERS = ("x-cost", "x-remaining-credits", "x-seed-value")


SUFFIXES = {Kind.GLB: ".glb", Kind.PLY: ".ply", Kind.ZIP: ".zip", Kind.JSON: ".json", Kind.OTHER: ".bin"}


@dataclass(frozen=True)
class Accounting:
    """What a job cost and what is left, in US dollars, and its seed, each None where Segmind does not tell."""

    cost: float | None = None
    balance: float | None = None
    seed: int | None = None

    @staticmethod
    def keep_headers(headers: Mapping[str, str], file: Path) -> None:
        """Write down what the headers of an answer tell; the answer itself is worth more than a failure to do so."""
        with contextlib.suppress(OSError):
            file.write_text(json.dumps({name: headers[name] for name in HEADERS if name in headers}), "utf-8")

    def told_by_headers(self, file: Path) -> Self:
        """This, with what the headers that were written to `file` tell; as it is where there are none."""
        try:
            headers = json.loads(file.read_bytes())
        except (OSError, ValueError):
            return self
        return self._told(*map(headers.get, HEADERS)) if isinstance(headers, dict) else self

    def told_by_metrics(self, record: Mapping[str, Any]) -> Self:
        """This, with what a record tells."""
        metrics = record.get("metrics")
        if not isinstance(metrics, dict):
            metrics = {}
        return self._told(metrics.get("cost"), metrics.get("remaining_credits"), record.get("seed"))

    def _told(self, cost: Any, balance: Any, seed: Any) -> Self:
        seed = number(seed)
        return replace(self, cost=number(cost), balance=number(balance), seed=self.seed if seed is None else int(seed))


Entry = DeliveredModel | ProviderError
"""One of several models, or the error in its place."""


class ResultDownloader:
    """Brings the files of one job into `folder`."""

    def __init__(self, client: Client, options: ReconstructionOptions, folder: Path, report: Report) -> None:
        self._client, self._options, self._folder, self._report = client, options, folder, report

    def from_file(self, response: Path, photo: Path) -> list[Entry]:
        """The models from an answer that is the result itself, or a record of it. The answer is left as it is.

        Raises RemoteFailure where it was taken out of its folder, UnexpectedResponse where the `photo` beside it is
        gone as well: the whole folder is, and comes back with its drive.
        """
        if not response.exists() and not photo.exists():
            raise UnexpectedResponse(
                f"{self._client.service}'s answer lies in {response.parent}, and nothing is there: connect its drive "
                "or bring the folder back, and press Retry."
            )
        if not response.exists():
            sentence = f"{self._client.service}'s answer is no longer in the job's folder: press Retry to run it again."
            raise RemoteFailure(sentence)
        if kind_of(response) in EXTENSIONS:
            copy = self._folder / "model.glb"
            shutil.copyfile(response, copy)
            if self._options.subject is Subject.BODY:
                return [*to_models(copy, self._client.service)]
            return [to_model(copy, self._client.service)]
        return self.from_record(self._kept_record(response))

    def _kept_record(self, file: Path) -> dict[str, Any]:
        """The record in a file; empty where it was damaged since."""
        try:
            record = json.loads(file.read_bytes())
        except (ValueError, RecursionError):
            return {}
        return record if isinstance(record, dict) else {}

    def from_record(self, record: Mapping[str, Any]) -> list[Entry]:
        """The models from the files that a record names: one for each person where each has a GLB, else one.

        What cannot be had beside the models becomes a note.
        """
        parts = parts_of(record)
        error = record.get("error")
        if not parts and isinstance(error, str) and error:
            reason = one_line(error).rstrip(".")
            sentence = f"{self._client.service} could not do the job: {reason}. Try another photo, prompt or mask."
            raise RemoteFailure(sentence)
        people = people_of(parts) if self._options.subject is Subject.BODY else []
        if people:
            entries, used = self._each(people), people
        else:
            model, part = self._model(parts)
            entries, used = [model], [part]
        number = next((number for number, entry in enumerate(entries) if isinstance(entry, DeliveredModel)), None)
        if number is None:
            return entries
        delivery = entries[number]
        assert isinstance(delivery, DeliveredModel)
        extras, notes = list(delivery.extras), list(delivery.notes)
        wanted = [part for part in parts if part not in used and self._is_wanted(part)]
        for part in wanted:
            same = [other for other in wanted if other.stem == part.stem]
            stem = part.stem if len(same) == 1 else f"{part.stem}-{same.index(part) + 1}"
            try:
                extras += self._extra(part, stem, notes)
            except Cancelled:
                raise
            except (ProviderError, ResultGone) as error:
                reason = "it is no longer there." if isinstance(error, ResultGone) else str(error)
                notes.append(f"The file {stem} could not be kept: {reason}")
        asked = self._options.artifacts and self._options.subject is Subject.OBJECT
        if asked and not any(part.role is Role.ARTIFACTS for part in parts):
            notes.append(f"{self._client.service} sent no artifacts with this result.")
        model_file = delivery.model
        if self._options.subject is Subject.BODY and used[0].role is Role.MESH and not people:
            model_file = self._everybody(model_file, extras)
        entries[number] = DeliveredModel(model_file, tuple(extras), tuple(notes))
        return entries

    def _each(self, people: Sequence[Part]) -> list[Entry]:
        """The model of each person, or the error in its place; one model where that holds them all."""
        entries = [self._person(part, numbered("model", index, ".glb")) for index, part in enumerate(people)]
        first, rest = entries[0], entries[1:]
        if people[0].role is people[1].role:
            return entries
        came = [entry for entry in rest if isinstance(entry, DeliveredModel)]
        if not isinstance(first, DeliveredModel):
            return rest if came else entries
        if came and triangle_count(first.model) < sum(triangle_count(entry.model) for entry in came):
            rest[rest.index(came[0])] = replace(came[0], extras=(*came[0].extras, first.model))
            return rest
        return [replace(first, extras=(*first.extras, *(entry.model for entry in came)))]

    def _person(self, part: Part, name: str) -> Entry:
        file = self._folder / name
        try:
            download_result(self._client, part.url, file, self._report, kept="for 7 days")
            return to_model(file, self._client.service)
        except Cancelled:
            raise
        except ProviderError as error:
            return error

    def _everybody(self, model: Path, extras: Sequence[Path]) -> Path:
        """One model of all people where each came as a PLY of its own; as it is where they cannot be read."""
        files = [file for file in extras if file.suffix == ".ply"]
        if len(files) < 2:
            return model
        try:
            content = to_glb(join([read_mesh(file) for file in files]), "people")
        except PlyError:
            return model
        people = self._folder / "people.glb"
        write_atomic(people, content)
        return people

    def _model(self, parts: list[Part]) -> tuple[DeliveredModel, Part]:
        """The first file that is a model, in the order of how likely that is."""
        likely = [part for role in (Role.MODEL, Role.MESH, Role.ARTIFACTS) for part in parts if part.role is role]
        first: UnexpectedResponse | None = None
        for index, part in enumerate(likely):
            file = self._folder / numbered("model", index, ".glb")
            download_result(self._client, part.url, file, self._report, kept="for 7 days")
            try:
                return to_model(file, self._client.service), part
            except UnexpectedResponse as error:
                first = first or error
        if first:
            raise first
        raise UnexpectedResponse(f"{self._client.service}'s answer names no model: it is kept in the job's folder.")

    def _is_wanted(self, part: Part) -> bool:
        if self._options.subject is Subject.BODY:
            return part.role in (Role.KEYPOINTS, Role.MESH)
        return self._options.artifacts and part.role is not Role.UNKNOWN

    def _extra(self, part: Part, stem: str, notes: list[str]) -> list[Path]:
        """The files that a part becomes."""
        file = self._folder / f"{stem}.download"
        self._client.download(part.url, file, self._report)
        kind = kind_of(file)
        if kind not in SUFFIXES:
            raise UnexpectedResponse(f"{self._client.service} delivered nothing that can be used.")
        file = file.replace(file.with_suffix(SUFFIXES[kind]))
        if part.role is not Role.ARTIFACTS or kind is not Kind.ZIP:
            return [file]
        try:
            files = unpack(file, self._client.service)
        except UnexpectedResponse as error:
            notes.append(str(error))
            return [file]
        names = ", ".join(sorted(path.name for path in files)[:6]) + (", …" if len(files) > 6 else "")
        notes.append(f"{len(files)} files of artifacts are kept with the model: {names}")
        return [file, *files]


def number(value: Any) -> float | None:
    """A number from JSON, or from a text or header that holds one; None for anything else."""
    if isinstance(value, str):
        try:
            value = float(value)
        except ValueError:
            return None
    return json_values.number(value)
