# SPDX-License-Identifier: GPL-3.0-or-later
"""Builds the extension: `dist/sam3d-VERSION-PLATFORM.zip`, one for each platform, by Blender's own builder.

The wheels that the manifest lists are fetched into `wheels/` and held against `requirements/wheels.sha256`; the guide
becomes the pages in `help/`. The GPU server's wheel is left beside the zips.
"""

from __future__ import annotations

import argparse
import hashlib
import json
import shutil
import subprocess
import sys
import tempfile
import tomllib
from pathlib import Path

from environments import BLENDERS, REQUIREMENTS, ROOT, EnvironmentMissing, prepare, python_in, tools_python

DIST = ROOT / "dist"
WHEELS = ROOT / "wheels"
MANIFEST = "blender_manifest.toml"


class BuildFailed(Exception):
    """The extension could not be built; the text says why."""


def _sha256(path: Path) -> str:
    return hashlib.sha256(path.read_bytes()).hexdigest() if path.is_file() else ""


def run(*command: str | Path, at: Path = ROOT) -> None:
    """Runs a command; raises BuildFailed with what it said where it failed."""
    result = subprocess.run(command, cwd=at, stdin=subprocess.DEVNULL, capture_output=True, text=True, check=False)
    if result.returncode:
        raise BuildFailed((result.stderr + result.stdout).strip())


def fetch_wheels() -> None:
    """Fetches those of the manifest's wheels that are not in `wheels/` yet. Raises BuildFailed."""
    lines = (REQUIREMENTS / "wheels.sha256").read_text().splitlines()
    digests = {name: digest for digest, name in (line.split() for line in lines)}
    listed = [Path(path).name for path in tomllib.loads((ROOT / MANIFEST).read_text())["wheels"]]
    if set(listed) != set(digests):
        raise BuildFailed("blender_manifest.toml and requirements/wheels.sha256 do not list the same wheels.")
    for name, digest in digests.items():
        if _sha256(WHEELS / name) != digest:
            print(f"Fetching {name} ...", flush=True)
            _fetch_wheel(name, digest)


def _fetch_wheel(name: str, digest: str) -> None:
    package, version, python, abi, platforms = name.removesuffix(".whl").split("-")
    with tempfile.TemporaryDirectory() as folder:
        wanted = Path(folder, "wanted.txt")
        wanted.write_text(f"{package}=={version} --hash=sha256:{digest}\n")
        tags = ["--implementation", python[:2], "--python-version", python[2:], "--abi", abi]
        for platform in platforms.split("."):
            tags += ["--platform", platform]
        options = ["--quiet", "--disable-pip-version-check", "--no-deps", "--only-binary", ":all:"]
        command = [str(tools_python()), "-m", "pip", "download", *options, *tags, "--dest", str(WHEELS)]
        run(*command, "--require-hashes", "-r", wanted)
    if _sha256(WHEELS / name) != digest:
        raise BuildFailed(f"Fetched another file than {name}.")


def _blender_python() -> Path:
    """The Python of a Blender: of one that stands already, else of the first that can be set up."""
    reason = EnvironmentMissing()
    for name in sorted(BLENDERS, key=lambda name: not python_in(name).exists()):
        try:
            return prepare(name)
        except EnvironmentMissing as error:
            reason = error
    raise reason


def blenders_builder() -> tuple[Path, Path]:
    """The command of Blender's own builder of extensions. Raises EnvironmentMissing."""
    python = _blender_python()
    (builder,) = python.parent.parent.glob(
        "lib/python*/site-packages/bpy/*/scripts/addons_core/bl_pkg/cli/blender_ext.py"
    )
    return python, builder


def make_help(website: str = "") -> None:
    """Makes the pages of the help anew. Raises BuildFailed and EnvironmentMissing."""
    run(prepare("docs"), ROOT / "tools" / "help_pages.py", "--website", website)


def build_server() -> None:
    """Leaves the GPU server's wheel in `dist/`. Raises BuildFailed and EnvironmentMissing."""
    for old in DIST.glob("sam3d_server-*.whl"):
        old.unlink()
    run(prepare("docs"), "-m", "hatchling", "build", "--target", "wheel", "--directory", DIST, at=ROOT / "server")


def stage(folder: Path, website: str) -> None:
    """Copies what is packed, and names the website in the manifest, for which the sources have no place."""
    manifest = (ROOT / MANIFEST).read_text("utf-8")
    left_out = set(tomllib.loads(manifest)["build"]["paths_exclude_pattern"]) - {"/wheels/"}
    for path in ROOT.iterdir():
        if path.is_dir() and f"/{path.name}/" not in left_out and not path.name.startswith("."):
            shutil.copytree(path, folder / path.name, ignore=shutil.ignore_patterns("__pycache__"))
        elif path.is_file():
            shutil.copyfile(path, folder / path.name)
    if website:
        manifest = manifest.replace('\ntype = "add-on"\n', f'\nwebsite = {json.dumps(website)}\ntype = "add-on"\n', 1)
    (folder / MANIFEST).write_text(manifest, "utf-8")


def build(website: str = "") -> list[Path]:
    """Builds and validates the zips and returns their paths.

    website: where the add-on is at home, for its manifest and its help. Raises BuildFailed or EnvironmentMissing.
    """
    fetch_wheels()
    make_help(website)
    builder = blenders_builder()
    DIST.mkdir(exist_ok=True)
    for old in DIST.glob("sam3d-*.zip"):
        old.unlink()
    with tempfile.TemporaryDirectory() as folder:
        stage(Path(folder), website)
        run(*builder, "build", "--source-dir", folder, "--output-dir", DIST, "--split-platforms")
    zips = sorted(DIST.glob("sam3d-*.zip"))
    for path in zips:
        run(*builder, "validate", path)
    build_server()
    return zips


def main() -> int:
    """The command line; the exit status is 1 if the build failed."""
    parser = argparse.ArgumentParser(description="Build the extension's zips.")
    parser.add_argument("--website", default="", metavar="ADDRESS", help="where the add-on is at home")
    try:
        for path in build(parser.parse_args().website):
            print(f"{path.relative_to(ROOT)}  {path.stat().st_size / 1e6:.1f} MB")
    except (BuildFailed, EnvironmentMissing) as error:
        print(error)
        return 1
    return 0


if __name__ == "__main__":
    sys.exit(main())
