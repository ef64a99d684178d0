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
        words = (str(extension_with_clay(tmp_path)), url, str(photo))
        finished = run_in_blender(
            "made_up_service", "the_whole_road", tmp_path, *words, install=False, env={"CLAY_API_KEY": KEY}
        )
    assert finished.status == 0, finished.output
    assert "Traceback" not in finished.output, finished.output
    (job,) = jobs
    assert job["fast"] is True
