# SPDX-License-Identifier: GPL-3.0-or-later
"""Makes the Python environments that building, testing and the demo need.

`build/env/NAME` is made from `requirements/NAME.txt`: `dev` holds the tools of development, `docs` what makes the pages
of the help, `server` what the GPU server needs, `blender-X.Y` Blender itself as the bpy package. An environment whose
lock has not changed is used again. Needs nothing but Python 3.11 or newer; a Python of another version is looked for on
this machine, and fetched if need be.
"""

from __future__ import annotations

import argparse
import contextlib
import hashlib
import os
import shutil
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
FOLDER = ROOT / os.environ.get("SAM3D_ENV_DIR", "build/env")
REQUIREMENTS = ROOT / "requirements"
PYTHON_OF = {
    "dev": "3.11",
    "docs": "3.11",
    "server": "3.11",
    "blender-4.2": "3.11",
    "blender-4.5": "3.11",
    "blender-5.2": "3.13",
    "blender-5.3": "3.13",
}
BLENDERS = tuple(name for name in PYTHON_OF if name.startswith("blender-"))

# What the bpy package expects of a Debian or Ubuntu system.
BLENDER_LIBRARIES = (
    "libx11-6 libxext6 libxfixes3 libxi6 libxrender1 libxxf86vm1 libxkbcommon0 libsm6 libice6 libgl1 libegl1 libgomp1"
)
FETCH_SECONDS = 300


class EnvironmentMissing(Exception):
    """An environment cannot be made on this machine; the text says why and what to do."""


def python_in(name: str) -> Path:
    """The interpreter of the environment `name`, made or not."""
    return FOLDER / name / "bin" / "python"


def package_root() -> Path:
    """The folder to put on the Python path for `import sam3d` to find this repository.

    `import sam3d_engine` finds the engine alone, as the GPU server has it.
    """
    folder = ROOT / "build" / "python"
    for name, target in (("sam3d", ROOT), ("sam3d_engine", ROOT / "engine")):
        _link(folder / name, target)
    return folder


def link_for_types() -> None:
    """Lets mypy find the extension under the name that it has in Blender, too."""
    _link(ROOT / "build" / "types" / "bl_ext" / "user_default" / "sam3d", ROOT)


def _link(place: Path, target: Path) -> None:
    place.parent.mkdir(parents=True, exist_ok=True)
    with contextlib.suppress(FileExistsError):  # made before, or by another part at this moment
        place.symlink_to(os.path.relpath(target, place.parent), target_is_directory=True)


def prepare(name: str) -> Path:
    """Makes the environment `name` unless it stands already, and returns its interpreter.

    Raises EnvironmentMissing.
    """
    python = python_in(name)
    if not _stands(name):
        print(f"Setting up {name} ...", flush=True)
        uv = _uv()
        options = "--quiet --clear --no-project --python".split()
        _run(uv, "venv", *options, find_python(PYTHON_OF[name]), FOLDER / name)
        # compiled once: a start of Blender takes half the time, also where Python may not write what it compiles
        _run(uv, *"pip sync --quiet --compile-bytecode --require-hashes --python".split(), python, _lock(name))
        if name in BLENDERS:
            _check_blender(python)
        _stamp(name).write_text(_digest(name))
    return python


def tools_python() -> Path:
    """The interpreter of the environment that holds pip and uv. Raises EnvironmentMissing."""
    python = python_in("tools")
    if not _stands("tools"):
        print("Setting up tools ...", flush=True)
        if _output(sys.executable, "-c", "import ensurepip") is None:
            reason = "This Python cannot make environments, for its module ensurepip is missing"
            _install_system_packages(reason, "python{}.{}-venv".format(*sys.version_info))
        _run(sys.executable, "-m", "venv", "--clear", FOLDER / "tools")
        options = "--quiet --disable-pip-version-check --require-hashes -r".split()
        _run(python, "-m", "pip", "install", *options, _lock("tools"))
        _stamp("tools").write_text(_digest("tools"))
    return python


def lock_all() -> None:
    """Writes every `requirements/NAME.txt` anew, with the newest versions that its `NAME.in` allows."""
    options = "--quiet --universal --upgrade --generate-hashes --no-header --no-annotate --no-config".split()
    for source in sorted(REQUIREMENTS.glob("*.in")):
        version = PYTHON_OF.get(source.stem, "3.11")
        _run(_uv(), "pip", "compile", *options, "--python-version", version, "-o", _lock(source.stem), source)


def _lock(name: str) -> Path:
    return REQUIREMENTS / f"{name}.txt"


def _digest(name: str) -> str:
    return hashlib.sha256(_lock(name).read_bytes()).hexdigest()


def _stamp(name: str) -> Path:
    """The file that says from which lock an environment was made, once it is complete."""
    return FOLDER / name / "lock.sha256"


