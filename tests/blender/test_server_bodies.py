# SPDX-License-Identifier: GPL-3.0-or-later
"""The skinned GLBs of the GPU server arrive as people who can be posed: rest pose, photo's pose and names are kept."""

from __future__ import annotations

import os
import pathlib
import subprocess

import bpy
import numpy as np
from environments import ROOT, package_root, prepare
from numpy.typing import NDArray
from people import MHR
from test_skeletons import bring, empty_file, in_world  # noqa: F401 - a fixture

from sam3d.engine.rigging.skeleton import BONES

WRITE = pathlib.Path(__file__).with_name("server_glb.py")
TURNED = {"l_uparm": 0.7, "r_uparm": -0.5, "l_lowleg": 0.4, "c_spine1": 0.2}


def frames(turns: dict[str, float]) -> NDArray[np.float64]:
    """The joints' frames (J, 4, 4) with some of them turned about z, in radians; y up."""
    names, found = list(MHR), np.tile(np.eye(4), (len(MHR), 1, 1))
    for index, (name, joint) in enumerate(MHR.items()):
        parent = None if joint.parent is None else names.index(joint.parent)
        before = np.zeros(3) if joint.parent is None else np.array(MHR[joint.parent].place)
        cos, sin = np.cos(turns.get(name, 0)), np.sin(turns.get(name, 0))
        local = np.eye(4)
        local[:2, :2] = [[cos, -sin], [sin, cos]]
        local[:3, 3] = np.array(joint.place) - before
        found[index] = local if parent is None else found[parent] @ local
    return found


def test_a_body_of_the_server_arrives_in_both_poses(tmp_path: pathlib.Path) -> None:
    names, rest, posed = list(MHR), frames({}), frames(TURNED)
    corners = np.array([[0, 0, 0], [0.05, 0, 0], [0, 0.05, 0], [0, 0, 0.05]])
    vertices = (rest[:, None, :3, 3] + corners).reshape(-1, 3)
    faces = np.array([[0, 2, 1], [0, 1, 3], [0, 3, 2], [1, 2, 3]])
    faces = (faces + 4 * np.arange(len(names))[:, None, None]).reshape(-1, 3)
    weights = np.repeat(np.eye(len(names)), 4, axis=0)
    parents = [-1 if joint.parent is None else names.index(joint.parent) for joint in MHR.values()]
    path, arrays = tmp_path / "person.glb", tmp_path / "person.npz"
    np.savez(
        arrays, names=names, parents=parents, rest=rest, posed=posed, vertices=vertices, faces=faces, weights=weights
    )
    environment = {**os.environ, "PYTHONPATH": os.pathsep.join([str(ROOT / "server"), str(package_root())])}
    subprocess.run([prepare("server"), WRITE, arrays, path], env=environment, check=True)
    moves = posed @ np.linalg.inv(rest)
    moved = np.einsum("jab,jkb->jka", moves[:, :3, :3], vertices.reshape(-1, 4, 3)) + moves[:, None, :3, 3]

    armature, mesh = bring(path)
    assert set(BONES) <= {bone.name for bone in armature.data.bones}
    assert distance(in_world(mesh), up_z(moved.reshape(-1, 3))) < 1e-3
    armature.data.pose_position = "REST"
    bpy.context.view_layer.update()
    assert distance(in_world(mesh), up_z(vertices)) < 1e-3
    assert distance(in_world(mesh), up_z(moved.reshape(-1, 3))) > 0.1


def up_z(points: NDArray[np.float64]) -> NDArray[np.float64]:
    """glTF's axes in Blender's."""
    return np.asarray(points[:, [0, 2, 1]] * [1, -1, 1])


def distance(ours: NDArray[np.float64], theirs: NDArray[np.float64]) -> float:
    """How far the farthest of our points (N, 3) is from the nearest of theirs, both about their middles."""
    ours, theirs = ours - (ours.min(0) + ours.max(0)) / 2, theirs - (theirs.min(0) + theirs.max(0)) / 2
    return float(np.linalg.norm(ours[:, None] - theirs, axis=2).min(1).max())
