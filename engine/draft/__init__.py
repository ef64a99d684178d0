# SPDX-License-Identifier: GPL-3.0-or-later
"""The built-in engine: from a photo to a closed, textured draft of its subject, offline, with numpy and
Pillow alone.

    draft = reconstruct(image, mask)
    pathlib.Path("mug.glb").write_bytes(draft.glb)
"""

from __future__ import annotations

import io
from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
from PIL import Image

from ..arrays import Mask, Pixels
from ..matching.camera import PhotoCamera
from ..matching.evidence import KnownPose
from .errors import DraftError as DraftError

TEXTURE_SIZES = (256, 512, 1024)  # pixels
JPEG_QUALITY = 92

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
    alternative: int = 0,
    closed: bool = False,
    even_light: bool = False,
    report: Report | None = None,
) -> Draft:
    """Makes a textured draft of a photo's subject.

    image: (H, W), (H, W, 3) or (H, W, 4) uint8 sRGB, alpha straight. mask: (h, w), the subject is where it is
    true or above half; without one the subject is found in the photo. camera: the photo's, where it is known; else a
    usual one is assumed. kind: one of `solids.KINDS` where it is
    known. alternative: 0 for the likeliest reading of the shape, 1.. for others. closed: whether it is known to have no
    opening, as a cup has. even_light: whether the light on the subject is taken out of its colors.
    report(fraction, stage) is called now and then with what is done, 0..1, and what is being done; what it raises ends
    the work. Raises DraftError.
    """
    from ..gltf.writer import vertex_normals, write_glb
    from .atlas import split_vertices, unwrap
    from .camera import View, known_pose, usual_camera
    from .close_up import close_up
    from .foreground import find_foreground
    from .input_photo import cut_out_small, prepare
    from .shape import build_shape
    from .texture import bake, resolution

    def tell(start: float, stop: float, stage: str) -> Callable[[float], None]:
        def told(fraction: float) -> None:
            if report is not None:
                report(start + (stop - start) * fraction, stage)

        told(0)
        return told

    step = tell(0.0, 0.15, "Finding the subject")
    part, part_mask, (left, top) = cut_out_small(image, mask)
    photo = prepare(part, part_mask)
    camera = (camera or usual_camera(image.shape[1], image.shape[0])).resized(image.shape[1], image.shape[0])
    scale = photo.work.shape[1] / part.shape[1]
    middle = np.array([camera.width / 2 - left, camera.height / 2 - top]) * scale
    found = find_foreground(photo.work, photo.alpha, photo.mask, step)
    step = tell(0.15, 0.6, "Building the shape")
    near = close_up(photo, found.mask, View(camera.axes, camera.focal * scale, middle))
    try:
        shape = build_shape(near.coverage, near.picture, near.camera, kind=kind, alternative=alternative, closed=closed)
    except ValueError as error:
        raise DraftError(str(error)) from error
    tell(0.6, 0.65, "Unwrapping the shape")
    normals = vertex_normals(shape.vertices, shape.faces)
    quads = shape.kind == "revolution"
    atlas = unwrap(shape.vertices, shape.faces, resolution(shape), _texture_sizes(near.mask), quads=quads)
    step = tell(0.65, 0.95, "Painting the shape")
    texture = bake(shape, normals, atlas, near.picture, near.mask, even_light=even_light, report=step)
    tell(0.95, 1.0, "Writing the file")
    encoded = io.BytesIO()
    Image.fromarray(texture).save(encoded, "JPEG", quality=JPEG_QUALITY)
    original, faces, uv = split_vertices(shape.faces, atlas)
    glb = write_glb(shape.vertices[original], normals[original], uv, faces, encoded.getvalue(), kind=shape.kind)
    pose = known_pose(shape.camera, near.camera, near.turn, camera)
    return Draft(glb, shape.kind, found.confidence, found.source, (*photo.notes, *found.notes), pose)


def _texture_sizes(mask: Mask) -> tuple[int, ...]:
    """The sizes, in pixels, that a texture may have: the first one holds all that the photo shows of its subject.

    What the photo shows takes about a third of a texture, and no pixel of it less than two texels each way.
    """
    enough = 4 * float(np.count_nonzero(mask)) ** 0.5
    return tuple(size for size in TEXTURE_SIZES if size >= enough) or TEXTURE_SIZES[-1:]
