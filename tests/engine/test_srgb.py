# SPDX-License-Identifier: GPL-3.0-or-later
"""sRGB and linear values: the standard's own numbers, and there and back."""

from __future__ import annotations

import numpy as np
import pytest

from sam3d.engine.color import linear_16_bit, linear_to_srgb, srgb_bytes, srgb_to_linear


@pytest.mark.parametrize(("srgb", "linear"), [(0, 0), (0.04045, 0.0031308), (0.5, 0.21404), (1, 1)])
def test_known_values(srgb: float, linear: float) -> None:
    assert srgb_to_linear(np.array([srgb]))[0] == pytest.approx(linear, abs=1e-5)
    assert linear_to_srgb(np.array([linear], np.float32))[0] == pytest.approx(srgb, abs=1e-5)


def test_every_byte_comes_back() -> None:
    linear = srgb_bytes()
    assert (np.diff(linear) > 0).all()
    assert np.array_equal(np.rint(linear_to_srgb(linear.astype(np.float32)) * 255), np.arange(256))


def test_what_is_outside_is_clipped() -> None:
    assert linear_to_srgb(np.array([-1, 2], np.float32)).tolist() == pytest.approx([0, 1])


def test_16_bits_keep_every_byte_and_alpha_as_it_is() -> None:
    gray = np.arange(256, dtype=np.uint8)
    colors = np.stack([gray] * 4, 1)
    linear = linear_16_bit(colors)
    assert len(np.unique(linear[:, 0])) == 256
    assert np.array_equal(linear[:, 3], gray * np.uint16(257))
    opaque = linear_16_bit(colors[:, :3])
    assert np.array_equal(opaque[:, :3], linear[:, :3])
    assert (opaque[:, 3] == 65535).all()
