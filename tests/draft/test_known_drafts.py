# SPDX-License-Identifier: GPL-3.0-or-later
"""The drafts of the sample photos, whose figures change only where that is meant."""

from __future__ import annotations

from pathlib import Path

import known_figures
import numpy as np
import pytest
from PIL import Image
from solids import read

from sam3d.engine.draft import reconstruct

PHOTOS = Path(__file__).resolve().parents[2] / "examples" / "photos"
FIGURES = Path(__file__).with_name("known_drafts")
SIZE = 192
"""Pixels of a photo's longer side, for a draft in a moment."""


def picture(name: str) -> Image.Image:
    with Image.open(PHOTOS / name) as file:
        file.thumbnail((SIZE, SIZE))
        return file.copy()


@pytest.mark.parametrize(
    ("name", "alternative"),
    [
        ("bottle.png", 0),
        ("desk.jpg", 0),
        ("desk.jpg", 1),
        ("elephant.jpg", 0),
        ("headphones.png", 0),
        ("mannequin.png", 0),
        ("mug.jpg", 0),
        ("truck.jpg", 0),
        ("truck.jpg", 1),
    ],
)
def test_a_draft_is_as_it_was(name: str, alternative: int) -> None:
    photo = np.asarray(picture(name))
    mask = np.asarray(picture("desk-mask.png").convert("L")) if name == "desk.jpg" else None
    draft = reconstruct(photo, mask, alternative=alternative)
    mesh = read(draft.glb)
    texture = mesh.visual.material.baseColorTexture
    solid = mesh.copy()
    solid.merge_vertices(merge_tex=True, merge_norm=True)
    figures = {
        "confidence": [draft.confidence],
        "bounds": mesh.bounds.ravel(),
        "volume, area": [solid.volume, solid.area],
        "middle": solid.center_mass,
        "inertia": np.sort(solid.principal_inertia_components),
        "colors": np.asarray(texture.resize((4, 4), Image.Resampling.BOX)).ravel() / 255,
        "uv": np.histogram(mesh.visual.uv, 8, (0, 1))[0] / len(mesh.visual.uv),
    }
    known_figures.hold(FIGURES / f"{name}, {alternative}, {draft.kind}.json", figures)
