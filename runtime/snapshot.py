# SPDX-License-Identifier: GPL-3.0-or-later
"""Reads what the artist has set, in Blender, into plain data: all that the button goes by."""

import bpy

from ..jobs.model import AS_IN_PHOTO, Destination
from ..jobs.plan import AddedView, CannotStart, MaskSettings, ReconstructSettings, SceneMasks
from ..mask_properties import SAM3D_PG_mask
from ..match_properties import photo_source
from ..photos.picture import Picture
from ..preferences import NoFolder, preferences, results_folder
from ..properties import SAM3D_PG_settings, scene_settings
from ..scene.blockout import placeholder_of
from ..scene.data import cursor_of, scene_of, unit_of, view_layer_of
from ..scene.pixels import NoPixels, photo_name, picture
from .mask_sync import prompts_of
from .selection_model import file_in_use
from .standing import wishes_for
from .state import runtime


def read_settings(context: bpy.types.Context) -> ReconstructSettings:
    """The scene's settings and what the preferences add; raises CannotStart where they cannot be reconstructed now."""
    scene = scene_of(context)
    settings = scene_settings(scene)
    obstacle = settings.obstacle(scene)
    if obstacle:
        raise CannotStart(obstacle)
    try:
        folder = results_folder(context)
    except NoFolder as error:
        raise CannotStart(str(error)) from error
    if settings.source == "CAMERA":
        assert scene.camera is not None  # `obstacle` has seen to it
        photo, source = scene.camera.name, f"camera {scene.camera.name}"
    else:
        photo, source = photo_name(settings.photo), photo_source(settings.photo)
    try:
        photo_picture = None if settings.source == "CAMERA" else picture(settings.photo)
        masks = () if settings.masks_objects else _masks(settings)
        views = _views(settings) if settings.sends_views else ()
    except NoPixels as error:
        raise CannotStart(str(error)) from error
    return ReconstructSettings(
        provider=settings.provider,
        subject=settings.kind,
        photo=photo,
        destination=_destination(scene, photo, source),
        results_folder=folder,
        picture=photo_picture,
        prompt=settings.prompt,
        prompts=prompts_of(settings),
        masks=masks,
        scene_masks=_scene_masks(context, settings) if settings.masks_objects else None,
        masks_in_one_run=settings.masks_in_one_run,
        seed=settings.seed if settings.use_seed else None,
        variations=settings.variations,
        artifacts=settings.artifacts,
        even_light=settings.even_light,
        longest_edge=preferences(context).longest_edge,
        online=bpy.app.online_access,
        camera=wishes_for(scene, source),
        model=file_in_use(context),
        views=views,
    )


def _destination(scene: bpy.types.Scene, photo: str, source: str) -> Destination:
    settings = scene_settings(scene)
    return Destination(
        blend=bpy.data.filepath,
        scene=scene.name,
        collection=photo,
        name=photo,
        location=cursor_of(scene),
        face_limit=settings.face_limit,
        height=settings.height,
        helper_bones=settings.helper_bones,
        origin=cursor_of(scene),
        unit=unit_of(scene),
        source=source,
        identity=runtime().scenes.of(scene),
        placement=AS_IN_PHOTO if settings.places_as_in_photo else "",
    )


def _masks(settings: SAM3D_PG_settings) -> tuple[MaskSettings, ...]:
    """The masks that are switched on; raises NoPixels."""
    together = settings.sends_masks_together
    return tuple(_mask(mask, needed=together) for mask in settings.used_masks())


def _views(settings: SAM3D_PG_settings) -> tuple[AddedView, ...]:
    """The other photos of the subject; raises NoPixels."""
    return tuple(
        AddedView(picture(view.image), _mask(view.mask, needed=False)) for view in settings.views if view.image
    )


def _mask(mask: SAM3D_PG_mask, *, needed: bool) -> MaskSettings:
    return MaskSettings(mask.name, mask.prompt, _picture(mask, needed=needed), prompts_of(mask))


def _picture(mask: SAM3D_PG_mask, *, needed: bool) -> Picture | None:
    """A mask's image; None while it is made anew from the mask's prompts, which tell as well, unless it is needed."""
    is_outdated = mask.has_prompts and runtime().masks.is_at_work(mask.drawn)
    return None if mask.image is None or (is_outdated and not needed) else picture(mask.image)


def _scene_masks(context: bpy.types.Context, settings: SAM3D_PG_settings) -> SceneMasks:
    objects = settings.selected_objects()
    active = view_layer_of(context).objects.active
    return SceneMasks(
        objects=tuple((obj.name, placeholder_of(context, [obj])) for obj in objects),
        together=placeholder_of(context, objects),
        each=settings.camera_masks == "EACH",
        active=active.name if active in objects else "",
    )
