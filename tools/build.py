# SPDX-License-Identifier: GPL-3.0-or-later
"""Builds the extension: `dist/sam3d-VERSION-PLATFORM.zip`, one for each platform, by Blender's own builder.

The wheels that the manifest lists are fetched into `wheels/` and held against `requirements/wheels.sha256`.
"""

from __future__ import annotations

import hashlib
import subprocess
import sys
import tempfile
import tomllib
from pathlib import Path

from environments import BLENDERS, REQUIREMENTS, ROOT, EnvironmentMissing, prepare, python_in, tools_python

DIST = ROOT / "dist"
WHEELS = ROOT / "wheels"


class BuildFailed(Exception):
    """The extension could not be built; the text says why."""


def _sha256(path: Path) -> str:
    return hashlib.sha256(path.read_bytes()).hexdigest() if path.is_file() else ""


def _run(*command: str | Path) -> None:
    result = subprocess.run(command, stdin=subprocess.DEVNULL, capture_output=True, text=True, check=False)
    if result.returncode:
        raise BuildFailed((result.stderr + result.stdout).strip())


def fetch_wheels() -> None:
    """Fetches those of the manifest's wheels that are not in `wheels/` yet. Raises BuildFailed."""
    lines = (REQUIREMENTS / "wheels.sha256").read_text().splitlines()
    digests = {name: digest for digest, name in (line.split() for line in lines)}
    listed = [Path(path).name for path in tomllib.loads((ROOT / "blender_manifest.toml").read_text())["wheels"]]
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
        _run(*command, "--require-hashes", "-r", wanted)
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


def build() -> list[Path]:
    """Builds and validates the zips and returns their paths. Raises BuildFailed or EnvironmentMissing."""
    fetch_wheels()
    python = _blender_python()
    (builder,) = python.parent.parent.glob(
        "lib/python*/site-packages/bpy/*/scripts/addons_core/bl_pkg/cli/blender_ext.py"
    )
    DIST.mkdir(exist_ok=True)
    for old in DIST.glob("sam3d-*.zip"):
        old.unlink()
    _run(python, builder, "build", "--source-dir", ROOT, "--output-dir", DIST, "--split-platforms")
    zips = sorted(DIST.glob("sam3d-*.zip"))
    for path in zips:
        _run(python, builder, "validate", path)
    return zips


def main() -> int:
    """The command line; the exit status is 1 if the build failed."""
    try:
        for path in build():
            print(f"{path.relative_to(ROOT)}  {path.stat().st_size / 1e6:.1f} MB")
    except (BuildFailed, EnvironmentMissing) as error:
        print(error)
        return 1
    return 0


if __name__ == "__main__":
    sys.exit(main())
