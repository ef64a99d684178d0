# SPDX-License-Identifier: GPL-3.0-or-later
"""Puts photos, and the scenes that were made of them, side by side onto one sheet, to be looked at.

usage: build/env/blender-4.5/bin/python tools/look_at_scenes.py SCENES BLENDS SHEET.png
  SCENES  folder of NAME/photo.jpg;  BLENDS  folder of NAME.blend, such as score_scene.py leaves with --keep
  Each row: the photo; the scene through the camera that was made for it; the same from above; the outlines of what the
  camera sees over the photo.
"""

import argparse
import sys
import tempfile
from pathlib import Path

from installed import install

RESOURCES = tempfile.TemporaryDirectory(ignore_cleanup_errors=True)
install(Path(RESOURCES.name) / "blender")  # which brings Pillow, and what a scene remembers of its photos

import bpy  # noqa: E402
import numpy as np  # noqa: E402
from PIL import Image  # noqa: E402
from quiet import quiet  # noqa: E402
from scene_views import from_above, light, side_by_side, through  # noqa: E402

HEIGHT = 320
"""Pixels of a row."""
OUTLINE = (255, 40, 160)


def outlined(photo: Image.Image, silhouette: Image.Image) -> Image.Image:
    """The photo with the outlines of what is opaque in a render without a background."""
    inside = np.asarray(silhouette.resize(photo.size))[..., 3] > 127
    edge = np.zeros_like(inside)
    edge[1:] |= inside[1:] != inside[:-1]
    edge[:, 1:] |= inside[:, 1:] != inside[:, :-1]
    edge[:-1] |= edge[1:]
    pixels = np.array(photo)
    pixels[edge] = OUTLINE
    return Image.fromarray(pixels)


def silhouette(scene: bpy.types.Scene, size: tuple[int, int], folder: Path) -> Image.Image:
    """The results alone, without a background, through the camera that is set."""
    scene.render.film_transparent = True
    scene.render.image_settings.color_mode = "RGBA"
    hidden = [obj for obj in scene.objects if obj.type == "MESH" and not obj.get("sam3d_job")]
    for obj in hidden:
        obj.hide_render = True
    scene.render.resolution_x, scene.render.resolution_y = size
    scene.render.filepath = str(folder / "silhouette.png")
    with quiet():
        bpy.ops.render.render(write_still=True)
    with Image.open(scene.render.filepath) as picture:
        return picture.convert("RGBA")


def row_of(name: str, photo: Path, blend: Path, folder: Path) -> Image.Image | None:
    """One photo and its scene; None where no camera was made."""
    bpy.ops.wm.open_mainfile(filepath=str(blend.absolute()))
    scene = bpy.context.scene
    assert scene is not None
    camera = scene.sam3d.camera  # type: ignore[attr-defined]  # ours
    results = [obj for obj in scene.objects if obj.type == "MESH" and obj.get("sam3d_job")]
    if camera is None or not results:
        print(f"{name}: there is no camera, or no result", file=sys.stderr)
        return None
    with Image.open(photo) as opened:
        picture = opened.convert("RGB")
    picture = picture.resize((round(picture.width * HEIGHT / picture.height), HEIGHT))
    for obj in scene.objects:
        obj.is_holdout = False  # as whoever looked at single silhouettes may have left them
    scene.render.film_transparent = False
    light(scene, camera)
    seen = through(scene, camera, picture.size, folder)
    above = from_above(scene, camera, results, picture.size, folder)
    scene.camera = camera
    return side_by_side([picture, seen, above, outlined(picture, silhouette(scene, picture.size, folder))])


def main() -> int:
    """Make the sheet; returns the exit status."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("scenes", type=Path)
    parser.add_argument("blends", type=Path)
    parser.add_argument("sheet", type=Path)
    options = parser.parse_args()
    blends = sorted(options.blends.glob("*.blend"))
    if not blends:
        print(f"There are no .blend files in {options.blends}.", file=sys.stderr)
        return 1
    folder = Path(RESOURCES.name)
    made = [row_of(blend.stem, options.scenes / blend.stem / "photo.jpg", blend, folder) for blend in blends]
    rows = [row for row in made if row is not None]
    sheet = Image.new("RGB", (max(row.width for row in rows), sum(row.height + 8 for row in rows)), "white")
    top = 0
    for row in rows:
        sheet.paste(row, (0, top))
        top += row.height + 8
    sheet.save(options.sheet)
    return 0 if len(rows) == len(blends) else 1


if __name__ == "__main__":
    sys.exit(main())
