# SPDX-License-Identifier: GPL-3.0-or-later
"""The built-in engine as a service."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from sam3d.providers import SERVICES
from sam3d.providers.base import Credentials, ReconstructionOptions, Request, Subject
from sam3d.providers.errors import InvalidInput


@pytest.mark.parametrize(("subject", "is_organic"), [(Subject.OBJECT, False), (Subject.BODY, True)])
def test_people_are_round(subject: Subject, is_organic: bool, tmp_path: Path) -> None:
    """A plain box is one, but for somebody who asks for a body."""
    pixels = np.zeros((64, 64, 4), np.uint8)
    pixels[12:52, 8:56] = 200, 60, 40, 255
    photo = tmp_path / "photo.png"
    Image.fromarray(pixels).save(photo)
    service = SERVICES["DRAFT"].create(Credentials())
    request = Request("job", photo, (), ReconstructionOptions(subject=subject), tmp_path)
    [result] = service.fetch(service.submit(service.prepare(request)), tmp_path, lambda _fraction, _stage: None)
    assert (result.model_name == "draft organic") == is_organic


@pytest.mark.parametrize("missing", ["photo.png", "mask.png"])
def test_its_pictures_were_taken_away(missing: str, tmp_path: Path) -> None:
    photo, mask = tmp_path / "photo.png", tmp_path / "mask.png"
    for file in (photo, mask):
        Image.new("RGB", (64, 64), "white").save(file)
    (tmp_path / missing).unlink()
    service = SERVICES["DRAFT"].create(Credentials())
    request = Request("job", photo, (mask,), ReconstructionOptions(), tmp_path)
    with pytest.raises(InvalidInput, match=rf"own {missing} can no longer be read in .*: press Reconstruct"):
        service.fetch(service.submit(service.prepare(request)), tmp_path, lambda _fraction, _stage: None)
