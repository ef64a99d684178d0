# SPDX-License-Identifier: GPL-3.0-or-later
"""What CONTRIBUTING says of a service is enough: its made-up one, in a copy of the extension, works in real Blender."""

import json
import re
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any
from zipfile import ZIP_DEFLATED, ZipFile

from blender_process import ROOT, built_zip, run_in_blender
from loopback import models

KEY = "clay-key-0123456789"
FILE = re.compile(r"^`(providers/clay/\w+\.py)`\n\n```python\n(.*?)^```$", re.MULTILINE | re.DOTALL)
SCRIPT = """
import os, sys
import bpy
bpy.ops.extensions.package_install_files(
    filepath=os.environ["EXTENSION"], repo="user_default", enable_on_install=True
)
from bl_ext.user_default.sam3d.preferences import preferences
from bl_ext.user_default.sam3d.runtime.state import runtime
last_checks = runtime().last_checks
from bl_ext.user_default.sam3d.providers import SERVICES
chosen = preferences(bpy.context)
assert chosen.clay_url == "https://api.clay.example" and chosen.clay_fast is False
assert chosen.bl_rna.properties["clay_api_key"].subtype == "PASSWORD"
menu = [item.identifier for item in bpy.context.scene.sam3d.bl_rna.properties["provider"].enum_items]
assert menu == ["DRAFT", "LOCAL", "CLAY", "WAVESPEED", "SEGMIND", "RUNWARE"], menu
chosen.clay_url, chosen.clay_fast = os.environ["URL"], True
assert bpy.ops.sam3d.test_connection(provider="CLAY") == {"FINISHED"}, last_checks
assert last_checks["CLAY"] == "The key works. Balance $2.00."
settings = bpy.context.scene.sam3d
settings.provider = "CLAY"
settings.image = bpy.data.images.load(os.environ["PHOTO"])
assert bpy.ops.sam3d.reconstruct() == {"FINISHED"}
obj, = [obj for obj in bpy.context.scene.objects if "sam3d_job" in obj]
assert (obj["sam3d_provider"], obj["sam3d_model"]) == ("CLAY", "clay-1")
chosen.clay_api_key = "another"
assert bpy.ops.sam3d.test_connection(provider="CLAY") == {"CANCELLED"}
assert "does not accept the key" in last_checks["CLAY"]
sys.stdout.flush()
os._exit(0)
"""


class _ClayHandler(BaseHTTPRequestHandler):
    """The made-up service: every job is done when it is asked for."""

    def do_GET(self) -> None:
        if self.headers["Authorization"] != f"Bearer {KEY}":
            return self._tell(b'{"error": "who are you?"}', 401)
        jobs: list[dict[str, Any]] = self.server.jobs  # type: ignore[attr-defined]
        if self.path == "/balance":
            return self._tell(b'{"dollars": 2.0}')
        if self.path.endswith("/model"):
            return self._tell(models.glb())
        if self.command == "POST":
            jobs.append(json.loads(self.rfile.read(int(self.headers["Content-Length"]))))
        return self._tell(json.dumps({"id": len(jobs), "done": True}).encode())

    do_POST = do_GET  # noqa: N815 - http.server's own way to name them

    def _tell(self, content: bytes, status: int = 200) -> None:
        self.send_response(status)
        self.send_header("Content-Length", str(len(content)))
        self.end_headers()
        self.wfile.write(content)

    def log_message(self, format: str, *args: Any) -> None:
        """Nobody reads it."""


@contextmanager
def clay() -> Iterator[tuple[str, list[dict[str, Any]]]]:
    """The service's address, and the jobs that it was given."""
    with ThreadingHTTPServer(("127.0.0.1", 0), _ClayHandler) as server:
        jobs: list[dict[str, Any]] = []
        server.jobs = jobs  # type: ignore[attr-defined]
        threading.Thread(target=server.serve_forever, args=(0.02,), daemon=True).start()
        yield f"http://127.0.0.1:{server.server_port}", jobs
        server.shutdown()


def extension_with_clay(folder: Path) -> Path:
    """The built extension with what CONTRIBUTING shows, and one more line in `providers/__init__.py`."""
    files = dict(FILE.findall((ROOT / "CONTRIBUTING.md").read_text("utf-8")))
    assert len(files) == 2
    target = folder / "with-clay.zip"
    with ZipFile(built_zip()) as built, ZipFile(target, "w", ZIP_DEFLATED, compresslevel=1) as copy:
        for name in built.namelist():
            content = built.read(name)
            if name == "providers/__init__.py":
                lines = content.decode().splitlines(keepends=True)
                lines.insert(lines.index('    "local",\n') + 1, '    "clay",\n')
                content = "".join(lines).encode()
            copy.writestr(name, content)
        for name, text in files.items():
            copy.writestr(name, text)
    return target


def test_a_service_needs_its_folder_and_one_line(tmp_path: Path) -> None:
    photo = tmp_path / "mug.png"
    photo.write_bytes(models.png(64, 48))
    with clay() as (url, jobs):
        places = {"EXTENSION": str(extension_with_clay(tmp_path)), "URL": url, "PHOTO": str(photo)}
        finished = run_in_blender(SCRIPT, tmp_path, install=False, env={**places, "CLAY_API_KEY": KEY})
    assert finished.status == 0, finished.output
    assert "Traceback" not in finished.output, finished.output
    (job,) = jobs
    assert job["fast"] is True
