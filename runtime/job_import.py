# SPDX-License-Identifier: GPL-3.0-or-later
"""A job's result becomes objects of the scene, by all that the job says of it."""

from collections.abc import Sequence

import bpy
from mathutils import Matrix, Vector

from ..jobs.body_joints import read_rig
from ..jobs.model import Job
from ..scene.importing import ResultInfo, import_result


def import_job(
    context: bpy.types.Context,
    job: Job,
    location: Vector,
    *,
    photo_source: str,
    turn: float = 0.0,
    seen: Matrix | None = None,
    replaces: Sequence[bpy.types.Object] = (),
) -> list[bpy.types.Object]:
    """Bring in the result of a job that has one, as `import_result` does; gives its objects. Raises ImportFailed."""
    assert job.model is not None
    destination = job.destination
    info = ResultInfo(
        job=job.id,
        provider=job.provider,
        model=job.model_name,
        prompt=job.options.prompt,
        photo=job.photo,
        seed=job.options.seed,
        cost=job.cost or 0.0,
    )
    names = import_result(
        context,
        job.model,
        info=info,
        collection_name=destination.collection,
        object_name=destination.name,
        location=location,
        face_limit=destination.face_limit,
        height=destination.height,
        people=read_rig(job.model),
        helper_bones=destination.helper_bones,
        turn=turn,
        seen=seen,
        photo_source=photo_source,
        replaces=replaces,
    )
    return [bpy.data.objects[name] for name in names]
