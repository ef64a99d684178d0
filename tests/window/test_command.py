# SPDX-License-Identifier: GPL-3.0-or-later
"""`blender --command sam3d` with the real Blender program."""

import shutil
from pathlib import Path

from blender_process import ROOT, built_zip
from window import run_blender


def test_command(folder: Path) -> None:
    """A photo and its mask become a GLB; what is wrong gives one line and status 1."""
    shutil.rmtree(folder, ignore_errors=True)
    folder.mkdir(parents=True)
    install = Path(__file__).parent / "inside" / "install_for_good.py"
    installed = run_blender(folder, "--background", "--python", str(install), "--", str(folder), str(built_zip()))
    assert installed.returncode == 0, installed.stdout
    photos = ROOT / "examples" / "photos"
    model = folder / "teapot.glb"
    made = run_blender(
        folder,
        *("--command", "sam3d", str(photos / "desk.jpg"), "--mask", str(photos / "desk-mask.png")),
        *("--provider", "draft", "--subject", "object", "--seed", "7", "--out", str(model)),
    )
    assert made.returncode == 0, made.stdout
    assert model.read_bytes()[:4] == b"glTF"
    missing = run_blender(folder, "--command", "sam3d", str(folder / "none.jpg"))
    assert missing.returncode == 1
    assert "none.jpg cannot be read" in missing.stdout
    assert "Traceback" not in missing.stdout + made.stdout
