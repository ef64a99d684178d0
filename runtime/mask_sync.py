# SPDX-License-Identifier: GPL-3.0-or-later
"""From what was drawn over the photo to the images of the masks, by way of the selections' thread.

What undo brings back is the key of an earlier drawing; the image follows it.
"""

import uuid
from collections.abc import Iterator

import bpy

from ..mask_properties import DRAWN, SAM3D_PG_mask
from ..photos.mask_maker import MadeMask, MaskEdit
from ..photos.picture import Picture
from ..photos.prompts import PointPrompt, Prompts
from ..properties import SAM3D_PG_settings, scene_settings
from ..scene.pixels import NoPixels, picture
from .state import runtime


def prompts_of(place: SAM3D_PG_mask | SAM3D_PG_settings) -> Prompts:
    """The box and points of a mask, or of the settings themselves, as plain data."""
    points = tuple(PointPrompt(point.x, point.y, point.inside, point.radius) for point in place.points)
    return Prompts(points, place.box[:] if place.use_box else None)


def follows_prompts(mask: SAM3D_PG_mask) -> bool:
    """Whether a mask is what its box and points select, and nothing that was drawn or painted otherwise."""
    if mask.image is None:
        return not runtime().masks.is_at_work(mask.drawn) or mask.has_prompts
    return bool(mask.drawn) and mask.has_prompts and not mask.image.is_dirty


def select(mask: SAM3D_PG_mask, photo: Picture) -> None:
    """Make a mask's image anew from its box and points; it arrives with a later `take_over`."""
    _start(mask, MaskEdit(photo, prompts_of(mask)))


def guess(mask: SAM3D_PG_mask, photo: Picture) -> None:
    """Let a mask be the likeliest subject of a photo, where that is sure; else it stays empty."""
    mask.drawn = new_key()
    runtime().masks.expect(mask.drawn, runtime().guesses.mask(photo))


def edit_mask(mask: SAM3D_PG_mask, edit: MaskEdit) -> None:
    """Change a mask by a part that was drawn; its box and points no longer tell what it is."""
    mask.use_box = False
    mask.points.clear()
    _start(mask, edit)


def candidates_of(mask: SAM3D_PG_mask) -> MadeMask | None:
    """All that the drawing of a mask may mean; None where it is no drawing, or that is not known any more."""
    made = runtime().masks.made(mask.drawn) if mask.drawn else None
    return made if made is not None and mask.image is not None and not mask.image.is_dirty else None


def choose(mask: SAM3D_PG_mask, step: int) -> None:
    """Show another candidate of a mask's drawing, so many further; it is a drawing of its own to undo."""
    made = candidates_of(mask)
    if made is None:
        return
    before, mask.drawn = mask.drawn, new_key()
    runtime().masks.choose(mask.drawn, before=before, number=(made.chosen + step) % len(made.candidates))
    show_known(mask)


def begin_painting(mask: SAM3D_PG_mask) -> None:
    """What is painted from now on is a drawing of its own, which box and points no longer tell."""
    mask.use_box = False
    mask.points.clear()
    image = mask.image
    assert image is not None
    if image.get(DRAWN) is not None or not image.filepath:  # not a file of the artist's
        mask.drawn = runtime().drawn_images.record_drawing(image, new_key(), DRAWN)


def take_over() -> bool:
    """Show the masks that are ready; returns whether there is something new to show."""
    ended = runtime().masks.drain()
    for mask, _photo in _drawn():
        if mask.drawn in ended:
            show_known(mask)
    has_moved = runtime().masks.has_moved()
    for mask, _photo in _drawn() if ended or has_moved else ():
        if runtime().masks.can_improve(mask.drawn):
            before, mask.drawn = mask.drawn, new_key()
            runtime().masks.improve(mask.drawn, before=before)
    return bool(ended) or has_moved


def new_key() -> str:
    """By which a drawing is known."""
    return uuid.uuid4().hex


def _start(mask: SAM3D_PG_mask, edit: MaskEdit) -> None:
    before = _kept(mask)
    mask.drawn = new_key()
    runtime().masks.start(mask.drawn, edit, before=before)


def _kept(mask: SAM3D_PG_mask) -> str:
    """The key of the mask as it is now, which is kept for undo and for what is added to it."""
    if mask.image is None or runtime().masks.is_at_work(mask.drawn):
        return mask.drawn
    key = mask.drawn or new_key()
    try:
        runtime().masks.keep(key, picture(mask.image))
    except NoPixels:
        return ""
    return key


def show_known(mask: SAM3D_PG_mask) -> None:
    """Show what is kept of a mask's drawing, if it is kept."""
    png = runtime().masks.mask(mask.drawn)
    if png is not None:
        image = None if is_shared(mask) else mask.image
        mask.image = runtime().drawn_images.write(image, mask.name, png, mask.drawn, DRAWN)


def is_shared(mask: SAM3D_PG_mask) -> bool:
    """Whether another mask has the same image, as those of a copied scene do: drawing on one must not change both."""
    masks = (other for scene in bpy.data.scenes for other in scene_settings(scene).all_masks())
    return mask.image is not None and sum(other.image == mask.image for other in masks) > 1


def _drawn() -> Iterator[tuple[SAM3D_PG_mask, bpy.types.Image | None]]:
    """All masks that were drawn, with the photos that they were drawn over."""
    for scene in bpy.data.scenes:
        settings = scene_settings(scene)
        over = [(mask, settings.image) for mask in settings.masks]
        over += [(view.mask, view.image) for view in settings.added_views]
        yield from ((mask, photo) for mask, photo in over if mask.drawn)


def catch_up() -> None:
    """Show what undo, redo or a file has brought back, and make anew what is not kept."""
    for mask, photo in _drawn():
        if mask.image is not None and runtime().drawn_images.shows_drawing(mask.image, mask.drawn, DRAWN):
            continue
        if runtime().masks.mask(mask.drawn) is not None:
            show_known(mask)
        elif photo is not None and mask.has_prompts and not runtime().masks.is_at_work(mask.drawn):
            try:
                runtime().masks.start(mask.drawn, MaskEdit(picture(photo), prompts_of(mask)))
            except NoPixels:
                continue
