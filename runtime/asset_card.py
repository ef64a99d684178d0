# SPDX-License-Identifier: GPL-3.0-or-later
"""What an asset library tells of a result: tags to find it by, and how it was made."""

import getpass
import re
import time

from ..jobs.model import Job
from ..providers import SERVICES
from ..providers.base import Subject
from ..scene.assets import AssetCard

SUBJECT_TAGS = {Subject.OBJECT: "object", Subject.BODY: "person"}
MOST_WORDS, SHORTEST_WORD = 8, 3
"""Of a prompt's words, how many become tags, and of how many letters."""
METAS_MODELS = re.compile(r"sam.?3d", re.IGNORECASE)
META_LICENSE = "Made with Meta's SAM 3D, under the SAM License"
META_NOTE = (
    "Made with Meta's SAM 3D. The SAM License allows commercial use, and no use for weapons or the military; "
    "see Meta's text."
)


def asset_card(job: Job) -> AssetCard:
    """What to write on a job's result."""
    service = SERVICES[job.provider].name.partition(" (")[0] if job.provider in SERVICES else job.provider
    by_meta = bool(METAS_MODELS.search(job.model_name))
    words = [word for word in re.findall(r"[^\W_]+", job.options.prompt.lower()) if len(word) >= SHORTEST_WORD]
    tags = ["SAM 3D", SUBJECT_TAGS[job.options.subject], service, *words[:MOST_WORDS]]
    return AssetCard(
        name=job.destination.name,
        author=_user(),
        description=_description(job, service, by_meta=by_meta),
        license=META_LICENSE if by_meta else "",
        tags=tuple(dict.fromkeys(tags)),
    )


def _description(job: Job, service: str, *, by_meta: bool) -> str:
    day = time.strftime("%Y-%m-%d", time.localtime(job.finished or job.created))
    model = f" ({job.model_name})" if job.model_name else ""
    told = [f"From the photo {job.photo}, made on {day} with {service}{model} and the seed {job.options.seed}."]
    if job.options.prompt:
        told.append(f"Prompt: {job.options.prompt}.")
    if by_meta:
        told.append(META_NOTE)
    if job.provider in SERVICES and SERVICES[job.provider].online:
        told.append(f"The terms of {service} apply, too.")
    return " ".join(told)


def _user() -> str:
    """Who uses this computer, as the system calls them; Blender itself asks for no name."""
    try:
        return getpass.getuser()
    except (OSError, KeyError, ImportError):  # a system that knows no names, by its version of Python
        return ""
