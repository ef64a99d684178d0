# SPDX-License-Identifier: GPL-3.0-or-later
"""The built-in offline engine as a provider.

It has nothing to submit and nothing to pay: a task is ready at once and the work is done when it is fetched.
"""

from pathlib import Path

import numpy as np
from numpy.typing import NDArray
from PIL import Image

from ...engine.atomic_write import write_atomic
from ...engine.draft import DraftError, reconstruct
from ...engine.draft.added_view import AddedView
from ..base import (
    Account,
    Capabilities,
    Credentials,
    PreparedRequest,
    Progress,
    ReconstructionOptions,
    Report,
    Request,
    Result,
    Service,
    Subject,
    Task,
)
from ..errors import InvalidInput


class DraftProvider:
    """Makes a rough textured model from photo and mask with numpy alone."""

    def __init__(self, _credentials: Credentials) -> None:
        """Nobody has to be reached for it."""

    def prepare(self, request: Request) -> PreparedRequest:
        """Nothing leaves the computer."""
        return PreparedRequest(request)

    def submit(self, prepared: PreparedRequest) -> Task:
        """Name the task; nothing runs yet."""
        return Task(prepared.request.id, prepared.request)

    def recover(self, request: Request) -> Task | None:
        """A draft's task is its request."""
        return Task(request.id, request)

    def poll(self, task: Task) -> Progress:
        """A draft can be fetched at once."""
        return Progress(0.0, "Drafting", finished=True)

    def fetch(self, task: Task, folder: Path, report: Report) -> list[Result]:
        """Reconstruct the subject into `folder`/draft.glb; raises InvalidInput for a photo that cannot be used."""
        request = task.request
        report(0.0, "Reading the photo")
        photo = read_pixels(request.photo)
        mask = read_pixels(request.masks[0]) if request.masks else None
        try:
            draft = reconstruct(
                photo,
                mask,
                kind=_kind(request.options),
                prompt=request.options.prompt,
                alternative=request.options.alternative,
                closed=request.options.closed,
                even_light=request.options.even_light,
                camera=request.options.camera,
                views=read_views(request),
                report=report,
            )
        except DraftError as error:
            raise InvalidInput(str(error)) from error
        model = folder / "draft.glb"
        write_atomic(model, draft.glb)
        name = f"draft {draft.kind}"
        seed, notes, pose = request.options.seed, draft.notes, draft.pose
        return [Result(model, model_name=name, seed=seed, cost=0.0, notes=notes, frontal=True, pose=pose)]

    def cancel(self, task: Task) -> None:
        """Nothing to tell anybody: `fetch` stops at its next report."""

    def account(self) -> Account:
        """There is none."""
        return Account(note="It is built in: free, offline and always ready.")


def _kind(options: ReconstructionOptions) -> str | None:
    """The kind of shape that is known beforehand: people are round and have limbs."""
    return "organic" if options.subject is Subject.BODY else None


def read_pixels(path: Path) -> NDArray[np.uint8]:
    """The pixels of a file that the job has in its folder; raises InvalidInput where it was taken away or damaged."""
    try:
        with Image.open(path) as image:
            return np.asarray(image)
    except OSError as error:
        raise InvalidInput(
            f"The job's own {path.name} can no longer be read in {path.parent}: press Reconstruct to start anew."
        ) from error


def read_views(request: Request) -> tuple[AddedView, ...]:
    """The other photos of the subject, as the engine takes them; raises InvalidInput as `read_pixels`."""
    return tuple(AddedView(read_pixels(view.photo), read_pixels(view.mask), view.camera) for view in request.views)


SERVICE = Service(
    id="DRAFT",
    name="Draft (built in)",
    description="A rough model in seconds, made on this computer: free, offline and private",
    capabilities={
        Subject.OBJECT: Capabilities(expected_seconds=2.0, prompt=True, views=2, camera=True, even_light=True),
        Subject.BODY: Capabilities(expected_seconds=4.0, camera=True, even_light=True),
    },
    parallel=2,
    online=False,
    create=DraftProvider,
)
