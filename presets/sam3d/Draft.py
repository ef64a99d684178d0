# SPDX-License-Identifier: GPL-3.0-or-later
import bpy

settings = bpy.context.scene.sam3d
settings.provider = "DRAFT"
settings.variations = 1
settings.use_seed = False
settings.face_limit = 0
settings.height = 0.0
