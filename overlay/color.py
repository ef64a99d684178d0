# SPDX-License-Identifier: GPL-3.0-or-later
"""Colors in shaders: a region's buffer holds sRGB but takes linear values, and is laid over the image as it is held."""

DISPLAY = """
vec4 display(vec4 shown)
{
  vec3 low = shown.rgb / 12.92;
  vec3 high = pow((shown.rgb + 0.055) / 1.055, vec3(2.4));
  return vec4(mix(low, high, step(vec3(0.04045), shown.rgb)), shown.a);
}
"""
"""GLSL: a color as the artist sees it, times its alpha, as a fragment has to be."""
