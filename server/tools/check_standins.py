# SPDX-License-Identifier: GPL-3.0-or-later
"""Compares the tests' stand-ins for Meta's models with Meta's own sources, at the commits that docs/server.md names.

    python server/tools/check_standins.py SAM_3D_OBJECTS SAM_3D_BODY

The arguments are checkouts of the two repositories. Nothing of them is run, only read: the parameters of what the
engines call, in order and with their defaults, and the keys of what they get. Exits with 1 where something differs.
"""

from __future__ import annotations

import ast
import sys
from pathlib import Path

STANDINS = Path(__file__).resolve().parent.parent / "tests" / "standins.py"
PIPELINE = "sam3d_objects/pipeline/inference_pipeline_pointmap.py"
ESTIMATOR = "sam_3d_body/sam_3d_body_estimator.py"
BUILD = "sam_3d_body/build_models.py"
CALLED = {"load_sam_3d_body": ["checkpoint_path", "device", "mhr_path"]}
EXTRA = {"seen_at", "3"}
"""What the stand-in tells for the tests alone, and an index of its arrays."""


def function(file: Path, name: str, of: str = "") -> ast.FunctionDef:
    """A function of a module, or a method of a class of it."""
    tree = ast.parse(file.read_text("utf-8"))
    scope: list[ast.stmt] = tree.body
    if of:
        scope = next(node.body for node in tree.body if isinstance(node, ast.ClassDef) and node.name == of)
    return next(node for node in scope if isinstance(node, ast.FunctionDef) and node.name == name)


def parameters(of: ast.FunctionDef) -> list[tuple[str, str]]:
    """Names and defaults."""
    names = [argument.arg for argument in of.args.args]
    defaults = [ast.unparse(default) for default in of.args.defaults]
    return list(zip(names, [""] * (len(names) - len(defaults)) + defaults, strict=True))


def keys(of: ast.FunctionDef) -> set[str]:
    """The texts that are keys in the function's dictionaries, or are looked up in them."""
    found = {
        key.value
        for node in ast.walk(of)
        if isinstance(node, ast.Dict)
        for key in node.keys
        if isinstance(key, ast.Constant) and isinstance(key.value, str)
    }
    for node in ast.walk(of):
        if (
            isinstance(node, ast.Subscript)
            and isinstance(node.slice, ast.Constant)
            and isinstance(node.slice.value, str)
        ):
            found.add(node.slice.value)
    return found


def main() -> int:
    """The command line."""
    objects, body = (Path(word) for word in sys.argv[1:3])
    faults = []
    for file, name, of, stand_in in (
        (objects / PIPELINE, "run", "InferencePipelinePointMap", "ObjectsPipeline"),
        (objects / PIPELINE, "compute_pointmap", "InferencePipelinePointMap", "ObjectsPipeline"),
        (body / ESTIMATOR, "process_one_image", "SAM3DBodyEstimator", "BodyEstimator"),
    ):
        theirs, ours = parameters(function(file, name, of)), parameters(function(STANDINS, name, stand_in))
        if theirs != ours:
            faults.append(f"{name}: theirs {theirs}\n  ours {ours}")
    names = [name for name, _ in parameters(function(body / BUILD, "load_sam_3d_body"))]
    if names != CALLED["load_sam_3d_body"]:
        faults.append(f"load_sam_3d_body takes {names}")
    theirs_keys = keys(function(body / ESTIMATOR, "process_one_image", "SAM3DBodyEstimator"))
    ours_keys = keys(function(STANDINS, "_person", "BodyEstimator"))
    if not ours_keys - EXTRA <= theirs_keys:
        faults.append(f"keys that the estimator does not have: {ours_keys - theirs_keys - EXTRA}")
    print("\n".join(faults) or "The stand-ins have Meta's signatures and keys.")
    return 1 if faults else 0


if __name__ == "__main__":
    sys.exit(main())
