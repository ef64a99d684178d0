# SPDX-License-Identifier: GPL-3.0-or-later
"""The model that selects: offered, downloaded, cut off, refused, and then selecting, from Blender's own defaults."""

import hashlib
import importlib
import sys
from pathlib import Path
from typing import Any

sys.path.insert(0, str(Path(__file__).parent))
sys.path.insert(0, str(Path(__file__).parent.parent.parent))

import bpy
import numpy as np
from drawing import at_rest, masks, on_screen, take_up
from model_host import ModelHost
from preferences_editor import show_preferences
from steps import (
    ARGUMENTS,
    MODULE,
    Steps,
    all_preferences,
    area,
    click,
    find_button,
    hover,
    in_window,
    install,
    job_queue,
    lead,
    open_tab,
    press,
    region,
    replace,
    runtime,
    screenshot,
    seconds,
    take_step,
)

ZIP_FILE, PHOTO, WEIGHTS = ARGUMENTS
SIZE = (1280, 960)
"""Of the photo."""


def model() -> Any:
    return runtime().selection_model


def in_editor() -> Any:
    window = bpy.context.window_manager.windows[0]
    return bpy.context.temp_override(window=window, area=area("IMAGE_EDITOR"), region=region("IMAGE_EDITOR", "WINDOW"))


def pictured(name: str) -> Steps:
    region("IMAGE_EDITOR").tag_redraw()
    yield seconds(0.7)
    screenshot(name)


def download(host: ModelHost) -> Steps:
    """From the offer to the file: cut off, a wrong one, held in the middle, stopped, and whole."""
    content = host.content
    wanted = importlib.import_module(f"{MODULE}.providers.model_file").ModelFile
    digest = hashlib.sha256(content).hexdigest()
    model().expect(wanted("mobile_sam.pt", "https://models.invalid/mobile_sam.pt", len(content), digest))
    all_preferences().selection_model_url = host.url
    yield from pictured("1-offer")

    host.cut_after = len(content) // 3
    with in_window():
        bpy.ops.sam3d.download_model()
    yield lambda: bool(model().problem) and not model().busy
    assert "broke off" in model().problem and "goes on from there" in model().problem, model().problem
    yield from pictured("2-cut-off")

    host.cut_after, host.held = None, len(content) // 4
    with in_window():
        bpy.ops.sam3d.download_model()
    yield lambda: model().fraction > 0.5
    yield from pictured("3-coming")
    with in_window():
        bpy.ops.sam3d.cancel_download()
    yield lambda: not model().busy
    assert not model().problem and not model().is_here
    host.release.set()

    host.held, host.content = None, content[:-1] + bytes([content[-1] ^ 1])
    with in_window():
        bpy.ops.sam3d.download_model()
    yield lambda: bool(model().problem) and not model().busy
    assert "is not mobile_sam.pt: it was removed" in model().problem and not model().is_here, model().problem
    assert not list(model().file.parent.iterdir())
    yield from pictured("4-another-file")

    host.content = content
    with in_window():
        bpy.ops.sam3d.download_model()
    yield lambda: model().is_here
    assert host.begins[0] == 0 and host.begins[1] == len(content) // 3 and host.begins[-1] == 0, host.begins
    assert model().file.read_bytes() == content


def stand_in() -> None:
    """What a trained network would answer: things of the photo, three of them for a click. It looks in no time."""
    engine = importlib.import_module(f"{MODULE}.engine.segment_anything.model")
    selection = importlib.import_module(f"{MODULE}.engine.selection").Selection
    y, x = np.mgrid[: SIZE[1], : SIZE[0]]

    def disc(middle: tuple[float, float], radius: float, confidence: float) -> Any:
        mask = np.hypot(x - middle[0], y - middle[1]) < radius
        return selection(mask, confidence, np.zeros((256, 256), np.float32))

    def candidates(_model: Any, _encoded: Any, prompts: Any, previous: Any = None) -> tuple[Any, ...]:
        places = prompts.positive or ((500.0, 500.0),)
        if previous is not None:
            return (disc(places[0], 100.0, 0.9),)
        return tuple(disc(places[0], radius, sure) for radius, sure in ((60.0, 0.45), (120.0, 0.4), (200.0, 0.3)))

    def everything(_model: Any, _encoded: Any, report: Any) -> tuple[Any, ...]:
        report(0.5)
        places = [(250.0 + 260 * column, 260.0 + 220 * row) for row in range(3) for column in range(4)]
        return tuple(disc(place, 110.0 - 6 * number, 0.9) for number, place in enumerate(places))

    def encode(_model: Any, photo: Any, report: Any) -> Any:
        return photo

    replace(engine.SegmentAnything, "encode", encode)
    replace(engine.SegmentAnything, "candidates", candidates)
    replace(engine.SegmentAnything, "everything", everything)


