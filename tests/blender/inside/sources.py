# SPDX-License-Identifier: GPL-3.0-or-later
"""Where photos come from, and that what is sent is what the artist sees, pixel by pixel."""

import io
import os
import struct
import time
from pathlib import Path
from typing import Any

import bpy
import numpy as np
from bl_ext.user_default.sam3d.jobs.plan import plan
from bl_ext.user_default.sam3d.panels.photo import scene_images
from bl_ext.user_default.sam3d.runtime.snapshot import read_settings
from bl_ext.user_default.sam3d.runtime.state import runtime
from common import FOLDER, choose_service, empty_file, imported_objects, newest
from images import corners, image_of, stored
from numpy.typing import NDArray
from PIL import Image, ImageCms

UPRIGHT = {
    1: None,
    2: Image.Transpose.FLIP_LEFT_RIGHT,
    3: Image.Transpose.ROTATE_180,
    4: Image.Transpose.FLIP_TOP_BOTTOM,
    5: Image.Transpose.TRANSPOSE,
    6: Image.Transpose.ROTATE_90,
    7: Image.Transpose.TRANSVERSE,
    8: Image.Transpose.ROTATE_270,
}
"""How an upright photo is laid down to be stored with an orientation of EXIF."""


def sent(image: bpy.types.Image) -> NDArray[np.int64]:
    """The photo (height, width, channels) of the job that this image makes, as 8-bit rows from the top."""
    bpy.context.scene.sam3d.image = image
    bpy.ops.sam3d.reconstruct()
    (job,) = newest()
    (path,) = job.folder.glob("photo.*")
    return np.asarray(Image.open(path)).astype(np.int64)


def seen(pixels: NDArray[np.float32]) -> NDArray[np.int64]:
    """sRGB values from the bottom as 8-bit rows from the top."""
    return np.rint(pixels[::-1] * 255).astype(np.int64)


def linear(values: NDArray[np.float32]) -> NDArray[np.float32]:
    return np.where(values <= 0.04045, values / 12.92, ((values + 0.055) / 1.055) ** 2.4)


def assert_same(image: bpy.types.Image, expected: NDArray[Any], tolerance: int = 1) -> None:
    """What is sent of an image is (height, width, channels), as far as both have channels."""
    got = sent(image)
    assert got.shape[:2] == expected.shape[:2]
    channels = min(got.shape[2], expected.shape[2])
    wrong = np.abs(got[..., :channels] - expected[..., :channels])
    assert wrong.max() <= tolerance, (image.name, wrong.max())


def what_is_sent_is_what_the_image_editor_shows(url: str) -> None:
    scene, _ = empty_file()
    choose_service(url)
    pixels = corners()
    assert_same(image_of(pixels, "bytes"), seen(pixels))
    assert_same(stored(image_of(pixels, "png"), "a.png", "PNG"), seen(pixels), 0)
    assert_same(stored(image_of(pixels, "jpg"), "a.jpg", "JPEG", "RGB"), np.asarray(Image.open(FOLDER / "a.jpg")), 0)
    assert_floats_are_sent_as_shown(scene, pixels)
    assert_alpha_is_sent_straight(pixels)

    # a file of another color space is converted as the editor does it
    odd = stored(image_of(pixels, "odd"), "odd.png", "PNG", "RGB")
    odd.colorspace_settings.name = "Linear Rec.709"
    encoded = np.asarray(Image.open(FOLDER / "odd.png")) / 255.0
    expected = np.rint(np.where(encoded <= 0.0031308, encoded * 12.92, 1.055 * encoded ** (1 / 2.4) - 0.055) * 255)
    assert_same(odd, expected.astype(int), 1)
    assert bpy.data.scenes.keys() == [scene.name]


def assert_floats_are_sent_as_shown(scene: bpy.types.Scene, pixels: NDArray[np.float32]) -> None:
    """Scene-linear floats are shown encoded, and through the view transform where the image says so."""
    bright = pixels.copy()
    bright[..., :3] = linear(pixels[..., :3])
    floats = image_of(bright, "floats", float_buffer=True)
    assert_same(floats, seen(pixels))
    assert_same(stored(floats, "a.exr", "OPEN_EXR", depth="32"), seen(pixels))
    exr = bpy.data.images["a.exr"]
    exr.use_view_as_render = True
    for transform in ("AgX", "Filmic", "Standard"):
        scene.view_settings.view_transform, scene.view_settings.exposure = transform, 1.0
        scene.render.image_settings.file_format = "PNG"
        scene.render.image_settings.color_mode = "RGB"
        scene.render.image_settings.color_depth = "8"
        exr.save_render(str(FOLDER / "seen.png"), scene=scene)
        assert_same(exr, np.asarray(Image.open(FOLDER / "seen.png")).astype(int), 0)
        assert scene.render.image_settings.color_mode == "RGB"
    scene.view_settings.exposure = 0.0


