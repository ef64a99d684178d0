# SPDX-License-Identifier: GPL-3.0-or-later
"""Drafts of a thing that several photos show: the cameras of the others are found, the shape is carved from all."""
