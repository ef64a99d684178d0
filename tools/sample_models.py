# SPDX-License-Identifier: GPL-3.0-or-later
"""The subjects of the sample photos as models: build/env/blender-4.5/bin/python tools/sample_models.py FOLDER"""

from __future__ import annotations

import importlib
import sys
from pathlib import Path

EXAMPLES = Path(__file__).resolve().parent.parent / "examples"
SUBJECTS = ("mug", "bottle", "elephant", "headphones", "teapot", "truck")


def export_sample_models(folder: Path) -> None:
    """Leaves each of SUBJECTS as NAME/truth.glb, y up, its front towards +z."""
    sys.path.insert(0, str(EXAMPLES))
    import bpy

    props = importlib.import_module("props")
    for name in SUBJECTS:
        bpy.ops.wm.read_factory_settings(use_empty=True)
        getattr(props, name)()
        (folder / name).mkdir(parents=True, exist_ok=True)
        bpy.ops.export_scene.gltf(filepath=str(folder / name / "truth.glb"), export_apply=True)


if __name__ == "__main__":
    export_sample_models(Path(sys.argv[1]))
