# SPDX-License-Identifier: GPL-3.0-or-later
"""Another reading of a draft's photo takes the place of the one that stands in the scene."""

from collections.abc import Sequence
from dataclasses import replace

import bpy
import numpy as np
from mathutils import Matrix

from ..jobs.model import Job
from ..jobs.places import read_place, write_place
from ..jobs.readings import DRAFT, Reading
from ..log import get_logger
from ..scene.data import scene_of, view_layer_of
from ..scene.importing import ImportFailed, can_import
from ..scene.placed import place_of, remember_place, source_of
from ..scene.result_objects import objects_of
from ..scene.swapping import swap
from .import_queue import bring_here
from .job_import import import_job
from .state import runtime

LOG = get_logger(__name__)


def show_reading(context: bpy.types.Context, job: Job, reading: Reading) -> str:
    """Show a reading in the place of a job's result; returns why that cannot be, as a sentence, or nothing.

    From then on it is the job's result. Where that is not in the scene, it comes as by Import.
    """
    reason = can_import(context)
    if reason:
        return reason
    stands = [obj for obj in objects_of(scene_of(context), {job.id}) if obj.type == "MESH" and obj.parent is None]
    _keep_place(job, reading)
    if not stands:
        runtime().queue.take_reading(job.id, reading)
        return bring_here(context, runtime().queue.jobs[job.id])
    try:
        _swap(context, job, reading, stands)
    except ImportFailed as error:
        return str(error)
    runtime().queue.take_reading(job.id, reading)
    return ""


def _swap(context: bpy.types.Context, job: Job, reading: Reading, stands: Sequence[bpy.types.Object]) -> None:
    """Give the objects of a job a reading's mesh. What the photo has placed covers its mask in the photo as before."""
    first, step = stands[0], _step(job, reading)
    seen = place_of(first) @ step if source_of(first) and step is not None else None
    layer = view_layer_of(context)
    selected, active = list(layer.objects.selected), layer.objects.active
    (new,) = import_job(
        context,
        replace(job, model=reading.model, model_name=f"{DRAFT}{reading.kind}"),
        first.matrix_world.translation,
        photo_source=job.destination.source,
        turn=0.0 if seen is None else first.matrix_world.to_euler().z,
        seen=seen,
    )
    if seen is not None:
        remember_place([new], seen, source_of(first))
    swap(new, stands, step)
    for obj in selected:
        obj.select_set(True, view_layer=layer)
    layer.objects.active = active


def _step(job: Job, reading: Reading) -> Matrix | None:
    """From the model of a reading to that of a job, which are seen in the same place; None where that is not known."""
    if job.pose is None:
        return None
    return Matrix(job.pose.matrix.tolist()).inverted() @ Matrix(reading.pose.matrix.tolist())


def _keep_place(job: Job, reading: Reading) -> None:
    """Keep beside a reading where it stands in the photo, by where the one that is known does."""
    place, step = None if job.model is None else read_place(job.model), _step(job, reading)
    if place is None or step is None or read_place(reading.model) is not None:
        return
    matrix = np.array(Matrix(place.placed.matrix.tolist()) @ step, np.float64)
    try:
        write_place(reading.model, replace(place, placed=replace(place.placed, matrix=matrix, base=None)))
    except OSError as error:
        LOG.info("Its place could not be kept: %s", error)  # imported again, it is looked for anew
