# SPDX-License-Identifier: GPL-3.0-or-later
"""Masks as tint and outline over the photo, straight from Blender's own textures of their images.

Blender keeps such a texture up to date by itself, dab by dab while somebody paints. A fragment shader finds the edge at
the resolution of the screen: nothing is traced, and nothing goes stale.
"""

from dataclasses import dataclass
from functools import cache

import bpy
import gpu
from gpu_extras.batch import batch_for_shader

from . import color
from .view import Frame

WITH_ALPHA = frozenset({32, 64, 128})
"""Bits of a pixel, where alpha is among them."""
HALF = 0.5
HALF_OF_SRGB = 0.2140
"""What a texture says of a pixel that is stored as half white, in linear and in sRGB images."""

_VERTEX = """
void main()
{
  vec2 place = mix(frame.xy - style.x, frame.zw + style.x, corner);
  on_screen = place;
  on_mask = (place - frame.xy) / (frame.zw - frame.xy);
  tone = linear(shade.rgb);
  sees_alpha = 0.0;
  if (reading.y > 0.5) {
    // an alpha channel that is opaque everywhere tells nothing: then white is the subject
    ivec2 size = textureSize(mask, 0);
    for (int y = 0; y < PROBES; y++) {
      for (int x = 0; x < PROBES; x++) {
        ivec2 texel = (ivec2(x, y) * 2 + 1) * size / (2 * PROBES);
        sees_alpha = max(sees_alpha, step(texelFetch(mask, texel, 0).a, 0.99));
      }
    }
  }
  gl_Position = ModelViewProjectionMatrix * vec4(place, 0.0, 1.0);
}
"""

_FRAGMENT = """
/* How much of a place belongs to the mask; the edge is a pixel of the screen soft, however large those of the mask. */
float covered(vec2 place, vec2 texel, float sharpness)
{
  if (any(lessThan(place, vec2(0.0))) || any(greaterThan(place, vec2(1.0)))) {
    return 0.0;
  }
  vec4 value = textureLod(mask, clamp(place, 0.5 * texel, 1.0 - 0.5 * texel), 0.0);
  float amount = sees_alpha > 0.5 ? value.a : dot(value.rgb, vec3(0.2126, 0.7152, 0.0722));
  float level = sees_alpha > 0.5 ? 0.5 : reading.x;
  float beyond = amount < level ? (amount - level) / level : (amount - level) / (1.0 - level);
  return clamp(0.5 * beyond * sharpness + 0.5, 0.0, 1.0);
}

vec2 on_circle(int number, int count)
{
  float angle = 6.2831853 * (float(number) + 0.5) / float(count);
  return vec2(cos(angle), sin(angle));
}

void main()
{
  vec2 pixel = 1.0 / (frame.zw - frame.xy);
  vec2 texel = 1.0 / vec2(textureSize(mask, 0));
  float sharpness = max(1.0, min(texel.x / pixel.x, texel.y / pixel.y));
  float center = covered(on_mask, texel, sharpness);

  // where inside and outside meet within a small circle is the line, within a larger one its halo
  float least = center;
  float most = center;
  vec2 inward = vec2(0.0);
  for (int i = 0; i < HALO_TAPS; i++) {
    vec2 direction = on_circle(i, HALO_TAPS);
    float found = covered(on_mask + direction * pixel * style.x, texel, sharpness);
    least = min(least, found);
    most = max(most, found);
    inward += direction * found;
  }
  float halo = most - least;
  float line = 0.0;
  if (halo > 0.0) {
    least = center;
    most = center;
    for (int i = 0; i < LINE_TAPS; i++) {
      float found = covered(on_mask + on_circle(i, LINE_TAPS) * pixel * style.y, texel, sharpness);
      least = min(least, found);
      most = max(most, found);
    }
    line = most - least;
    halo = max(halo, line);
  }
  float shown = style.w;
  if (style.z > 0.0) { // dashes, along the axis that the edge follows
    float along = abs(inward.x) > abs(inward.y) ? on_screen.y : on_screen.x;
    shown *= clamp((abs(fract(along / style.z) - 0.5) - 0.22) * style.z + 0.5, 0.0, 1.0);
  }
  float tint = center * shade.a;
  vec4 result = vec4(tone * tint, tint);
  result = mix(result, vec4(0.0, 0.0, 0.0, 1.0), halo * shown * 0.55);
  fragment = mix(result, vec4(tone, 1.0), line * shown);
}
"""


@dataclass(frozen=True)
class Look:
    """How a mask is drawn: color, strength of the tint, width of the line in pixels, length of a dash or 0, opacity."""

    color: tuple[float, float, float]
    tint: float
    width: float
    dash: float = 0.0
    opacity: float = 1.0


def draw_mask(image: bpy.types.Image, place: Frame, look: Look, scale: float) -> None:
    """Draw a mask, stretched over the photo's frame; `scale` is that of the interface. The image must have pixels."""
    radius = look.width * scale / 2
    in_srgb = not image.is_float and image.colorspace_settings.name == "sRGB"
    shader = _shader()
    shader.bind()
    shader.uniform_sampler("mask", gpu.texture.from_image(image))
    shader.uniform_float("frame", place.edges)
    shader.uniform_float("shade", (*look.color, look.tint))
    shader.uniform_float("style", (radius + 1.25 * scale, radius, look.dash * scale, look.opacity))
    shader.uniform_float("reading", (HALF_OF_SRGB if in_srgb else HALF, image.depth in WITH_ALPHA))
    _quad().draw(shader)


@cache
def _shader() -> gpu.types.GPUShader:
    info = gpu.types.GPUShaderCreateInfo()
    info.define("HALO_TAPS", "8")
    info.define("LINE_TAPS", "12")
    info.define("PROBES", "24")
    info.push_constant("MAT4", "ModelViewProjectionMatrix")
    info.push_constant("VEC4", "frame")
    info.push_constant("VEC4", "shade")
    info.push_constant("VEC4", "style")
    info.push_constant("VEC2", "reading")
    info.sampler(0, "FLOAT_2D", "mask")
    info.vertex_in(0, "VEC2", "corner")
    passed = gpu.types.GPUStageInterfaceInfo("sam3d_mask")
    passed.smooth("VEC2", "on_screen")
    passed.smooth("VEC2", "on_mask")
    passed.flat("VEC3", "tone")
    passed.flat("FLOAT", "sees_alpha")
    info.vertex_out(passed)
    info.fragment_out(0, "VEC4", "fragment")
    info.vertex_source(color.LINEAR + _VERTEX)
    info.fragment_source(_FRAGMENT)
    return gpu.shader.create_from_info(info)


@cache
def _quad() -> gpu.types.GPUBatch:
    return batch_for_shader(_shader(), "TRI_STRIP", {"corner": ((0, 0), (1, 0), (0, 1), (1, 1))})


def free() -> None:
    """Give the shader back."""
    _quad.cache_clear()
    _shader.cache_clear()
