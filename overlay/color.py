# SPDX-License-Identifier: GPL-3.0-or-later
"""Colors in shaders: a region's buffer holds sRGB but takes linear values, and is laid over the image as it is held."""

from ..engine.color import GAMMA, OFFSET, SLOPE, SRGB_KNEE

DISPLAY = f"""
vec4 display(vec4 shown)
{{
  vec3 low = shown.rgb / {SLOPE};
  vec3 high = pow((shown.rgb + {OFFSET}) / {1 + OFFSET}, vec3({GAMMA}));
  return vec4(mix(low, high, step(vec3({SRGB_KNEE}), shown.rgb)), shown.a);
}}
"""
"""GLSL: a color as the artist sees it, times its alpha, as a fragment has to be."""
