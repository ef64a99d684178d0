# SPDX-License-Identifier: GPL-3.0-or-later
"""How long an import blocks Blender, against Blender's own glTF importer on the same file.

Run with a Python that has bpy: `build/env/blender-4.5/bin/python tools/bench_import.py [ROUNDS]`.
Exit status 1 where the import takes more than 1.3 times the bare importer's time.
"""

from __future__ import annotations

import pathlib
import sys
import tempfile
import time
from collections.abc import Callable

import bpy
import numpy as np
from mathutils import Vector

# before this folder, which has a program by the package's name
sys.path.insert(0, str(pathlib.Path(__file__).parents[1] / "tests" / "blender"))
sys.path.insert(0, str(pathlib.Path(__file__).parents[1] / "build" / "python"))
import glb_files

from sam3d.scene.importing import ResultInfo, import_result

LIMIT = 1.3
INFO = ResultInfo(job="bench", provider="DRAFT", model="", prompt="", photo="bench.png", seed=1, cost=0.0)


def textured(path: pathlib.Path, *, normals: bool = True) -> pathlib.Path:
    """300,000 faces with normals, UVs and a base color texture of 1024 x 1024."""
    positions, faces, uvs = glb_files.sphere(500, 301)
    noise = np.random.default_rng(1).integers(0, 255, (1024, 1024, 3), np.uint8)
    glb = glb_files.Glb()
    material = glb.material(glb_files.png(noise))
    glb.node(
        mesh=glb.mesh(
            glb.primitive(positions, faces, normals=positions if normals else None, uvs=uvs, material=material)
        )
    )
    return glb.write(path)


def unshaded(path: pathlib.Path) -> pathlib.Path:
    """The same without normals."""
    return textured(path, normals=False)


def colored(path: pathlib.Path) -> pathlib.Path:
    """300,000 faces with bytes of vertex colors and nothing else, as the services deliver them."""
    positions, faces, _ = glb_files.sphere(500, 301, seam=False)
    colors = np.full((len(positions), 4), 255, np.uint8)
    colors[:, :3] = (positions + 1) * 127
    glb = glb_files.Glb()
    glb.node(mesh=glb.mesh(glb.primitive(positions, faces, colors=colors)))
    return glb.write(path)


def bare(path: pathlib.Path) -> None:
    bpy.ops.import_scene.gltf(filepath=str(path))


def whole(path: pathlib.Path) -> None:
    import_result(
        bpy.context,
        path,
        info=INFO,
        collection_name="bench",
        object_name="bench",
        location=Vector(),
    )


def seconds(job: Callable[[pathlib.Path], None], path: pathlib.Path) -> float:
    """Time of one import into an empty file."""
    bpy.ops.wm.read_homefile(use_empty=True)
    start = time.perf_counter()
    job(path)
    return time.perf_counter() - start


def main() -> int:
    rounds = int(sys.argv[1]) if len(sys.argv) > 1 else 7
    slow = False
    with tempfile.TemporaryDirectory() as folder:
        for make in (textured, unshaded, colored):
            path = make(pathlib.Path(folder) / f"{make.__name__}.glb")
            times = [(seconds(bare, path), seconds(whole, path)) for _ in range(rounds + 1)][1:]
            theirs, ours = (min(column) for column in zip(*times, strict=True))
            slow = slow or ours > LIMIT * theirs
            print(
                f"Blender {bpy.app.version_string}, {make.__name__}, 300,000 faces: "
                f"bare {theirs:.3f} s, ours {ours:.3f} s, ratio {ours / theirs:.2f}"
            )
    return int(slow)


if __name__ == "__main__":
    sys.exit(main())
