# SPDX-License-Identifier: GPL-3.0-or-later
"""From the mesh of a body to its joints and to the bones that its surface follows, with numpy alone.

joints = find_joints(vertices, faces)
weights = find_weights(vertices, faces, joints)
"""

from __future__ import annotations

from .errors import RigError as RigError
from .joints import find_joints as find_joints
from .weights import find_weights as find_weights
