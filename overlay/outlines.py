# SPDX-License-Identifier: GPL-3.0-or-later
"""Masks as tint and outline over the photo, straight from Blender's own textures of their images.

Blender keeps such a texture up to date by itself, dab by dab while somebody paints. A fragment shader finds the edge at
the resolution of the screen: nothing is traced, and nothing goes stale.
"""

from collections.abc import Iterable
from functools import cache, lru_cache
from typing import NamedTuple

import bpy
import gpu
import numpy as np
from gpu_extras.batch import batch_for_shader

from ..scene.data import is_data
from . import color
from .view import ViewFrame, depth_of

WITH_ALPHA = frozenset({32, 64, 128})
"""Bits of a pixel, where alpha is among them."""
HALF = 0.5
HALF_OF_LIGHT = 0.2140
"""What a texture says of a pixel that looks half white: the value itself in data, else the light that it stands for."""

HALO = 1.25
"""Pixels at scale 1 by which the halo is wider than the line, on each side."""
TILES = 24
MOST = 64
"""Looks that the shader is given at a time: to tell it of each before its mask is drawn takes twice as long."""
Color = tuple[float, float, float]

_LOOKS = f"""
struct Look {{
  vec4 shade; // color and strength of the tint
  vec4 style; // outer radius of the halo, that of the line, length of a dash, opacity
  vec4 reading; // what is half, whether alpha may tell, whether the mask is watched
}};
struct Looks {{
  Look of[{MOST}];
}};
"""

_READING = """
/* How much of what a texture says belongs to the mask, half at its edge. */
float reading_of(vec4 value, float sees_alpha)
{
  float amount = sees_alpha > 0.5 ? value.a : dot(value.rgb, vec3(0.2126, 0.7152, 0.0722));
  float level = sees_alpha > 0.5 ? 0.5 : reading.x;
  return 0.5 + 0.5 * (amount < level ? (amount - level) / level : (amount - level) / (1.0 - level));
}
"""

_VERTEX = """
/* Whether an alpha channel tells anything: one that is opaque everywhere does not, and white is the subject. */
float alpha_tells()
{
  ivec2 size = textureSize(mask, 0);
  float found = 0.0;
  for (int y = 0; y < PROBES; y++) {
    for (int x = 0; x < PROBES; x++) {
      found = max(found, step(texelFetch(mask, (ivec2(x, y) * 2 + 1) * size / (2 * PROBES), 0).a, 0.99));
    }
  }
  return found;
}

void main()
{
  shade = looks.of[gpu_InstanceIndex].shade;
  style = looks.of[gpu_InstanceIndex].style;
  reading = looks.of[gpu_InstanceIndex].reading;
  vec2 wide = frame.zw - frame.xy;
  vec4 seen = clamp(frame + vec4(-style.xx, style.xx), vec4(0.0), region.xyxy);
  sees_alpha = reading.y > 0.5 ? alpha_tells() : 0.0;

  // most tiles lie wholly outside the mask and are not drawn, or inside and hold no edge to look for
  vec2 low = (mix(seen.xy, seen.zw, tile) - style.x - frame.xy) / wide;
  vec2 high = (mix(seen.xy, seen.zw, tile + 1.0 / float(TILES)) + style.x - frame.xy) / wide;
  vec2 step_in_texels = (high - low) / float(SAMPLES - 1) * vec2(textureSize(mask, 0));
  float level = log2(max(1.0, max(step_in_texels.x, step_in_texels.y)));
  float least = 1.0;
  float most = 0.0;
  for (int y = 0; y < SAMPLES; y++) {
    for (int x = 0; x < SAMPLES; x++) {
      vec2 place = mix(low, high, vec2(x, y) / float(SAMPLES - 1));
      bool beside = any(lessThan(place, vec2(0.0))) || any(greaterThan(place, vec2(1.0)));
      float found = beside ? 0.0 : reading_of(textureLod(mask, place, level), sees_alpha);
      least = min(least, found);
      most = max(most, found);
    }
  }
  is_inside = step(0.999, least);
  bool skipped = most < 0.001;
  if (reading.z > 0.5) { // while it is painted its smaller copies may lag behind
    is_inside = 0.0;
    skipped = false;
  }
  on_screen = mix(seen.xy, seen.zw, tile + (skipped ? vec2(0.0) : corner) / float(TILES));
  on_mask = (on_screen - frame.xy) / wide;
  gl_Position = vec4(on_screen / region * 2.0 - 1.0, 0.0, 1.0);
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
  return clamp((reading_of(value, sees_alpha) - 0.5) * sharpness + 0.5, 0.0, 1.0);
}

vec2 on_circle(int number, int count)
{
  float angle = 6.2831853 * (float(number) + 0.5) / float(count);
  return vec2(cos(angle), sin(angle));
}

/* How surely an edge runs through a circle with these extremes: a sharp one, or one that a brush left soft. */
float crossing(float least, float most)
{
  return clamp(2.0 * min(most - 0.5, 0.5 - least) / max(most - least, 0.001), 0.0, 1.0);
}

void main()
{
  if (is_inside > 0.5) {
    fragment = display(vec4(shade.rgb, 1.0) * shade.a);
    return;
  }
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
  float halo = crossing(least, most);
  float line = 0.0;
  if (halo > 0.0) {
    least = center;
    most = center;
    for (int i = 0; i < LINE_TAPS; i++) {
      float found = covered(on_mask + on_circle(i, LINE_TAPS) * pixel * style.y, texel, sharpness);
      least = min(least, found);
      most = max(most, found);
    }
    line = crossing(least, most);
    halo = max(halo, line);
  }
  float shown = style.w;
  if (style.z > 0.0) { // dashes, along the axis that the edge follows
    float along = abs(inward.x) > abs(inward.y) ? on_screen.y : on_screen.x;
    shown *= clamp((abs(fract(along / style.z) - 0.5) - 0.22) * style.z + 0.5, 0.0, 1.0);
  }
  float tint = center * shade.a;
  vec4 result = vec4(shade.rgb, 1.0) * tint;
  result = mix(result, vec4(0.0, 0.0, 0.0, 1.0), halo * shown * 0.55);
  fragment = display(mix(result, vec4(shade.rgb, 1.0), line * shown));
}
"""


