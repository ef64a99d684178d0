# SPDX-License-Identifier: GPL-3.0-or-later
"""`blender --command sam3d PHOTO ...`: the main job without a window."""

import argparse
import sys
from pathlib import Path
from typing import Any

import bpy

from .jobs.model import State
from .jobs.plan import CannotStart
from .properties import settings_of
from .providers import SERVICES, Subject
from .runtime.reconstruction import start, wait_for
from .scene.pixels import advice

NAME = "sam3d"
OUTPUTS = frozenset({".blend", ".glb"})


class _Parser(argparse.ArgumentParser):
    def error(self, message: str) -> Any:
        """One line instead of argparse's usage text."""
        raise Refused(f"{message}. Try --help.")


class Refused(Exception):
    """The command cannot do what was asked; `str(error)` is one line."""


def _parser() -> argparse.ArgumentParser:
    parser = _Parser(prog=f"blender --command {NAME}", description="Turn a photo into textured 3D objects.")
    parser.add_argument("photo", type=Path, metavar="PHOTO", help="the photo")
    masks = "white is the subject; may be repeated, one object for each"
    parser.add_argument("--mask", type=Path, metavar="FILE", action="append", default=[], help=masks)
    view = "another photo of the same thing, and its mask; may be repeated; only for drafts"
    parser.add_argument("--view", type=Path, nargs=2, metavar=("PHOTO", "MASK"), action="append", default=[], help=view)
    _choice(parser, "--subject", [subject.value for subject in Subject])
    _choice(parser, "--provider", list(SERVICES))
    parser.add_argument("--prompt", metavar="TEXT", default="", help="what the subject is, in a few words")
    parser.add_argument("--seed", type=int, metavar="N", help="a number that makes the result repeatable")
    even = "take the photo's light and shade out of the colors; only of drafts"
    parser.add_argument("--even-light", action="store_true", help=even)
    where = "where objects stand: at the cursor, or as in the photo, with a camera that sees them so"
    _choice(parser, "--placement", ["CURSOR", "PHOTO"], where)
    out = "a .blend or .glb file; without it, the photo's name with .blend in this folder"
    parser.add_argument("--out", type=Path, metavar="FILE", help=out)
    return parser


def _choice(parser: argparse.ArgumentParser, option: str, values: list[str], told: str | None = None) -> None:
    """One of Blender's names, written small; the first is the default."""
    names = "|".join(value.lower() for value in values)
    parser.add_argument(option, type=str.upper, choices=values, default=values[0], metavar=names, help=told)


def run(arguments: list[str]) -> int:
    """Do the command; returns the exit status: 0, or 1 after one line on standard error."""
    try:
        options = _parser().parse_args(arguments)
        out = options.out or Path(f"{options.photo.stem}.blend")
        if out.suffix.lower() not in OUTPUTS:
            raise Refused(f"--out must end in .blend or .glb, not {out.name}.")
        if not out.absolute().parent.is_dir():
            raise Refused(f"The folder of {out} does not exist: make it first.")
        _reconstruct(options)
        _save(out.absolute())
    except Refused as refusal:
        print(refusal, file=sys.stderr)
        return 1
    return 0


def _reconstruct(options: argparse.Namespace) -> None:
    bpy.ops.wm.read_homefile(use_empty=True)
    settings = settings_of(bpy.context)
    settings.subject, settings.provider, settings.prompt = options.subject, options.provider, options.prompt
    settings.placement, settings.even_light = options.placement, options.even_light
    settings.image = _load(options.photo)
    for path in options.mask:
        mask = settings.masks.add()
        mask.name, mask.image = path.stem, _load(path)
    if options.view and not settings.sends_views:
        raise Refused(f"{settings.service.name} takes one photo of a thing: leave --view out.")
    for path, mask_path in options.view:
        view = settings.added_views.add()
        view.photo, view.image, view.mask.image = settings.image, _load(path), _load(mask_path)
    if options.seed is not None:
        settings.use_seed, settings.seed = True, options.seed
    try:
        jobs = wait_for(bpy.context, start(bpy.context))
    except CannotStart as error:
        raise Refused(str(error)) from error
    for job in jobs:
        for note in job.notes:
            print(f"{job.destination.name}: {note}", file=sys.stderr)
    failed = [job for job in jobs if job.state is not State.IMPORTED]
    if failed:
        raise Refused(failed[0].message)


def _load(path: Path) -> bpy.types.Image:
    if path.is_file() and (sentence := advice(path)):
        raise Refused(sentence)
    try:
        return bpy.data.images.load(str(path.absolute()))
    except RuntimeError as error:
        raise Refused(f"{path} cannot be read: choose a PNG or JPEG file that exists.") from error


def _save(path: Path) -> None:
    try:
        if path.suffix.lower() == ".glb":
            bpy.ops.export_scene.gltf(filepath=str(path), export_format="GLB")
        else:
            bpy.ops.wm.save_as_mainfile(filepath=str(path), copy=True)
    except RuntimeError as error:
        raise Refused(f"{path} cannot be written: choose another place with --out.") from error


def register() -> Any:
    """Make the command known to Blender; returns Blender's handle, which `unregister` takes back."""
    return bpy.utils.register_cli_command(NAME, run)


def unregister(command: Any) -> None:
    """Take the command back."""
    bpy.utils.unregister_cli_command(command)
