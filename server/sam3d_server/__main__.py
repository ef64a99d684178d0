# SPDX-License-Identifier: GPL-3.0-or-later
"""`python -m sam3d_server` is `sam3d-server`."""

import sys

from .cli import main

sys.exit(main())
