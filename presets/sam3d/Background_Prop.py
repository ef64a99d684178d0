# SPDX-License-Identifier: GPL-3.0-or-later
import bpy

settings = bpy.context.scene.sam3d
settings.subject = "OBJECT"
settings.variations = 1
settings.face_limit = 2000
