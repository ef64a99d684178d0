# SPDX-License-Identifier: GPL-3.0-or-later
"""Answers that hold several models, one for each person or object: which of them are results, and those that fail."""

import re
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any

from ..engine.gltf.container import ContainerError, read_head
from .base import Request, Result, Subject
from .delivery import DeliveredModel, to_model
from .errors import ProviderError, UnexpectedResponse
from .json_values import MOST_JSON

TRIANGLES = 4


class Incomplete(ProviderError):
    """Some results of an answer have come, and others not.

    `entries` are all of them in the answer's order: the result, or the error in its place.
    """

    def __init__(self, entries: Sequence[Result | ProviderError]) -> None:
        reason = next(entry for entry in entries if isinstance(entry, ProviderError))
        super().__init__(str(reason), raw=reason.raw)
        self.entries = tuple(entries)


def is_for_several(request: Request) -> bool:
    """Whether what was asked for may be several things: people, or objects of several masks or of one word."""
    options, masks = request.options, len(request.masks)
    if options.subject is Subject.BODY or masks > 1 or options.results > 1:
        return True
    return not masks and bool(options.prompt.strip()) and not options.points and not options.box


def all_or_incomplete(entries: Sequence[Result | ProviderError]) -> list[Result]:
    """The results where all have come; raises Incomplete where some have, and the first error where none has."""
    results = [entry for entry in entries if isinstance(entry, Result)]
    if len(results) == len(entries):
        return results
    if results:
        raise Incomplete(entries)
    raise next(entry for entry in entries if isinstance(entry, ProviderError))


def to_models(response: Path, service: str) -> list[DeliveredModel]:
    """As `to_model`, but with every GLB of a ZIP as a model of its own, in the order of their names."""
    first = to_model(response, service)
    archive = next((file for file in first.extras if file.suffix == ".zip"), None)
    if archive is None or any(file.with_suffix(".glb") == first.model for file in first.extras):  # made of a PLY
        return [first]
    models, extras = [first.model], []
    for file in first.extras:
        try:
            models += [to_model(file, service).model] if file.suffix == ".glb" else []
        except UnexpectedResponse:
            extras.append(file)
            continue
        extras += [] if file.suffix == ".glb" else [file]
    models.sort(key=_natural)
    deliveries = [DeliveredModel(model) for model in models]
    deliveries[0] = replace(deliveries[0], extras=tuple(extras), notes=first.notes)
    return without_parts(deliveries)


def without_parts(deliveries: Sequence[DeliveredModel]) -> list[DeliveredModel]:
    """Without the single ones where one holds all the others together: they are its extras then."""
    counts = [triangle_count(delivery.model) for delivery in deliveries]
    whole = next((index for index, count in enumerate(counts) if 0 < 2 * count == sum(counts)), None)
    if whole is None or len(deliveries) < 3:
        return list(deliveries)
    parts = [delivery.model for index, delivery in enumerate(deliveries) if index != whole]
    extras = [extra for delivery in deliveries for extra in delivery.extras]
    notes = dict.fromkeys(note for delivery in deliveries for note in delivery.notes)
    return [DeliveredModel(deliveries[whole].model, (*extras, *parts), tuple(notes))]


def triangle_count(model: Path) -> int:
    """How many triangles the meshes of a GLB have by what it says of itself; 0 where it says that badly."""
    try:
        with model.open("rb") as stream:
            gltf = read_head(stream, model.stat().st_size, longest_document=MOST_JSON).document
        return sum(
            _triangles(gltf, primitive)
            for mesh in gltf["meshes"]
            for primitive in mesh["primitives"]
            if primitive.get("mode", TRIANGLES) == TRIANGLES
        )
    except (ContainerError, AttributeError, IndexError, KeyError, TypeError):
        return 0


def _triangles(gltf: dict[str, Any], primitive: dict[str, Any]) -> int:
    index = primitive["indices"] if "indices" in primitive else primitive["attributes"]["POSITION"]
    count = gltf["accessors"][index]["count"]
    return count // 3 if isinstance(count, int) else 0


def _natural(file: Path) -> list[tuple[int, str]]:
    """Person 2 comes before person 10."""
    return [(int(digits or 0), text) for text, digits in re.findall(r"(\D+)|(\d+)", file.stem.lower())]
