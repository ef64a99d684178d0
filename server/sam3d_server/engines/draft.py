# SPDX-License-Identifier: GPL-3.0-or-later
"""The engine that the extension has built in: rough textured models on any CPU, to try the whole road with."""

from __future__ import annotations

from typing import Any

from sam3d_engine.draft import DraftError, reconstruct

from ..errors import Refused
from .base import DRAFT, EngineRequest, EngineResult, Report
from .poses import GLTF_TO_CANONICAL


class DraftEngine:
    """Makes one draft for each mask, or one of the whole photo."""

    def run(self, order: EngineRequest, report: Report) -> EngineResult:
        """See `Engine.run`; raises Refused for a photo that no draft can be made of."""
        options = order.options
        kind = "organic" if options.people else None
        files: dict[str, bytes] = {}
        kinds: list[str] = []
        notes: list[str] = []
        seen: list[dict[str, Any]] = []
        height, width = order.image.shape[:2]
        masks = order.masks or (None,)
        for index, mask in enumerate(masks):

            def tell(fraction: float, stage: str, index: int = index) -> None:
                report((index + fraction) / len(masks), stage)

            try:
                draft = reconstruct(order.image, mask, kind=kind, alternative=options.alternative, report=tell)
            except DraftError as error:
                raise Refused(str(error)) from error
            files[f"model-{index + 1}.glb" if index else "model.glb"] = draft.glb
            kinds.append(draft.kind)
            notes += draft.notes
            matrix = draft.pose.matrix.copy()
            matrix[:3, :3] = matrix[:3, :3] @ GLTF_TO_CANONICAL
            seen.append({"matrix": matrix.tolist(), "focal_length": draft.pose.focal * max(width, height)})
        details = {"engine": DRAFT, "kinds": kinds, "notes": notes, "size": [width, height], "objects": seen}
        return EngineResult(files, details)
