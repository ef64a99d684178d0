# SPDX-License-Identifier: GPL-3.0-or-later
"""Results are kept as assets: one .blend for each job in the folder `assets` of the results folder."""

import traceback
from collections.abc import Sequence
from pathlib import Path

import bpy
from bpy.types import Object
from mathutils import Vector

from ..jobs.asset_catalogs import catalog_of_photo
from ..jobs.model import Job
from ..jobs.thumbnails import look_at
from ..preferences import NoFolder, results_folder
from ..scene.asset_library import refresh_browsers
from ..scene.assets import for_a_moment, selected_of, write_asset
from ..scene.importing import ImportFailed, can_import
from .asset_card import asset_card
from .job_import import import_job


def library_folder(context: bpy.types.Context) -> Path:
    """The folder of the asset library; raises NoFolder where the results folder leads nowhere."""
    return results_folder(context) / "assets"


def keep(context: bpy.types.Context, job: Job) -> str:
    """Keep a job's result: what of it is selected, as it stands, else as it came. Returns why not, or nothing."""
    if objects := selected_of(context, job.id):
        return keep_objects(context, job, objects)
    if job.model is None:
        return "This job has no result to keep."
    if reason := can_import(context):
        return reason
    with for_a_moment(context):
        try:  # as of no photo: in a collection of its own
            objects = import_job(context, job, Vector(), photo_source=f"asset {job.id}")
        except ImportFailed as error:
            return str(error)
        return keep_objects(context, job, objects)


def keep_objects(context: bpy.types.Context, job: Job, objects: Sequence[Object]) -> str:
    """Keep objects of a job's result, in place of what was kept of it before. Returns why not, or nothing."""
    try:
        library = library_folder(context)
        library.mkdir(parents=True, exist_ok=True)
        catalog = catalog_of_photo(library, job.destination.source or job.photo, job.destination.collection)
        picture = None if job.model is None else look_at(job.model).file
        write_asset(library / f"{job.id}.blend", objects, asset_card(job), catalog, picture)
    except NoFolder as error:
        return str(error)
    except (OSError, RuntimeError) as error:
        return f"{job.destination.name} could not be kept as an asset: {_reason(error)}. Look at the results folder."
    except Exception as error:  # the last resort: it must not end the timer that brings in the results
        traceback.print_exc()
        return f"{job.destination.name} could not be kept as an asset ({type(error).__name__}); the result is safe."
    refresh_browsers(context)
    return ""


def is_kept(context: bpy.types.Context, job: Job) -> bool:
    """Whether the library has the result already; looks at the disk."""
    try:
        return (library_folder(context) / f"{job.id}.blend").is_file()
    except NoFolder:
        return False


def _reason(error: OSError | RuntimeError) -> str:
    """The system's words, or the first line of Blender's report."""
    words = error.strerror if isinstance(error, OSError) else None
    return (words or str(error).strip().removeprefix("Error: ").splitlines()[0]).rstrip(".")
