# SPDX-License-Identifier: GPL-3.0-or-later
"""Derives how the joints of the Momentum Human Rig follow from its vertices, engine/rigging/mhr.npz, from bodies of its
mesh with known joints.

usage: python tools/derive_mhr.py BODIES
  BODIES  folder of NAME.npz, outputs of SAM 3D Body: v (18439, 3) vertices, f (36874, 3) triangles, joints127 (127, 3),
          keypoints70 (70, 3)

Each joint is the weighted sum of the vertices nearest to it, with small weights that give its place in all the bodies
and in their mirror images. Prints how far off the joints of each body are when derived from the others alone.
"""

from __future__ import annotations

import argparse
import sys
from pathlib import Path

import numpy as np

from sam3d.engine.arrays import Floats, Ints
from sam3d.engine.rigging.mhr import FACES, PREFIX, VERTICES, checksum, seeds, walk
from sam3d.engine.rigging.skeleton import JOINTS

Body = tuple[Floats, Floats]  # vertices, joints

TARGET = Path(__file__).resolve().parent.parent / "engine" / "rigging" / "mhr.npz"
NEAREST = 500  # vertices for a joint
NOISE = 0.02  # meters by which vertices may be off; by more where they are far from the joint
EDGES = 512

CENTER = {"hips": 1, "spine": 35, "chest": 37, "neck": 110, "head": 113, "head_top": 126}
LEFT = {
    "shoulder": 74,
    "upper_arm": 75,
    "forearm": 76,
    "hand": 78,
    "hand_tip": 91,
    "thigh": 2,
    "shin": 3,
    "foot": 4,
    "toe": 8,
}
RIGHT = {
    "shoulder": 38,
    "upper_arm": 39,
    "forearm": 40,
    "hand": 42,
    "hand_tip": 55,
    "thigh": 18,
    "shin": 19,
    "foot": 20,
    "toe": 24,
}
"""Numbers of joints127."""
BIG_TOE = {"L": 15, "R": 18}
"""Numbers of keypoints70."""


def read_body(file: Path) -> Body:
    """A body's vertices and its joints (JOINTS, 3)."""
    data = np.load(file)
    joints = []
    for joint in JOINTS:
        name, _, side = joint.partition(".")
        if name == "toe_tip":
            joints.append(data["keypoints70"][BIG_TOE[side]])
        else:
            joints.append(data["joints127"][{"L": LEFT, "R": RIGHT, "": CENTER}[side][name]])
    return data["v"].astype(float), np.array(joints, float)


def mirror_map(faces: Ints) -> tuple[Ints, Ints]:
    """The walk that the table is about, and for each vertex the one on the other side of the body."""
    degree = np.bincount(faces.reshape(-1))
    one, other = seeds(faces)[0].tolist()
    order = walk(faces, one, other)
    for one, other in seeds(faces[:, ::-1]).tolist():
        mirrored = walk(faces[:, ::-1], one, other)
        if (degree[mirrored] == degree[order]).all() and mirrored[0] != order[0]:
            opposite = np.empty(VERTICES, np.int64)
            opposite[order] = mirrored
            return order, opposite
    sys.exit("The mesh is not symmetrical.")


def mirrored(body: Body, opposite: Ints) -> Body:
    """The body's mirror image, its vertices in the mesh's order."""
    vertices, joints = body
    other = [JOINTS.index(joint.translate(str.maketrans("LR", "RL"))) for joint in JOINTS]
    return vertices[opposite] * [-1, 1, 1], joints[other] * [-1, 1, 1]


def derive(bodies: list[Body]) -> tuple[Ints, Floats]:
    """For each joint its vertices (JOINTS, NEAREST) and their weights, of which the sum is 1.

    The weights with which the joint is least off in all the bodies when every vertex is off by NOISE.
    """
    chosen, weights = [], []
    for joint in range(len(JOINTS)):
        distance = np.max([np.linalg.norm(v - places[joint], axis=1) for v, places in bodies], axis=0)
        nearest = np.argsort(distance, kind="stable")[:NEAREST]
        noise = NOISE * np.maximum(distance[nearest] / distance[nearest[0]], 1)
        rows = [np.ones((1, NEAREST))] + [(v[nearest] - places[joint]).T for v, places in bodies] + [np.diag(noise)]
        conditions = np.concatenate(rows)
        goal = np.zeros(len(conditions))
        goal[0] = 1
        weight = np.linalg.lstsq(conditions, goal, rcond=None)[0]
        chosen.append(nearest)
        weights.append(weight / weight.sum())
    return np.array(chosen), np.array(weights)


def main() -> None:
    """Reads the bodies, prints what to expect, writes the table."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("bodies", type=Path)
    files = sorted(parser.parse_args().bodies.glob("*.npz"))
    if not files:
        sys.exit("There are no bodies.")
    faces = np.load(files[0])["f"].astype(np.int64)
    if faces.shape != (FACES, 3):
        sys.exit(f"{files[0]} is not of this mesh.")
    order, opposite = mirror_map(faces)
    bodies = [read_body(file) for file in files]
    both = [[body, mirrored(body, opposite)] for body in bodies]
    for number, (file, (vertices, joints)) in enumerate(zip(files, bodies, strict=True)):
        others = [body for k, pair in enumerate(both) for body in pair if k != number]
        if others:
            chosen, weights = derive(others)
            off = np.linalg.norm(np.einsum("jk,jki->ji", weights, vertices[chosen]) - joints, axis=1)
            print(f"{file.stem} from the others: mean {100 * off.mean():.2f} cm, at most {100 * off.max():.2f} cm")
    chosen, weights = derive([body for pair in both for body in pair])
    rank = np.empty(VERTICES, np.int64)
    rank[order] = np.arange(VERTICES)
    degree = np.bincount(faces.reshape(-1))
    edges = faces[np.linspace(0, FACES - 1, EDGES).astype(int), :2]
    np.savez_compressed(
        TARGET,
        vertices=chosen.astype(np.uint16),
        weights=weights.astype(np.float32),
        ranks=rank[chosen].astype(np.uint16),
        prefix=degree[order[:PREFIX]].astype(np.uint8),
        degrees=np.uint32(checksum(degree[order])),
        edges=edges.astype(np.uint16),
    )
    print(f"{TARGET.name}: {TARGET.stat().st_size} bytes")


if __name__ == "__main__":
    main()
