# SPDX-License-Identifier: GPL-3.0-or-later
"""Names for the bones of the Momentum Human Rig: the extension's own where they mean the same."""

from __future__ import annotations

from sam3d_engine.rigging.bone_names import MHR


def bone_name(joint: str) -> str:
    """The bone's name: hips, upper_arm.L and so on; what the extension has no name for keeps the model's."""
    return MHR.get(joint, joint)