def _stands(name: str) -> bool:
    stamp = _stamp(name)
    return stamp.is_file() and stamp.read_text() == _digest(name) and _runs(python_in(name))


def _uv() -> Path:
    return tools_python().with_name("uv")


def _run(*command: str | Path) -> None:
    """Runs a command to its end. Raises EnvironmentMissing with its last words if it fails."""
    result = subprocess.run(command, stdin=subprocess.DEVNULL, capture_output=True, text=True, check=False)
    if result.returncode:
        words = (result.stderr or result.stdout).strip()
        raise EnvironmentMissing(f"`{' '.join(str(part) for part in command)}` failed:\n{words}")


def _output(*command: str | Path, seconds: float = 60) -> str | None:
    """What a command prints; None if it cannot be run, fails, or takes too long."""
    try:
        result = subprocess.run(
            command, stdin=subprocess.DEVNULL, capture_output=True, text=True, check=True, timeout=seconds
        )
    except (OSError, subprocess.SubprocessError):
        return None
    return result.stdout.strip()


def _runs(python: Path) -> bool:
    return _output(python, "-c", "") is not None


def _candidates(version: str) -> Iterator[Path]:
    """Where a Python of a version may be: this one, the search path, pyenv's folder, uv's, ours."""
    home = Path.home()
    yield Path(sys.executable)
    if on_path := shutil.which(f"python{version}"):
        yield Path(on_path)
    pyenv = Path(os.environ.get("PYENV_ROOT", home / ".pyenv"))
    for parent, pattern in (
        (pyenv / "versions", f"{version}.*"),
        (home / ".local" / "share" / "uv" / "python", f"cpython-{version}.*"),
        (FOLDER / "python", f"cpython-{version}.*"),
    ):
        for folder in sorted(parent.glob(pattern), reverse=True):
            yield folder / "bin" / f"python{version}"


def find_python(version: str) -> Path:
    """A Python of a version ("3.13"), fetched if the machine has none. Raises EnvironmentMissing."""
    question = "import sys; print('%d.%d' % sys.version_info[:2], sys.executable)"
    for fetched in (False, True):
        if fetched:
            print(f"Fetching Python {version} ...", flush=True)
            _output(_uv(), "python", "install", "--install-dir", FOLDER / "python", version, seconds=FETCH_SECONDS)
        for candidate in _candidates(version):
            # asked, not believed: pyenv's shims are there even for versions that are not chosen
            answer = _output(candidate, "-c", question)
            if answer and answer.split(maxsplit=1)[0] == version:
                return Path(answer.split(maxsplit=1)[1])
    raise EnvironmentMissing(f"Python {version} is not on this machine and could not be fetched; install it.")


def _check_blender(python: Path) -> None:
    """Sees that bpy starts. Installs the system's libraries that it lacks, where that is allowed."""
    command: list[str | Path] = [python, "-c", "import bpy"]
    for second in (False, True):
        result = subprocess.run(command, stdin=subprocess.DEVNULL, capture_output=True, text=True, check=False)
        if result.returncode == 0:
            return
        words = result.stderr.strip().splitlines()[-1:] or [f"exit status {result.returncode}"]
        if second or "cannot open shared object file" not in words[0]:
            raise EnvironmentMissing(f"Blender does not start: {words[0]}")
        _install_system_packages(f"Blender lacks a library of the system ({words[0]})", BLENDER_LIBRARIES)


def _install_system_packages(reason: str, packages: str) -> None:
    """Installs the named packages on Debian and its kin, where we may. Raises EnvironmentMissing."""
    command = f"apt-get install -y --no-install-recommends {packages}"
    if os.geteuid() != 0 or not shutil.which("apt-get"):
        raise EnvironmentMissing(f"{reason}. On Debian and Ubuntu this helps: sudo {command}")
    print(f"{reason}. Installing {packages} ...", flush=True)
    os.environ["DEBIAN_FRONTEND"] = "noninteractive"
    _run("apt-get", "update", "-q")
    _run(*command.split())


def main() -> int:
    """The command line; the exit status is 1 if an environment could not be made."""
    if sys.version_info < (3, 11):  # noqa: UP036  (the reason for this test is to say so)
        print(f"Python 3.11 or newer is needed; this is {sys.version.split()[0]}.")
        return 1
    parser = argparse.ArgumentParser(description="Make the Python environments of this project.")
    parser.add_argument("names", nargs="*", metavar="NAME", help=f"of {', '.join(PYTHON_OF)}; all without any")
    parser.add_argument("--lock", action="store_true", help="choose the versions anew, and stop")
    arguments = parser.parse_args()
    try:
        if arguments.lock:
            lock_all()
            return 0
        package_root()
        for name in arguments.names or PYTHON_OF:
            prepare(name)
    except EnvironmentMissing as error:
        print(error)
        return 1
    return 0


if __name__ == "__main__":
    sys.exit(main())
