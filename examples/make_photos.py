# SPDX-License-Identifier: GPL-3.0-or-later
"""Make the sample photos: build the props, light them like in a studio, render them with Cycles.

    python examples/make_photos.py [NAME...] [--out DIR] [--size N] [--samples N] [--threads N]

runs in any Python that has the `bpy` package (Blender 4.2 or newer).
"""

import argparse
import random
import sys
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

import bpy
import desk_things
import figures
import materials
import props
import studio
from shapes import box, clad, placed, rounded, solid

HERE = Path(__file__).resolve().parent


@dataclass(frozen=True)
class Photo:
    """One sample: the file's name, its size in pixels, what sets the scene and returns its subjects, and the files of
    their masks, in that order, where it has some.
    """

    file: str
    size: tuple[int, int]
    scene: Callable[[], tuple[bpy.types.Object, ...]]
    cut_out: bool = False
    masks: tuple[str, ...] = ()


def backdrop(color: str) -> None:
    """A sheet of seamless paper that rises behind the subject."""
    line = rounded([(-20, 0), (0, 0), (4, 0), (15, 1), (22, 8), (26, 30)], 6)
    sheet = [(x, y, z) for y, z in line for x in (-60.0, 60.0)]
    faces = [(2 * i, 2 * i + 1, 2 * i + 3, 2 * i + 2) for i in range(len(line) - 1)]
    clad(solid("Backdrop", sheet, faces), materials.plain(color))


def mug() -> tuple[bpy.types.Object, ...]:
    """The mug on peach paper."""
    subject = placed(props.mug(), (0, 0, 0), -64)
    backdrop("d39a80")
    studio.product_lights()
    studio.portrait(subject, -30, 17, 0.66)
    studio.exposure(stops=0.45)
    return (subject,)


def bottle() -> tuple[bpy.types.Object, ...]:
    """The bottle, to be cut out."""
    subject = placed(props.bottle(), (0, 0, 0), 22)
    studio.product_lights()
    studio.portrait(subject, 30, 10, 0.9)
    studio.exposure(stops=0.45)
    return (subject,)


def elephant() -> tuple[bpy.types.Object, ...]:
    """The elephant on sage paper, its tail a little out of focus."""
    subject = placed(props.elephant(), (0, 0, 0), 0)
    backdrop("b4c4b0")
    studio.product_lights()
    eye = studio.portrait(subject, -32, 14, 0.8)
    studio.focus(eye, (-0.7, -0.5, 1.0), 0.5)
    studio.exposure(stops=0.2)
    return (subject,)


def headphones() -> tuple[bpy.types.Object, ...]:
    """The headphones, to be cut out."""
    subject = placed(props.headphones(), (0, 0, 0))
    studio.product_lights(2000.0)
    studio.portrait(subject, 33, 12, 0.79)
    studio.exposure(stops=0.3)
    return (subject,)


def truck() -> tuple[bpy.types.Object, ...]:
    """The truck on pale blue paper."""
    subject = placed(props.truck(), (0, 0, 0), 0)
    backdrop("b9cbd3")
    studio.product_lights()
    studio.portrait(subject, -35, 18, 0.76)
    studio.exposure(stops=0.2)
    return (subject,)


def mannequin() -> tuple[bpy.types.Object, ...]:
    """The mannequin, to be cut out."""
    subject = placed(figures.mannequin(), (0, 0, 0), 0)
    studio.product_lights()
    studio.portrait(subject, 12, 6, 0.9)
    studio.exposure(stops=0.35)
    return (subject,)


