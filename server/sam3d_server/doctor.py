# SPDX-License-Identifier: GPL-3.0-or-later
"""What is missing for Meta's models on this computer, and what to do about it.

Nothing of them is imported here: packages are only looked for, in the Python that is to run them.
"""

from __future__ import annotations

import json
import shutil
import subprocess
import sys
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from .engines.base import BODY, DRAFT, OBJECTS
from .protocol import Gpu
from .settings import Settings

NEED_MB = {OBJECTS: 24_000, BODY: 8_000}
"""GPU memory under which a note is given: what users report for SAM 3D Objects, whose own page asks for 32 GB; a guess
for SAM 3D Body."""
PACKAGES = {
    OBJECTS: ("torch", "sam3d_objects", "omegaconf", "hydra", "pytorch3d", "moge"),
    BODY: ("torch", "sam_3d_body", "omegaconf"),
}
LICENSE = {
    OBJECTS: "facebook/sam-3d-objects",
    BODY: "facebook/sam-3d-body-dinov3",
}
BESIDE = {OBJECTS: ("ss_generator.ckpt", "slat_generator.ckpt"), BODY: ("model_config.yaml", "assets/mhr_model.pt")}
"""Files beside the checkpoint that belong to it."""
PAGE = "docs/server.md"
ASK = (
    "import importlib.util, json, sys; print(json.dumps([n for n in sys.argv[1:] if not importlib.util.find_spec(n)]))"
)


@dataclass(frozen=True)
class Finding:
    """Something that was looked at: whether it is well, what was found, and what to do."""

    good: bool
    found: str
    advice: str = ""


def find_gpus() -> list[Gpu]:
    """The GPUs that the NVIDIA driver knows; none without a driver."""
    command = shutil.which("nvidia-smi")
    if command is None:
        return []
    fields = "index,name,memory.total,memory.used,driver_version"
    try:
        told = subprocess.run(
            [command, f"--query-gpu={fields}", "--format=csv,noheader,nounits"],
            capture_output=True, text=True, timeout=20, check=True,
        ).stdout  # fmt: skip
    except (OSError, subprocess.SubprocessError):
        return []
    found = []
    for line in told.splitlines():
        parts = [part.strip() for part in line.split(",")]
        if len(parts) == 5 and parts[0].isdigit() and parts[2].isdigit() and parts[3].isdigit():
            found.append(
                Gpu(
                    index=int(parts[0]), name=parts[1], memory=int(parts[2]), memory_used=int(parts[3]), driver=parts[4]
                )
            )
    return found


def examine(engine: str, settings: Settings, gpus: Sequence[Gpu]) -> list[Finding]:
    """Everything that an engine of Meta's needs."""
    python = settings.objects_python if engine == OBJECTS else settings.body_python
    checkpoint = settings.objects_checkpoint if engine == OBJECTS else settings.body_checkpoint
    return [_driver(gpus), *_memory(engine, gpus), _packages(engine, python), _checkpoints(engine, checkpoint)]


def missing(engine: str, settings: Settings, gpus: Sequence[Gpu]) -> list[str]:
    """What an engine lacks, a sentence each; too little memory is no reason not to try."""
    return [finding.found for finding in examine(engine, settings, gpus) if not finding.good and finding.advice]


def choose_engines(settings: Settings, missing_parts: Mapping[str, Sequence[str]]) -> dict[str, str]:
    """The engine behind each model."""

    def choose(engine: str) -> str:
        if settings.engine == "auto":
            return DRAFT if missing_parts[engine] else engine
        return DRAFT if settings.engine == "draft" else engine

    return {"sam-3d-objects": choose(OBJECTS), "sam-3d-body": choose(BODY)}


def report(settings: Settings) -> int:
    """Print all findings; the exit status is 1 where something is missing."""
    gpus, good = find_gpus(), True
    print("draft\n  ok       it needs nothing: `sam3d-server` starts with it at once")
    for engine, name in ((OBJECTS, "SAM 3D Objects"), (BODY, "SAM 3D Body")):
        print(f"\n{name}")
        for finding in examine(engine, settings, gpus):
            good = good and finding.good
            print(f"  {'ok' if finding.good else 'MISSING' if finding.advice else 'note':<8} {finding.found}")
            if finding.advice:
                print(f"           {finding.advice}")
    print(f"\nThe steps are in {PAGE}. Nothing of Meta's comes with this program.")
    return 0 if good else 1


def _driver(gpus: Sequence[Gpu]) -> Finding:
    if not gpus:
        return Finding(
            False, "no NVIDIA GPU, or no driver for it", "Install NVIDIA's driver; `nvidia-smi` shows if it works."
        )
    return Finding(True, "; ".join(f"GPU {gpu.index}: {gpu.name}, driver {gpu.driver}" for gpu in gpus))


def _memory(engine: str, gpus: Sequence[Gpu]) -> list[Finding]:
    if not gpus:
        return []
    most, need = max(gpu.memory for gpu in gpus), NEED_MB[engine]
    if most < need:
        words = f"{most // 1000} GB of GPU memory; {need // 1000} GB are advised: jobs may end for lack of memory"
        return [Finding(False, words)]
    return [Finding(True, f"{most // 1000} GB of GPU memory")]


def _packages(engine: str, python: Path) -> Finding:
    names = PACKAGES[engine]
    try:
        told = subprocess.run([str(python), "-c", ASK, *names], capture_output=True, text=True, timeout=60, check=True)
        absent = json.loads(told.stdout.splitlines()[-1])
    except (OSError, subprocess.SubprocessError, ValueError, IndexError):
        return Finding(
            False,
            f"{python} does not run",
            "Name the Python of the model's environment (--objects-python, --body-python).",
        )
    if absent:
        words = f"packages that {python} does not have: {', '.join(absent)}"
        return Finding(False, words, f"Install Meta's code at the commit that {PAGE} names, and name its Python.")
    return Finding(True, f"packages in {python}")


def _checkpoints(engine: str, checkpoint: Path) -> Finding:
    absent = [
        file for file in (checkpoint, *(checkpoint.parent / name for name in BESIDE[engine])) if not file.is_file()
    ]
    if absent:
        option = f"--{'objects' if engine == OBJECTS else 'body'}-checkpoint"
        advice = (
            f"Accept Meta's license on the page of {LICENSE[engine]} at Hugging Face, download the checkpoints with "
            f"your account, and name their place ({option})."
        )
        return Finding(False, f"checkpoints that are not there: {', '.join(map(str, absent))}", advice)
    return Finding(True, f"checkpoints in {checkpoint.parent}")


def pythons(settings: Settings) -> dict[str, Path]:
    """The Python of each engine's environment."""
    return {DRAFT: Path(sys.executable), OBJECTS: settings.objects_python, BODY: settings.body_python}
