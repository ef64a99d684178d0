# SPDX-License-Identifier: GPL-3.0-or-later
"""Measures the rigging: its joints against known ones, on meshes as they are and made worse, its time and its memory.

usage: build/env/blender-4.5/bin/python tools/bench_rigging.py CASES [CASES ...] [--variants NAME,...]
       [--limit-seconds S] [--limit-megabytes M]
  CASES  folder of NAME.npz, meshes with known joints as ../shared/bench/score_rig.py scores them

Needs the bpy package, whose modifiers decimate and remesh, and ../shared/bench/score_rig.py. Exits with 1 when a mesh
takes more than the limits.
"""

from __future__ import annotations

import argparse
import importlib.util
import json
import os
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any, Literal

import bpy
import numpy as np

ROOT = Path(__file__).resolve().parent.parent
sys.path.insert(0, str(ROOT / "build" / "python"))

from derive_template import mixamo  # noqa: E402

from sam3d.engine.arrays import Floats, Ints  # noqa: E402
from sam3d.engine.rigging import RigError, find_joints  # noqa: E402
from sam3d.scene.data import scene_of, view_layer_of  # noqa: E402

Truth = dict[str, Floats]
Case = tuple[Floats, Ints, Truth, str]  # vertices, triangles, joints, the axis that points up
Errors = dict[str, float]

SCORER = ROOT.parent / "shared" / "bench" / "score_rig.py"


def modified(
    vertices: Floats, faces: Ints, kind: Literal["DECIMATE", "REMESH"], **settings: Any
) -> tuple[Floats, Ints]:
    """The mesh after one of Blender's modifiers."""
    mesh = bpy.data.meshes.new("body")
    mesh.from_pydata(vertices.tolist(), [], faces.tolist())
    obj = bpy.data.objects.new("body", mesh)
    scene_of(bpy.context).collection.objects.link(obj)
    modifier = obj.modifiers.new("change", kind)
    for name, value in settings.items():
        setattr(modifier, name, value)
    view_layer_of(bpy.context).update()
    after = obj.evaluated_get(bpy.context.evaluated_depsgraph_get()).to_mesh()
    after.calc_loop_triangles()
    points = np.empty(3 * len(after.vertices), np.float32)
    after.vertices.foreach_get("co", points)
    triangles = np.empty(3 * len(after.loop_triangles), np.int32)
    after.loop_triangles.foreach_get("vertices", triangles)
    bpy.data.objects.remove(obj)
    bpy.data.meshes.remove(mesh)
    return points.reshape(-1, 3).astype(float), triangles.reshape(-1, 3).astype(np.int64)


def height(vertices: Floats) -> float:
    """The longest side of the mesh."""
    return float(np.ptp(vertices, axis=0).max())


def decimated(vertices: Floats, faces: Ints, truth: Truth) -> Case:
    """5,000 faces."""
    return *modified(vertices, faces, "DECIMATE", ratio=5000 / len(faces)), truth, "Y"


def remeshed(share: float) -> Callable[[Floats, Ints, Truth], Case]:
    """Voxels of that share of the longest side."""
    return lambda v, f, truth: (*modified(v, f, "REMESH", mode="VOXEL", voxel_size=share * height(v)), truth, "Y")


def noisy(vertices: Floats, faces: Ints, truth: Truth) -> Case:
    """Every coordinate off by half a percent of the height."""
    noise = np.random.default_rng(0).normal(0, 0.005 * height(vertices), vertices.shape)
    return vertices + noise, faces, truth, "Y"


def shuffled(vertices: Floats, faces: Ints, truth: Truth) -> Case:
    """Vertices and faces in another order."""
    random = np.random.default_rng(0)
    order = random.permutation(len(vertices))
    return vertices[order], random.permutation(np.argsort(order)[faces]), truth, "Y"


def cut(vertices: Floats, faces: Ints, truth: Truth) -> Case:
    """A ring of faces missing around the neck."""
    axis = truth["Head"] - truth["Neck"]
    share = (vertices[faces].mean(1) - truth["Neck"]) @ axis / (axis @ axis)
    near = np.linalg.norm(vertices[faces].mean(1) - truth["Neck"], axis=1) < 2.5 * np.linalg.norm(axis)
    return vertices, faces[~((np.abs(share - 0.6) < 0.1) & near)], truth, "Y"


def torn(vertices: Floats, faces: Ints, truth: Truth) -> Case:
    """Every triangle with vertices of its own."""
    return vertices[faces].reshape(-1, 3), np.arange(3 * len(faces)).reshape(-1, 3), truth, "Y"


def moved(matrix: Floats, up: str = "Y") -> Callable[[Floats, Ints, Truth], Case]:
    """Turned and scaled, and put elsewhere."""
    away = matrix @ np.array([3.0, -2.0, 5.0])
    return lambda v, f, truth: (v @ matrix.T + away, f, {k: matrix @ p + away for k, p in truth.items()}, up)


