# SPDX-License-Identifier: GPL-3.0-or-later
"""Where photos come from, and that what is sent is what the artist sees, pixel by pixel."""

from pathlib import Path

from test_reconstruct import check

CORNERS = """
from PIL import Image

def corners(width=96, height=64):
    'Every corner another color, so that any flip shows; rows from the bottom, sRGB values, a disc in the middle.'
    pixels = np.ones((height, width, 4), np.float32)
    pixels[..., :3] = np.linspace(0.2, 0.6, width)[None, :, None]
    for rows, columns, color in (
        (slice(0, 16), slice(0, 16), (1, 0, 0)), (slice(0, 16), slice(-16, None), (0, 1, 0)),
        (slice(-16, None), slice(0, 16), (0, 0, 1)), (slice(-16, None), slice(-16, None), (1, 1, 0)),
    ):
        pixels[rows, columns, :3] = color
    y, x = np.mgrid[:height, :width]
    pixels[(x - width / 2) ** 2 + (y - height / 2) ** 2 < 200, :3] = (0.5, 0.25, 0.125)
    return pixels

def image_of(pixels, name, **options):
    height, width, _ = pixels.shape
    image = bpy.data.images.new(name, width, height, alpha=True, **options)
    image.pixels.foreach_set(pixels.ravel())
    image.update()
    return image

def stored(image, name, file_format, mode="RGBA", depth="8"):
    settings = scene.render.image_settings
    settings.file_format, settings.color_mode, settings.color_depth = file_format, mode, depth
    scene.view_settings.view_transform = "Standard"
    image.save_render(str(FOLDER / name), scene=scene)
    return bpy.data.images.load(str(FOLDER / name))

def sent(image):
    'The photo of the job that this image makes, as 8-bit rows from the top.'
    settings.image = image
    bpy.ops.sam3d.reconstruct()
    job = list(runtime().queue.jobs.values())[-1]
    path, = job.folder.glob("photo.*")
    return np.asarray(Image.open(path)).astype(int)

def seen(pixels):
    'sRGB values from the bottom as 8-bit rows from the top.'
    return np.rint(pixels[::-1] * 255).astype(int)

def linear(values):
    return np.where(values <= 0.04045, values / 12.92, ((values + 0.055) / 1.055) ** 2.4)

def assert_same(image, expected, tolerance=1):
    got = sent(image)
    assert got.shape[:2] == expected.shape[:2]
    channels = min(got.shape[2], expected.shape[2])
    wrong = np.abs(got[..., :channels] - expected[..., :channels])
    assert wrong.max() <= tolerance, (image.name, wrong.max())
"""


def test_what_is_sent_is_what_the_image_editor_shows(tmp_path: Path) -> None:
    check(
        CORNERS
        + """
pixels = corners()
assert_same(image_of(pixels, "bytes"), seen(pixels))
assert_same(stored(image_of(pixels, "png"), "a.png", "PNG"), seen(pixels), 0)
assert_same(stored(image_of(pixels, "jpg"), "a.jpg", "JPEG", "RGB"), np.asarray(Image.open(FOLDER / "a.jpg")), 0)

# scene-linear floats are shown encoded, and through the view transform where the image says so
bright = pixels.copy()
bright[..., :3] = linear(pixels[..., :3])
floats = image_of(bright, "floats", float_buffer=True)
assert_same(floats, seen(pixels))
assert_same(stored(floats, "a.exr", "OPEN_EXR", depth="32"), seen(pixels))
exr = bpy.data.images["a.exr"]
exr.use_view_as_render = True
kept = scene.render.image_settings.file_format
for transform in ("AgX", "Filmic", "Standard"):
    scene.view_settings.view_transform, scene.view_settings.exposure = transform, 1.0
    scene.render.image_settings.file_format = "PNG"
    scene.render.image_settings.color_mode = "RGB"
    scene.render.image_settings.color_depth = "8"
    exr.save_render(str(FOLDER / "seen.png"), scene=scene)
    assert_same(exr, np.asarray(Image.open(FOLDER / "seen.png")).astype(int), 0)
    assert scene.render.image_settings.color_mode == "RGB"
scene.view_settings.exposure = 0.0

# the alpha that Blender shows, straight in the photo
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

# a file of another color space is converted as the editor does it
odd = stored(image_of(pixels, "odd"), "odd.png", "PNG", "RGB")
odd.colorspace_settings.name = "Linear Rec.709"
encoded = np.asarray(Image.open(FOLDER / "odd.png")) / 255.0
expected = np.rint(np.where(encoded <= 0.0031308, encoded * 12.92, 1.055 * encoded ** (1 / 2.4) - 0.055) * 255)
assert_same(odd, expected.astype(int), 1)
assert bpy.data.scenes.keys() == [scene.name]
""",
        tmp_path,
    )


