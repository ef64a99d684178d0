# SPDX-License-Identifier: GPL-3.0-or-later
"""Runs inside a Blender with a window: leads it step by step while its own event loop goes on.

A test is a generator that yields conditions; each is asked again and again until it comes true. The mouse and keyboard
are real: xdotool moves and presses them on the virtual screen.
"""

import contextlib
import importlib
import os
import subprocess
import sys
import threading
import time
import traceback
from collections.abc import Callable, Generator, Iterator, Sized
from pathlib import Path
from typing import Any

import bpy
from PIL import Image, ImageChops

Steps = Generator[Callable[[], bool], None, None]

MODULE = "bl_ext.user_default.sam3d"
"""The name by which the installed extension is imported."""
PERIOD = 0.05
BOUND = 120.0
"""Seconds after which a condition that does not come true fails the test."""
PASSED = "WINDOW TEST PASSED"
FOR_PICTURES = "SAM3D_PICTURES" in os.environ
"""Whether pictures of the documentation are made: then the 3D viewport shows materials, and is drawn eight times for
smooth edges. Here the processor draws."""
FOLDER = Path(sys.argv[sys.argv.index("--") + 1])
"""Where the test's pictures and files go."""
ACTS: list[str] = []
"""The clicks and keys of an artist, so far."""
ARGUMENTS = sys.argv[sys.argv.index("--") + 2 :]


def lead(steps: Steps) -> None:
    """Take the steps as Blender's event loop goes on, then quit with status 0, or 1 if one of them failed."""
    begun = time.monotonic()
    condition: Callable[[], bool] = lambda: True  # noqa: E731 - the start waits for nothing

    def step() -> float | None:
        nonlocal begun, condition
        try:
            if not condition():
                assert time.monotonic() - begun < BOUND, f"never came true: {condition}"
                return PERIOD
            condition = next(steps)
            begun = time.monotonic()
        except StopIteration:
            print(PASSED, flush=True)
            _quit(0)
        except BaseException:  # whatever it is, the test must end
            traceback.print_exc()
            screenshot("failed")
            _quit(1)
        return PERIOD

    bpy.context.preferences.view.show_splash = False  # it would swallow the first click
    if not FOR_PICTURES:
        bpy.context.preferences.system.viewport_aa = "OFF"
    bpy.app.timers.register(step, first_interval=1.0, persistent=True)


def _quit(status: int) -> None:
    sys.stdout.flush()
    sys.stderr.flush()
    # Not quit_blender: it asks about unsaved changes, and the status must be the test's.
    os._exit(status)


def install(zip_file: str, *, readings: bool = FOR_PICTURES) -> None:
    """Install and enable the built extension as the user would from a file.

    readings: whether other readings are made of each draft that is shown, which takes longer than the draft.
    """
    bpy.ops.extensions.package_install_files(filepath=zip_file, repo="user_default", enable_on_install=True)
    if not readings:
        replace(importlib.import_module(f"{MODULE}.jobs.readings").Readings, "want", lambda *_: None)


def runtime() -> Any:
    """What the installed extension has in hand."""
    return importlib.import_module(f"{MODULE}.runtime.state").runtime()


def job_queue() -> Any:
    """Its queue."""
    return runtime().queue


def all_preferences() -> Any:
    """The installed extension's preferences, with what the services state for themselves."""
    return importlib.import_module(f"{MODULE}.preferences").preferences(bpy.context)


def replace(owner: object, name: str, function: Callable[..., object]) -> None:
    """Put a function in the place of one of a module's or a class's."""
    setattr(owner, name, function)


@contextlib.contextmanager
def drafts_held(share: float) -> Iterator[None]:
    """Drafts that begin meanwhile stand still once this share of their work is done, until the end of the `with`."""
    provider = importlib.import_module(f"{MODULE}.providers.draft.provider")
    reconstruct, go_on = provider.reconstruct, threading.Event()

    def held(*arguments: Any, report: Callable[[float, str], None], **options: Any) -> Any:
        def stand_still(fraction: float, stage: str) -> None:
            report(fraction, stage)
            if fraction >= share:
                go_on.wait(BOUND)

        return reconstruct(*arguments, report=stand_still, **options)

    replace(provider, "reconstruct", held)
    try:
        yield
    finally:
        replace(provider, "reconstruct", reconstruct)
        go_on.set()


def in_window() -> Any:
    """The context of the first window, which a timer has not; for a `with`."""
    return bpy.context.temp_override(window=bpy.context.window_manager.windows[0])


