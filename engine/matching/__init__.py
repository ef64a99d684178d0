# SPDX-License-Identifier: GPL-3.0-or-later
"""The camera that took a photo, and the places where its subjects stand: numpy and Pillow alone, no bpy.

guesses = find_camera(picture, exif_focal)            # from EXIF and straight lines
match = match_photo(picture, subjects, guesses)       # and from the subjects' own shapes
"""
