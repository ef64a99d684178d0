# SPDX-License-Identifier: GPL-3.0-or-later
"""What a selection is made of does what it is known for: colors, clusters, the cheapest cut, and clean outlines."""

from __future__ import annotations

import math
from dataclasses import replace

import numpy as np
import pytest
from scipy import ndimage
from scipy.sparse import coo_matrix
from scipy.sparse.csgraph import breadth_first_order, maximum_flow

from sam3d.engine.selection import PixelPrompts, Selector, selector
from sam3d.engine.selection.colors import SURE, Clusters, features, lab
from sam3d.engine.selection.min_cut import LEAST, STRENGTH, Cut
from sam3d.engine.selection.objectness import _depth
from sam3d.engine.selection.outline import clean, parts_with, sharpen
from sam3d.engine.selection.prompt_costs import PromptCosts

HEIGHT, WIDTH = 7, 9


@pytest.mark.parametrize(
    ("color", "expected"),
    [
        ((0, 0, 0), (0.0, 0.0, 0.0)),
        ((255, 255, 255), (100.0, 0.0, 0.0)),
        ((255, 0, 0), (53.2, 80.1, 67.2)),
        ((0, 255, 0), (87.7, -86.2, 83.2)),
        ((0, 0, 255), (32.3, 79.2, -107.9)),
        ((128, 128, 128), (53.6, 0.0, 0.0)),
    ],
)
def test_colors_are_those_of_the_cie(color: tuple[int, int, int], expected: tuple[float, float, float]) -> None:
    found = lab(np.array([[color]], np.float32))[0, 0]
    if color == (0, 0, 0):
        assert found[0] == pytest.approx(-16.0)  # the straight part near black is left out, which few photos show
    else:
        np.testing.assert_allclose(found, expected, atol=1.0)


def test_texture_is_told_from_a_plain_surface() -> None:
    color = np.zeros((20, 40, 3), np.float32) + 50
    color[:, 20:, 0] += np.where(np.indices((20, 20)).sum(0) % 2, 20, -20)
    looks = features(color)
    assert looks.shape == (20, 40, 4)
    assert looks[10, 5, 3] == pytest.approx(0, abs=0.1)
    assert looks[10, 35, 3] > 20
    assert looks[0, 39, 3] == pytest.approx(looks[10, 35, 3], rel=0.1)  # as at the border of the photo


def exact_cut(color: np.ndarray, cost: np.ndarray) -> np.ndarray:
    """The minimum cut by way of the maximum flow; capacities are counted in thousandths."""
    number = np.arange(HEIGHT * WIDTH).reshape(HEIGHT, WIDTH)
    pairs = [(number[:, :-1], number[:, 1:]), (number[:-1], number[1:])]
    contrasts = [((color[:, 1:] - color[:, :-1]) ** 2).sum(2), ((color[1:] - color[:-1]) ** 2).sum(2)]
    usual = np.concatenate([contrast.ravel() for contrast in contrasts]).mean()
    source, sink = HEIGHT * WIDTH, HEIGHT * WIDTH + 1
    start, end, most = [], [], []
    for (one, other), contrast in zip(pairs, contrasts, strict=True):
        pull = STRENGTH * (np.exp(-contrast / (2 * usual)) + LEAST)
        for a, b in ((one, other), (other, one)):
            start += a.ravel().tolist()
            end += b.ravel().tolist()
            most += pull.ravel().tolist()
    for node, value in enumerate(cost.ravel().tolist()):
        start.append(source if value < 0 else node)
        end.append(node if value < 0 else sink)
        most.append(abs(value))
    capacity = coo_matrix(
        (np.round(np.array(most) * 1000).astype(np.int32), (start, end)), (sink + 1, sink + 1)
    ).tocsr()
    left = capacity - maximum_flow(capacity, source, sink).flow
    left.data[left.data < 0] = 0
    left.eliminate_zeros()
    reached = breadth_first_order(left, source, return_predecessors=False)
    found = np.zeros(sink + 1, bool)
    found[reached] = True
    return found[: HEIGHT * WIDTH].reshape(HEIGHT, WIDTH)


