# SPDX-License-Identifier: GPL-3.0-or-later
"""The whole road to the artist's own server: the real server's process, real Blender, a model in the scene."""

from pathlib import Path

from blender_process import Finished, run_in_blender
from server_process import ServerProcess
from test_services import PRELUDE

PHOTO = Path(__file__).resolve().parents[2] / "examples" / "photos" / "mug.jpg"
TOKEN = "a-token-for-the-tests-only"


def check(script: str, folder: Path, url: str, token: str = "") -> Finished:
    """Run a script of assertions in a new Blender that works offline: this computer is reached all the same."""
    env = {"PROVIDER": "LOCAL", "URL": url, "PHOTO": str(PHOTO), "SAM3D_LOCAL_TOKEN": token}
    finished = run_in_blender(PRELUDE + script, folder, env=env)
    assert finished.status == 0, finished.output
    assert "Traceback" not in finished.output, finished.output
    return finished


def test_the_whole_road(tmp_path: Path) -> None:
    with ServerProcess(tmp_path, env={"SAM3D_SERVER_TOKEN": TOKEN}) as server:
        finished = check(
            """
settings.use_seed, settings.seed = True, 7
assert bpy.ops.sam3d.test_connection(provider=PROVIDER) == {"FINISHED"}
settings.artifacts = True
assert bpy.ops.sam3d.reconstruct() == {"FINISHED"}
obj, = imported_objects()
assert obj.name == "mug" and len(obj.data.polygons) > 0
job, = runtime().queue.jobs.values()
assert obj["sam3d_model"] == "draft"
assert obj["sam3d_provider"] == "LOCAL" and obj["sam3d_cost"] == 0.0 and obj["sam3d_seed"] == 7
assert job.model.read_bytes()[:4] == b"glTF" and [file.name for file in job.extras] == ["extra.json"]
leave()
""",
            tmp_path,
            server.url,
            TOKEN,
        )
        assert "It runs version" in finished.output
        assert TOKEN not in finished.output + server.log.read_text()


def test_masks_and_people(tmp_path: Path) -> None:
    with ServerProcess(tmp_path) as server:
        check(
            """
for left in (0.2, 0.5):
    mask = settings.masks.add()
    size = settings.image.size
    mask.image = bpy.data.images.new("mask", *size)
    pixels = [0.0] * (size[0] * size[1] * 4)
    for y in range(size[1] // 4, size[1] // 2):
        for x in range(int(size[0] * left), int(size[0] * left) + size[0] // 5):
            pixels[(y * size[0] + x) * 4 : (y * size[0] + x) * 4 + 4] = [1.0] * 4
    mask.image.pixels.foreach_set(pixels)
assert bpy.ops.sam3d.reconstruct() == {"FINISHED"}
assert len(imported_objects()) == 2
settings.masks.clear()
settings.subject = "BODY"
assert bpy.ops.sam3d.reconstruct() == {"FINISHED"}
assert len({obj["sam3d_job"] for obj in imported_objects()}) == 3
leave()
""",
            tmp_path,
            server.url,
        )


def test_what_is_wrong_is_told(tmp_path: Path) -> None:
    with ServerProcess(tmp_path, env={"SAM3D_SERVER_TOKEN": TOKEN}) as server:
        url = server.url
        finished = check(
            'assert bpy.ops.sam3d.test_connection(provider=PROVIDER) == {"CANCELLED"}\nleave()\n',
            tmp_path,
            url,
            "not-the-token-of-it",
        )
        assert "does not accept the token" in finished.output
    finished = check(
        'assert bpy.ops.sam3d.test_connection(provider=PROVIDER) == {"CANCELLED"}\nleave()\n', tmp_path, url
    )
    assert "is not running at this address: start it" in finished.output
