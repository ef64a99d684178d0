# SPDX-License-Identifier: GPL-3.0-or-later
"""Prompts in pixels of another picture of the photo."""

from __future__ import annotations

from sam3d.photos.prompts import PointPrompt, Prompts, to_pixels


def test_a_point_means_the_middle_of_its_pixel() -> None:
    prompts = Prompts((PointPrompt(10, 20), PointPrompt(30, 40, positive=False), PointPrompt(50, 60, radius=3)))
    placed = to_pixels(prompts, (100, 80), (100, 80), 1)
    assert (placed.positive, placed.negative) == (((10.5, 20.5),), ((30.5, 40.5),))
    assert placed.stroke is not None and placed.negative_stroke is None
    assert placed.stroke[60, 50] and 20 < placed.stroke.sum() < 50
