# SPDX-License-Identifier: GPL-3.0-or-later
"""The script that makes the sample photos, run at a tiny size."""

import importlib.util
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest

ROOT = Path(__file__).resolve().parents[2]

pytestmark = pytest.mark.skipif(
    importlib.util.find_spec("bpy") is None,
    reason="the sample photos are made with bpy, which is not installed here",
)


def make_photos(folder: Path, *names: str) -> subprocess.CompletedProcess[str]:
    """The script's run, 64 pixels wide with a single sample."""
    command = [sys.executable, str(ROOT / "examples" / "make_photos.py"), *names, "--out", str(folder)]
    options = ["--size", "64", "--samples", "1", "--threads", "1"]
    return subprocess.run(command + options, capture_output=True, text=True, timeout=300, check=False, cwd=folder)


def pixels(path: Path) -> np.ndarray:
    """Rows from the bottom, (height, width, 4), from 0 to 1."""
    import bpy

    image = bpy.data.images.load(str(path))
    values = np.empty(len(image.pixels), dtype=np.float32)
    image.pixels.foreach_get(values)
    width, height = image.size
    bpy.data.images.remove(image)
    return values.reshape(height, width, 4)


def test_the_desk_and_the_mask_of_its_teapot(tmp_path: Path) -> None:
    run = make_photos(tmp_path, "desk")
    assert run.returncode == 0, run.stderr
    photo, mask = pixels(tmp_path / "desk.jpg"), pixels(tmp_path / "desk-mask.png")
    assert photo.shape == mask.shape == (48, 64, 4)
    assert photo[..., :3].std() > 0.1
    assert set(np.unique(mask[..., :3])) == {0.0, 1.0}
    white = mask[..., 0]
    assert 0.06 < white.mean() < 0.25
    assert white[24, 32] == 1.0
    assert white[0].sum() + white[-1].sum() + white[:, 0].sum() + white[:, -1].sum() == 0.0


def test_a_cut_out_is_transparent_around_its_subject(tmp_path: Path) -> None:
    run = make_photos(tmp_path, "bottle")
    assert run.returncode == 0, run.stderr
    photo = pixels(tmp_path / "bottle.png")
    assert photo.shape == (64, 64, 4)
    alpha = photo[..., 3]
    assert alpha[32, 32] == 1.0
    assert alpha[0, 0] == alpha[-1, -1] == 0.0
    assert 0.1 < alpha.mean() < 0.4


def test_an_unknown_name_is_refused_with_the_known_ones(tmp_path: Path) -> None:
    run = make_photos(tmp_path, "unicorn")
    assert run.returncode == 2
    assert "unicorn" in run.stderr
    assert "elephant" in run.stderr
    assert not any(tmp_path.iterdir())
