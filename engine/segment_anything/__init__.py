# SPDX-License-Identifier: GPL-3.0-or-later
"""Selection by a network of the SAM family: MobileSAM in numpy, offline.

model = read_model(path)  # mobile_sam.pt as its authors give it away
encoded = model.encode(photo)  # seconds, once for each photo
best, *others = model.candidates(encoded, PixelPrompts(positive=((640, 500),)))  # a moment

The weights are not part of the add-on: their authors publish them under the Apache License 2.0, and the artist
downloads them. The papers are named in layout.py.
"""

from __future__ import annotations

from .checkpoint import ModelError as ModelError
from .model import EncodedPhoto as EncodedPhoto
from .model import SegmentAnything as SegmentAnything
from .model import read_model as read_model
