# SPDX-License-Identifier: GPL-3.0-or-later
"""About which axis a mask would be turned, if it shows a body of revolution."""

from __future__ import annotations

from .mask_features import REVOLVED, REVOLVED_BODY, MaskFeatures, explained
from .revolution import revolve
from .symmetry import Axis

HANDLED = 0.93  # least share of the mask that a body of revolution with a handle shows
TIE = 0.03  # share of the mask: what shows so little more or less of it is as plausible
END_ON = 0.4  # cosine between the view and the axis of a lying body of revolution that is seen for one


def likeliest_axis(features: MaskFeatures) -> Axis:
    """The most plausible axis of revolution."""
    if has_handle(features):
        return features.upright_body
    lying = [axis for axis in features.lying if abs(axis.direction @ features.view.axes[2]) > END_ON]
    likeliest = max(lying, key=lambda axis: axis.overlap)
    return likeliest if likeliest.overlap >= max(REVOLVED, features.upright.overlap + TIE / 2) else features.upright


def has_handle(features: MaskFeatures) -> bool:
    """Whether the mask is a body of revolution about a vertical axis with something thin beside it."""
    whole, body = features.upright, features.upright_body
    if body.overlap < max(REVOLVED_BODY, whole.overlap + TIE / 2):
        return False
    if features.body.inside.sum() < 0.6 * features.silhouette.inside.sum():
        return False
    least = max(HANDLED, features.box.overlap + TIE, shown_turned(features, whole) + TIE / 2)
    return shown_turned(features, body, handle=True) >= least


def shown_turned(features: MaskFeatures, axis: Axis, *, handle: bool = False) -> float:
    """The share of the mask that a body of revolution about that axis shows."""
    try:
        solid = revolve(features.silhouette, features.view, axis, handle=handle)
    except ValueError:
        return 0.0
    return explained(solid, features.silhouette, features.view)
