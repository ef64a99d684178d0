# SPDX-License-Identifier: GPL-3.0-or-later
"""What an operator answers Blender."""

from typing import TYPE_CHECKING, TypeAlias

if TYPE_CHECKING:
    from bpy.stub_internal.rna_enums import OperatorReturnItems

Result: TypeAlias = "set[OperatorReturnItems]"
"""Such as {"FINISHED"} or {"CANCELLED"}."""
