# SPDX-License-Identifier: GPL-3.0-or-later
"""Which jobs are variations of one subject. No bpy."""

from .model import Job
from .results import job_id

MOST_RESULTS = 64
"""Of one task, among which a job's own is looked for."""


def subject_of(job: Job) -> str:
    """What the variations of one subject share, and nothing else; empty for a job that was started alone.

    A service may make several variations in one task. Where it delivers more than was asked for, as several people or
    the objects of several masks, those are subjects of their own.
    """
    if not job.group:
        return ""
    number = 0 if job.options.results > 1 else number_in_task(job)
    return f"{job.group} {number} {job.destination.name}"


def variation_of(job: Job) -> int:
    """Which of its subject's variations a job is, from 0."""
    return job.options.alternative + (number_in_task(job) if job.options.results > 1 else 0)


def number_in_task(job: Job) -> int:
    """Which of its task's results a job has, from 0."""
    if job.id == job.task_name:
        return 0
    return next((number for number in range(1, MOST_RESULTS) if job_id(job.task_name, number) == job.id), 0)