def covered(number: int) -> int:
    """Pixels of a mask's image that are white."""
    image = masks()[number].image
    values = np.empty(len(image.pixels), np.float32)
    image.pixels.foreach_get(values)
    return int((values[::4] > 0.5).sum())


def candidates() -> Steps:
    """A click means several things: Tab goes from one to the next, and undo goes back."""
    yield from take_up("POINTS", new=True)
    click(*on_screen((640, 480)))
    yield lambda: len(masks()) == 1 and at_rest() and masks()[0].image is not None
    sizes = [covered(0)]
    yield from pictured("6-unsure")
    press("Tab")
    yield lambda: covered(0) != sizes[-1]
    sizes.append(covered(0))
    yield from pictured("7-next")
    press("Tab")
    yield lambda: covered(0) != sizes[-1]
    sizes.append(covered(0))
    assert sizes == sorted(sizes), sizes
    press("Tab")
    yield lambda: covered(0) == sizes[0]
    yield from take_step("ctrl+z")
    yield lambda: covered(0) == sizes[2]
    yield from take_step("ctrl+z")
    yield lambda: covered(0) == sizes[1]


def click_with_the_box() -> Steps:
    """A click is a point, whatever is in hand."""
    before = len(masks())
    yield from take_up("BOX", new=True)
    click(*on_screen((1100, 300)))
    yield lambda: len(masks()) == before + 1 and at_rest() and masks()[before].image is not None
    mask = masks()[before]
    assert not mask.use_box and len(mask.points) == 1, (mask.use_box, len(mask.points))
    yield from take_step("ctrl+z")
    yield lambda: len(masks()) == before


def everything() -> Steps:
    """All that is found is shown, a click each takes it; undo gives it back."""
    with in_editor():
        bpy.ops.sam3d.find_everything("INVOKE_DEFAULT")
    yield lambda: runtime().everything is not None and runtime().everything.proposals is not None
    yield seconds(0.5)
    before = len(masks())
    click(*on_screen((250, 260)))
    yield lambda: len(masks()) == before + 1
    yield seconds(0.5)
    click(*on_screen((510, 480)))
    yield lambda: len(masks()) == before + 2
    hover(*on_screen((770, 700)))
    yield from pictured("8-everything")
    yield from take_step("ctrl+z")
    yield lambda: len(masks()) == before + 1
    press("Return")
    yield lambda: runtime().everything is None
    yield from pictured("9-taken")


def question() -> Steps:
    """A photo in which nothing tells what is meant: the button asks, once, with the guess over the photo."""
    with in_window():
        bpy.ops.sam3d.clear_masks()
    with in_editor():
        bpy.ops.sam3d.back_to_viewport()
    yield from open_tab("VIEW_3D")
    press_at = yield from find_button("VIEW_3D")
    click(*press_at)
    yield lambda: runtime().question is not None
    assert not job_queue().jobs
    yield lambda: any(area.type == "IMAGE_EDITOR" for area in bpy.context.window_manager.windows[0].screen.areas)
    yield seconds(1.5)
    screenshot("10-question")
    with in_editor():
        bpy.ops.sam3d.use_guess()
    yield lambda: bool(job_queue().jobs)
    assert len(masks()) == 1 and runtime().question is None
    yield from pictured("11-guess")
    yield lambda: all(not job.at_work for job in job_queue().jobs.values())
    show_preferences("IMAGE_EDITOR")
    area("PREFERENCES").tag_redraw()
    yield seconds(1.5)
    screenshot("12-preferences")


def steps() -> Steps:
    install(ZIP_FILE)
    bpy.context.preferences.system.use_online_access = True
    bpy.context.scene.sam3d.image = bpy.data.images.load(PHOTO)
    yield from open_tab("VIEW_3D")
    with bpy.context.temp_override(
        window=bpy.context.window_manager.windows[0], area=area("VIEW_3D"), region=region("VIEW_3D")
    ):
        bpy.ops.sam3d.choose_in_editor()
    yield seconds(1.5)
    with ModelHost(Path(WEIGHTS).read_bytes()) as host:
        yield from download(host)
    # with its random weights it looks at the photo as it would, though it sees nothing
    yield lambda: runtime().masks.looking is not None
    yield from take_up("POINTS", new=True)
    click(*on_screen((640, 480)))
    yield lambda: len(masks()) == 1 and masks()[0].image is not None
    assert runtime().masks.made(masks()[0].drawn).is_first
    yield from pictured("5-looking")
    with in_window():
        bpy.ops.sam3d.clear_masks()

    stand_in()
    runtime().masks.use_model(None)
    yield lambda: runtime().masks.looking is None
    runtime().masks.use_model(model().file)
    yield from candidates()
    yield from click_with_the_box()
    yield from everything()
    yield from question()


lead(steps())