def assert_alpha_is_sent_straight(pixels: NDArray[np.float32]) -> None:
    """The alpha that Blender shows is sent, straight in the photo."""
    clear = pixels.copy()
    clear[:, :48, 3] = 0.5
    half = stored(image_of(clear, "half"), "half.png", "PNG")
    assert_same(half, seen(clear))
    half.alpha_mode = "NONE"
    half.reload()
    got = sent(half)
    assert got.shape[2] == 3 and np.abs(got - seen(clear)[..., :3]).max() <= 1
    premultiplied = clear.copy()
    premultiplied[..., :3] = linear(clear[..., :3]) * clear[..., 3:]
    assert_same(image_of(premultiplied, "premultiplied", float_buffer=True), seen(clear), 1)


def mask_of_red(photo: bpy.types.Image) -> bpy.types.Image:
    """A mask of what is red in the photo as Blender shows it."""
    shown = np.array(photo.pixels[:]).reshape(*tuple(photo.size)[::-1], 4)
    red = (shown[..., 0] > 0.8) & (shown[..., 1] < 0.2)
    return image_of(np.dstack([np.repeat(red[..., None], 3, 2), np.ones_like(red)]).astype(np.float32), "red")


def photos_are_turned_upright_with_what_was_painted_over_them(url: str) -> None:
    _, settings = empty_file()
    choose_service(url)
    upright = Image.fromarray(seen(corners()).astype(np.uint8)[..., :3])
    for orientation, turn in UPRIGHT.items():
        lying = upright if turn is None else upright.transpose(turn)
        exif = Image.Exif()
        exif[0x0112] = orientation
        lying.save(FOLDER / f"{orientation}.jpg", quality=95, subsampling=0, exif=exif)
        photo = bpy.data.images.load(str(FOLDER / f"{orientation}.jpg"))
        settings.masks.clear()
        settings.masks.add().image = mask_of_red(photo)
        got = sent(photo)
        assert np.abs(got - np.asarray(upright).astype(int)).mean() < 4, orientation
        (job,) = newest()
        selected = np.asarray(Image.open(job.folder / "mask.png")) > 127
        assert selected[-15:, :15].mean() > 0.9, orientation
        assert selected[:-20].sum() == 0 and selected[:, 20:].sum() == 0, orientation


def a_photo_changed_on_disk_is_sent_as_it_is_shown(url: str) -> None:
    """Blender goes on showing what it has loaded, until it is told to reload."""
    empty_file()
    choose_service(url)
    path = FOLDER / "changing.png"

    def write(pixels: NDArray[np.float32]) -> None:
        Image.fromarray(seen(pixels).astype(np.uint8)).save(path)

    first, second, third = corners(), corners()[::-1].copy(), corners()[:, ::-1].copy()
    write(first)
    image = bpy.data.images.load(str(path))
    bpy.context.scene.sam3d.image = image
    write(second)  # before Blender has shown anything
    assert_same(image, seen(second))
    assert image.pixels[0] >= 0.0  # it is loaded, as by an editor that shows it
    assert_same(image, seen(second))
    write(third)
    assert image.has_data
    assert_same(image, seen(second))
    image.reload()
    assert_same(image, seen(third))
    assert image.pixels[0] >= 0.0
    path.unlink()
    assert_same(image, seen(third))


ROADS = {
    "file.jpg": "as it is",
    "file.tif": "as it is",
    "file.png": "as it is",
    "file.webp": "as it is",
    "painted.jpg": "painted",
    "painted.tif": "painted",
    "scaled.jpg": "scaled",
    "packed.jpg": "packed",
    "packed.tif": "packed",
    "painted-packed.jpg": "painted, packed",
    "painted-packed.tif": "painted, packed",
    "data.png": "Non-Color",
    "data.tif": "Non-Color",
    "linear.jpg": "Linear Rec.709",
    "linear.tif": "Linear Rec.709",
    "packed-linear.jpg": "packed, Linear Rec.709",
    "none.png": "NONE",
    "premultiplied.png": "PREMUL",
    "channels.tif": "CHANNEL_PACKED",
    "rendered.jpg": "View as Render",
    "rendered.tif": "View as Render",
    "ycbcr.tif": "as it is",
    "misnamed.png": "as it is",
}
"""What is done to a photo of that name before it is used."""


