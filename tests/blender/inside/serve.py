# SPDX-License-Identifier: GPL-3.0-or-later
"""Run as a program in a new Blender: calls one function after another, each with the named add-on enabled anew.

Each line of standard input is a call in JSON: the file beside this, the function in it, its arguments, the folder to be
in, further environment variables, and the file for what is printed. Each is answered by a line: the exit status that
the function would have had. In between all that the extension keeps is taken away, and the open file is an empty one.
"""

import contextlib
import ctypes
import faulthandler
import importlib
import json
import os
import pickle
import sys
import traceback
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import bpy
from run import main

ADDON = sys.argv[1]
SCRIPTS = Path(__file__).parent
RESOURCES = Path(os.environ["BLENDER_USER_RESOURCES"])
found_before: dict[tuple[str, bytes], Any] = {}
remembering: set[Callable[..., Any]] = set()


@contextlib.contextmanager
def printing_to(path: str) -> Iterator[None]:
    """What Python and Blender print meanwhile goes to a file."""
    kept = [os.dup(1), os.dup(2)]
    with Path(path).open("ab") as file:
        for descriptor in (1, 2):
            os.dup2(file.fileno(), descriptor)
        try:
            yield
        finally:
            sys.stdout.flush()
            sys.stderr.flush()
            ctypes.CDLL(None).fflush(None)  # what Blender itself has printed
            for descriptor, before in zip((1, 2), kept, strict=True):
                os.dup2(before, descriptor)
                os.close(before)


def remember_results() -> None:
    """Have the extension that has just been enabled take drafts and cameras that were found before."""
    for place, name in (
        ("providers.draft.provider", "reconstruct"),
        ("providers.draft.readings", "other_readings"),
        ("photos.camera_guesses", "find_camera"),
    ):
        module = importlib.import_module(f"{ADDON}.{place}")
        made = getattr(module, name)
        setattr(module, name, made if made in remembering else remembered(name, made))


def remembered(name: str, make: Callable[..., Any]) -> Callable[..., Any]:
    """A function of the engine, which is called once with the same arguments."""

    def remember(*arguments: Any, **options: Any) -> Any:
        report = {"report": options.pop("report")} if "report" in options else {}
        called = name, pickle.dumps((arguments, options))
        if called not in found_before:
            found = make(*arguments, **options, **report)
            found_before[called] = list(found) if isinstance(found, Iterator) else found
        for tell in report.values():
            tell(1.0, "It was made before")  # which ends the work of a job that was canceled
        return found_before[called]

    remembering.add(remember)
    return remember


def call(file: str, function: str, arguments: list[str]) -> int:
    """Call a function with the extension enabled; returns 1 where that raised."""
    try:
        assert bpy.ops.preferences.addon_enable(module=ADDON) == {"FINISHED"}
        remember_results()
        main("", file, function, *arguments)
    except BaseException:  # whatever it is, the next call is to come
        traceback.print_exc()
        return 1
    return 0


def forget(files: set[Path]) -> None:
    """Leave nothing to the next call: neither settings and files of the extension, nor the tests' own modules."""
    # As the operator, but that its packages stay where they were unpacked, which takes a seventh of all tests' time
    import addon_utils  # which is there once bpy is

    addon_utils.disable(ADDON, default_set=True, refresh_handled=True)
    bpy.ops.wm.read_homefile(use_empty=True)
    for name, module in list(sys.modules.items()):
        origin = getattr(module, "__file__", None)
        if origin and Path(origin).parent == SCRIPTS and name != "__main__":
            del sys.modules[name]
    for path in sorted(set(RESOURCES.rglob("*")) - files, reverse=True):
        path.rmdir() if path.is_dir() and not path.is_symlink() else path.unlink()


def serve() -> None:
    """Answer calls until there are no more."""
    faulthandler.enable()
    answers = os.fdopen(os.dup(1), "w")
    os.dup2(2, 1)
    files = set(RESOURCES.rglob("*"))
    for line in sys.stdin:
        wanted: dict[str, Any] = json.loads(line)
        before = dict(os.environ)
        os.environ.update(wanted["env"])
        os.chdir(wanted["folder"])
        with printing_to(wanted["output"]):
            status = call(wanted["file"], wanted["function"], wanted["arguments"])
            forget(files)
        os.environ.clear()
        os.environ.update(before)
        answers.write(f"{status}\n")
        answers.flush()
    os._exit(0)  # bpy 4.2 crashes on its way out after any glTF export


if __name__ == "__main__":
    serve()
