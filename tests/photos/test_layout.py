# SPDX-License-Identifier: GPL-3.0-or-later
"""Objects of one photo stand beside one another as they do in the photo."""

import itertools

import pytest

from sam3d.photos.layout import Frame, Place, arrange, extent

# a big vase on the left, a cup right of it, a book far behind between them, higher in the photo
VASE, CUP, BOOK = Frame(100, 200, 300, 800), Frame(420, 650, 560, 790), Frame(330, 100, 400, 150)


def overlap(first: Place, second: Place) -> bool:
    room = (first.width + second.width) / 2
    return abs(first.x - second.x) < room - 1e-9 and abs(first.y - second.y) < room - 1e-9


def test_sizes_and_places_are_those_of_the_photo() -> None:
    vase, cup, book = arrange([VASE, CUP, BOOK])
    assert vase.height == pytest.approx(1.0)  # the longest side of all
    assert cup.height == pytest.approx(140 / 600)
    assert cup.x - vase.x == pytest.approx((490 - 200) / 600)
    assert vase.x < book.x < cup.x
    assert [vase.y, cup.y, book.y] == pytest.approx([0.0, 10 / 600, 650 / 600])


def test_the_middle_of_all_is_the_cursor() -> None:
    places = arrange([VASE, CUP, BOOK])
    left = min(place.x - place.width / 2 for place in places)
    right = max(place.x + place.width / 2 for place in places)
    assert left == pytest.approx(-right)
    assert extent(places) > right - left


def test_one_alone_stands_at_the_cursor() -> None:
    (place,) = arrange([CUP])
    assert place.x == pytest.approx(0.0)
    assert place.y == 0.0


def test_a_height_is_every_objects_height() -> None:
    vase, cup, _ = arrange([VASE, CUP, BOOK], height=0.5)
    assert vase.height == cup.height == 0.5
    assert cup.width == pytest.approx(0.5)
    assert not overlap(vase, cup)


def test_bodies_keep_their_own_height() -> None:
    tall, small = arrange([Frame(0, 0, 300, 1000), Frame(500, 400, 700, 1000)], bodies=True)
    assert tall.height == small.height == 0.0
    assert small.x - tall.x == pytest.approx(450 * 1.7 / 1000)


@pytest.mark.parametrize("frames", [[CUP] * 5, [Frame(0, 0, 900, 900), VASE, CUP, BOOK], [CUP, VASE, CUP, VASE]])
def test_none_stands_in_another_and_the_order_stays(frames: list[Frame]) -> None:
    places = arrange(frames)
    assert not any(itertools.starmap(overlap, itertools.combinations(places, 2)))
    middles = [(frame.left + frame.right) / 2 for frame in frames]
    by_photo = sorted(range(len(frames)), key=lambda index: middles[index])
    assert by_photo == sorted(range(len(frames)), key=lambda index: places[index].x)
