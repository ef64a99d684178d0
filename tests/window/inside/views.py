# SPDX-License-Identifier: GPL-3.0-or-later
"""Other photos of the same thing are added in the real window, masked with the mouse, and sent together."""

import sys
from pathlib import Path
from typing import Any

sys.path.insert(0, str(Path(__file__).parent))

import bpy
from drawing import at_rest, drag, tool_in_hand
from steps import (
    ARGUMENTS,
    Steps,
    area,
    in_window,
    install,
    lead,
    open_tab,
    region,
    runtime,
    screenshot,
    seconds,
    take_step,
)

ZIP_FILE, *PLACES = ARGUMENTS
PHOTOS, BOXES = PLACES[::2], [tuple(map(int, place.split())) for place in PLACES[1::2]]


def settings() -> Any:
    return bpy.context.scene.sam3d


def show(number: int) -> Steps:
    """The row of a photo is clicked, where the panel is."""
    kind = next(kind for kind in ("IMAGE_EDITOR", "VIEW_3D") if any_area(kind))
    window = bpy.context.window_manager.windows[0]
    with bpy.context.temp_override(window=window, area=area(kind), region=region(kind)):
        assert bpy.ops.sam3d.show_view(number=number) == {"FINISHED"}
    yield lambda: region("IMAGE_EDITOR").active_panel_category == "SAM 3D"
    yield seconds(1.0)
    assert tool_in_hand() == "sam3d.box"


def any_area(kind: str) -> bool:
    return any(area.type == kind for area in bpy.context.window_manager.windows[0].screen.areas)


def box(number: int) -> Any:
    """Drag around the thing in the photo that is shown."""
    left, top, right, bottom = BOXES[number - 1]
    return drag([(left - 6, top - 6), (right + 6, bottom + 6)])


def has_mask(number: int) -> bool:
    return settings().views[number - 2].mask.image is not None


def steps() -> Steps:
    install(ZIP_FILE)
    yield from open_tab("VIEW_3D")
    settings().image = bpy.data.images.load(PHOTOS[0])
    with in_window():
        for path in PHOTOS[1:]:
            assert bpy.ops.sam3d.add_view(filepath=path) == {"FINISHED"}
    yield lambda: at_rest() and has_mask(2) and has_mask(3)
    settings().views[1].mask.image = None
    assert "Photo 3 has no mask yet" in settings().obstacle(bpy.context.scene)
    yield seconds(1.0)
    screenshot("1-added")

    yield from show(3)
    screenshot("2-shown")
    yield box(3)
    yield lambda: at_rest() and has_mask(3)
    yield seconds(0.5)
    screenshot("3-masked")
    assert not settings().masks, "the photo's own masks are others"
    with in_window():
        assert bpy.ops.sam3d.remove_view(number=3) == {"FINISHED"}
        bpy.ops.ed.undo_push(message="Remove View")
    yield from take_step("ctrl+z")
    yield lambda: len(settings().views) == 2 and has_mask(3)

    yield from show(2)
    settings().provider = "WAVESPEED"  # which takes one photo
    region("IMAGE_EDITOR").tag_redraw()
    yield seconds(0.5)
    screenshot("4-not-sent")
    settings().provider = "DRAFT"
    yield from show(1)
    yield box(1)
    yield lambda: at_rest() and len(settings().masks) == 1 and settings().masks[0].image is not None
    with in_window():
        assert bpy.ops.sam3d.reconstruct() == {"FINISHED"}
    yield lambda: any(job.request is not None for job in runtime().queue.jobs.values())
    (job,) = runtime().queue.jobs.values()
    assert len(job.request.views) == 2
    screenshot("5-at-work")


lead(steps())
