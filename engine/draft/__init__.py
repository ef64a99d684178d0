# SPDX-License-Identifier: GPL-3.0-or-later
"""The built-in engine: from a photo to a closed, textured draft of its subject, offline, with numpy and
Pillow alone.

    draft = reconstruct(image, mask)
    pathlib.Path("mug.glb").write_bytes(draft.glb)
"""

from __future__ import annotations

import io
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
from PIL import Image

from ..arrays import Mask, Pixels
from ..matching.camera import PhotoCamera
from ..matching.evidence import KnownPose
from .added_view import AddedView as AddedView
from .errors import DraftError as DraftError

if TYPE_CHECKING:
    from .close_up import CloseUp
    from .foreground import Foreground
    from .mask_features import MaskFeatures

TEXTURE_SIZES = (256, 512, 1024)  # pixels
JPEG_QUALITY = 92
LEFT_OUT = "Photo {number} does not fit the first: no place of its camera makes their masks agree, so it was left out."

Report = Callable[[float, str], None]


@dataclass(frozen=True)
class Draft:
    """A finished draft.

    glb: a glTF 2.0 binary file, y up, the front towards +z, longest side 1, standing on y = 0.
    kind: the kind of shape that was assumed, one of `solids.KINDS`.
    confidence: how surely the foreground is the subject, 0..1.
    foreground: where the foreground came from: 'mask', 'alpha', 'background' or 'center'.
    notes: sentences for the artist about what was assumed.
    pose: where the camera has seen it, which covers its mask from there.
    """

    glb: bytes
    kind: str
    confidence: float
    foreground: str
    notes: tuple[str, ...]
    pose: KnownPose


def reconstruct(
    image: Pixels,
    mask: Pixels | Mask | None = None,
    *,
    camera: PhotoCamera | None = None,
    kind: str | None = None,
    prompt: str = "",
    alternative: int = 0,
    closed: bool = False,
    even_light: bool = False,
    views: Sequence[AddedView] = (),
    report: Report | None = None,
) -> Draft:
    """Makes a textured draft of a photo's subject.

    image: (H, W), (H, W, 3) or (H, W, 4) uint8 sRGB, alpha straight. mask: (h, w), the subject is where it is
    true or above half; without one the subject is found in the photo. camera: the photo's, where it is known; else a
    usual one is assumed. kind: one of `solids.KINDS` where it is known. prompt: what the subject is, in a few words,
    which may tell the kind. alternative: 0 for the likeliest reading of the shape, 1.. for others. closed: whether it
    is known to have no opening, as a cup has. even_light: whether the light on the subject is taken out of its colors.
    views: other photos of the same thing, standing as it does in this one; one that does not fit is left out, which the
    draft's notes say. report(fraction, stage) is called now and then with what is done, 0..1, and what is being done;
    what it raises ends the work. Raises DraftError.
    """
    from .kinds import plausible, rank
    from .solids import KINDS

    if kind is not None and kind not in KINDS:
        raise DraftError(f"There is no kind of shape called {kind}. Choose one of {', '.join(KINDS)}.")
    seen = look_at(image, mask, camera, _part(report, 0.0, 0.15, "Finding the subject"))
    added = look_at_views(views)
    _part(report, 0.15, 0.6, "Building the shape")
    if kind is None and alternative:
        readings = plausible(seen.features, prompt, closed=closed)
        kind = readings[alternative % len(readings)]
    kinds = [kind or rank(one.features, prompt)[0] for one in (seen, *added)]
    return _draft((seen, *added), kinds, closed, even_light, report)


def other_readings(
    image: Pixels,
    mask: Pixels | Mask | None = None,
    *,
    than: str,
    most: int,
    camera: PhotoCamera | None = None,
    prompt: str = "",
    closed: bool = False,
    even_light: bool = False,
    views: Sequence[AddedView] = (),
    report: Report | None = None,
) -> Iterator[Draft]:
    """Makes drafts of other kinds of shape that the photo may show, the most plausible first, from one look at it.

    than: the kind that is left out. most: of how many. All else is as for `reconstruct`, and so is what is raised.
    """
    from .kinds import plausible

    seen = look_at(image, mask, camera, _part(report, 0.0, 0.15, "Finding the subject"))
    added = look_at_views(views)
    others = [kind for kind in plausible(seen.features, prompt, closed=closed) if kind != than]
    for kind in others[:most]:
        draft = _draft((seen, *added), [kind] * (1 + len(added)), closed, even_light, report)
        if draft.kind == kind:  # else the mask leaves no room for it
            yield draft


@dataclass(frozen=True)
class Seen:
    """A photo's subject, looked at: what its drafts have in common.

    found: its pixels in the photo. near: how a level camera sees it that looks at its middle. camera: the photo's.
    notes: sentences for the artist.
    """

    found: Foreground
    near: CloseUp
    features: MaskFeatures
    camera: PhotoCamera
    notes: tuple[str, ...]