def test_photos_are_turned_upright_with_what_was_painted_over_them(tmp_path: Path) -> None:
    check(
        CORNERS
        + """
upright = Image.fromarray(seen(corners()).astype(np.uint8)[..., :3])
back = {1: None, 2: Image.Transpose.FLIP_LEFT_RIGHT, 3: Image.Transpose.ROTATE_180, 4: Image.Transpose.FLIP_TOP_BOTTOM,
        5: Image.Transpose.TRANSPOSE, 6: Image.Transpose.ROTATE_90, 7: Image.Transpose.TRANSVERSE,
        8: Image.Transpose.ROTATE_270}
for orientation, turn in back.items():
    lying = upright if turn is None else upright.transpose(turn)
    exif = Image.Exif()
    exif[0x0112] = orientation
    lying.save(FOLDER / f"{orientation}.jpg", quality=95, subsampling=0, exif=exif)
    photo = bpy.data.images.load(str(FOLDER / f"{orientation}.jpg"))
    settings.masks.clear()
    mask = settings.masks.add()
    # what is red in the photo as Blender shows it
    shown = np.array(photo.pixels[:]).reshape(*tuple(photo.size)[::-1], 4)
    red = (shown[..., 0] > 0.8) & (shown[..., 1] < 0.2)
    mask.image = image_of(np.dstack([np.repeat(red[..., None], 3, 2), np.ones_like(red)]).astype(np.float32), "red")
    got = sent(photo)
    assert np.abs(got - np.asarray(upright).astype(int)).mean() < 4, orientation
    job = list(runtime().queue.jobs.values())[-1]
    selected = np.asarray(Image.open(job.folder / "mask.png")) > 127
    assert selected[-15:, :15].mean() > 0.9 and selected[:-20].sum() == 0 and selected[:, 20:].sum() == 0, orientation
""",
        tmp_path,
    )


def test_a_photo_of_50_megapixels_is_not_decoded_on_the_main_thread(tmp_path: Path) -> None:
    output = check(
        CORNERS
        + """
import time
from bl_ext.user_default.sam3d.jobs.plan import plan
from bl_ext.user_default.sam3d.runtime.snapshot import read_settings
from bl_ext.user_default.sam3d.runtime.state import runtime
large = Image.fromarray(seen(corners()).astype(np.uint8)[..., :3]).resize((8660, 5774), Image.Resampling.BILINEAR)
large.save(FOLDER / "large.jpg", quality=90)
photo = bpy.data.images.load(str(FOLDER / "large.jpg"))
settings.image = photo
begun = time.perf_counter()
read = read_settings(bpy.context)
plan(read, runtime().queue.services).new_jobs(read.picture)
print(f"main thread, 50 megapixels: {(time.perf_counter() - begun) * 1000:.2f} ms")
assert not photo.has_data
assert sent(photo).shape == (1365, 2048, 3)
assert not photo.has_data
""",
        tmp_path,
    )
    print(output)


MASKS = """
def masks(size, *boxes):
    settings.image = image_of(corners(size, size), "photo")
    settings.masks.clear()
    for number, (left, bottom, right, top) in enumerate(boxes):
        pixels = np.zeros((size, size, 4), np.float32)
        pixels[..., 3] = 1.0
        pixels[bottom:top, left:right, :3] = 1.0
        mask = settings.masks.add()
        mask.name, mask.image = f"m{number}", image_of(pixels, f"m{number}")
"""


def test_masks_at_the_border_and_of_twenty_pixels(tmp_path: Path) -> None:
    check(
        CORNERS
        + MASKS
        + """
masks(512, (0, 0, 200, 300), (250, 250, 255, 254))
assert bpy.ops.sam3d.reconstruct() == {"FINISHED"}
border, tiny = list(runtime().queue.jobs.values())
assert border.state == "IMPORTED"
assert tiny.state == "IMPORTED" or tiny.message.endswith("."), tiny
selected = np.asarray(Image.open(tiny.folder / "mask.png")) > 127
assert selected.sum() == 20 and selected[512 - 254 : 512 - 250, 250:255].all()
""",
        tmp_path,
    )


def test_forty_masks(tmp_path: Path) -> None:
    check(
        CORNERS
        + MASKS
        + """
masks(256, *[((n % 8) * 32, (n // 8) * 50, (n % 8) * 32 + 30, (n // 8) * 50 + 45) for n in range(40)])
assert bpy.ops.sam3d.reconstruct() == {"FINISHED"}
assert len(imported_objects()) == 40
""",
        tmp_path,
    )


def test_opening_and_choosing(tmp_path: Path) -> None:
    output = check(
        CORNERS
        + """
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
from bl_ext.user_default.sam3d.panels.photo import scene_images
assert sorted(image.name for image in scene_images(scene)) == ["Gone", "Plane", "Reference"]
assert bpy.ops.sam3d.use_reference(image="Reference") == {"FINISHED"}
assert settings.image == reference.data
assert bpy.ops.sam3d.use_reference(image="Gone") == {"CANCELLED"}
assert bpy.ops.sam3d.use_reference(image="Nowhere") == {"CANCELLED"}
assert settings.image == reference.data
handler = bpy.types.FileHandler.bl_rna_get_subclass_py("SAM3D_FH_photo")
assert ".png" in handler.bl_file_extensions and not handler.poll_drop(bpy.context)
""",
        tmp_path,
    )
    assert "notes.txt cannot be opened" in output
    assert "none.png cannot be opened" in output
    assert "no image on the clipboard" in output
    assert "The file of Gone is missing" in output
