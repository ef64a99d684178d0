# SPDX-License-Identifier: GPL-3.0-or-later
"""Objects of a scene as an asset in a .blend of its own: a copy, the scene stays as it is. Main thread only.

The copy is in the artist's file for the moment only: what Blender writes of other file data (`temp_data`) is not sound.
One object becomes an object asset; several, such as an armature with its mesh, a collection: Blender's browser brings
an object alone, without what hangs on it.
"""

from __future__ import annotations

import contextlib
import re
import tempfile
import uuid
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final, Literal

import bpy
from bpy.types import ID, Collection, Context, Image, Object, ShaderNodeTexImage
from mathutils import Euler, Matrix, Vector

from .data import mesh_of, read_pixels, scene_of, view_layer_of
from .placement import transform
from .result_objects import objects_of

APPEND: Final[Literal["APPEND"]] = "APPEND"
"""How assets are brought in: other ways give a rig that cannot be posed, or the same one again."""
NUMBER = re.compile(r"\.\d{3,}$")
"""With which Blender tells what would have the same name."""


@dataclass(frozen=True)
class AssetCard:
    """What is written on an asset."""

    name: str
    author: str
    description: str
    license: str
    tags: tuple[str, ...]


def write_asset(path: Path, objects: Sequence[Object], card: AssetCard, catalog: str, preview: Path | None) -> None:
    """Write objects as the one asset of a .blend, which becomes `path` as a whole.

    catalog: the id of the asset's catalog. preview: a picture file. Raises RuntimeError or OSError where the disk
    refuses.
    """
    for obj in objects:
        obj.update_from_editmode()
    _pack_painted(objects)
    lent: list[tuple[ID, str]] = []
    try:
        with _new_data_removed() as before, _temporary_folder() as folder:
            asset = _as_asset(_copies(objects, folder / "objects.blend"), card)
            _fill_in(asset, card, catalog)
            if preview is not None:
                _show(asset, preview)
            _take_names(before, lent)
            bpy.data.libraries.write(str(path), {asset}, path_remap="NONE", compress=True)
    finally:
        for other, name in lent:
            other.name = name


@contextlib.contextmanager
def for_a_moment(context: Context) -> Iterator[None]:
    """Takes away whatever has come into the file by the end of the block, and selects as before."""
    view_layer = view_layer_of(context)
    active, selected = view_layer.objects.active, set(view_layer.objects.selected)
    try:
        with _new_data_removed():
            yield
    finally:
        view_layer.update()  # or it still lists the places of what was removed
        for obj in view_layer.objects:
            obj.select_set(obj in selected, view_layer=view_layer)
        view_layer.objects.active = active


def selected_of(context: Context, job: str) -> list[Object]:
    """What of a job's result is selected, each with all of the result that it hangs on and that hangs on it."""
    mine = objects_of(scene_of(context), {job})
    roots = {_root(obj, mine) for obj in mine if obj.select_get(view_layer=view_layer_of(context))}
    return [obj for obj in mine if _root(obj, mine) in roots]


def _root(obj: Object, mine: Sequence[Object]) -> Object:
    while obj.parent is not None and obj.parent in mine:
        obj = obj.parent
    return obj


def _textures(obj: Object) -> list[Image]:
    materials = [slot.material for slot in obj.material_slots if slot.material is not None]
    nodes = [node for material in materials if material.node_tree for node in material.node_tree.nodes]
    return [node.image for node in nodes if isinstance(node, ShaderNodeTexImage) and node.image is not None]


def _pack_painted(objects: Sequence[Object]) -> None:
    """What was painted on packed textures is kept with them, as Blender does before it saves a file."""
    for image in [image for obj in objects for image in _textures(obj)]:
        if image.is_dirty and (image.packed_files or image.source == "GENERATED"):
            image.pack()


def _kinds() -> list[Any]:
    """Blender's collections of all data."""
    return [getattr(bpy.data, prop.identifier) for prop in bpy.data.bl_rna.properties if prop.type == "COLLECTION"]