def desk() -> tuple[bpy.types.Object, ...]:
    """A teapot on a cluttered desk, in the light of a window."""
    chance = random.Random(7)
    oak = materials.wood("96643d", "744a2a", "X", polish=0.15, rings=2.2)
    clad(box("Desk", (18, 9, 0.3), (0, 0.8, -0.15), 0.04), oak)
    clad(box("Wall", (30, 0.2, 16), (0, 5.4, 3), 0.02), materials.paper("c9cfc6", "b3b8a8"))
    teapot = placed(props.teapot(), (0.15, -0.4, 0), -14)

    level = 0.0
    for color, size, title, ink, turn in (
        ("2c4a63", (2.3, 1.6, 0.34), "FIELD NOTES", "ead7a6", 6),
        ("8a3d33", (2.1, 1.5, 0.26), "THE LONG ROAD", "ead7a6", -4),
        ("d9cba8", (1.9, 1.35, 0.3), "GARDENS", "5d3b22", 11),
    ):
        placed(desk_things.book(color, size, title, ink), (-2.7, 1.3, level), turn)
        level += size[2]
    placed(desk_things.apple(), (-2.6, 1.2, level), 20)
    shelf = -0.9
    for color, size, title in (
        ("3d5a47", (2.4, 1.7, 0.3), "BOTANY"),
        ("b08a3e", (2.1, 1.6, 0.24), "TEA"),
        ("5b3a4e", (2.55, 1.7, 0.36), "LETTERS"),
        ("2f5f7a", (2.2, 1.6, 0.28), "RIVERS"),
        ("a34f35", (2.4, 1.7, 0.32), "CERAMICS"),
    ):
        placed(desk_things.book(color, size, title), (shelf + size[2], 3.0, size[0] / 2), (0, -90, 0))
        shelf += size[2] + 0.01
    pencils = placed(desk_things.pencil_cup(chance), (1.75, 1.5, 0), 0)
    plant = placed(desk_things.plant(chance), (3.3, 2.3, 0), 40, 1.15)
    mug = placed(props.mug("dfe5e3", "8a4b3a", "a9825f"), (2.15, -0.3, 0), 35, 0.92)
    letter = ["Dear Ada,", "the kettle is on,", "the pot is warm.", "Come for tea", "on Sunday!"]
    placed(desk_things.sheet(letter), (1.15, -1.35, 0), -12)
    placed(desk_things.book("3f7a72", (1.5, 2.1, 0.14)), (-1.75, -1.1, 0), 24)
    placed(desk_things.pencil("b23a2e"), (-1.3, -1.75, 0.176), (90, 0, 35))
    placed(desk_things.pencil("2f5f8a", 1.2), (1.7, -1.95, 0.046), (90, 0, 68))

    studio.softbox((-7.5, -1.5, 5.5), (0, 0.5, 0.5), (4.5, 4.5), 1900, "fff0dc")
    studio.softbox((6.0, -6.0, 4.0), (0, 0.5, 0.5), (4, 4), 220, "dfe9ff")
    studio.surroundings("dfe6ee", 0.22)
    eye = studio.camera(16, 22, (0.1, 0.35, 0.62), 9.0)
    studio.focus(eye, (0.15, -0.9, 0.6), 0.4)
    studio.exposure(stops=0.25)
    return teapot, mug, pencils, plant


DESK_MASKS = ("desk-mask.png", "desk-mug.png", "desk-pencils.png", "desk-plant.png")
PHOTOS = {
    "mug": Photo("mug.jpg", (1024, 1024), mug),
    "bottle": Photo("bottle.png", (1024, 1024), bottle, cut_out=True),
    "elephant": Photo("elephant.jpg", (1024, 1024), elephant),
    "headphones": Photo("headphones.png", (1024, 1024), headphones, cut_out=True),
    "truck": Photo("truck.jpg", (1024, 1024), truck),
    "mannequin": Photo("mannequin.png", (768, 1024), mannequin, cut_out=True),
    "desk": Photo("desk.jpg", (1280, 960), desk, masks=DESK_MASKS),
}


def make(photo: Photo, folder: Path, longer_side: int, samples: int, threads: int) -> None:
    """Render one sample, and its masks where it has some, into the folder."""
    scale = longer_side / max(photo.size) if longer_side else 1.0
    size = (round(photo.size[0] * scale), round(photo.size[1] * scale))
    studio.empty_scene(size)
    subjects = photo.scene()
    studio.shoot(folder / photo.file, samples, photo.cut_out, threads)
    for mask, subject in zip(photo.masks, subjects, strict=False):
        studio.shoot_mask(folder / mask, subject, threads)


def main(arguments: list[str]) -> int:
    """Read the command line and make what it names."""
    parser = argparse.ArgumentParser(description="Make the sample photos with Cycles.")
    names = ", ".join(PHOTOS)
    parser.add_argument("names", nargs="*", metavar="NAME", help=f"which of {names}; all when none is named")
    parser.add_argument("--out", type=Path, default=HERE / "photos", help="folder for the pictures")
    parser.add_argument("--size", type=int, default=0, help="longer side in pixels (default: 1024 or 1280)")
    parser.add_argument("--samples", type=int, default=24, help="samples for each pixel")
    parser.add_argument("--threads", type=int, default=0, help="processor threads (default: all)")
    options = parser.parse_args(arguments)
    unknown = [name for name in options.names if name not in PHOTOS]
    if unknown:
        parser.error(f"there is no photo named {', '.join(unknown)}; choose from {names}")
    for name in options.names or PHOTOS:
        make(PHOTOS[name], options.out, options.size, options.samples, options.threads)
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