@pytest.mark.parametrize("seed", range(4))
def test_the_cut_is_the_cheapest(seed: int) -> None:
    numbers = np.random.default_rng(seed)
    color = numbers.normal(0, 1, (HEIGHT, WIDTH, 3)).astype(np.float32)
    color[2:5, 2:6] += 6
    cost = numbers.normal(0, 14, (HEIGHT, WIDTH)).astype(np.float32)
    cost[2:5, 2:6] -= 20
    cost[0] += 30
    solution = Cut(color)(cost, np.full((HEIGHT, WIDTH), 0.5, np.float32), 3000)
    assert solution.min() >= 0 and solution.max() <= 1
    expected = exact_cut(color, cost)
    assert 5 < expected.sum() < 50
    np.testing.assert_array_equal(solution > 0.5, expected)


def test_clusters_tell_what_is_the_subjects() -> None:
    looks = np.zeros((30, 40, 4), np.float32)
    looks[:, 20:, 0], looks[:15, :, 1] = 60, 60
    clusters = Clusters(looks, 12)
    assert len(clusters.middles) == 4  # there are no more kinds
    assert len(np.unique(clusters.label[:15, :20])) == 1
    np.testing.assert_allclose(clusters.middles[clusters.label], looks, atol=1e-3)
    votes = clusters.votes((looks[..., 0] > 30).astype(np.float32))[clusters.label]
    assert (votes[:, 20:] > 3).all() and (votes[:, :20] < -3).all()
    assert np.abs(votes).max() <= SURE
    alike = clusters.likeness_to(2, 35)
    assert (alike[:15, 20:] > 0.99).all() and alike[20:].max() < 0.01 and alike[:, :20].max() < 0.01


def test_what_is_only_inside_is_not_the_backgrounds() -> None:
    looks = np.zeros((30, 40, 4), np.float32)
    looks[10:20, 10:30, 2] = 70
    inside = np.zeros((30, 40), np.float32)
    inside[5:25, 5:35] = 1
    clusters = Clusters(looks, 8)
    votes = clusters.unlike(1 - inside, inside, 0.4)[clusters.label]
    assert (votes[10:20, 10:30] > 2).all() and (votes[:5] < 0).all()


def test_a_shadow_on_the_background_is_the_backgrounds() -> None:
    """Its color is that of the wall in less light; the same darkness in another hue is not."""
    wall = np.full((20, 40, 3), (180, 170, 160), np.float32)
    shadow, other = wall * 0.82, np.full((20, 40, 3), (90, 140, 190), np.float32)
    photo = np.concatenate([wall, wall, shadow, other])
    looks = features(lab(photo))
    looks[..., 3] = 0
    clusters = Clusters(looks, 8)
    chance = np.zeros(photo.shape[:2], np.float32)
    chance[40:] = 0.5
    votes = clusters.votes(chance)[clusters.label]
    assert votes[50, 20] < votes[70, 20]


@pytest.mark.parametrize("seed", range(3))
def test_depth_counts_the_cells_to_the_outline(seed: int) -> None:
    mask = ndimage.binary_dilation(np.random.default_rng(seed).random((25, 30)) < 0.02, np.ones((3, 3)), 3)
    padded = np.pad(mask, 1)
    expected = ndimage.distance_transform_cdt(padded, "chessboard")[1:-1, 1:-1]
    np.testing.assert_array_equal(_depth(mask), expected)


def test_a_mask_is_cleaned_of_specks_and_pinholes() -> None:
    mask = np.zeros((60, 60), bool)
    mask[10:40, 10:40] = True
    mask[20:24, 20:24] = mask[30:38, 12:20] = False  # a highlight, and a real hole
    mask[50:52, 50:52] = mask[45:58, 5:15] = True  # a speck, and another part
    nothing = np.zeros_like(mask)
    prompted = nothing.copy()
    prompted[12, 12] = True
    alone = clean(mask, prompted, nothing, others=False)
    assert alone[21, 21] and not alone[33, 15] and not alone[50, 10] and not alone[51, 51] and not alone[0, 0]
    both = clean(mask, prompted, nothing, others=True)
    assert both[50, 10] and not both[51, 51]
    prompted[50, 50] = True
    assert clean(mask, prompted, nothing, others=True)[51, 51]  # what is pointed at is no speck
    outside = nothing.copy()
    outside[21, 21] = True
    assert not clean(mask, prompted, outside, others=True)[21, 21]
    parts = parts_with(mask, prompted)
    assert parts[12, 12] and parts[50, 50] and not parts[50, 10] and not parts[0, 0]
    prompted[0, 0] = True  # beside all parts
    assert not parts_with(mask, prompted)[0, 0]


