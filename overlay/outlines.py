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

from .view import Frame

_VERTEX = """
void main()
{
  vec2 place = mix(frame.xy - style.x, frame.zw + style.x, corner);
  on_mask = (place - frame.xy) / (frame.zw - frame.xy);
  on_screen = place;
  sees_alpha = 0.0;
  if (style.w > 0.5) {
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
/* How much of a place belongs to the mask; its edge is a pixel of the screen soft, however large the mask's own are. */
float covered(vec2 uv, vec2 texel, float sharpness)
{
  if (any(lessThan(uv, vec2(0.0))) || any(greaterThan(uv, vec2(1.0)))) {
    return 0.0;
  }
  vec4 value = textureLod(mask, clamp(uv, 0.5 * texel, 1.0 - 0.5 * texel), 0.0);
  float amount = sees_alpha > 0.5 ? value.a : dot(value.rgb, vec3(0.2126, 0.7152, 0.0722));
  return clamp((amount - 0.5) * sharpness + 0.5, 0.0, 1.0);
}

/* The line over its halo, both as amounts: where inside and outside meet within a circle. */
vec2 edge(vec2 pixel, vec2 texel, float sharpness, float center)
{
  vec2 least = vec2(center), most = vec2(center);
  for (int i = 0; i < TAPS; i++) {
    float angle = 6.2831853 * (float(i) + 0.5) / float(TAPS);
    vec2 direction = vec2(cos(angle), sin(angle)) * pixel;
    vec2 found = vec2(covered(on_mask + direction * style.x * LINE, texel, sharpness),
                      covered(on_mask + direction * style.x, texel, sharpness));
    least = min(least, found);
    most = max(most, found);
  }
  return most - least;
}

void main()
{
  vec2 pixel = 1.0 / (frame.zw - frame.xy);
  vec2 texel = 1.0 / vec2(textureSize(mask, 0));
  float sharpness = max(1.0, min(texel.x / pixel.x, texel.y / pixel.y));
  float center = covered(on_mask, texel, sharpness);
  vec2 found = edge(pixel, texel, sharpness, center);
  float tint = center * color.a;
  vec4 result = vec4(color.rgb * tint, tint);
  result = mix(result, vec4(0.0, 0.0, 0.0, 1.0), found.y * style.z * 0.6);
  result = mix(result, vec4(color.rgb, 1.0), found.x * style.z);
  fragment = result;
}
"""


@cache
def _shader() -> gpu.types.GPUShader:
    info = gpu.types.GPUShaderCreateInfo()
    info.define("TAPS", "12")
    info.define("PROBES", "24")
    info.define("LINE", "0.55")
    info.push_constant("MAT4", "ModelViewProjectionMatrix")
    info.push_constant("VEC4", "frame")
    info.push_constant("VEC4", "color")
    info.push_constant("VEC4", "style")
    info.sampler(0, "FLOAT_2D", "mask")
    info.vertex_in(0, "VEC2", "corner")
    passed = gpu.types.GPUStageInterfaceInfo("sam3d_mask")
    passed.smooth("VEC2", "on_mask")
    passed.smooth("VEC2", "on_screen")
    passed.flat("FLOAT", "sees_alpha")
    info.vertex_out(passed)
    info.fragment_out(0, "VEC4", "fragment")
    info.vertex_source(_VERTEX)
    info.fragment_source(_FRAGMENT)
    return gpu.shader.create_from_info(info)


@cache
def _quad() -> gpu.types.GPUBatch:
    return batch_for_shader(_shader(), "TRI_STRIP", {"corner": ((0, 0), (1, 0), (0, 1), (1, 1))})


@dataclass(frozen=True)
class Look:
    """How a mask is drawn."""

    color: tuple[float, float, float]
    tint: float
    width: float
    opacity: float = 1.0
    dashed: bool = False


def draw_mask(image: bpy.types.Image, place: Frame, look: Look) -> None:
    """Draw one mask, stretched over the photo's frame, in pixels of the region."""
    shader = _shader()
    shader.bind()
    shader.uniform_sampler("mask", gpu.texture.from_image(image))
    shader.uniform_float("frame", (place.left, place.bottom, place.right, place.top))
    shader.uniform_float("color", (*look.color, look.tint))
    shader.uniform_float("style", (look.width, look.dashed, look.opacity, image.depth in {32, 64, 128}))
    _quad().draw(shader)


def free() -> None:
    """Give the shader back."""
    _quad.cache_clear()
    _shader.cache_clear()
