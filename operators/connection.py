# SPDX-License-Identifier: GPL-3.0-or-later
"""Asks a service whether it would work, at no cost."""

import time
from concurrent.futures import Future
from typing import Annotated

import bpy

from ..jobs.messages import check_message
from ..preferences import preferences
from ..providers import SERVICES, Account, ProviderError
from ..runtime.service_credentials import credentials, refresh_credentials
from ..runtime.state import runtime
from ..scene.data import window_manager_of
from .result import Result

PERIOD, LONGEST = 0.1, 120.0
"""Seconds between two looks at the answer, and after which it is given up."""


class SAM3D_OT_test_connection(bpy.types.Operator):
    """Check the service's address and key, at no cost"""

    bl_idname = "sam3d.test_connection"
    bl_label = "Test Connection"

    provider: Annotated[
        str,
        bpy.props.EnumProperty(
            name="Service",
            description="Which one is asked",
            items=[(service.id, service.name, "") for service in SERVICES.values()],
            default="DRAFT",
        ),
    ]

    def invoke(self, context: bpy.types.Context, _event: bpy.types.Event) -> Result:
        """Ask, and leave Blender free until the answer is there."""
        self._ask(context)
        if self.answer.done():
            return self._tell()
        _show(context, self.provider, "Asking ...")
        self.timer = window_manager_of(context).event_timer_add(PERIOD, window=context.window)
        window_manager_of(context).modal_handler_add(self)
        return {"RUNNING_MODAL"}

    def modal(self, context: bpy.types.Context, event: bpy.types.Event) -> Result:
        """Look for the answer now and then."""
        if event.type != "TIMER" or not (self.answer.done() or self._late()):
            return {"PASS_THROUGH"}
        window_manager_of(context).event_timer_remove(self.timer)
        result = self._tell()
        _redraw(context)
        return result

    def execute(self, context: bpy.types.Context) -> Result:
        """For scripts: ask and wait."""
        self._ask(context)
        while not (self.answer.done() or self._late()):
            time.sleep(PERIOD)
        return self._tell()

    def _ask(self, context: bpy.types.Context) -> None:
        refresh_credentials(context)
        self.begun = time.monotonic()
        asked = credentials(preferences(context), self.provider)
        self.answer: Future[Account] = runtime().queue.services.check(self.provider, asked)

    def _late(self) -> bool:
        return time.monotonic() - self.begun > LONGEST

    def _tell(self) -> Result:
        """Report what the service says."""
        name = SERVICES[self.provider].name
        if not self.answer.done():
            return self._refuse(f"{name} did not answer in time: try again in a while.")
        reason = self.answer.exception()
        if isinstance(reason, ProviderError):
            return self._refuse(str(reason))
        if reason is not None:
            return self._refuse(f"{name} could not be asked ({type(reason).__name__}): see Blender's console.")
        message = check_message(self.answer.result(), SERVICES[self.provider])
        runtime().last_checks[self.provider] = message
        self.report({"INFO"}, f"{name}: {message}")
        return {"FINISHED"}

    def _refuse(self, sentence: str) -> Result:
        runtime().last_checks[self.provider] = sentence
        self.report({"WARNING"}, sentence)
        return {"CANCELLED"}


def _show(context: bpy.types.Context, provider: str, text: str) -> None:
    runtime().last_checks[provider] = text
    _redraw(context)


def _redraw(context: bpy.types.Context) -> None:
    for window in window_manager_of(context).windows:
        for area in window.screen.areas:
            if area.type == "PREFERENCES":
                area.tag_redraw()
