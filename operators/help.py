# SPDX-License-Identifier: GPL-3.0-or-later
"""The way to the guide: as a whole, to a page, or to what explains a message."""

from typing import Annotated

import bpy

from ..runtime.help_pages import GUIDE
from ..runtime.state import runtime
from .result import Result


class SAM3D_OT_help(bpy.types.Operator):
    """Show the guide of this add-on in the web browser; it came with the add-on and needs no network"""

    bl_idname = "sam3d.help"
    bl_label = "Help for SAM 3D"

    page: Annotated[
        str,
        bpy.props.StringProperty(
            name="Page", description="Of the guide, such as services.html", default=GUIDE, options={"SKIP_SAVE"}
        ),
    ]
    anchor: Annotated[
        str,
        bpy.props.StringProperty(
            name="Place", description="In the page, such as setting-up; empty: its beginning", options={"SKIP_SAVE"}
        ),
    ]

    def execute(self, _context: bpy.types.Context) -> Result:
        """Open the browser."""
        place = f"#{self.anchor}" if self.anchor else ""
        return _open(f"{self.page}{place}")


class SAM3D_OT_explain(bpy.types.Operator):
    """Show what this message means and what to do, in the web browser"""

    bl_idname = "sam3d.explain"
    bl_label = "What If It Fails"

    message: Annotated[
        str, bpy.props.StringProperty(name="Message", description="What is to be explained", options={"SKIP_SAVE"})
    ]

    def execute(self, _context: bpy.types.Context) -> Result:
        """Open the browser at the sentence."""
        return _open(runtime().help.explanation(self.message))


def _open(place: str) -> Result:
    return bpy.ops.wm.url_open(url=runtime().help.address(place))  # type: ignore[return-value]  # its answer is ours
