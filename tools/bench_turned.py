# SPDX-License-Identifier: GPL-3.0-or-later
"""Measures how even the surfaces of turned drafts are.

usage: python tools/bench_turned.py [CASES] [--predictions FOLDER] [--limit DEGREES]
  CASES  folder of NAME/image.png, photos of turned things whose alpha is the exact mask; without it some of
         ../shared/data/props

Each is drafted as a turned body. Its roughness is the mean over the surface, in degrees, of the angle between the
normal at a place, as it is shaded, and the smoothed one: the value of the quadratic function of the place that fits the
normals within 3 % of the longest side best, the near ones counting more. Places near which the surface looks more than
30 degrees another way, at an edge or a seam, are left out. Exits with 1 when the mean of all is above the limit.
"""

from __future__ import annotations

import argparse
import sys
import time
from pathlib import Path

import numpy as np
import trimesh
from PIL import Image
from scipy.spatial import cKDTree

from sam3d.engine.arrays import Floats
from sam3d.engine.draft import reconstruct
from sam3d.engine.gltf.writer import vertex_normals

PROPS = Path(__file__).resolve().parents[2] / "shared" / "data" / "props"
TURNED = ("barrel", "bottle-ketchup", "cactus", "frying-pan", "mug", "pumpkin", "soda-bottle")
AROUND = 0.03  # of the longest side
FEATURE = 30.0  # degrees
PLACES, LOOKED_AT, ENOUGH = 40_000, 4_000, 12  # on the surface; of them, those measured; neighbors that those need
LIMIT = 0.2  # degrees


def roughness(path: Path) -> float:
    """The roughness of a model's surface in degrees."""
    mesh = trimesh.load_mesh(path, process=False)
    mesh.merge_vertices(merge_tex=True, merge_norm=True)
    corners, faces = np.asarray(mesh.vertices) / mesh.extents.max(), np.asarray(mesh.faces)
    random = np.random.default_rng(0)
    face = random.choice(len(faces), PLACES, p=mesh.area_faces / mesh.area_faces.sum())
    share = random.dirichlet((1, 1, 1), PLACES)[:, :, None]  # evenly over a triangle
    places = (share * corners[faces[face]]).sum(1)
    normals = (share * vertex_normals(corners, faces)[faces[face]]).sum(1)
    normals /= np.linalg.norm(normals, axis=1, keepdims=True)
    tree = cKDTree(places)
    off = [
        _off(places[near] - places[at], normals[near], normals[at])
        for at, near in enumerate(tree.query_ball_point(places[:LOOKED_AT], AROUND))
        if len(near) >= ENOUGH and (normals[near] @ normals[at]).min() > np.cos(np.radians(FEATURE))
    ]
    return float(np.mean(off))


def _off(offsets: Floats, normals: Floats, normal: Floats) -> float:
    """The angle in degrees between a normal and the one that changes evenly, at the place that offsets are from."""
    across = np.cross(normal, np.eye(3)[int(np.abs(normal).argmin())])
    across /= np.linalg.norm(across)
    x, y = offsets @ across, offsets @ np.cross(normal, across)
    weight = np.exp(-2 * (offsets**2).sum(1) / AROUND**2)[:, None]
    terms = np.stack([np.ones_like(x), x, y, x * x, x * y, y * y], 1)
    even = np.linalg.lstsq(terms * weight, normals * weight, rcond=None)[0][0]
    cosine = float(even @ normal) / max(float(np.linalg.norm(even)), 1e-12)
    return float(np.degrees(np.arccos(np.clip(cosine, -1, 1))))


def main() -> int:
    """Makes the drafts and prints the figures; returns the exit status."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("cases", type=Path, nargs="?")
    parser.add_argument("--predictions", type=Path, help="folder of drafts NAME.glb: made where they are not there")
    parser.add_argument("--limit", type=float, default=LIMIT)
    options = parser.parse_args()
    cases = [PROPS / name for name in TURNED] if options.cases is None else sorted(options.cases.iterdir())
    found = [case for case in cases if (case / "image.png").exists()]
    if len(found) < len(cases) or not found:
        print(f"Skipped, for they have no image.png: {', '.join(c.name for c in cases if c not in found) or 'all'}")
    if not found:
        return 0
    folder = options.predictions or Path("build") / "turned"
    folder.mkdir(parents=True, exist_ok=True)
    figures = []
    for case in found:
        glb = folder / f"{case.name}.glb"
        if options.predictions is None or not glb.exists():
            with Image.open(case / "image.png") as file:
                photo = np.array(file.convert("RGBA"))
            busy = time.process_time()
            glb.write_bytes(reconstruct(photo[..., :3], photo[..., 3], kind="revolution").glb)
            print(f"{case.name:24s} {time.process_time() - busy:5.2f} s busy  ", end="")
        else:
            print(f"{case.name:24s} ", end="")
        figures.append(roughness(glb))
        print(f"roughness {figures[-1]:.3f} degrees", flush=True)
    mean = float(np.mean(figures))
    print(f"{'mean of ' + str(len(figures)):24s} roughness {mean:.3f} degrees")
    return int(mean > options.limit)


if __name__ == "__main__":
    sys.exit(main())