def about_y(degrees: float) -> Floats:
    """The rotation about the axis that points up."""
    angle = np.radians(degrees)
    return np.array([[np.cos(angle), 0, np.sin(angle)], [0, 1, 0], [-np.sin(angle), 0, np.cos(angle)]])


VARIANTS: dict[str, Callable[[Floats, Ints, Truth], Case]] = {
    "as is": lambda v, f, truth: (v, f, truth, "Y"),
    "5000 faces": decimated,
    "voxels 1/150": remeshed(1 / 150),
    "voxels 1/80": remeshed(1 / 80),
    "noise": noisy,
    "shuffled": shuffled,
    "cut neck": cut,
    "torn": torn,
    "z up": moved(np.array([[1.0, 0, 0], [0, 0, -1], [0, 1, 0]]), "Z"),
    "x 0.01": moved(0.01 * np.eye(3)),
    "x 100": moved(100 * np.eye(3)),
    **{f"turned {angle}": moved(about_y(angle)) for angle in (45, 110, 180, 300)},
}

MEASURE = """
import json, resource, sys, time
import numpy as np
from sam3d.engine.rigging import find_joints, find_weights
data = np.load(sys.argv[1])
vertices, faces = data["v"].astype(float), data["f"].astype(np.int64)
before = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
start = time.process_time()
joints = find_joints(vertices, faces)
between = time.process_time()
find_weights(vertices, faces, joints)
end = time.process_time()
most = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / (2**20 if sys.platform == "darwin" else 2**10)
print(json.dumps(dict(joints=between - start, weights=end - between, megabytes=most)))
"""


def load_scorer() -> Any:
    """The scorer as a module."""
    if not SCORER.exists():
        sys.exit(f"{SCORER} is not here.")
    spec = importlib.util.spec_from_file_location("score_rig", SCORER)
    assert spec and spec.loader
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


def measure(case: Path) -> dict[str, float]:
    """The seconds and the memory that a mesh takes in a fresh process of one thread."""
    paths = [str(ROOT / "build" / "python"), *filter(None, [os.environ.get("PYTHONPATH")])]
    one_thread = dict.fromkeys(("OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS", "MKL_NUM_THREADS"), "1")
    environment = os.environ | one_thread | {"PYTHONPATH": os.pathsep.join(paths)}
    command = [sys.executable, "-c", MEASURE, str(case)]
    done = subprocess.run(command, env=environment, capture_output=True, text=True, check=False)
    if done.returncode:
        sys.exit(f"{case}: {done.stderr}")
    found: dict[str, float] = json.loads(done.stdout)
    return found


def main() -> None:
    """Reads the command line, prints the figures."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("cases", type=Path, nargs="+")
    parser.add_argument("--variants", default=",".join(VARIANTS))
    parser.add_argument("--limit-seconds", type=float, default=2.0)
    parser.add_argument("--limit-megabytes", type=float, default=500)
    arguments = parser.parse_args()
    scorer, slow = load_scorer(), False
    for folder in arguments.cases:
        files = sorted(folder.glob("*.npz"))
        for name in arguments.variants.split(","):
            rows, notes = [], []
            for file in files:
                data = np.load(file)
                known = {str(joint): place for joint, place in zip(data["jn"], data["jp"].astype(float), strict=True)}
                known = {joint: place for joint, place in known.items() if joint in scorer.JOINTS}
                vertices, faces, truth, up = VARIANTS[name](data["v"].astype(float), data["f"].astype(np.int64), known)
                try:
                    found = find_joints(vertices, faces, up)
                    answer = {mixamo(joint): place for joint, place in found.items() if "tip" not in joint}
                except RigError as refusal:
                    answer = {}
                    notes.append(f"{file.stem}: {refusal}")
                rows.append(scorer.score(truth, answer))
                if not rows[-1]["sided"]:
                    notes.append(f"{file.stem}: left and right swapped")
            error, pck5, sided = (float(np.mean([row[key] for row in rows])) for key in ("error", "pck5", "sided"))
            worst = max(range(len(rows)), key=lambda row: rows[row]["error"])
            print(
                f"{folder.name:8s} {name:14s} error {error:.4f}  pck5 {pck5:.3f}  sided {sided:.3f}"
                f"  worst {rows[worst]['error']:.4f} {files[worst].stem}",
                flush=True,
            )
            for note in notes:
                print(f"         {note}")
        for file in files[:1]:
            cost = measure(file)
            seconds = cost["joints"] + cost["weights"]
            slow |= seconds > arguments.limit_seconds or cost["megabytes"] > arguments.limit_megabytes
            print(
                f"{folder.name:8s} {file.stem}: joints {cost['joints']:.2f} s, weights {cost['weights']:.2f} s, "
                f"{cost['megabytes']:.0f} MB",
            )
    sys.exit(1 if slow else 0)


if __name__ == "__main__":
    main()
