# SPDX-License-Identifier: GPL-3.0-or-later
"""What the back of a subject has of its front."""

from __future__ import annotations

import numpy as np

from sam3d.engine.draft.back_view import back_view, seen_from_front

SIZE = 240
Y, X = np.mgrid[0:SIZE, 0:SIZE]
HEAD = np.hypot(X - 120, Y - 70) < 55
BUST = HEAD | ((np.abs(X - 120) < 85) & (Y > 130))
HAIR, SKIN, SHIRT, PRINT = (60, 40, 20), (230, 180, 150), (40, 70, 160), (250, 240, 60)


def portrait() -> np.ndarray[tuple[int, ...], np.dtype[np.uint8]]:
    photo = np.full((SIZE, SIZE, 3), 255, np.uint8)
    photo[HEAD] = HAIR
    photo[BUST & (Y > 130)] = SHIRT
    photo[np.hypot(X - 120, Y - 75) < 30] = SKIN
    photo[(np.abs(X - 120) < 30) & (np.abs(Y - 190) < 20)] = PRINT
    return photo


def test_a_face_and_a_print_are_not_on_the_back() -> None:
    back = back_view(portrait(), BUST)
    assert np.abs(back[75, 120] - HAIR).max() < 40
    assert np.abs(back[190, 120] - SHIRT).max() < 40


def test_what_the_flanks_have_stays_as_it_is() -> None:
    photo = portrait()
    stripes = np.where((Y // 4 % 2 == 0)[..., None], photo, photo // 2).astype(np.uint8)
    plain = np.full_like(photo, (180, 120, 60))
    plain[Y > 120] = (60, 120, 180)
    for picture in (stripes, plain):
        back = back_view(picture, BUST)
        flank = BUST & ((np.abs(X - 120) > 75) & (Y > 150) & (np.abs(X - 120) < 78))
        assert np.abs(back[flank] - picture[flank]).max() < 2
    assert np.abs(back_view(plain, BUST)[160:, 60:180] - plain[160:, 60:180]).max() < 2


def test_a_bust_faces_the_camera_and_an_animal_from_the_side_does_not() -> None:
    animal = (((X - 110) / 80) ** 2 + ((Y - 110) / 45) ** 2 < 1) | (np.hypot(X - 205, Y - 60) < 30)
    animal |= (np.abs(X - 60) < 12) & (Y > 110) & (Y < 220)
    animal |= (np.abs(X - 150) < 12) & (Y > 110) & (Y < 220)
    assert seen_from_front(BUST)
    assert not seen_from_front(animal)


def test_a_thread_has_no_flanks() -> None:
    photo, thread = portrait(), X == 120
    assert (back_view(photo, thread) == photo).all()
