# SPDX-License-Identifier: GPL-3.0-or-later
"""The camera from a photo's lines: of pictures drawn by a known camera, and of the photos of known scenes."""

import json
from math import degrees, hypot, log, radians
from pathlib import Path

import numpy as np
import pytest
from bench_matching import measure
from PIL import Image, ImageDraw

from sam3d.engine.arrays import Floats, Mask, Pixels
from sam3d.engine.matching.camera import PhotoCamera, focal_of_lens
from sam3d.engine.matching.edgelets import find_segments
from sam3d.engine.matching.evidence import CameraGuess, Source
from sam3d.engine.matching.vanishing import find_camera

SCENES = Path(__file__).resolve().parents[3] / "shared" / "data" / "scenes"
SIZE = (720, 480)
FINE = 4  # times as large pictures are drawn, and then reduced


def drawn(polygons: list[tuple[Floats, str]], size: tuple[int, int] = SIZE, ground: str = "#8a9a8a") -> Pixels:
    """A picture of polygons (N, 2) in pixels, with soft edges."""
    image = Image.new("RGB", (size[0] * FINE, size[1] * FINE), ground)
    draw = ImageDraw.Draw(image)
    for points, color in polygons:
        draw.polygon([tuple(point) for point in (points * FINE - 0.5).tolist()], fill=color)
    return np.asarray(image.resize(size, Image.Resampling.BOX))


def board(camera: PhotoCamera, turn: float) -> Pixels:
    """A large chessboard on the ground, as a camera sees it."""
    c, s = np.cos(turn), np.sin(turn)
    middle = camera.rays(np.array([[camera.width / 2, camera.height * 0.6]]))[0]
    middle = middle / -middle[2] + [0, 0, 1]
    tile = 0.25 * middle[1]
    polygons = []
    for x in range(-6, 6):
        for y in range(-6, 6):
            corners = np.array([[x, y], [x + 1, y], [x + 1, y + 1], [x, y + 1]]) * tile
            at = middle + np.stack(
                [c * corners[:, 0] - s * corners[:, 1], s * corners[:, 0] + c * corners[:, 1], 0 * corners[:, 0]], 1
            )
            pixels, depth = camera.project(at)
            if (depth > 0.05).all() and (x + y) % 2:
                polygons.append((pixels, "#404a58"))
    return drawn(polygons, (camera.width, camera.height))


def errors(guess: CameraGuess, true: PhotoCamera) -> tuple[Floats, Floats]:
    """Of ln(focal), pitch and roll in degrees, and the spreads that were told."""
    found = guess.camera
    off = [log(found.focal / true.focal), degrees(found.pitch - true.pitch), degrees(found.roll - true.roll)]
    return np.abs(off), np.sqrt(np.diag(guess.spread)) * [1, 180 / np.pi, 180 / np.pi]


def test_edges_are_found_to_a_fraction_of_a_pixel() -> None:
    """The four sides of a slanted square, each once, and no line more."""
    corners = np.array([[200.3, 90.7], [470.2, 130.1], [440.6, 400.4], [160.9, 350.8]])
    segments = find_segments(drawn([(corners, "#d0c8c0")]))
    assert len(segments) == 4
    for k in range(4):
        one, other = corners[k], corners[(k + 1) % 4]
        normal = np.array([one[1] - other[1], other[0] - one[0]]) / hypot(*(other - one))
        beside = np.abs((segments.reshape(-1, 2, 2) - one) @ normal).max(1)
        side = segments[beside.argmin()]
        assert beside.min() < 0.4
        assert hypot(side[2] - side[0], side[3] - side[1]) > 0.93 * hypot(*(other - one))


def test_pieces_of_one_line_are_one() -> None:
    """A bar that posts interrupt has two long sides."""
    bar = (np.array([[60.0, 200], [660, 230], [660, 250], [60, 220]]), "#303030")
    posts = [(np.array([[x, 120.0], [x + 20, 120], [x + 20, 300], [x, 300]]), "#b0c0d0") for x in (200, 350, 500)]
    length = np.hypot(*(np.diff(find_segments(drawn([bar, *posts])).reshape(-1, 2, 2), axis=1)[:, 0].T))
    assert (length > 560).sum() == 2


def test_curves_are_no_lines() -> None:
    """Of a disk, at most short pieces."""
    around = np.linspace(0, 2 * np.pi, 200, endpoint=False)
    disk = np.stack([360 + 150 * np.cos(around), 240 + 150 * np.sin(around)], 1)
    segments = find_segments(drawn([(disk, "#303030")]))
    assert (np.hypot(segments[:, 2] - segments[:, 0], segments[:, 3] - segments[:, 1]) < 60).all()


@pytest.mark.parametrize(
    ("lens", "pitch", "roll", "turn", "size"),
    [
        (24, 12, 2, 30, SIZE),
        (35, 25, -1.5, 50, SIZE),
        (50, 40, 0.5, 20, SIZE),
        (28, 60, 0, 40, SIZE),
        (35, 20, -5, 35, (480, 720)),
        (85, 30, 1, 45, SIZE),
    ],
)
def test_board_tells_the_whole_camera(
    lens: float, pitch: float, roll: float, turn: float, size: tuple[int, int]
) -> None:
    """Two directions of edges: focal length, pitch and roll, as exactly as is told."""
    true = PhotoCamera(*size, focal_of_lens(lens, *size), radians(pitch), radians(roll))
    best = find_camera(board(true, radians(turn)))[0]
    off, spread = errors(best, true)
    assert (off < [0.03, 0.7, 0.4]).all(), (off, spread)
    assert (off < 3 * spread).all()
    assert best.lens_from == best.horizon_from == Source.LINES