def photos_are_upright_on_every_road(url: str) -> None:
    """File or Blender's pixels, square or not: the corners are where the camera saw them, and what was painted over one
    of them in Blender lies on it.
    """
    _, settings = empty_file()
    choose_service(url)
    orientations = [6, 3, 8, 5, 2, 7, 4]
    for number, (name, done) in enumerate(ROADS.items()):
        size = (64, 64) if number % 2 else (96, 64)
        orientation = orientations[number % 7]
        upright = Image.fromarray(seen(corners(*size)).astype(np.uint8))
        path = FOLDER / f"{orientation}-{name}"
        store_lying(upright, path, orientation)
        photo = treated(bpy.data.images.load(str(path)), done)
        settings.masks.clear()
        settings.masks.add().image = mask_of_red(photo)
        got = sent(photo)
        (job,) = newest()
        assert got.shape[1] * upright.height == got.shape[0] * upright.width, (path.name, got.shape)
        assert corner_pattern(got) == corner_pattern(np.asarray(upright).astype(int)), path.name
        selected = np.asarray(Image.open(job.folder / "mask.png")) > 127
        assert selected.shape == got.shape[:2]
        edge = 14 * got.shape[0] // upright.height
        assert selected[-edge:, :edge].mean() > 0.9 and selected[: -edge - 6].sum() == 0, path.name
        assert job.notes == (), job.notes


def store_lying(upright: Image.Image, path: Path, orientation: int) -> None:
    """Save a photo as a camera does that was held so."""
    turn = UPRIGHT[orientation]
    lying = upright if turn is None else upright.transpose(turn)
    if not path.name.endswith("png") and not path.name.endswith("channels.tif"):
        lying = lying.convert("YCbCr" if "ycbcr" in path.name else "RGB")
    exif = Image.Exif()
    exif[0x0112] = orientation
    if path.suffix == ".tif":
        lying.save(path, tiffinfo={0x0112: orientation})
    elif "misnamed" in path.name:
        lying.convert("RGB").save(path, "TIFF", tiffinfo={0x0112: orientation})
    else:
        lying.save(path, exif=exif)


def treated(photo: bpy.types.Image, done: str) -> bpy.types.Image:
    """What artists do to photos."""
    for step in done.split(", "):
        match step:
            case "as it is":
                pass
            case "painted":
                pixels = np.array(photo.pixels[:]).reshape(*tuple(photo.size)[::-1], 4)
                pixels[30:34, 30:34] = (0, 0, 0, 1)
                photo.pixels.foreach_set(pixels.astype(np.float32).ravel())
            case "scaled":
                photo.scale(photo.size[0] * 2, photo.size[1] * 2)
            case "packed":
                photo.pack()
            case "View as Render":
                photo.use_view_as_render = True
            case "NONE" | "PREMUL" | "CHANNEL_PACKED":
                photo.alpha_mode = step
            case _:
                photo.colorspace_settings.name = step
    return photo


def corner_pattern(pixels: NDArray[np.int64]) -> list[list[bool]]:
    """Which channels are bright in the corners, in reading order."""
    edge = pixels.shape[0] // 8
    found = [pixels[y, x, :3] for y in (edge, -edge) for x in (edge, -edge)]
    return [(color > color.max() * 0.6).tolist() for color in found]


