# SPDX-License-Identifier: GPL-3.0-or-later
"""Photos taken by the scene's camera: Blender renders in the background, and the jobs begin with the picture."""

import tempfile
from pathlib import Path

import bpy
from bpy.app.handlers import persistent

from ..jobs import runner
from ..jobs.worker import NewJob
from ..photos.picture import Picture, PictureBytes
from ..properties import settings_of
from ..scene import camera_render
from ..scene.camera_render import BUSY, CannotRender, RenderJob
from ..scene.data import is_job_running
from ..scene.viewport import viewport_picture
from .job_plan import Plan

_session: "_Session | None" = None


class _Session:
    """The renders that a plan needs, one after the other: first the quick one of the masks, so that the artist may
    soon move things again, then the photo. All are set up at once, so that they go by what was set at the beginning.
    """

    def __init__(self, context: bpy.types.Context, plan: Plan) -> None:
        """Raises CannotRender."""
        self.plan = plan
        self.failure = ""
        self.pending: list[RenderJob] = []
        self.taken: list[bytes] = []
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
    session = _Session(context, plan)
    try:
        session.taken = [camera_render.render_now(render) for render in session.pending]
        return session.new_jobs()
    finally:
        session.close()


def take(context: bpy.types.Context, plan: Plan) -> None:
    """Render for a plan in the background; its jobs begin when the pictures are there. Raises CannotRender."""
    global _session  # noqa: PLW0603 - Blender renders one picture at a time
    if _session is not None:
        raise CannotRender(BUSY)
    _session = _Session(context, plan)
    try:
        _go_on(context)
    except CannotRender:
        _end()
        raise


def taking() -> bool:
    """Whether a photo is being taken."""
    return _session is not None


def tick(context: bpy.types.Context) -> str:
    """Go on where a render has ended, and start the jobs after the last; returns what went wrong, as a sentence."""
    if _session is None or is_job_running("RENDER"):
        return ""
    try:
        if _session.failure:
            raise CannotRender(_session.failure)
        render = _session.pending.pop(0)
        if not render.path.exists():
            raise CannotRender("The render was stopped, so nothing was started.")
        _session.taken.append(render.path.read_bytes())
        _go_on(context)
    except CannotRender as error:
        _end()
        return str(error)
    return ""


def start_jobs(new_jobs: list[NewJob]) -> list[str]:
    """Start the jobs of orders; returns their ids."""
    for new_job in new_jobs:
        runner().start(new_job)
    return [new_job.job.id for new_job in new_jobs]


def _go_on(context: bpy.types.Context) -> None:
    """Begin the next render, or the jobs where there is none; raises CannotRender."""
    assert _session is not None
    if _session.pending:
        camera_render.start_render(context, _session.pending[0])
        return
    new_jobs = _session.new_jobs()
    _end()
    start_jobs(new_jobs)


def _end() -> None:
    global _session  # noqa: PLW0603
    if _session is not None:
        _session.close()
        _session = None


@persistent
def _on_interruption(*_arguments: object) -> None:
    """Undo and a file being loaded end Blender's renders, which then leave half a picture."""
    if _session is not None:
        _session.failure = "The render was interrupted, so nothing was started: press Reconstruct again."


@persistent
def _on_return(*_arguments: object) -> None:
    """A step of undo, or a recovered file, may hold the scene of a render."""
    camera_render.remove_leftovers()


HANDLERS = (
    ("undo_pre", _on_interruption),
    ("redo_pre", _on_interruption),
    ("load_pre", _on_interruption),
    ("undo_post", _on_return),
    ("redo_post", _on_return),
    ("load_post", _on_return),
)


def start_guarding() -> None:
    """Called when the extension is enabled: no scene of a render outlives it."""
    for name, handler in HANDLERS:
        getattr(bpy.app.handlers, name).append(handler)


def stop_guarding() -> None:
    """Called when the extension is disabled."""
    for name, handler in HANDLERS:
        getattr(bpy.app.handlers, name).remove(handler)
    _end()
