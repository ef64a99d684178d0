# SPDX-License-Identifier: GPL-3.0-or-later
"""Measures how rigged bodies bend: run by a Python that has bpy.

usage: BLENDER-PYTHON tools/bench_poses.py [NAME...]
Every body of ../shared/data/humans and ../shared/data/mhr is rigged; each elbow and knee is bent by 60 degrees and the
head turned by 40. Told for each body: the most that an edge is stretched, farther than a tenth of the height from the
joint that turns (bar: 3); how far vertices of other limbs move, in parts of the height (bar: 0.005); the seconds for
the joints, and for armature and weights. Which limb a vertex is of is told by the known joints, not by those found.
"""

from __future__ import annotations

import math
import sys
import time
from collections.abc import Sequence
from pathlib import Path

import bpy
import numpy as np
from mathutils import Quaternion
from numpy.typing import NDArray

ROOT = Path(__file__).resolve().parent.parent
sys.path[:0] = [str(ROOT / "build" / "python")]

from sam3d.engine.arrays import Floats  # noqa: E402
from sam3d.engine.rigging import find_joints  # noqa: E402
from sam3d.scene.bodies import rig  # noqa: E402
from sam3d.scene.data import armature_of, mesh_of, pose_bones, scene_of, view_layer_of  # noqa: E402

DATA = ROOT.parent / "shared" / "data"
TURNS = {
    **{f"{bone}.{side}": ((1, 0, 0), 60.0) for bone in ("forearm", "shin") for side in "LR"},
    "head": ((0, 1, 0), 40.0),
}
LIMBS = {
    "head": (("Neck", "Head"), ("Head", "HeadTop")),
    **{
        f"{limb}.{side}": tuple((f"{word}{a}", f"{word}{b}") for a, b in bones)
        for side, word in (("L", "Left"), ("R", "Right"))
        for limb, bones in (
            ("arm", (("Arm", "ForeArm"), ("ForeArm", "Hand"))),
            ("leg", (("UpLeg", "Leg"), ("Leg", "Foot"))),
        )
    },
}
LIMB_OF = {"forearm": "arm", "shin": "leg", "head": "head"}
NEAR = 0.1  # of the height around a joint, where edges may stretch
CLEAR = 0.08  # of the height within which a vertex belongs to a limb, and no other may be


def main() -> int:
    """A line for each body, and the worst of all."""
    names = sys.argv[1:] or sorted(
        str(path.relative_to(DATA).with_suffix(""))
        for folder in ("humans", "mhr")
        for path in (DATA / folder).glob("*.npz")
    )
    if not names:
        print("left out: ../shared/data is not here")
        return 0
    rows = []
    for name in names:
        rows.append(_measure(name))
        print(_line(name, rows[-1]), flush=True)
    worst = np.max(rows, axis=0)
    print(_line("worst", worst))
    return int(worst[0] > 3 or worst[1] > 0.005)


def _line(name: str, figures: Sequence[float]) -> str:
    stretch, moved, joints, armature = figures
    return (
        f"{name:22s} stretch {stretch:5.2f}   others move {moved:.4f}   joints {joints:.2f} s   "
        f"armature and weights {armature:.2f} s"
    )


def _measure(name: str) -> tuple[float, float, float, float]:
    bpy.ops.wm.read_homefile(use_empty=True)
    with np.load(DATA / f"{name}.npz") as data:
        factor = 0.1 if name.startswith("humans") else 1.0
        vertices = _upright(data["v"].astype(np.float64) * factor)
        faces = data["f"].astype(np.int64)
        known = {str(key): place for key, place in zip(data["jn"], _upright(data["jp"] * factor), strict=True)}
    mesh = bpy.data.meshes.new("body")
    mesh.from_pydata(vertices.tolist(), [], faces.tolist())
    body = bpy.data.objects.new("body", mesh)
    scene_of(bpy.context).collection.objects.link(body)
    begun = time.perf_counter()
    joints = find_joints(vertices, faces, "Z")
    found = time.perf_counter()
    armature = rig(bpy.context, body, joints, "rig")
    ended = time.perf_counter()
    height = float(np.ptp(np.array(list(known.values())), axis=0).max())
    stretch, moved = 0.0, 0.0
    for bone, (axis, degrees) in TURNS.items():
        after = _posed(armature, body, bone, axis, degrees)
        stretch = max(
            stretch, _stretch(vertices, after, faces, np.array(armature_of(armature).bones[bone].head_local), height)
        )
        moved = max(moved, _others(vertices, after, bone, known, height))
    return stretch, moved, found - begun, ended - found


def _upright(places: Floats) -> Floats:
    return np.asarray(places[:, [0, 2, 1]] * (1, -1, 1))


def _posed(
    armature: bpy.types.Object, body: bpy.types.Object, bone: str, axis: tuple[int, int, int], degrees: float
) -> Floats:
    posed = pose_bones(armature)[bone]
    posed.rotation_mode = "QUATERNION"
    posed.rotation_quaternion = Quaternion(axis, math.radians(degrees))
    view_layer_of(bpy.context).update()
    shown = body.evaluated_get(bpy.context.evaluated_depsgraph_get())
    flat = np.empty(len(mesh_of(body).vertices) * 3, np.float32)
    mesh_of(shown).vertices.foreach_get("co", flat)
    posed.rotation_quaternion = Quaternion()
    return flat.reshape(-1, 3).astype(np.float64)


def _stretch(before: Floats, after: Floats, faces: NDArray[np.int64], joint: Floats, height: float) -> float:
    edges = np.unique(np.sort(np.concatenate([faces[:, :2], faces[:, 1:], faces[:, ::2]]), axis=1), axis=0)
    middle = before[edges].mean(axis=1)
    far = np.linalg.norm(middle - joint, axis=1) > NEAR * height
    long = [np.linalg.norm(places[edges[:, 0]] - places[edges[:, 1]], axis=1) for places in (before, after)]
    counts = far & (long[0] > 1e-9)
    return float((long[1][counts] / long[0][counts]).max())


def _others(before: Floats, after: Floats, bone: str, known: dict[str, Floats], height: float) -> float:
    """How far vertices of other limbs move that are near a bone of theirs and near none of the limb that bends."""
    kind, _, side = bone.partition(".")
    own = f"{LIMB_OF[kind]}.{side}" if side else LIMB_OF[kind]
    distance = {limb: _distance(before, known, bones) for limb, bones in LIMBS.items()}
    others = np.min([away for limb, away in distance.items() if limb != own], axis=0)
    still = (others < CLEAR * height) & (distance[own] > 1.5 * CLEAR * height)
    return float(np.linalg.norm(after - before, axis=1)[still].max() / height)


def _distance(points: Floats, known: dict[str, Floats], bones: tuple[tuple[str, str], ...]) -> Floats:
    away = []
    for start, end in bones:
        along = known[end] - known[start]
        share = np.clip((points - known[start]) @ along / (along @ along), 0, 1)
        away.append(np.linalg.norm(points - known[start] - share[:, None] * along, axis=1))
    return np.asarray(np.min(away, axis=0))


if __name__ == "__main__":
    sys.exit(main())