def odd_files(picture: Image.Image) -> dict[str, bytes]:
    """Files that Blender shows, by their names: damaged, misnamed, and of rare kinds."""
    clear = picture.convert("RGBA")
    clear.putalpha(Image.linear_gradient("L").resize(picture.size))
    jpeg, png = encoded(picture, "JPEG", quality=95), encoded(picture, "PNG")
    text = b"tEXtComment\0made by hand"
    broken = struct.pack(">I", len(text) - 4) + text + b"\0\0\0\0"
    return {
        "without-end.jpg": jpeg[:-2],
        "half.jpg": jpeg[: len(jpeg) * 6 // 10],
        "half-progressive.jpg": encoded(picture, "JPEG", progressive=True)[: len(jpeg) // 2],
        "garbage-behind.jpg": jpeg + bytes(999),
        "cmyk.jpg": encoded(picture.convert("CMYK"), "JPEG", quality=95),
        "two.jpg": encoded(picture, "MPO", save_all=True, append_images=[picture.rotate(180)]),
        "checksum.png": png[:33] + broken + png[33:],
        "checksum-orientation.png": png[:33] + broken.replace(b"tEXt", b"eXIf") + png[33:],
        "without-end.png": png[:-12],
        "palette.png": encoded(picture.quantize(32), "PNG", transparency=3),
        "a-jpeg.png": jpeg,
        "a-png.jpg": png,
        "a-tiff.png": encoded(picture, "TIFF"),
        "a-jpeg.exr": jpeg,
        "clear.bmp": encoded(clear, "BMP"),
        "clear.tga": encoded(clear, "TGA"),
        "clear.tif": encoded(clear, "TIFF"),
        "clear.dds": encoded(clear, "DDS"),
        "clear.jp2": encoded(clear, "JPEG2000"),
        "clear.webp": encoded(clear, "WEBP", lossless=True),
        "lab.tif": lab_tiff(picture),
        "pages.tif": encoded(picture, "TIFF", save_all=True, append_images=[picture.rotate(180)]),
        "packbits.tif": encoded(picture.convert("L"), "TIFF", compression="packbits"),
    }


def encoded(picture: Image.Image, file_format: str, **options: Any) -> bytes:
    stream = io.BytesIO()
    picture.save(stream, file_format, **options)
    return stream.getvalue()


def lab_tiff(picture: Image.Image) -> bytes:
    profiles = ImageCms.createProfile("sRGB"), ImageCms.createProfile("LAB")
    lab = ImageCms.profileToProfile(picture, *profiles, outputMode="LAB")
    assert lab is not None
    return encoded(lab, "TIFF")


def what_blender_shows_of_odd_files_is_sent(url: str) -> None:
    empty_file()
    choose_service(url)
    noise = np.random.default_rng(7).integers(0, 30, (64, 96, 1))
    picture = Image.fromarray((seen(corners())[..., :3] * 0.7 + noise).astype(np.uint8))
    for name, data in odd_files(picture).items():
        (FOLDER / name).write_bytes(data)
        image = bpy.data.images.load(str(FOLDER / name))
        if not image.size[0]:
            assert name == "checksum-orientation.png"  # some versions of libpng refuse that
            continue
        got = sent(image)
        assert newest()[0].state == "IMPORTED", (name, newest()[0].message)
        shown = seen(np.array(image.pixels[:]).reshape(*tuple(image.size)[::-1], -1))
        assert got.shape[:2] == shown.shape[:2], name
        visible = shown[..., 3] > 0
        assert np.abs(got[..., :3] - shown[..., :3])[visible].mean() < 3, name  # a JPEG may be encoded anew
        if got.shape[2] == 4:
            assert np.abs(got[..., 3] - shown[..., 3]).max() <= 1, name
        else:
            assert shown[..., 3].min() == 255, name


def what_cannot_be_a_photo_is_told_when_it_is_chosen() -> None:
    scene, settings = empty_file()
    heic = b"\0\0\0\x18ftypheic\0\0\0\0mif1heic" + bytes(99)
    for name in ("IMG_1.HEIC", "IMG_2.jpg"):
        (FOLDER / name).write_bytes(heic)
    for name in ("IMG_3.CR2", "clip.mp4", "page.pdf"):
        (FOLDER / name).write_bytes(b"II*\0" + bytes(99))
    for name in ("IMG_1.HEIC", "IMG_2.jpg", "IMG_3.CR2", "clip.mp4", "page.pdf"):
        assert bpy.ops.sam3d.open_photo(filepath=str(FOLDER / name)) == {"CANCELLED"}
        assert settings.image is None
    stored(image_of(corners(), "a"), "frame001.png", "PNG")
    sequence = bpy.data.images["frame001.png"]
    sequence.source = "SEQUENCE"
    tiles = bpy.data.images.new("Tiles", 8, 8, tiled=True)
    tiles.tiles.new(1002)
    movie = bpy.data.images.new("Clip", 8, 8)
    movie.source, movie.filepath = "MOVIE", "//clip.mp4"
    for image, says in ((sequence, "one frame"), (tiles, "one tile"), (movie, "save one of its frames")):
        settings.image = image
        assert says in settings.obstacle(scene)
        try:
            bpy.ops.sam3d.reconstruct()
        except RuntimeError as error:
            assert says in str(error)
    settings.image = bpy.data.images.load(str(FOLDER / "IMG_2.jpg"))
    assert bpy.ops.sam3d.reconstruct() == {"CANCELLED"}
    assert not runtime().queue.jobs
    single = bpy.data.images.new("Tile", 8, 8, tiled=True)
    settings.image = single
    assert settings.obstacle(scene) == ""


def a_small_mask_in_a_large_photo_arrives_whole(url: str) -> None:
    """A square mask of another program's over a lying photo of 12 megapixels, too."""
    _, settings = empty_file()
    choose_service(url)
    large = Image.new("RGB", (4000, 3000), (120, 130, 140))
    large.paste((200, 30, 20), (3000, 600, 3200, 900))
    exif = Image.Exif()
    exif[0x0112] = 6
    large.save(FOLDER / "large.jpg", quality=92, subsampling=0, exif=exif)
    mask_picture = Image.new("L", large.size)
    mask_picture.paste(255, (3000, 600, 3200, 900))
    mask_picture.transpose(Image.Transpose.ROTATE_270).save(FOLDER / "upright.png")
    mask_picture.save(FOLDER / "lying.png")
    for name in ("upright.png", "lying.png"):
        settings.masks.clear()
        settings.masks.add().image = bpy.data.images.load(str(FOLDER / name))
        settings.image = None
        got = sent(bpy.data.images.load(str(FOLDER / "large.jpg"), check_existing=True))
        (job,) = newest()
        selected = np.asarray(Image.open(job.folder / "mask.png")) > 0
        assert selected.sum() == 200 * 300 and job.notes == (), (name, job.notes)
        rows, columns = np.nonzero(selected)
        assert (rows.max() - rows.min(), columns.max() - columns.min()) == (199, 299)
        assert (np.abs(got[selected] - (200, 30, 20)) < 40).mean() > 0.98


def a_mask_that_may_lie_either_way_is_noted(url: str) -> None:
    _, settings = empty_file()
    choose_service(url)
    exif = Image.Exif()
    exif[0x0112] = 6
    square = Image.fromarray(seen(corners(64, 64)).astype(np.uint8)[..., :3])
    square.save(FOLDER / "square.jpg", exif=exif)
    mask_picture = Image.new("L", (64, 64))
    mask_picture.paste(255, (0, 0, 20, 20))
    mask_picture.save(FOLDER / "plain.png")
    mask_picture.save(FOLDER / "told.png", exif=exif)
    for name, noted in (("plain.png", True), ("told.png", False)):
        settings.masks.clear()
        settings.masks.add().image = bpy.data.images.load(str(FOLDER / name))
        sent(bpy.data.images.load(str(FOLDER / "square.jpg"), check_existing=True))
        (job,) = newest()
        assert any("turned upright with the photo" in note for note in job.notes) == noted
        assert (np.asarray(Image.open(job.folder / "mask.png"))[:20, -20:] > 0).all()


def a_photo_of_50_megapixels_is_not_decoded_on_the_main_thread(url: str) -> None:
    _, settings = empty_file()
    choose_service(url)
    large = Image.fromarray(seen(corners()).astype(np.uint8)[..., :3]).resize((8660, 5774), Image.Resampling.BILINEAR)
    large.save(FOLDER / "large.jpg", quality=90)
    photo = bpy.data.images.load(str(FOLDER / "large.jpg"))
    settings.image = photo
    begun = time.perf_counter()
    read = read_settings(bpy.context)
    assert read.picture is not None
    plan(read, runtime().queue.services).new_jobs(read.picture)
    print(f"main thread, 50 megapixels: {(time.perf_counter() - begun) * 1000:.2f} ms")
    assert not photo.has_data
    assert sent(photo).shape == (1365, 2048, 3)
    assert not photo.has_data


def add_masks(settings: Any, size: int, *boxes: tuple[int, int, int, int]) -> None:
    """A square photo, and a mask for each box: left, bottom, right, top in pixels from the bottom left."""
    settings.image = image_of(corners(size, size), "photo")
    settings.masks.clear()
    for number, (left, bottom, right, top) in enumerate(boxes):
        pixels = np.zeros((size, size, 4), np.float32)
        pixels[..., 3] = 1.0
        pixels[bottom:top, left:right, :3] = 1.0
        mask = settings.masks.add()
        mask.name, mask.image = f"m{number}", image_of(pixels, f"m{number}")


def masks_at_the_border_and_of_twenty_pixels() -> None:
    _, settings = empty_file()
    add_masks(settings, 512, (0, 0, 200, 300), (250, 250, 255, 254))
    assert bpy.ops.sam3d.reconstruct() == {"FINISHED"}
    border, tiny = list(runtime().queue.jobs.values())
    assert border.state == "IMPORTED"
    assert tiny.state == "IMPORTED" or tiny.message.endswith("."), tiny
    selected = np.asarray(Image.open(tiny.folder / "mask.png")) > 127
    assert selected.sum() == 20 and selected[512 - 254 : 512 - 250, 250:255].all()


def forty_masks(url: str) -> None:
    _, settings = empty_file()
    choose_service(url)
    places = [(n % 8 * 32, n // 8 * 50) for n in range(40)]
    add_masks(settings, 256, *[(left, bottom, left + 30, bottom + 45) for left, bottom in places])
    assert bpy.ops.sam3d.reconstruct() == {"FINISHED"}
    assert len(imported_objects()) == 40


def names_that_are_no_text(url: str) -> None:
    """A photo, its folder and the .blend of another time, when names were Latin-1: the result arrives all the same."""
    folder = Path(os.fsdecode(os.fsencode(FOLDER) + b"/Fotos f\xfcr M\xfcller"))
    folder.mkdir()
    photo = Path(os.fsdecode(os.fsencode(folder) + b"/T\xfcr.png"))
    Image.fromarray(np.full((48, 64, 3), 120, np.uint8)).save(photo)
    _, settings = empty_file()
    choose_service(url)
    settings.image = bpy.data.images.load(str(photo))
    bpy.ops.wm.save_as_mainfile(filepath=str(folder / "Haus.blend"))
    for _ in range(2):  # a second result goes where the first one is
        assert bpy.ops.sam3d.reconstruct() == {"FINISHED"}
        (job,) = newest()
        assert job.state == "IMPORTED", job.message
        job.folder.name.encode()
    assert len(imported_objects()) == 2
    assert len({obj.users_collection[0] for obj in imported_objects()}) == 1
    bpy.ops.wm.open_mainfile(filepath=bpy.data.filepath)  # as it was saved: without them
    assert bpy.ops.sam3d.import_job(job_id=newest()[0].id) == {"FINISHED"}
    assert len(imported_objects()) == 1


def opening_and_choosing() -> None:
    scene, settings = empty_file()
    stored(image_of(corners(), "a"), "a photo.png", "PNG")
    (FOLDER / "notes.txt").write_text("no photo")
    settings.source = "CAMERA"
    assert bpy.ops.sam3d.open_photo(filepath=str(FOLDER / "a photo.png")) == {"FINISHED"}
    assert settings.source == "IMAGE" and settings.image.name == "a photo.png"
    for wrong in ("notes.txt", "none.png", ""):
        assert bpy.ops.sam3d.open_photo(filepath=str(FOLDER / wrong)) == {"CANCELLED"}
    assert settings.image.name == "a photo.png"
    assert bpy.ops.sam3d.paste_photo() == {"CANCELLED"}

    gone = bpy.data.images.new("Gone", 8, 8)
    gone.source, gone.filepath = "FILE", str(FOLDER / "gone.png")
    reference = bpy.data.objects.new("Reference", None)
    reference.empty_display_type, reference.data = "IMAGE", image_of(corners(), "Reference")
    scene.collection.objects.link(reference)
    camera = bpy.data.objects.new("Camera", bpy.data.cameras.new("Camera"))
    camera.data.background_images.new().image = gone
    scene.collection.objects.link(camera)
    bpy.ops.mesh.primitive_plane_add()
    material = bpy.data.materials.new("Picture")
    material.use_nodes = True
    material.node_tree.nodes.new("ShaderNodeTexImage").image = image_of(corners(), "Plane")
    bpy.context.object.data.materials.append(material)
    assert sorted(image.name for image in scene_images(scene)) == ["Gone", "Plane", "Reference"]
    assert bpy.ops.sam3d.use_reference(image="Reference") == {"FINISHED"}
    assert settings.image == reference.data
    assert bpy.ops.sam3d.use_reference(image="Gone") == {"CANCELLED"}
    assert bpy.ops.sam3d.use_reference(image="Nowhere") == {"CANCELLED"}
    assert settings.image == reference.data
    handler = bpy.types.FileHandler.bl_rna_get_subclass_py("SAM3D_FH_photo")
    assert ".png" in handler.bl_file_extensions and not handler.poll_drop(bpy.context)