def test_the_outline_follows_the_edge_between_the_cells() -> None:
    """A disc whose mask was found in cells of four pixels."""
    y, x = np.mgrid[:120, :160] + 0.5
    disc = np.hypot(x - 80.7, y - 59.3) < 41.6
    fine = np.where(disc[..., None], (200.0, 60.0, 40.0), (50.0, 90.0, 160.0)).astype(np.float32)
    coarse = fine.reshape(30, 4, 40, 4, 3).mean((1, 3))
    mask = disc.reshape(30, 4, 40, 4).mean((1, 3)) > 0.5
    soft = sharpen(mask, coarse, fine)
    assert soft.shape == disc.shape
    wrong = int(((soft > 0.5) != disc).sum())
    before = int((np.kron(mask, np.ones((4, 4), bool)) != disc).sum())
    assert wrong < before / 4, (wrong, before)
    gray = np.full_like(fine, 128.0)  # nothing to follow: it stays where it was
    kept = sharpen(mask, gray.reshape(30, 4, 40, 4, 3).mean((1, 3)), gray)
    assert abs(int((kept > 0.5).sum()) - int(mask.sum()) * 16) < 0.02 * disc.sum()
    assert math.isclose(float(kept[60, 80]), 1.0, abs_tol=1e-4) and math.isclose(float(kept[0, 0]), 0.0, abs_tol=1e-4)


def test_what_the_network_leaves_out_counts_by_itself() -> None:
    place = Selector(np.random.default_rng(1).integers(0, 256, (40, 60, 3)).astype(np.uint8))._place(
        PixelPrompts(), (10, 10, 50, 30)
    )
    belief = np.where(np.indices(place.sight.belief.shape)[1] < 20, 3, -2).astype(np.float32)
    place = replace(place, sight=replace(place.sight, belief=belief))
    nothing = np.zeros(belief.shape, bool)
    costs = place.trusting(PromptCosts(nothing, nothing, np.ones(belief.shape, np.float32)), (0.25, 0.5))
    np.testing.assert_allclose(costs.cost, np.where(belief > 0, 1 - 0.75, 1 + 1.0))


def test_a_selector_that_forgets_selects_the_same(monkeypatch: pytest.MonkeyPatch) -> None:
    y, x = np.mgrid[:90, :120]
    disc = np.hypot(x - 60, y - 45) < 22
    photo = np.where(disc[..., None], (200, 60, 40), (50, 90, 160)).astype(np.uint8)
    prompts = PixelPrompts(positive=((60.5, 45.5),))
    expected = Selector(photo).select(prompts)
    assert (expected & disc).sum() / (expected | disc).sum() > 0.95
    monkeypatch.setattr(selector, "KEPT", 2)
    forgetful = Selector(photo)
    for _ in range(2):
        np.testing.assert_array_equal(forgetful.select(prompts), expected)


def test_a_point_far_from_the_first_guess_widens_it() -> None:
    y, x = np.mgrid[:90, :200]
    left, right = np.hypot(x - 40, y - 45) < 18, np.hypot(x - 160, y - 45) < 18
    photo = np.where((left | right)[..., None], (200, 60, 40), (50, 90, 160)).astype(np.uint8)
    chosen = Selector(photo).select(PixelPrompts(positive=((40.5, 45.5), (160.5, 45.5))))
    for disc in (left, right):
        assert (chosen & disc).sum() / disc.sum() > 0.9
    assert (chosen & ~left & ~right).sum() < 0.2 * (left | right).sum()
