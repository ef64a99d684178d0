# SPDX-License-Identifier: GPL-3.0-or-later
"""The guide that came with the extension, for the browser of this computer.

Its pages are files, but are not opened as files: Windows and macOS would drop the place in the page that is asked for,
and browsers in a sandbox do not reach Blender's folders. So a small server of their own shows them, to this computer
alone, from the first question until the extension is disabled.
"""

import json
import socketserver
import threading
from http.server import SimpleHTTPRequestHandler
from pathlib import Path

FOLDER = Path(__file__).resolve().parent.parent / "help"
GUIDE, MESSAGES = "guide.html", "troubleshooting.html"


class _Server(socketserver.ThreadingTCPServer):
    """Python's HTTPServer would ask for the computer's name first, which can take seconds."""

    daemon_threads = True


class HelpPages:
    """The pages in a folder, and which place of them explains which message."""

    def __init__(self, folder: Path = FOLDER) -> None:
        """Nothing is read or served yet."""
        self._folder = folder
        self._server: _Server | None = None
        self._explained: list[tuple[list[str], str]] | None = None

    def address(self, page: str = "") -> str:
        """Where a browser finds a page, such as guide.html#options."""
        if self._server is None:
            try:
                self._server = self._serve()
            except OSError:  # no more sockets, or forbidden here: better a page without its place than none
                return f"{self._folder.as_uri()}/{page}"
        return f"http://127.0.0.1:{self._server.server_address[1]}/{page}"

    def explanation(self, message: str) -> str:
        """The page, and the place in it, that explains a message: its first sentence that is known."""
        if self._explained is None:
            self._explained = json.loads((self._folder / "messages.json").read_text("utf-8"))
        found = [(span, place) for parts, place in self._explained if (span := _span(message, parts)) is not None]
        return min(found)[1] if found else MESSAGES

    def close(self) -> None:
        """Stop serving."""
        if self._server is not None:
            self._server.shutdown()
            self._server.server_close()
            self._server = None

    def _serve(self) -> _Server:
        folder = str(self._folder)

        class Pages(SimpleHTTPRequestHandler):
            """Requests for files of the folder."""

            def __init__(self, *arguments: object) -> None:
                super().__init__(*arguments, directory=folder)  # type: ignore[arg-type]  # as they come from the server

            def log_message(self, *_: object) -> None:
                """Without a console there is nothing to write to."""

        server = _Server(("127.0.0.1", 0), Pages)
        threading.Thread(target=server.serve_forever, args=(0.1,), name="SAM 3D help", daemon=True).start()
        return server


def _span(message: str, parts: list[str]) -> tuple[int, int] | None:
    """Where the parts stand in a message, one behind the other: the first one's place, and how little they leave open.

    None where one is missing.
    """
    first, end = -1, 0
    for part in parts:
        place = message.find(part, end)
        if place < 0:
            return None
        first, end = place if first < 0 else first, place + len(part)
    return first, -sum(map(len, parts))