def test_exif_and_board_agree() -> None:
    """The lens is the file's, the horizon the lines'."""
    true = PhotoCamera(*SIZE, focal_of_lens(35, *SIZE), radians(20), radians(1))
    best = find_camera(board(true, radians(10)), 35 / 36)[0]
    assert (errors(best, true)[0] < [0.02, 0.4, 0.2]).all()
    assert (best.lens_from, best.horizon_from) == (Source.EXIF, Source.LINES)


@pytest.mark.parametrize("size", [SIZE, (480, 720), (1, 1), (40, 3), (2000, 400)])
def test_without_lines_the_camera_is_usual_and_hardly_certain(size: tuple[int, int]) -> None:
    """A plain picture of any shape tells nothing; a panorama's lines are not looked at."""
    (best,) = find_camera(np.full((size[1], size[0], 3), 128, np.uint8))
    assert 28 < best.camera.lens < 50
    assert 10 < degrees(best.camera.pitch) < 25
    assert abs(degrees(best.camera.roll)) < 0.5
    assert degrees(np.sqrt(best.spread[1, 1])) > 6
    assert np.sqrt(best.spread[0, 0]) > 0.25
    assert best.lens_from == best.horizon_from == Source.USUAL


def test_noise_gives_no_wild_camera() -> None:
    """Nothing but grain, and a fisheye's curves: each guess is within the limits, and finite."""
    rng = np.random.default_rng(5)
    around = np.linspace(0, 2 * np.pi, 300, endpoint=False)
    rings = [
        (np.stack([360 + r * np.cos(around), 240 + 0.8 * r * np.sin(around)], 1), "#303030" if r % 80 else "#c0c0c0")
        for r in range(320, 0, -40)
    ]
    for picture in (rng.integers(0, 256, (480, 720, 3), np.uint8), drawn(rings)):
        for guess in find_camera(picture):
            assert 14 - 1e-6 <= guess.camera.lens <= 200 + 1e-6
            assert -5 <= degrees(guess.camera.pitch) <= 75
            assert np.isfinite(guess.spread).all()
            assert (np.linalg.eigvalsh(guess.spread) > 0).all()


def test_a_file_that_is_not_sure_of_its_lens_is_believed_less() -> None:
    """A cropped photo's lens is a hint; lines that say otherwise win."""
    true = PhotoCamera(*SIZE, focal_of_lens(50, *SIZE), radians(25))
    picture = board(true, radians(40))
    sure, unsure = (find_camera(picture, 35 / 36, is_certain)[0] for is_certain in (True, False))
    assert abs(log(sure.camera.lens / 35)) < 0.06
    assert abs(log(unsure.camera.lens / 50)) < 0.06


def _standing(size: tuple[int, int], bottom: int) -> Mask:
    mask = np.zeros((size[1], size[0]), bool)
    mask[bottom - 60 : bottom, 300:360] = True
    return mask


def test_things_stand_below_the_horizon() -> None:
    """High up in the photo, one tells that the camera looks down."""
    plain = np.full((SIZE[1], SIZE[0], 3), 128, np.uint8)
    focal = 85 / 36
    best = find_camera(plain, focal, masks=[_standing(SIZE, 100)])[0]
    horizon = SIZE[1] / 2 - best.camera.focal * np.tan(best.camera.pitch)
    assert horizon < 100


def test_the_ground_ends_below_the_horizon() -> None:
    """Where it ends in the open behind a thing, the horizon is not far above."""
    true = PhotoCamera(*SIZE, focal_of_lens(35, *SIZE), radians(12), radians(1.5))
    far = np.array([[-60.0, 30, 0], [60, 30, 0]])
    (left, right), _ = true.project(far)
    below = np.array([left, right, [SIZE[0] + 900, SIZE[1] + 900], [-900, SIZE[1] + 900]])
    best = find_camera(drawn([(below, "#a09060")], ground="#b0c0d8"), 35 / 36, masks=[_standing(SIZE, 330)])[0]
    off, spread = errors(best, true)
    assert off[1] < 4
    assert (off < 2 * spread).all()


def test_progress_is_told() -> None:
    """Up to the end, and never back."""
    told: list[float] = []
    find_camera(np.full((60, 90, 3), 128, np.uint8), report=told.append)
    assert told == sorted(told)
    assert told[-1] == 1.0


@pytest.mark.skipif(not SCENES.is_dir(), reason="needs ../shared/data/scenes")
def test_scenes_with_known_cameras() -> None:
    """By lines, EXIF and masks, on average within the bars of tools/bench_matching.py."""
    rows = [measure(scene.parent, True) for scene in sorted(SCENES.glob("*/scene.json"))]
    off = np.abs([row[0] for row in rows]).mean(0)
    assert (off < [0.05, 1.0, 0.7]).all(), json.dumps(off.tolist())
    assert (np.abs([row[1] for row in rows]) < 4).all()
