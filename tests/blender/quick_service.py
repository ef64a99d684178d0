# SPDX-License-Identifier: GPL-3.0-or-later
"""A service on this machine for tests of what comes before and after a model: drafting one would take them seconds."""

from pathlib import Path

from blender_process import check
from loopback.wavespeed import WaveSpeedServer


def check_with_service(script: str, function: str, folder: Path, *arguments: str) -> str:
    """Call a function of assertions in Blender, with the service's address as its last argument.

    Returns what was printed.
    """
    with WaveSpeedServer() as server:
        words = (*arguments, server.url)
        output = check(script, function, folder, *words, env={"WAVESPEED_API_KEY": server.key})
        assert server.leaks == []
    return output