def screenshot(name: str) -> Path:
    """What the screen shows now, as FOLDER/name.png, which is packed quickly rather than well."""
    path = FOLDER / f"{name}.png"
    subprocess.run(["import", "-window", "root", "-quality", "11", str(path)], check=True, timeout=30)
    return path


def seconds(duration: float) -> Callable[[], bool]:
    """A condition that lets Blender draw and handle events for a while."""
    end = time.monotonic() + duration
    return lambda: time.monotonic() > end


def more_than_now(values: Sized) -> Callable[[], bool]:
    """A condition that comes true when there are more values than now."""
    before = len(values)
    return lambda: len(values) > before


def act(what: str) -> None:
    """Note something that an artist does with one click or key."""
    ACTS.append(what)


def hover(x: float, y: float) -> None:
    """The mouse moved to a place of the screen."""
    subprocess.run(["xdotool", "mousemove", str(int(x)), str(int(y))], check=True, timeout=30)


def click(x: float, y: float) -> None:
    """A click of the left mouse button at a place of the screen."""
    act(f"click at {x:.0f}, {y:.0f}")
    hover(x, y)
    subprocess.Popen(["sh", "-c", "sleep 0.3; xdotool mousedown 1; sleep 0.1; xdotool mouseup 1"])


def press(key: str) -> None:
    """A key or chord in xdotool's names, such as ctrl+z, where the mouse is."""
    act(f"key {key}")
    subprocess.Popen(["xdotool", "key", key])


def take_step(key: str) -> Steps:
    """Press the key of undo or redo, and wait until Blender has taken that step."""
    taken: list[str] = []

    def note(*_: object) -> None:
        taken.append(key)

    handlers = bpy.app.handlers.undo_post, bpy.app.handlers.redo_post
    for each in handlers:
        each.append(note)
    press(key)
    yield lambda: bool(taken)
    for each in handlers:
        each.remove(note)


def area(kind: str) -> bpy.types.Area:
    """The first editor of a kind in the first window."""
    return next(area for area in bpy.context.window_manager.windows[0].screen.areas if area.type == kind)


def region(kind: str, name: str = "UI") -> bpy.types.Region:
    """A region of that editor."""
    return next(region for region in area(kind).regions if region.type == name)


def screen_box(place: bpy.types.Region) -> tuple[int, int, int, int]:
    """Left, top, right, bottom on the screen, whose rows count from the top."""
    height = bpy.context.window_manager.windows[0].height
    return place.x, height - place.y - place.height, place.x + place.width, height - place.y


def open_tab(kind: str) -> Steps:
    """Open the sidebar of an editor on the add-on's tab."""
    area(kind).spaces.active.show_region_ui = True
    yield seconds(0.5)
    region(kind).active_panel_category = "SAM 3D"
    yield seconds(0.5)


def find_button(kind: str) -> Generator[Callable[[], bool], None, tuple[float, float]]:
    """Where the main button is: its text changes with the number of variations, and back with it.

    What else changes meanwhile, as the photo's preview that comes late, is waited for.
    """
    end = time.monotonic() + BOUND
    while True:
        one = yield from _with_variations(kind, 1)
        two = yield from _with_variations(kind, 2)
        again = yield from _with_variations(kind, 1)
        changed = ImageChops.difference(one, two).getbbox()
        if changed and ImageChops.difference(one, again).getbbox() is None:
            break
        assert time.monotonic() < end, "the button does not show the number of variations"
    left, top, _, _ = screen_box(region(kind))
    # The first change from above is the button; the expected time below it changes too.
    return left + (changed[0] + changed[2]) / 2, top + changed[1] + 6


def _with_variations(kind: str, number: int) -> Generator[Callable[[], bool], None, Image.Image]:
    """The sidebar as it looks with so many variations."""
    bpy.context.scene.sam3d.variations = number
    region(kind).tag_redraw()
    yield seconds(1.0)
    with Image.open(screenshot(f"variations-{number}")) as screen:
        return screen.convert("RGB").crop(screen_box(region(kind)))


def stroke(begin: tuple[float, float], end: tuple[float, float], key: str = "") -> None:
    """A stroke of the left mouse button from one place of the screen to another, with a key held where one is named."""
    hover(*begin)
    places = [[round(a + (b - a) * part / 12) for a, b in zip(begin, end, strict=True)] for part in range(1, 13)]
    moves = " ".join(f"mousemove {x} {y} sleep 0.05" for x, y in places)
    words = f"mousedown 1 sleep 0.1 {moves} sleep 0.1 mouseup 1"
    if key:
        words = f"keydown {key} sleep 0.1 {words} keyup {key}"
    subprocess.Popen(["sh", "-c", f"sleep 0.3; xdotool {words}"])
