# SPDX-License-Identifier: GPL-3.0-or-later
"""The extension's installation, and that nothing is left behind when it is disabled."""

from __future__ import annotations

import compileall
import gc
import multiprocessing
import threading
import types

import bpy

MODULE = "bl_ext.user_default.sam3d"
OWNERS = ("Scene", "WindowManager", "Object", "Collection", "Image", "Preferences", "Screen", "World", "WorkSpace")

Traces = dict[str, set[object]]


def classes() -> set[object]:
    t = bpy.types
    bases = (t.Operator, t.Panel, t.PropertyGroup, t.UIList, t.Menu, t.AddonPreferences, t.FileHandler)
    ours = [cls for base in bases for cls in base.__subclasses__() if cls.__module__.startswith(MODULE)]
    return {cls.__name__ for cls in ours if cls.is_registered}


def handlers() -> set[object]:
    lists = {name: getattr(bpy.app.handlers, name) for name in dir(bpy.app.handlers)}
    return {(name, repr(f)) for name, found in lists.items() if isinstance(found, list) for f in found}


def timers() -> set[object]:
    """Those of the extension's functions that are timers: Blender has no list of them."""
    functions = [f for f in gc.get_objects() if isinstance(f, (types.FunctionType, types.MethodType))]
    ours = [f for f in functions if str(f.__module__).startswith(MODULE)]
    return {f.__qualname__ for f in ours if bpy.app.timers.is_registered(f)}


def menus() -> set[object]:
    """The extension's functions in Blender's menus and headers: once extended, those list their own as well."""
    drawn = [(name, getattr(getattr(bpy.types, name), "draw", None)) for name in dir(bpy.types)]
    return {
        (name, repr(f))
        for name, draw in drawn
        for f in getattr(draw, "_draw_funcs", ())
        if f.__module__.startswith(MODULE)
    }


def keys() -> set[object]:
    config = bpy.context.window_manager.keyconfigs.addon
    return {(m.name, i.idname) for m in (config.keymaps if config else ()) for i in m.keymap_items}


def traces() -> Traces:
    """All that an extension may add to Blender, by kind."""
    return {
        "class": classes(),
        "type": set(dir(bpy.types)),
        "operator": set(dir(bpy.ops.sam3d)),
        "property": {(owner, name) for owner in OWNERS for name in vars(getattr(bpy.types, owner))},
        "handler": handlers(),
        "timer": timers(),
        "menu": menus(),
        "key": keys(),
        "preset": set(bpy.utils._preset_path_registry),
        "manual": {repr(f) for f in bpy.utils._manual_map},
        "thread": {thread.name for thread in threading.enumerate()},
        "process": {child.pid for child in multiprocessing.active_children()},
    }


def additions(before: Traces, after: Traces) -> list[tuple[str, object]]:
    return [(kind, obj) for kind in after for obj in after[kind] - before[kind]]


def install_for_all(zip_file: str) -> None:
    """Install the built extension where many Blenders will find it, and compile it for them."""
    install(zip_file)
    assert compileall.compile_dir(bpy.utils.user_resource("EXTENSIONS"), quiet=1)


def install(zip_file: str) -> None:
    """Install and enable the built extension as the user would from a file."""
    bpy.ops.extensions.package_install_files(filepath=zip_file, repo="user_default", enable_on_install=True)
    assert MODULE in bpy.context.preferences.addons


def brings_its_own_pillow(zip_file: str) -> None:
    install(zip_file)
    import PIL._imaging

    print("PILLOW", PIL._imaging.__file__)


def nothing_stays_behind(zip_file: str) -> None:
    """Enable and disable it several times; the assertion names what is left."""
    bare = traces()
    install(zip_file)
    for _ in range(3):
        added = additions(bare, traces())
        assert {"class", "property"} <= {kind for kind, _ in added}, added
        bpy.ops.preferences.addon_disable(module=MODULE)
        left = additions(bare, traces())
        assert not left, left
        assert bpy.ops.preferences.addon_enable(module=MODULE) == {"FINISHED"}
    bpy.ops.preferences.addon_disable(module=MODULE)
