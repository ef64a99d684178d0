# SPDX-License-Identifier: GPL-3.0-or-later
"""What the back of a subject has of its front."""

from __future__ import annotations

import numpy as np

from sam3d.engine.arrays import Mask, Pixels, Single
from sam3d.engine.draft import back_view
from sam3d.engine.draft.back_view import seen_from_front
from sam3d.engine.draft.grain import Grain
from sam3d.engine.draft.halo import without_halo
from sam3d.engine.draft.heads import heads

SIZE = 240
Y, X = np.mgrid[0:SIZE, 0:SIZE]
HEAD = np.hypot(X - 120, Y - 70) < 55
BUST = HEAD | ((np.abs(X - 120) < 85) & (Y > 130))
HAIR, SKIN, SHIRT, PRINT = (60, 40, 20), (230, 180, 150), (40, 70, 160), (250, 240, 60)


def back_of(photo: Pixels, mask: Mask) -> Single:
    return back_view.back_view(photo, mask, Grain(photo, mask))


def portrait() -> np.ndarray[tuple[int, ...], np.dtype[np.uint8]]:
    photo = np.full((SIZE, SIZE, 3), 255, np.uint8)
    photo[HEAD] = HAIR
    photo[BUST & (Y > 130)] = SHIRT
    photo[np.hypot(X - 120, Y - 75) < 30] = SKIN
    photo[(np.abs(X - 120) < 30) & (np.abs(Y - 190) < 20)] = PRINT
    return photo


def test_a_face_and_a_print_are_not_on_the_back() -> None:
    back = back_of(portrait(), BUST)
    assert np.abs(back[75, 120] - HAIR).max() < 40
    assert np.abs(back[190, 120] - SHIRT).max() < 40


def test_what_the_flanks_have_stays_as_it_is() -> None:
    photo = portrait()
    stripes = np.where((Y // 4 % 2 == 0)[..., None], photo, photo // 2).astype(np.uint8)
    plain = np.full_like(photo, (180, 120, 60))
    plain[Y > 120] = (60, 120, 180)
    for picture in (stripes, plain):
        back = back_of(picture, BUST)
        flank = BUST & ((np.abs(X - 120) > 75) & (Y > 150) & (np.abs(X - 120) < 78))
        assert np.abs(back[flank] - picture[flank]).max() < 2
    assert np.abs(back_of(plain, BUST)[160:, 60:180] - plain[160:, 60:180]).max() < 2


def test_a_bust_faces_the_camera_and_an_animal_from_the_side_does_not() -> None:
    animal = (((X - 110) / 80) ** 2 + ((Y - 110) / 45) ** 2 < 1) | (np.hypot(X - 205, Y - 60) < 30)
    animal |= (np.abs(X - 60) < 12) & (Y > 110) & (Y < 220)
    animal |= (np.abs(X - 150) < 12) & (Y > 110) & (Y < 220)
    assert seen_from_front(BUST)
    assert not seen_from_front(animal)


def test_a_face_in_an_uneven_pose_is_not_on_the_back_and_a_profile_is() -> None:
    lying = HEAD | ((np.abs(X - 155) < 82) & (np.abs(Y - 160) < 35))
    assert not seen_from_front(lying)
    photo = portrait()
    photo[lying & (Y > 130)] = SHIRT
    assert np.abs(back_of(photo, lying)[75, 120] - HAIR).max() < 40
    photo[HEAD & (X > 120)] = SKIN
    profile = back_of(photo, lying)
    assert np.abs(profile[HEAD & (Y < 110)] - photo[HEAD & (Y < 110)]).max() < 1


def test_heads_are_tops_about_as_high_as_wide() -> None:
    arms = (np.abs(np.abs(X - 120) - 95) < 9) & (Y > 5) & (Y < 150)
    found = list(heads(BUST | arms))
    assert any((head & HEAD).sum() / (head | HEAD).sum() > 0.7 for head in found)
    assert not any(head[170, 120] for head in found)


def test_the_grain_of_the_flanks_goes_on_and_a_mark_does_not() -> None:
    photo, all_over = np.full((SIZE, SIZE, 3), 128, np.uint8), np.ones((SIZE, SIZE), bool)
    rows = np.repeat(np.arange(SIZE), 50)
    along = np.tile(np.arange(50), SIZE)
    assert not Grain(photo, BUST).at(rows, along).any()
    photo[BUST] += ((X + Y) % 2 * 8)[BUST, None].astype(np.uint8)
    photo[150:160, 50:60] = 255
    fine = Grain(photo, BUST).at(rows[30 * 50 :], along[30 * 50 :])
    assert 2 < fine.std() < 6
    assert np.abs(fine).max() < 10
    assert Grain(photo, all_over).at(rows, along).shape == rows.shape


def test_a_rim_of_background_takes_the_colors_within() -> None:
    photo = portrait()
    photo[~BUST] = (90, 200, 90)
    loose = np.hypot(X - 120, Y - 70) < 57  # two pixels too wide
    clean = without_halo(photo, loose | BUST)
    assert np.abs(photo[loose & ~BUST].astype(int) - HAIR).min() > 20
    assert np.abs(clean[loose & ~BUST].astype(int) - HAIR).max(1).mean() < 20
    inside = np.hypot(X - 120, Y - 70) < 48
    assert (clean[inside] == photo[inside]).all()
    assert (without_halo(photo, BUST)[HEAD & (Y < 100)] == photo[HEAD & (Y < 100)]).all()


def test_a_thread_has_no_flanks() -> None:
    photo, thread = portrait(), X == 120
    assert (back_of(photo, thread) == photo).all()
