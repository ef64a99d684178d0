# SPDX-License-Identifier: GPL-3.0-or-later
"""The camera from the artist's guides is the one that guides along true edges were drawn through."""

from math import degrees, isfinite, log, radians

import numpy as np
import pytest

from sam3d.engine.matching.camera import PhotoCamera, focal_of_lens
from sam3d.engine.matching.guides import Guide, GuideError, camera_from_guides

WIDTH, HEIGHT = 1200, 800
USUAL = PhotoCamera(WIDTH, HEIGHT, focal_of_lens(35, WIDTH, HEIGHT), radians(17))


def edges(camera: PhotoCamera, turn: float, axis: str, count: int = 2) -> list[Guide]:
    """Guides along edges of a table top that is turned on the ground, as the camera sees them."""
    angle = turn + (np.pi / 2 if axis == "Y" else 0)
    along = np.array([np.cos(angle), np.sin(angle), 0])
    across = np.array([-along[1], along[0], 0])
    middle = camera.rays(np.array([[WIDTH / 2, HEIGHT * 0.7]]))[0]
    middle = np.array([0, 0, 1]) + middle / max(0.05, -middle[2])  # on the ground, or as far as it goes
    found = []
    for side in np.linspace(-0.4, 0.4, count):
        ends = np.stack([middle + side * across - 0.3 * along, middle + side * across + 0.3 * along])
        (start, end), depths = camera.project(ends)
        assert (depths > 0).all()
        found.append(Guide(axis, (float(start[0]), float(start[1])), (float(end[0]), float(end[1]))))
    return found


def horizon(camera: PhotoCamera) -> Guide:
    """A guide along the true horizon."""
    far = np.array([[-0.3, 1, 1.0], [0.4, 1, 1.0]])
    (start, end), _ = camera.project(far)
    return Guide("HORIZON", (float(start[0]), float(start[1])), (float(end[0]), float(end[1])))


def cameras() -> list[tuple[PhotoCamera, float]]:
    """Cameras of all kinds, each with the turn of a table before it."""
    rng = np.random.default_rng(7)
    return [
        (
            PhotoCamera(
                WIDTH,
                HEIGHT,
                focal_of_lens(float(np.exp(rng.uniform(np.log(20), np.log(90)))), WIDTH, HEIGHT),
                radians(rng.uniform(8, 55)),
                radians(rng.uniform(-8, 8)),
            ),
            radians(rng.uniform(25, 65)),
        )
        for _ in range(40)
    ]


def assert_same(found: PhotoCamera, true: PhotoCamera) -> None:
    """Within what no eye sees."""
    assert abs(log(found.focal / true.focal)) < 2e-3
    assert abs(degrees(found.pitch - true.pitch)) < 0.05
    assert abs(degrees(found.roll - true.roll)) < 0.05


def test_two_pairs_tell_the_whole_camera() -> None:
    """Focal length, pitch and roll, whatever camera is guessed before."""
    for true, turn in cameras():
        guides = edges(true, turn, "X") + edges(true, turn, "Y")
        assert_same(camera_from_guides(WIDTH, HEIGHT, guides, USUAL), true)


def test_two_pairs_with_a_lens_tell_the_rest() -> None:
    """The typed lens is kept to the digit; with the true one, the camera is the true one."""
    for true, turn in cameras():
        guides = edges(true, turn, "X", 3) + edges(true, turn, "Y")
        assert_same(camera_from_guides(WIDTH, HEIGHT, guides, USUAL, true.focal), true)
        other = camera_from_guides(WIDTH, HEIGHT, guides, USUAL, true.focal * 1.05)
        assert other.focal == pytest.approx(true.focal * 1.05)


def test_one_pair_tells_the_pitch_where_lens_and_roll_are_known() -> None:
    """It has one vanishing point, on the horizon."""
    for true, turn in cameras():
        guess = PhotoCamera(WIDTH, HEIGHT, true.focal, radians(17), true.roll)
        assert_same(camera_from_guides(WIDTH, HEIGHT, edges(true, turn, "Y"), guess, true.focal), true)


def test_horizon_tells_pitch_and_roll_and_nothing_of_the_lens() -> None:
    """It is a line for a focal length; the guess's is kept."""
    for true, _ in cameras():
        guess = PhotoCamera(WIDTH, HEIGHT, true.focal, radians(17))
        assert_same(camera_from_guides(WIDTH, HEIGHT, [horizon(true)], guess), true)


def test_horizon_and_one_pair_agree() -> None:
    """Both tell of the same camera, and together of no other."""
    for true, turn in cameras():
        guess = PhotoCamera(WIDTH, HEIGHT, true.focal, radians(17))
        guides = [horizon(true), *edges(true, turn, "X")]
        assert_same(camera_from_guides(WIDTH, HEIGHT, guides, guess), true)


def test_edges_that_stay_parallel_in_the_photo_are_no_contradiction() -> None:
    """Edges straight across the view meet nowhere: they tell the roll, the others the pitch, and the lens is kept."""
    true = PhotoCamera(WIDTH, HEIGHT, focal_of_lens(50, WIDTH, HEIGHT), radians(25), radians(3))
    guess = PhotoCamera(WIDTH, HEIGHT, true.focal, radians(10))
    assert_same(camera_from_guides(WIDTH, HEIGHT, edges(true, 0, "X") + edges(true, 0, "Y"), guess), true)


def test_a_guess_of_another_size_is_the_same_camera() -> None:
    """The photo may have been scaled since."""
    half = PhotoCamera(WIDTH // 2, HEIGHT // 2, USUAL.focal / 2, USUAL.pitch, radians(1))
    assert_same(
        camera_from_guides(WIDTH, HEIGHT, [], half), PhotoCamera(WIDTH, HEIGHT, USUAL.focal, USUAL.pitch, radians(1))
    )


def test_guides_that_contradict_each_other_are_refused() -> None:
    """Two crossing pairs that no level right angle looks like."""
    guides = [
        Guide("X", (100, 100), (500, 140)),
        Guide("X", (100, 500), (500, 300)),
        Guide("Y", (120, 120), (480, 180)),
        Guide("Y", (120, 700), (480, 420)),
        Guide("HORIZON", (100, 700), (900, 720)),
    ]
    with pytest.raises(GuideError, match="contradict"):
        camera_from_guides(WIDTH, HEIGHT, guides, USUAL)


def test_a_guide_without_length_is_refused() -> None:
    """Its direction is unknown."""
    with pytest.raises(GuideError, match="only a point"):
        camera_from_guides(WIDTH, HEIGHT, [Guide("X", (10, 10), (10, 10))], USUAL)


def test_any_guides_give_a_camera_within_the_limits_or_a_sentence() -> None:
    """However wildly they are dragged."""
    rng = np.random.default_rng(3)
    refused = 0
    for _ in range(300):
        guides = [
            Guide(axis, (float(x1), float(y1)), (float(x2), float(y2)))
            for axis in rng.choice(["X", "Y", "HORIZON"], rng.integers(1, 6))
            for x1, y1, x2, y2 in [rng.uniform(-100, 1300, 4)]
        ]
        try:
            camera = camera_from_guides(WIDTH, HEIGHT, guides, USUAL)
        except GuideError:
            refused += 1
            continue
        assert 14 - 1e-6 <= camera.lens <= 200 + 1e-6
        assert radians(-5) - 1e-9 <= camera.pitch <= radians(75) + 1e-9
        assert isfinite(camera.roll)
    assert 0 < refused < 300
