# SPDX-License-Identifier: GPL-3.0-or-later
"""What `pip install ./server` installs: the server with the engine in it, and its command."""

from __future__ import annotations

import subprocess
import sys
import zipfile
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]
DRAFT = Path(__file__).with_name("draft_of_a_square.py")


@pytest.fixture(scope="module")
def installed(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder with what the wheel holds."""
    folder = tmp_path_factory.mktemp("wheel")
    command = [sys.executable, "-m", "hatchling", "build", "--target", "wheel", "--directory", str(folder)]
    done = subprocess.run(command, cwd=ROOT / "server", capture_output=True, text=True, timeout=120, check=False)
    assert done.returncode == 0, done.stderr
    (wheel,) = folder.glob("sam3d_server-*.whl")
    with zipfile.ZipFile(wheel) as content:
        content.extractall(folder / "site")
    return folder / "site"


def run(installed: Path, *words: str) -> subprocess.CompletedProcess[str]:
    command = [sys.executable, "-m", "sam3d_server", *words]
    environment = {"PYTHONPATH": str(installed), "PATH": ""}
    return subprocess.run(
        command, cwd=installed, env=environment, capture_output=True, text=True, timeout=120, check=False
    )


def test_what_is_in_it(installed: Path) -> None:
    names = {str(path.relative_to(installed)) for path in installed.rglob("*") if path.is_file()}
    assert {"sam3d_engine/__init__.py", "sam3d_server/cli.py"} <= names
    assert not [name for name in names if name.endswith((".pyc", ".ckpt"))]
    tables = {name for name in names if name.endswith(".npz")}
    assert tables == {
        "sam3d_engine/rigging/mhr.npz",
        "sam3d_engine/rigging/template.npz",
        "sam3d_engine/selection/network.npz",
    }
    (points,) = installed.glob("*.dist-info/entry_points.txt")
    assert "sam3d-server = sam3d_server.cli:main" in points.read_text()


def test_it_runs(installed: Path) -> None:
    assert run(installed, "--version").stdout.startswith("sam3d-server 0.")
    helped = run(installed, "--help")
    assert helped.returncode == 0
    assert "--token-file" in helped.stdout
    assert "--token " not in helped.stdout  # it would be seen in the list of processes
    command = [sys.executable, str(DRAFT)]
    drafted = subprocess.run(command, env={"PYTHONPATH": str(installed)}, capture_output=True, text=True, check=True)
    assert int(drafted.stdout) > 1000


def test_the_doctor_says_what_is_missing(installed: Path) -> None:
    told = run(installed, "doctor", "--objects-checkpoint", "nowhere/pipeline.yaml")
    assert told.returncode == 1
    for words in (
        "no NVIDIA GPU",
        "sam3d_objects",
        "sam_3d_body",
        "nowhere/pipeline.yaml",
        "Accept Meta's license",
        "draft\n  ok",
    ):
        assert words in told.stdout, told.stdout


@pytest.mark.parametrize(
    ("words", "sentence"),
    [
        (["--port", "99999"], "--port: Input should be less than or equal to 65535"),
        (["--host", "0.0.0.0"], "Listening on 0.0.0.0 needs a token"),
        (["--token-file", "nowhere"], "The token file cannot be read"),
        (["--certificate", "x.pem"], "A certificate needs its key"),
        (["--data", "/dev/null/x"], "name another with --data"),
    ],
)
def test_wrong_settings(installed: Path, words: list[str], sentence: str) -> None:
    told = run(installed, *words)
    assert told.returncode == 1
    assert sentence in told.stderr
    assert "Traceback" not in told.stderr
