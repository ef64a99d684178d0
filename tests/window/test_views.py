# SPDX-License-Identifier: GPL-3.0-or-later
"""Several photos of one thing, masked with the mouse, in the real window."""

from collections.abc import Callable
from pathlib import Path

import numpy as np
import trimesh
from blender_process import ROOT
from photos_of_models import photographed
from PIL import Image

from sam3d.engine.gltf.painted import PaintedPart

RED, YAWS = np.array((0.75, 0.2, 0.1, 1.0), np.float32), (20, 75, -40)


def steps_of_wood() -> list[PaintedPart]:
    """Two blocks: from no two sides they look alike."""
    boxes = [trimesh.creation.box((1.0, 0.3, 0.6)), trimesh.creation.box((0.35, 0.5, 0.6))]
    boxes[1].apply_translation((-0.32, 0.4, 0))
    for box in boxes:
        box.unmerge_vertices()
    return [PaintedPart(box.vertices, box.faces, box.vertex_normals, RED) for box in boxes]


def test_views(lead_window: Callable[..., Path]) -> None:
    """Two photos are added, of which one is masked with the mouse, taken away and brought back; then a draft of all
    three begins.
    """
    pictures = ROOT / "build" / "views"
    pictures.mkdir(parents=True, exist_ok=True)
    places = []
    for number, yaw in enumerate(YAWS, 1):
        photo = photographed(steps_of_wood(), yaw, 22, 50)
        path = pictures / f"blocks-{number}.png"
        picture, mask = photo.picture[::2, ::2], photo.mask[::2, ::2]
        Image.fromarray(picture).save(path)
        rows, columns = np.nonzero(mask)
        places += [str(path), f"{columns.min()} {rows.min()} {columns.max()} {rows.max()}"]
    folder = lead_window("views.py", *places)
    assert (folder / "5-at-work.png").exists()
