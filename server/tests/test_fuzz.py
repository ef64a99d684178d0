# SPDX-License-Identifier: GPL-3.0-or-later
"""The OpenAPI page tells the truth, whatever is sent: schemathesis makes requests of it, good and bad ones."""

from __future__ import annotations

import subprocess
from pathlib import Path

from environments import python_in
from talking import Start

TOKEN = "a-token-for-the-tests-only"
CHECKS = "not_a_server_error,status_code_conformance,content_type_conformance,response_schema_conformance"


def test_no_request_breaks_the_server(start: Start, tmp_path: Path) -> None:
    talk = start(token=TOKEN)
    command = [
        str(python_in("server").with_name("schemathesis")), "run", f"{talk.url}/openapi.json",
        "--header", f"Authorization: Bearer {TOKEN}", "--checks", CHECKS, "--phases", "examples,coverage,fuzzing",
        "--max-examples", "8", "--seed", "1", "--generation-database", "none", "--no-color",
    ]  # fmt: skip
    done = subprocess.run(command, cwd=tmp_path, capture_output=True, text=True, timeout=300, check=False)
    assert done.returncode == 0, done.stdout[-6000:] + done.stderr[-2000:]
    assert talk.get("/health").status_code == 200
