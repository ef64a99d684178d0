# SPDX-License-Identifier: GPL-3.0-or-later
"""Other photos of the same thing are added in the real window, masked with the mouse, and drafted together."""

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


def masked(number: int) -> Any:
    return lambda: settings().views[number - 2].mask.image is not None and at_rest()


def steps() -> Steps:
    install(ZIP_FILE)
    yield from open_tab("VIEW_3D")
    settings().image = bpy.data.images.load(PHOTOS[0])
    yield seconds(1.0)
    screenshot("1-photo")
    for path in PHOTOS[1:]:
        with in_window():
            assert bpy.ops.sam3d.add_view(filepath=path) == {"FINISHED"}
    yield seconds(1.5)
    screenshot("2-added")
    assert "Photo 2 has no mask yet" in settings().obstacle(bpy.context.scene)

    yield from show(2)
    screenshot("3-shown")
    yield box(2)
    yield masked(2)
    yield from show(3)
    yield box(3)
    yield masked(3)
    yield seconds(0.7)
    screenshot("4-masked")
    assert not settings().masks, "the photo's own masks are others"
    with in_window():
        assert bpy.ops.sam3d.remove_view(number=3) == {"FINISHED"}
        bpy.ops.ed.undo_push(message="Remove View")
    yield seconds(0.3)
    yield from take_step("ctrl+z")
    yield lambda: len(settings().views) == 2 and settings().views[1].mask.image is not None

    yield from show(1)
    yield box(1)
    yield lambda: len(settings().masks) == 1 and settings().masks[0].image is not None and at_rest()
    with in_window():
        assert bpy.ops.sam3d.reconstruct() == {"FINISHED"}
    yield lambda: any("sam3d_job" in obj for obj in bpy.context.scene.objects)
    (job,) = runtime().queue.jobs.values()
    assert len(job.request.views) == 2
    yield seconds(1.0)
    screenshot("5-draft")


lead(steps())
