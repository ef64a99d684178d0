# SPDX-License-Identifier: GPL-3.0-or-later
"""The built zips: what they hold, that Blender takes them, that they leave nothing behind."""

from __future__ import annotations

import subprocess
import sys
import tomllib
import zipfile
from pathlib import Path

import pytest
from blender_process import ROOT, built_zip, run_in_blender

from build import stage

bpy = pytest.importorskip("bpy")

PLATFORMS = ("windows_x64", "linux_x64", "macos_arm64", "macos_x64")
WHEEL_TAG = {
    "windows_x64": "win_amd64",
    "linux_x64": "manylinux",
    "macos_arm64": "arm64",
    "macos_x64": "macosx",
}
PACKAGES = {"engine", "jobs", "operators", "overlay", "panels", "photos", "presets", "providers", "runtime", "scene"}


@pytest.mark.parametrize("platform", PLATFORMS)
def test_zip_holds_the_extension_and_nothing_else(platform: str) -> None:
    with zipfile.ZipFile(built_zip(platform)) as archive:
        names = [Path(name) for name in archive.namelist() if not name.endswith("/")]
    top = {name.name for name in names if len(name.parts) == 1}
    assert top == {"blender_manifest.toml", "LICENSE", *(path.name for path in ROOT.glob("*.py"))}
    assert {name.parts[0] for name in names if len(name.parts) > 1} <= PACKAGES | {"help", "wheels"}
    assert {name.suffix for name in names if name.parts[0] in PACKAGES} == {".py", ".npz"}
    kinds = ("*.py", "*.npz")
    sources = {path.relative_to(ROOT) for name in PACKAGES for kind in kinds for path in (ROOT / name).rglob(kind)}
    assert sources == {name for name in names if name.parts[0] in PACKAGES}


@pytest.mark.parametrize("platform", PLATFORMS)
def test_zip_brings_pillow_for_both_pythons_of_its_platform(platform: str) -> None:
    with zipfile.ZipFile(built_zip(platform)) as archive:
        wheels = [name for name in archive.namelist() if name.startswith("wheels/")]
        listed = tomllib.loads(archive.read("blender_manifest.toml").decode())["build"]["generated"]["wheels"]
    assert sorted(wheels) == sorted(name.removeprefix("./") for name in listed)
    assert all(WHEEL_TAG[platform] in name for name in wheels)
    assert {name.split("-")[2] for name in wheels} >= {"cp311", "cp313"}


@pytest.mark.parametrize("platform", PLATFORMS)
def test_blender_finds_the_zip_valid(platform: str) -> None:
    tool = Path(bpy.utils.resource_path("LOCAL"), "scripts", "addons_core", "bl_pkg", "cli", "blender_ext.py")
    command = [sys.executable, str(tool), "validate", str(built_zip(platform))]
    result = subprocess.run(command, capture_output=True, text=True, check=False)
    assert result.returncode == 0, result.stderr + result.stdout


def test_server_lies_beside_the_zips_under_the_name_that_its_page_says() -> None:
    (wheel,) = (ROOT / "dist").glob("sam3d_server-*.whl")
    assert f"pip install {wheel.name}" in (ROOT / "docs" / "server.md").read_text("utf-8")
    with zipfile.ZipFile(wheel) as archive:
        assert {"sam3d_server/cli.py", "sam3d_engine/__init__.py"} <= set(archive.namelist())


def test_website_stands_in_the_manifest_where_there_is_one(tmp_path: Path) -> None:
    stage(tmp_path, "https://sam3d.invalid/about")
    manifest = tomllib.loads((tmp_path / "blender_manifest.toml").read_text("utf-8"))
    assert manifest["website"] == "https://sam3d.invalid/about"
    with zipfile.ZipFile(built_zip()) as archive:
        written = tomllib.loads(archive.read("blender_manifest.toml").decode())
    assert "website" not in written or written["website"].startswith("http")


def test_installs_into_a_new_blender_with_its_own_pillow(tmp_path: Path) -> None:
    finished = run_in_blender("installation", "brings_its_own_pillow", tmp_path, str(built_zip()), install=False)
    assert finished.status == 0, finished.output
    (line,) = (line for line in finished.output.splitlines() if line.startswith("PILLOW"))
    assert Path(line.removeprefix("PILLOW ")).is_relative_to(finished.resources)


def test_nothing_stays_behind_when_it_is_disabled(tmp_path: Path) -> None:
    finished = run_in_blender("installation", "nothing_stays_behind", tmp_path, str(built_zip()), install=False)
    assert finished.status == 0, finished.output
    assert "Traceback" not in finished.output
    assert "Error" not in finished.output
    assert list(finished.temporary.iterdir()) == []
