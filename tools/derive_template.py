# SPDX-License-Identifier: GPL-3.0-or-later
"""Derives the body that is fitted to meshes, engine/rigging/template.npz, from posed humans with known joints.

usage: python tools/derive_template.py HUMANS BODIES
  HUMANS  folder of SHAPE_rest.npz: v (V, 3) the same vertices in every file, f (F, 3) triangles, jn joint names
          (Mixamo's), jp (J, 3) joint positions; y up, any unit
  BODIES  folder of outputs of SAM 3D Body with known joints, as tools/derive_mhr.py reads them

The template is the mean of the shapes, its joints made symmetrical, as the patches of its surface. Mixamo's rig and the
Momentum Human Rig have their joints at somewhat different places in the same body: the template has its joints SHARE of
the way from the first to the second.
"""

from __future__ import annotations

import argparse
import sys
from pathlib import Path
from typing import Any

import numpy as np
from derive_mhr import read_body

from sam3d.engine.arrays import Floats
from sam3d.engine.rigging.extremities import find_maxima
from sam3d.engine.rigging.joints import STEP, register_template
from sam3d.engine.rigging.patch_graph import build_surface, nearest
from sam3d.engine.rigging.posable_template import SkinnedTemplate
from sam3d.engine.rigging.skeleton import JOINTS, NAMES, PARENT, TAIL
from sam3d.engine.rigging.template import load_template
from sam3d.engine.rigging.weights import weigh_patches

MIXAMO = {
    "hips": "Hips",
    "spine": "Spine",
    "chest": "Spine2",
    "neck": "Neck",
    "head": "Head",
    "head_top": "HeadTop",
    "shoulder": "Shoulder",
    "upper_arm": "Arm",
    "forearm": "ForeArm",
    "hand": "Hand",
    "hand_tip": "HandMiddle3",
    "thigh": "UpLeg",
    "shin": "Leg",
    "foot": "Foot",
    "toe": "ToeBase",
}
"""Mixamo's names of the joints, without the side."""

SHARE = 0.35
TARGET = Path(__file__).resolve().parent.parent / "engine" / "rigging" / "template.npz"


CARRIER = [max(PARENT[joint], 0) if joint < len(NAMES) else TAIL.index(joint) for joint in range(len(JOINTS))]
"""The bone that carries each joint."""


def mixamo(joint: str) -> str:
    """Mixamo's name of one of the rig's joints."""
    name, _, side = joint.partition(".")
    return {"L": "Left", "R": "Right", "": ""}[side] + MIXAMO[name]


def known_joints(names: list[str], positions: Floats) -> Floats:
    """The template's joints (JOINTS, 3) but for the tips of hands and toes, which no file tells."""
    found = np.full((len(JOINTS), 3), np.nan)
    for row, joint in enumerate(JOINTS):
        if "tip" not in joint:
            found[row] = positions[names.index(mixamo(joint))]
    return found


def symmetrical(joints: Floats) -> Floats:
    """The joints (JOINTS, 3) with those of left and right each other's mirror images, and the others in the middle."""
    other = [JOINTS.index(joint.translate(str.maketrans("LR", "RL"))) for joint in JOINTS]
    return (joints + joints[other] * [-1, 1, 1]) / 2


def towards_mhr(folder: Path) -> Floats:
    """How far the joints (JOINTS, 3) of the Momentum Human Rig are from those of the written template, in its frame."""
    template = load_template()
    skinned = SkinnedTemplate(template, STEP)
    offsets = []
    for file in sorted(folder.glob("*.npz")):
        vertices, known = read_body(file)
        surface = build_surface(vertices, np.load(file)["f"].astype(np.int64))
        placed = register_template(template, skinned, surface)
        off = (known - surface.origin) * surface.scale - placed.joints
        offsets.append([np.linalg.solve(placed.linear[bone], off[joint]) for joint, bone in enumerate(CARRIER)])
    return symmetrical(np.mean(offsets, 0))


def main() -> None:
    """Reads the shapes and writes the template."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("humans", type=Path)
    parser.add_argument("bodies", type=Path)
    arguments = parser.parse_args()
    files = sorted(arguments.humans.glob("*_rest.npz"))
    if not files:
        sys.exit(f"There is no SHAPE_rest.npz in {arguments.humans}.")
    shapes, joints = [], []
    for file in files:
        data = np.load(file)
        surface = build_surface(data["v"].astype(float), data["f"].astype(np.int64))
        shapes.append((data["v"] - surface.origin) * surface.scale)
        joints.append((known_joints([str(name) for name in data["jn"]], data["jp"]) - surface.origin) * surface.scale)
    faces = data["f"].astype(np.int64)
    vertices, joint = np.mean(shapes, 0), np.mean(joints, 0)
    surface = build_surface(vertices, faces)
    joint = symmetrical((joint - surface.origin) * surface.scale)

    maxima, distances = find_maxima(surface)
    ends = [JOINTS.index(name) for name in ("head_top", "hand.L", "hand.R", "toe.L", "toe.R")]
    chosen = nearest(joint[ends], surface.points[maxima])[0]
    tips = maxima[chosen]
    for row, tip in zip(("hand_tip.L", "hand_tip.R", "toe_tip.L", "toe_tip.R"), tips[1:], strict=True):
        joint[JOINTS.index(row)] = surface.points[tip]
    weights = weigh_patches(surface, joint)
    template: dict[str, Any] = {
        "points": surface.points.astype(np.float32),
        "normals": surface.normals.astype(np.float16),
        "distances": distances[:, chosen].astype(np.float16),
        "weights": np.round(weights * 255).astype(np.uint8),
        "joints": joint.astype(np.float32),
        "tips": tips,
    }
    np.savez_compressed(TARGET, **template)
    template["joints"] = (joint + SHARE * towards_mhr(arguments.bodies)).astype(np.float32)
    np.savez_compressed(TARGET, **template)
    print(f"{TARGET.name}: {len(surface.points)} patches, {TARGET.stat().st_size} bytes")


if __name__ == "__main__":
    main()
