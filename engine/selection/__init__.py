# SPDX-License-Identifier: GPL-3.0-or-later
"""Smart selection: from a box, points or a rough stroke to the mask of one object in a photo, offline, with numpy.

mask = select(photo, Hints(box=(420, 310, 980, 900)))
selector = Selector(photo)  # faster where prompts are added one by one
mask = selector.select(Hints(inside=((640, 500),), outside=((300, 520),)))
"""

from __future__ import annotations

from .pixel_prompts import PixelPrompts as PixelPrompts
from .pixel_prompts import SelectionError as SelectionError
from .selection import Selection as Selection
from .selector import Selector as Selector
from .selector import select as select