class Style(NamedTuple):
    """How a mask is drawn: strength of the tint, width of the line in pixels, length of a dash or 0, opacity.

    `watched`: it is being painted, so every pixel is looked at.
    """

    tint: float
    width: float
    dash: float = 0.0
    opacity: float = 1.0
    watched: bool = False


class Look(NamedTuple):
    """What is drawn of a mask, apart from its pixels; `is_data` and `depth` (bits of a pixel) are its image's."""

    shade: Color
    style: Style
    is_data: bool
    depth: int


def draw_masks(
    masks: Iterable[tuple[bpy.types.Image, Color, Style]], place: ViewFrame, region: bpy.types.Region, scale: float
) -> None:
    """Draw masks, stretched over the photo's frame, the last one on top; `scale` is that of the interface.

    Those without pixels are left out.
    """
    shader, tiles = _shader(), _tiles()
    shader.bind()
    shader.uniform_float("frame", place.edges)
    shader.uniform_float("region", (region.width, region.height))
    images, looks = [], []
    for image, shade, style in masks:
        if depth := depth_of(image):
            images.append(image)
            looks.append(Look(shade, style, is_data(image), depth))
    for start in range(0, len(images), MOST):
        shader.uniform_block("looks", _uniforms(tuple(looks[start : start + MOST]), scale))
        for number, image in enumerate(images[start : start + MOST]):
            shader.uniform_sampler("mask", gpu.texture.from_image(image))
            tiles.draw_instanced(shader, instance_start=number, instance_count=1)


@lru_cache(maxsize=4)
def _uniforms(looks: tuple[Look, ...], scale: float) -> gpu.types.GPUUniformBuf:
    """Looks, MOST at the most, as the shader has them."""
    numbers = np.zeros((MOST, 12), np.float32)
    for row, (shade, style, as_data, depth) in zip(numbers, looks, strict=False):
        radius = style.width * scale / 2
        row[:4] = *shade, style.tint
        row[4:8] = radius + HALO * scale, radius, style.dash * scale, style.opacity
        row[8:11] = HALF if as_data else HALF_OF_LIGHT, depth in WITH_ALPHA, style.watched
    return gpu.types.GPUUniformBuf(numbers)  # type: ignore[call-arg]  # the stubs lack what makes one


@cache
def _shader() -> gpu.types.GPUShader:
    info = gpu.types.GPUShaderCreateInfo()
    for name, number in {"HALO_TAPS": 8, "LINE_TAPS": 12, "PROBES": 16, "SAMPLES": 5, "TILES": TILES}.items():
        info.define(name, str(number))
    info.push_constant("VEC4", "frame")
    info.push_constant("VEC2", "region")
    info.typedef_source(_LOOKS)
    info.uniform_buf(0, "Looks", "looks")
    info.sampler(0, "FLOAT_2D", "mask")
    info.vertex_in(0, "VEC2", "tile")
    info.vertex_in(1, "VEC2", "corner")
    passed = gpu.types.GPUStageInterfaceInfo("sam3d_mask")  # type: ignore[call-arg]  # the stubs lack what makes one
    passed.smooth("VEC2", "on_screen")
    passed.smooth("VEC2", "on_mask")
    for name in ("shade", "style", "reading"):
        passed.flat("VEC4", name)
    passed.flat("FLOAT", "sees_alpha")
    passed.flat("FLOAT", "is_inside")
    info.vertex_out(passed)
    info.fragment_out(0, "VEC4", "fragment")
    info.vertex_source(_READING + _VERTEX)
    info.fragment_source(color.DISPLAY + _READING + _FRAGMENT)
    return gpu.shader.create_from_info(info)


@cache
def _tiles() -> gpu.types.GPUBatch:
    """What is seen of the mask, in TILES x TILES quads."""
    corners = np.array([(0, 0), (1, 0), (0, 1), (1, 1)], np.float32)
    tiles = np.stack(np.meshgrid(*2 * [np.arange(TILES)]), -1).reshape(-1, 2).astype(np.float32) / TILES
    columns = {"tile": np.repeat(tiles, 4, 0), "corner": np.tile(corners, (len(tiles), 1))}
    first = np.arange(0, 4 * len(tiles), 4, dtype=np.int32)[:, None, None]
    triangles = (first + np.array([(0, 1, 2), (2, 1, 3)], np.int32)).reshape(-1, 3)
    return batch_for_shader(_shader(), "TRIS", columns, indices=triangles)  # type: ignore[arg-type]  # arrays are buffers


def free() -> None:
    """Give shader and buffers back."""
    _uniforms.cache_clear()
    _tiles.cache_clear()
    _shader.cache_clear()
