# SPDX-License-Identifier: GPL-3.0-or-later
"""Photos taken by the scene's camera: Blender renders in the background, and the jobs begin with the picture."""

import re
import tempfile
from pathlib import Path

import bpy

from ..jobs.plan import Plan
from ..jobs.worker import NewJob
from ..photos.picture import Picture, PictureBytes
from ..properties import settings_of
from ..scene import camera_render
from ..scene.camera_render import BUSY, CannotRender, RenderJob
from ..scene.data import is_job_running
from ..scene.viewport import viewport_picture
from .state import runtime

SAMPLES = re.compile(r"(\d+) ?/ ?(\d+)")
"""How the engines say how far they are: Sample 3/16, or Rendering 3 / 64 samples."""


class CameraCapture:
    """The renders that a plan needs, one after the other: first the quick one of the masks, so that the artist may
    soon move things again, then the photo. All are set up at once, so that they go by what was set at the beginning.
    """

    def __init__(self, context: bpy.types.Context, plan: Plan) -> None:
        """Raises CannotRender."""
        self.plan = plan
        self.failure = ""
        self.pending: list[RenderJob] = []
        self.taken: list[bytes] = []
        self.count = 0
        """How many renders it takes."""
        self.part = 0.0
        """How much of the render at work is done, as its engine says."""
        self.seen: Picture | None = None
        try:
            self.folder = tempfile.TemporaryDirectory(dir=bpy.app.tempdir, ignore_cleanup_errors=True)
        except OSError as error:
            raise CannotRender(f"Blender's temporary folder cannot be written: {error.strerror}.") from error
        folder, edge = Path(self.folder.name), plan.longest_edge
        at_once = settings_of(context).render_mode == "VIEWPORT"
        try:
            if at_once:
                self.seen = viewport_picture(context, edge)
            if plan.groups:
                self.pending.append(
                    camera_render.mask_render(context, folder / "masks.png", edge, plan.groups, whole=at_once)
                )
            if not at_once:
                self.pending.append(camera_render.photo_render(context, folder / "photo.png", edge))
        except CannotRender:
            self.close()
            raise
        self.count = len(self.pending)

    @property
    def stage(self) -> str:
        """What is being done, in words."""
        return "Rendering the masks" if self.plan.groups and not self.taken else "Rendering the photo"

    @property
    def fraction(self) -> float:
        """How much of it all is done."""
        return (len(self.taken) + self.part) / self.count if self.count else 0.0

    def note_progress(self, words: str) -> None:
        """Take over how far a render's engine is, where its words tell; on any thread."""
        if found := SAMPLES.search(words):
            done, of = map(int, found.groups())
            self.part = min(1.0, done / of) if of else 0.0

    def new_jobs(self) -> list[NewJob]:
        """What is to be started with the pictures that were taken."""
        numbers = self.taken[0] if self.plan.groups else b""
        return self.plan.new_jobs(self.seen or PictureBytes(self.taken[-1]), numbers)

    def close(self) -> None:
        """Remove what the renders have left."""
        camera_render.remove_leftovers()
        self.folder.cleanup()


def take_now(context: bpy.types.Context, plan: Plan) -> list[NewJob]:
    """Render for a plan while Blender waits; raises CannotRender."""
    capture = CameraCapture(context, plan)
    try:
        capture.taken = [camera_render.render_now(shot) for shot in capture.pending]
        return capture.new_jobs()
    finally:
        capture.close()


def take(context: bpy.types.Context, plan: Plan) -> None:
    """Render for a plan in the background; its jobs begin when the pictures are there. Raises CannotRender."""
    if runtime().capture is not None:
        raise CannotRender(BUSY)
    capture = runtime().capture = CameraCapture(context, plan)
    try:
        _go_on(context, capture)
    except CannotRender:
        _end(capture)
        raise


def taking() -> bool:
    """Whether a photo is being taken."""
    return runtime().capture is not None


def tick(context: bpy.types.Context) -> str:
    """Go on where a render has ended, and start the jobs after the last; returns what went wrong, as a sentence."""
    capture = runtime().capture
    if capture is None or is_job_running("RENDER"):
        return ""
    try:
        if capture.failure:
            raise CannotRender(capture.failure)
        shot = capture.pending.pop(0)
        if not shot.path.exists():
            raise CannotRender("The render was stopped, so nothing was started.")
        capture.taken.append(shot.path.read_bytes())
        capture.part = 0.0
        _go_on(context, capture)
    except CannotRender as error:
        _end(capture)
        return str(error)
    return ""


def interrupt() -> None:
    """Something ends Blender's renders: what they leave is half a picture."""
    capture = runtime().capture
    if capture is not None:
        capture.failure = "The render was interrupted, so nothing was started: press Reconstruct again."


def cancel(context: bpy.types.Context) -> None:
    """Stop the render that is at work; nothing begins."""
    capture = runtime().capture
    if capture is not None:
        if capture.pending:
            camera_render.stop_render(context, capture.pending[0])
        _end(capture)


def start_jobs(new_jobs: list[NewJob]) -> list[str]:
    """Start new jobs; returns their ids."""
    for new_job in new_jobs:
        runtime().queue.start(new_job)
    return [new_job.job.id for new_job in new_jobs]


def _go_on(context: bpy.types.Context, capture: CameraCapture) -> None:
    """Begin the next render, or the jobs where there is none; raises CannotRender."""
    if capture.pending:
        camera_render.start_render(context, capture.pending[0])
        return
    new_jobs = capture.new_jobs()
    _end(capture)
    start_jobs(new_jobs)


def _end(capture: CameraCapture) -> None:
    capture.close()
    runtime().capture = None
