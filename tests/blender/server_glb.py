# SPDX-License-Identifier: GPL-3.0-or-later
"""Run by the GPU server's own Python: writes a person as the server does.

Arguments: a .npz with names (J,), parents (J,), the joints' frames rest and posed (J, 4, 4), vertices (V, 3), faces
(F, 3) and weights (V, J); the GLB to write.
"""

import sys
from pathlib import Path

import numpy as np
from sam3d_server.engines.joints import bone_name
from sam3d_server.engines.meshes import Skeleton, skinned_glb

if __name__ == "__main__":
    with np.load(sys.argv[1]) as data:
        names = [bone_name(str(name)) for name in data["names"]]
        skeleton = Skeleton(names, data["parents"].tolist(), data["rest"], data["posed"])
        content = skinned_glb(data["vertices"], data["faces"], data["weights"], skeleton, "person")
    Path(sys.argv[2]).write_bytes(content)