@contextlib.contextmanager
def _new_data_removed() -> Iterator[set[ID]]:
    """Gives the data before; removes what has come by the end of the block."""
    before = {datablock for kind in _kinds() for datablock in kind}
    try:
        yield before
    finally:
        bpy.data.batch_remove([datablock for kind in _kinds() for datablock in kind if datablock not in before])


@contextlib.contextmanager
def _temporary_folder() -> Iterator[Path]:
    with tempfile.TemporaryDirectory(prefix="sam3d-", dir=bpy.app.tempdir or None) as folder:
        yield Path(folder)


def _take_names(before: set[ID], lent: list[tuple[ID, str]]) -> None:
    """Gives new data names without numbers, which are those of their originals; who lent them is told in `lent`."""
    for kind in _kinds():
        for datablock in [each for each in kind if each not in before and NUMBER.search(each.name)]:
            name = NUMBER.sub("", datablock.name)
            other = kind.get((name, None))
            if other is not None and other in before:
                lent.append((other, name))
                other.name = uuid.uuid4().hex
            if other is None or other in before:
                datablock.name = name


def _copies(objects: Sequence[Object], path: Path) -> list[Object]:
    """Copies of objects and of all that they use, by way of a file, in the same order; they hang on nothing else."""
    bpy.data.libraries.write(str(path), set(objects), path_remap="ABSOLUTE")
    with bpy.data.libraries.load(str(path), link=False) as (_, wanted):  # type: ignore[func-returns-value, attr-defined]  # it does
        wanted.objects = [obj.name for obj in objects]
    copies: list[Object] = list(wanted.objects)
    for obj, copy in zip(objects, copies, strict=True):
        copy.asset_clear()
        if copy.parent is not None and copy.parent not in copies:
            copy.parent = None
            copy.matrix_basis = obj.matrix_world
        for image in _textures(copy):
            if image.source in {"FILE", "TILED"} and not image.packed_files:
                with contextlib.suppress(RuntimeError):  # its file is missing: there is nothing to take along
                    image.pack()
    return copies


def _as_asset(copies: Sequence[Object], card: AssetCard) -> Object | Collection:
    roots = [copy for copy in copies if copy.parent is None]
    _stand_at_origin(roots)
    if len(copies) == 1:
        _keep_tilt(copies[0])
        return copies[0]
    collection = bpy.data.collections.new(roots[0].name if len(roots) == 1 else card.name)
    for copy in copies:
        collection.objects.link(copy)
    return collection


def _stand_at_origin(roots: Sequence[Object]) -> None:
    """Several keep their places to each other, around the middle of their origins."""
    middle = sum((root.matrix_basis.translation for root in roots), Vector()) / len(roots)
    for root in roots:
        root.location -= middle


def _keep_tilt(obj: Object) -> None:
    """A turn that is not about the vertical goes into the mesh: Blender stands an object asset as it was modeled."""
    if obj.type != "MESH" or obj.rotation_mode != "XYZ":
        return
    tilt = Euler((obj.rotation_euler.x, obj.rotation_euler.y, 0.0)).to_matrix().to_4x4()
    obj.rotation_euler = (0.0, 0.0, 0.0)
    if tilt != Matrix():
        transform(mesh_of(obj), tilt)


def _fill_in(asset: Object | Collection, card: AssetCard, catalog: str) -> None:
    asset.asset_mark()
    about = asset.asset_data
    assert about is not None
    about.author, about.description, about.license = card.author, card.description, card.license
    about.catalog_id = catalog
    for tag in card.tags:
        about.tags.new(tag, skip_if_exists=True)
    for name, value in (("use_preferred_import_method", True), ("preferred_import_method", APPEND)):
        if hasattr(about, name):  # since 5.2
            setattr(about, name, value)


def _show(asset: Object | Collection, picture: Path) -> None:
    """Makes a picture the preview; one that cannot be read leaves the asset without."""
    try:
        image = bpy.data.images.load(str(picture))
    except RuntimeError:
        return
    pixels = read_pixels(image)
    preview = asset.preview_ensure()
    preview.image_size = image.size
    preview.image_pixels_float.foreach_set(pixels.ravel())  # type: ignore[attr-defined]  # an array, not a number
