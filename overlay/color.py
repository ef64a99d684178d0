# SPDX-License-Identifier: GPL-3.0-or-later
"""Colors in shaders: an editor's region holds sRGB and takes linear values."""

LINEAR = """
vec3 linear(vec3 shade)
{
  return mix(shade / 12.92, pow((shade + 0.055) / 1.055, vec3(2.4)), step(vec3(0.04045), shade));
}
"""
"""GLSL: a color of the interface, as the artist sees it, as a linear one."""
