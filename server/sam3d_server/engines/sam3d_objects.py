# SPDX-License-Identifier: GPL-3.0-or-later
"""Meta's SAM 3D Objects: from a photo and masks to meshes with vertex colors or texture, each with its pose.

The pipeline is used as it is at the commit that docs/server.md names; nothing of it is copied here. It is made from its
own configuration rather than through the notebook's wrapper, which needs conda and a screen's worth of packages.
"""

from __future__ import annotations

import hashlib
import os
import tempfile
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray
from sam3d_engine.color import srgb_to_linear

from ..errors import JobError
from .base import OBJECTS, EngineRequest, EngineResult, Report, Setup
from .meshes import colored_glb, limit_faces
from .poses import focal_length, object_matrix

STEPS = {
    "sample_sparse_structure": (0.1, "Finding the shape"),
    "sample_slat": (0.4, "Working out details"),
    "decode_slat": (0.75, "Making the mesh"),
    "postprocess_slat_output": (0.85, "Coloring the mesh"),
    "run_post_optimization": (0.92, "Placing the object"),
    "run_post_optimization_GS": (0.92, "Placing the object"),
}
"""The pipeline's own steps: when one of them begins, that much of an object is done."""
WHITE = np.uint8(255)


def load_pipeline(config: Path) -> Any:
    """The pipeline of a `pipeline.yaml`, on the GPU."""
    os.environ["LIDRA_SKIP_INIT"] = "true"  # otherwise the package runs what belongs to its authors' machines
    import sam3d_objects  # noqa: F401
    from hydra.utils import instantiate
    from omegaconf import OmegaConf

    settings = OmegaConf.load(config)
    settings.rendering_engine = "pytorch3d"  # nvdiffrast is not free for commercial use
    settings.compile_model = False
    settings.workspace_dir = str(config.parent)
    return instantiate(settings)


class ObjectsEngine:
    """The loaded pipeline."""

    def __init__(self, setup: Setup, load: Callable[[Path], Any] = load_pipeline) -> None:
        """May take minutes, and gigabytes of the GPU."""
        self._pipeline = load(Path(setup.objects_checkpoint))
        self._tell: Callable[[str], None] = lambda _step: None
        for name in STEPS:
            if hasattr(self._pipeline, name):
                setattr(self._pipeline, name, self._told(name, getattr(self._pipeline, name)))
        self._depth: tuple[bytes, Any, float] = (b"", None, 0.0)

    def run(self, order: EngineRequest, report: Report) -> EngineResult:
        """One GLB for each mask; without masks one of what is not transparent. See `Engine.run`."""
        image, options = order.image, order.options
        masks = order.masks or (_whole(image),)
        report(0.03, "Estimating depth")
        points, focal = self._depth_of(np.ascontiguousarray(image[..., :3]))
        files: dict[str, bytes] = {}
        extras: dict[str, bytes] = {}
        objects = []
        for index, mask in enumerate(masks):

            def tell(step: str, index: int = index) -> None:
                fraction, stage = STEPS[step]
                of = f" ({index + 1} of {len(masks)})" if len(masks) > 1 else ""
                report(0.05 + 0.93 * (index + fraction) / len(masks), stage + of)

            self._tell = tell
            found = self._reconstruct(image, mask, points, seed=options.seed, texture=options.texture)
            stem = f"model-{index + 1}" if index else "model"
            files[f"{stem}.glb"] = _glb(found, texture=options.texture, most=options.faces)
            if options.gaussian:
                extras[f"{stem}.ply"] = _ply(found["gs"])
            objects.append(_pose(found))
        details = {
            "engine": OBJECTS,
            "focal_length": focal,
            "size": [image.shape[1], image.shape[0]],
            "objects": objects,
        }
        return EngineResult({**files, **extras}, details)

    def _reconstruct(
        self, image: NDArray[np.uint8], mask: NDArray[np.bool_], points: Any, *, seed: int, texture: bool
    ) -> dict[str, Any]:
        # the mask goes in as alpha, and is bool until here: 0/255 times 255 would overflow
        cut = np.dstack([image[..., :3], mask.astype(np.uint8) * WHITE])
        found = self._pipeline.run(
            cut,
            None,
            seed,
            stage1_only=False,
            with_mesh_postprocess=texture,
            with_texture_baking=texture,
            with_layout_postprocess=True,
            use_vertex_color=not texture,
            pointmap=points,
        )
        if found.get("glb") is None:
            raise JobError("The model made no mesh of this object: try another mask or seed.")
        return dict(found)

    def _depth_of(self, image: NDArray[np.uint8]) -> tuple[Any, float]:
        """The photo's point map (H, W, 3) in PyTorch3D's camera, and the focal length; kept for its next masks."""
        digest = hashlib.sha256(image.tobytes() + str(image.shape).encode()).digest()
        if digest != self._depth[0]:
            pipeline = self._pipeline
            clip, pipeline.clip_pointmap_beyond_scale = (
                pipeline.clip_pointmap_beyond_scale,
                None,
            )  # each mask has its own
            try:
                opaque = np.dstack([image, np.full(image.shape[:2], WHITE)])
                points = pipeline.compute_pointmap(opaque)["pointmap"].permute(1, 2, 0)
            finally:
                pipeline.clip_pointmap_beyond_scale = clip
            self._depth = digest, points, focal_length(_array(points))
        return self._depth[1:]

    def _told(self, step: str, work: Callable[..., Any]) -> Callable[..., Any]:
        def run(*arguments: Any, **named: Any) -> Any:
            self._tell(step)
            return work(*arguments, **named)

        return run


def _whole(image: NDArray[np.uint8]) -> NDArray[np.bool_]:
    """What is not transparent."""
    if image.shape[2] == 4 and (image[..., 3] > 127).any():
        return np.asarray(image[..., 3] > 127)
    return np.ones(image.shape[:2], np.bool_)


def _glb(found: dict[str, Any], *, texture: bool, most: int) -> bytes:
    mesh = found["glb"]
    if texture:
        return bytes(mesh.export(file_type="glb"))
    vertices, faces = np.asarray(mesh.vertices, np.float64), np.asarray(mesh.faces, np.int64)
    colors = srgb_to_linear(np.asarray(mesh.visual.vertex_colors, np.uint8)[:, :3] / 255.0)
    return colored_glb(*limit_faces(vertices, faces, colors, most), name="object")


def _ply(splats: Any) -> bytes:
    with tempfile.TemporaryDirectory() as folder:
        file = Path(folder) / "splats.ply"
        splats.save_ply(str(file))
        return file.read_bytes()


def _pose(found: dict[str, Any]) -> dict[str, Any]:
    """The pose as the model tells it, and as the matrix that `poses` describes."""
    quaternion, translation, scale = (
        _array(found[name]).reshape(-1).astype(np.float64) for name in ("rotation", "translation", "scale")
    )
    scale = np.broadcast_to(scale, 3)
    return {
        "rotation": quaternion.tolist(),
        "translation": translation.tolist(),
        "scale": scale.tolist(),
        "matrix": object_matrix(quaternion, translation, scale).tolist(),
    }


def _array(tensor: Any) -> NDArray[Any]:
    return np.asarray(tensor.detach().cpu().numpy())
