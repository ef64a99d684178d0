# SPDX-License-Identifier: GPL-3.0-or-later
"""A folder of the artist's, made if need be."""

from collections.abc import Callable
from pathlib import Path

import bpy

from ..preferences import NoFolder


def made_folder(operator: bpy.types.Operator, find: Callable[[], Path]) -> Path | None:
    """The folder that `find` gives, which may raise NoFolder; None, with a report, where it cannot be had."""
    try:
        folder = find()
        folder.mkdir(parents=True, exist_ok=True)
    except NoFolder as error:
        operator.report({"WARNING"}, str(error))
    except OSError as error:
        operator.report({"WARNING"}, f"{folder} cannot be opened ({error.strerror}): choose another results folder.")
    else:
        return folder
    return None
