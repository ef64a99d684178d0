# SPDX-License-Identifier: GPL-3.0-or-later
"""Which thing of the photo is meant: what is asked, once for a photo, before anything is made of a mere guess."""

from concurrent.futures import Future
from dataclasses import dataclass
from typing import Any

import bpy

from ..jobs.subject_guess import Guess
from ..properties import SAM3D_PG_settings, settings_of
from .gestures import new_mask
from .mask_sync import new_key, prompts_of, show_known
from .state import runtime


@dataclass(frozen=True, eq=False)
class Question:
    """What is asked about a photo, the image's `session_uid`. `handle` is Blender's, of the guess over the photo."""

    photo: int
    guess: Guess
    handle: Any = None

    def is_open(self, settings: SAM3D_PG_settings) -> bool:
        """Whether it waits for an answer: any mask is one."""
        return not settings.masks and settings.image is not None and settings.image.session_uid == self.photo


def is_needed(context: bpy.types.Context) -> bool:
    """Whether the service has to guess what is meant, and the artist was not asked about this photo yet."""
    settings = settings_of(context)
    capabilities = settings.capabilities
    if capabilities is None or capabilities.finds_subject or settings.image is None or settings.source != "IMAGE":
        return False
    if settings.masks or prompts_of(settings) or (capabilities.prompt and settings.prompt.strip()):
        return False
    return settings.image.session_uid not in runtime().asked


def look(context: bpy.types.Context) -> "Future[Guess]":
    """Look for the likeliest subject of the photo; raises NoPixels."""
    return runtime().guesses.ask(runtime().photo.picture(settings_of(context).photo))


def ask(photo: bpy.types.Image, guess: Guess, handle: Any) -> None:
    """Put the question; another one is over."""
    close()
    runtime().asked.add(photo.session_uid)
    runtime().question = Question(photo.session_uid, guess, handle)


def use_guess(settings: SAM3D_PG_settings) -> None:
    """The guess becomes the mask."""
    question = runtime().question
    assert question is not None
    mask = new_mask(settings)
    mask.drawn = new_key()
    runtime().masks.put(mask.drawn, question.guess.mask)
    show_known(mask)
    close()


def close() -> None:
    """The question is over."""
    question, runtime().question = runtime().question, None
    if question is not None and question.handle is not None:
        bpy.types.SpaceImageEditor.draw_handler_remove(question.handle, "WINDOW")
