# SPDX-License-Identifier: GPL-3.0-or-later
"""The whole road to the artist's own server: the real server's process, real Blender, a model in the scene.

Blender works offline: this computer is reached all the same.
"""

from pathlib import Path

import bpy
from blender_process import ROOT, check
from server_process import ServerProcess

PHOTO = ROOT / "examples" / "photos" / "mug.jpg"
TOKEN = "a-token-for-the-tests-only"


def check_server(function: str, folder: Path, url: str, token: str = "") -> str:
    """Call a function of assertions in a Blender that has the token in its environment; returns what it printed."""
    photo = folder / "mug.jpg"
    image = bpy.data.images.load(str(PHOTO))
    image.scale(256, 256)  # a draft of it takes a moment
    image.save(filepath=str(photo))
    bpy.data.images.remove(image)
    return check("local_server", function, folder, url, str(photo), env={"SAM3D_LOCAL_TOKEN": token})


def test_the_whole_road(tmp_path: Path) -> None:
    with ServerProcess(tmp_path, env={"SAM3D_SERVER_TOKEN": TOKEN}) as server:
        output = check_server("the_whole_road", tmp_path, server.url, TOKEN)
        assert "It runs version" in output
        assert TOKEN not in output + server.log.read_text()


def test_masks_and_people(tmp_path: Path) -> None:
    with ServerProcess(tmp_path) as server:
        check_server("masks_and_people", tmp_path, server.url)


def test_what_is_wrong_is_told(tmp_path: Path) -> None:
    with ServerProcess(tmp_path, env={"SAM3D_SERVER_TOKEN": TOKEN}) as server:
        url = server.url
        output = check_server("what_is_wrong_is_told", tmp_path, url, "not-the-token-of-it")
        assert "does not accept the token" in output
    assert "is not running at this address: start it" in check_server("what_is_wrong_is_told", tmp_path, url)
