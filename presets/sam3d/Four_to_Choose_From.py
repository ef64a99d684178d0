# SPDX-License-Identifier: GPL-3.0-or-later
import bpy

settings = bpy.context.scene.sam3d
settings.variations = 4
settings.use_seed = False
settings.face_limit = 0
