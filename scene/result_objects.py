# SPDX-License-Identifier: GPL-3.0-or-later
"""Which objects of a scene are results, told by the jobs that they name."""

from collections.abc import Collection

from bpy.types import Object, Scene

JOB = "sam3d_job"
"""The custom property that names an object's job."""


def objects_of(scene: Scene, jobs: Collection[str]) -> list[Object]:
    """The objects of a scene that have come with the results of jobs, roots first."""
    found = [obj for obj in scene.objects if obj.get(JOB) in jobs]
    return sorted(found, key=lambda obj: obj.parent in found)
