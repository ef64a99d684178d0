# SPDX-License-Identifier: GPL-3.0-or-later
"""The main job on a sample photo in real Blender: leaves build/demo/ with a .blend, a GLB and a rendered picture.

Four things on the photo of a desk become a scene, seen through the camera that is found for the photo. Run by
`make demo` in the bpy package, with the built zip installed as a user would install it.
"""

import argparse
import shutil
import sys
import time
from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING, TypeVar

from installed import ROOT, install
from quiet import quiet

if TYPE_CHECKING:
    import bpy  # in earnest only once the settings are nobody's own

OUTPUT = ROOT / "build" / "demo"
PHOTOS = ROOT / "examples" / "photos"
PHOTO = PHOTOS / "desk.jpg"
MASKS = {
    "Teapot": PHOTOS / "desk-mask.png",
    "Mug": PHOTOS / "desk-mug.png",
    "Pencils": PHOTOS / "desk-pencils.png",
    "Plant": PHOTOS / "desk-plant.png",
}
HEIGHT = 720
"""Pixels of the picture."""

T = TypeVar("T")


def main() -> int:
    """Reconstruct, save, render; returns the exit status."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--out", type=Path, default=OUTPUT)
    folder: Path = parser.parse_args().out
    shutil.rmtree(folder, ignore_errors=True)
    folder.mkdir(parents=True)
    told("Installed the built extension in a fresh Blender", lambda: install(folder / "blender"))

    import bpy

    bpy.ops.wm.read_homefile(use_empty=True)
    scene = bpy.context.scene
    assert scene is not None
    settings = scene.sam3d  # type: ignore[attr-defined]  # ours
    settings.image = bpy.data.images.load(str(PHOTO))
    for name, path in MASKS.items():
        mask = settings.masks.add()
        mask.name, mask.image = name, bpy.data.images.load(str(path))
    settings.placement = "PHOTO"
    print(f"Chose {PHOTO.name}, with masks of {len(MASKS)} things, to stand as in the photo", flush=True)
    reconstruct = bpy.ops.sam3d.reconstruct  # type: ignore[attr-defined]  # our own
    if told("Reconstructed them with the built-in draft engine", lambda: reconstruct(wait=True)) != {"FINISHED"}:
        print("The photo could not be reconstructed.", file=sys.stderr)
        return 1
    camera = settings.camera
    print(f"The photo's camera: {camera.data.lens:.0f} mm, {_pitch(camera):.0f} degrees down (it was 50 mm, 22)")

    told("Saved the scene and its objects", lambda: _save(bpy.context, folder))
    told("Rendered the scene through that camera", lambda: _render(scene, camera, folder))
    shutil.rmtree(folder / "blender", ignore_errors=True)
    for path in sorted(folder.iterdir()):
        print(f"{path.relative_to(ROOT) if path.is_relative_to(ROOT) else path}  {path.stat().st_size // 1024} KB")
    return 0


def told(what: str, work: Callable[[], T]) -> T:
    """Does something without a word of Blender's, and says what was done and how long it took."""
    begun = time.monotonic()
    with quiet():
        result = work()
    print(f"{what} ({time.monotonic() - begun:.1f} s)", flush=True)
    return result


def _pitch(camera: "bpy.types.Object") -> float:
    """Degrees that a camera looks down."""
    from math import acos, degrees

    return 90 - degrees(acos(max(-1.0, min(1.0, camera.matrix_world.col[2].normalized().z))))


def _save(context: "bpy.types.Context", folder: Path) -> None:
    import bpy

    bpy.ops.wm.save_as_mainfile(filepath=str(folder / f"{PHOTO.stem}.blend"))
    for obj in context.view_layer.objects if context.view_layer else ():
        obj.select_set(bool(obj.get("sam3d_job")))
    bpy.ops.export_scene.gltf(filepath=str(folder / f"{PHOTO.stem}.glb"), export_format="GLB", use_selection=True)


def _render(scene: "bpy.types.Scene", camera: "bpy.types.Object", folder: Path) -> None:
    """The photo, and the scene as its camera sees it."""
    from PIL import Image
    from scene_views import light, side_by_side, through

    with Image.open(PHOTO) as opened:
        photo = opened.convert("RGB").resize((HEIGHT * opened.width // opened.height, HEIGHT))
    light(scene, camera)
    seen = through(scene, camera, photo.size, folder)
    (folder / "view.png").unlink()
    side_by_side([photo, seen]).save(folder / f"{PHOTO.stem}.png")


if __name__ == "__main__":
    sys.exit(main())
