# SPDX-License-Identifier: GPL-3.0-or-later
"""What outlives a .blend, for those who ask: the add-on's preferences and its folders."""

import os
from pathlib import Path
from typing import Protocol, cast

import bpy

PACKAGE = __package__


class NoFolder(Exception):
    """The results folder leads nowhere; `str(error)` is a sentence for the artist."""


def user_folder() -> Path:
    """The folder that Blender keeps for this extension's own files."""
    return Path(bpy.utils.extension_path_user(PACKAGE, create=True))


def default_results_folder() -> Path:
    """Where results are kept unless the artist chooses another folder.

    Not in the extension's own folder: Blender deletes that when the extension is uninstalled.
    """
    return Path(bpy.utils.user_resource("DATAFILES")) / "sam3d" / "results"


class Preferences(Protocol):
    """What the preferences hold beside what the services state, as runtime/addon_preferences.py registers them."""

    asked_about_assets: bool
    keep_every_result: bool
    longest_edge: int
    results_folder: str
    selection: str
    selection_declined: bool
    selection_model_url: str
    spending_limit: float
    show_in_color: bool


def has_preferences(context: bpy.types.Context) -> bool:
    """Whether there are any: not for an extension that a script has enabled for the moment only."""
    assert context.preferences is not None
    return PACKAGE in context.preferences.addons


def preferences(context: bpy.types.Context) -> Preferences:
    """The add-on's preferences of this Blender."""
    assert context.preferences is not None
    return cast("Preferences", context.preferences.addons[PACKAGE].preferences)  # what is registered for it


def results_folder(context: bpy.types.Context) -> Path:
    """Where jobs keep their files: home folders and variables of the environment are filled in.

    Raises NoFolder where what was chosen leads nowhere.
    """
    chosen = preferences(context).results_folder.strip()
    if not chosen:
        return default_results_folder()
    if chosen.startswith("//"):
        if not bpy.data.filepath:
            raise NoFolder(
                "The results folder begins with //, beside the .blend: save the file, or choose another in the "
                "preferences."
            )
        return Path(bpy.path.abspath(chosen))
    folder = Path(os.path.expanduser(os.path.expandvars(chosen)))  # noqa: PTH111 - leaves what it does not know as it is
    if not folder.is_absolute():
        raise NoFolder(f"The results folder {chosen} is no whole path: choose another in the preferences.")
    return folder
