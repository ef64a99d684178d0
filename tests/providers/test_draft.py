# SPDX-License-Identifier: GPL-3.0-or-later
"""The built-in engine as a service."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
import pytest
from PIL import Image

from sam3d.engine.draft import DraftError
from sam3d.engine.draft.added_view import AddedView
from sam3d.engine.matching.camera import PhotoCamera
from sam3d.providers import SERVICES
from sam3d.providers.base import AddedPhoto, Credentials, ReconstructionOptions, Request, Subject
from sam3d.providers.draft import provider, readings
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


def test_other_photos_go_to_the_engine(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """With the draft and with all further readings of it."""
    colors = {"photo.png": 10, "mask.png": 20, "photo-2.png": 30, "mask-2.png": 40}
    for name, level in colors.items():
        Image.new("L", (8, 8), level).save(tmp_path / name)
    camera = PhotoCamera(8, 8, 10.0, 0.2)
    view = AddedPhoto(tmp_path / "photo-2.png", tmp_path / "mask-2.png", camera)
    request = Request("job", tmp_path / "photo.png", (), ReconstructionOptions(), tmp_path, (view,))
    given: list[tuple[AddedView, ...]] = []

    def engine(*_pictures: object, views: tuple[AddedView, ...], **_options: object) -> Any:
        given.append(views)
        raise DraftError("Enough.")

    monkeypatch.setattr(provider, "reconstruct", engine)
    monkeypatch.setattr(readings, "other_readings", engine)
    service = SERVICES["DRAFT"].create(Credentials())
    with pytest.raises(InvalidInput, match="Enough"):
        service.fetch(service.submit(service.prepare(request)), tmp_path, lambda _fraction, _stage: None)
    with pytest.raises(InvalidInput, match="Enough"):
        next(readings.make_readings(request, "box", tmp_path / "draft.glb", 2, lambda _fraction, _stage: None))
    assert len(given) == 2
    for [found] in given:
        assert (int(found.image[0, 0]), int(found.mask[0, 0]), found.camera) == (30, 40, camera)


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
