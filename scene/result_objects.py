# SPDX-License-Identifier: GPL-3.0-or-later
"""Which objects of a scene are results, told by the jobs that they name."""

from collections.abc import Collection

from bpy.types import Context, Object, Scene

from .data import view_layer_of

JOB = "sam3d_job"
"""The custom property that names an object's job."""


def objects_of(scene: Scene, jobs: Collection[str]) -> list[Object]:
    """The objects of a scene that have come with the results of jobs, roots first."""
    found = [obj for obj in scene.objects if obj.get(JOB) in jobs]
    return sorted(found, key=lambda obj: obj.parent in found)


def active_job(context: Context) -> str:
    """The job that the active object has come with; empty where it is no result."""
    obj = context.active_object
    return "" if obj is None else str(obj.get(JOB, ""))


def jobs_of_selected(context: Context) -> list[str]:
    """The ids of the jobs that have made what is selected, each once."""
    selected = view_layer_of(context).objects.selected
    return list(dict.fromkeys(str(job) for obj in selected if (job := obj.get(JOB))))