def look_at(
    image: Pixels,
    mask: Pixels | Mask | None = None,
    camera: PhotoCamera | None = None,
    step: Callable[[float], None] = lambda _: None,
) -> Seen:
    """Finds the subject of a photo, all as for `reconstruct`; step is told how much is done. Raises DraftError."""
    from .camera import View, usual_camera
    from .close_up import close_up
    from .completion import completed, cut_sides
    from .foreground import find_foreground
    from .input_photo import cut_out_small, prepare
    from .mask_features import MaskFeatures
    from .silhouette import from_mask

    part, part_mask, (left, top) = cut_out_small(image, mask)
    photo = prepare(part, part_mask)
    camera = (camera or usual_camera(image.shape[1], image.shape[0])).resized(image.shape[1], image.shape[0])
    scale = photo.work.shape[1] / part.shape[1]
    middle = np.array([camera.width / 2 - left, camera.height / 2 - top]) * scale
    found = find_foreground(photo.work, photo.alpha, photo.mask, step)
    view = View(camera.axes, camera.focal * scale, middle)
    near = close_up(photo, found.mask, view)
    try:
        silhouette = from_mask(near.coverage)
    except ValueError as error:
        raise DraftError(str(error)) from error
    for side in cut_sides(found.mask, view):
        silhouette = completed(silhouette, near.camera, near.turn.T @ side)
    features = MaskFeatures(silhouette, near.camera, near.picture)
    return Seen(found, near, features, camera, (*photo.notes, *found.notes))


def look_at_views(views: Sequence[AddedView]) -> tuple[Seen, ...]:
    """Finds the subject of each added photo. Raises DraftError, which names the photo, the first being number 1."""
    found = []
    for number, view in enumerate(views, 2):
        if not np.any(view.mask):
            raise DraftError(f"The mask of photo {number} is empty: mark the subject there, or remove the photo.")
        try:
            found.append(look_at(view.image, view.mask, view.camera))
        except DraftError as error:
            raise DraftError(f"Photo {number}: {error}") from error
    return tuple(found)


def _draft(
    photos: Sequence[Seen], kinds: Sequence[str], closed: bool, even_light: bool, report: Report | None
) -> Draft:
    """The draft of what photos show, the first of which counts most, each taken for one of the kinds."""
    from ..gltf.writer import vertex_normals, write_glb
    from .atlas import split_vertices, unwrap
    from .camera import known_pose
    from .shape import shape_of
    from .texture import bake, resolution
    from .views.fused import fuse

    seen, near = photos[0], photos[0].near
    together = fuse(photos, kinds, closed=closed) if len(photos) > 1 else None
    if together is not None:
        shape, others = together.shape, together.views[1:]
    else:
        try:
            shape, others = shape_of(seen.features, kinds[0], closed=closed), ()
        except ValueError as error:
            raise DraftError(str(error)) from error
    _part(report, 0.6, 0.65, "Unwrapping the shape")
    normals = vertex_normals(shape.vertices, shape.faces)
    quads = shape.kind == "revolution"
    atlas = unwrap(shape.vertices, shape.faces, resolution(shape, others), _texture_sizes(near.mask), quads=quads)
    step = _part(report, 0.65, 0.95, "Painting the shape")
    texture = bake(shape, normals, atlas, near.picture, near.mask, even_light=even_light, others=others, report=step)
    _part(report, 0.95, 1.0, "Writing the file")
    encoded = io.BytesIO()
    Image.fromarray(texture).save(encoded, "JPEG", quality=JPEG_QUALITY)
    original, faces, uv = split_vertices(shape.faces, atlas)
    glb = write_glb(shape.vertices[original], normals[original], uv, faces, encoded.getvalue(), kind=shape.kind)
    pose = known_pose(shape.camera, near.camera, near.turn, seen.camera)
    fit = {0, *(view.number for view in others)}
    left_out = (LEFT_OUT.format(number=n + 1) for n in range(len(photos)) if n not in fit)
    return Draft(glb, shape.kind, seen.found.confidence, seen.found.source, (*seen.notes, *left_out), pose)


def _part(report: Report | None, start: float, stop: float, stage: str) -> Callable[[float], None]:
    """Tells of a part of the work, which begins now: how much of it is done, 0..1."""

    def told(fraction: float) -> None:
        if report is not None:
            report(start + (stop - start) * fraction, stage)

    told(0)
    return told


def _texture_sizes(mask: Mask) -> tuple[int, ...]:
    """The sizes, in pixels, that a texture may have: the first one holds all that the photo shows of its subject.

    What the photo shows takes about a third of a texture, and no pixel of it less than two texels each way.
    """
    enough = 4 * float(np.count_nonzero(mask)) ** 0.5
    return tuple(size for size in TEXTURE_SIZES if size >= enough) or TEXTURE_SIZES[-1:]
