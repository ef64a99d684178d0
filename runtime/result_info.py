# SPDX-License-Identifier: GPL-3.0-or-later
"""What the objects of a result tell of their job."""

from ..jobs.model import Job
from ..scene.importing import ResultInfo


def result_info(job: Job) -> ResultInfo:
    """Where a job's result comes from."""
    return ResultInfo(
        job=job.id,
        provider=job.provider,
        model=job.model_name,
        prompt=job.options.prompt,
        photo=job.photo,
        seed=job.options.seed,
        cost=job.cost or 0.0,
    )
