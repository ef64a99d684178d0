# SPDX-License-Identifier: GPL-3.0-or-later
"""Guides over the photo: lines with handles, dashed to where they meet, and the horizon; all in one draw call."""

import math
from functools import cache, lru_cache

import blf
import bpy
import gpu
import numpy as np
from gpu_extras.batch import batch_for_shader

from ..scene.data import preferences_of
from . import color
from .perspective import DASHED, FAINT, LINE, Color, Perspective, camera_of, horizon, shapes
from .view import ViewFrame

HANDLE_RADIUS = 4.5
"""Of the dot at an end, in pixels at scale 1."""
FONT, FONT_SIZE, TEXT_GAP = 0, 11.0, 6.0
OUTLINE = 6
"""The kind of a text's shadow that goes all around."""
HEADERS = 70.0
"""What those of the editor cover of its view, at its upper edge, likewise."""
_CORNERS = np.array([(0, -1), (1, -1), (0, 1), (0, 1), (1, -1), (1, 1)], np.float32)
"""Of a quad along a line: which end, and which side."""

_VERTEX = """
void main()
{
  low = mix(frame.xy, frame.zw, ends.xy);
  high = mix(frame.xy, frame.zw, ends.zw);
  float margin = 8.0 * scale;
  vec2 along = high - low;
  along = dot(along, along) > 0.0 ? normalize(along) : vec2(1.0, 0.0);
  vec2 across = vec2(-along.y, along.x);
  place = (corner.x < 0.5 ? low - along * margin : high + along * margin) + across * corner.y * margin;
  tone = shade;
  form = kind;
  gl_Position = vec4(place / region * 2.0 - 1.0, 0.0, 1.0);
}
"""

_FRAGMENT = f"""
float within(float radius, float distance)
{{
  return clamp(radius - distance + 0.5, 0.0, 1.0);
}}

void layer(inout vec4 result, vec3 hue, float amount)
{{
  result = mix(result, vec4(hue, 1.0), amount);
}}

void main()
{{
  vec2 span = high - low;
  float size = length(span);
  float along = size > 0.0 ? dot(place - low, span) / size : 0.0;
  float distance = length(place - low - (size > 0.0 ? span / size : vec2(0.0)) * clamp(along, 0.0, size));
  vec4 result = vec4(0.0);
  if (form == {LINE}.0) {{
    layer(result, vec3(0.0), 0.55 * within(2.2 * scale, distance));
    layer(result, tone.rgb, within(1.0 * scale, distance));
  }}
  else if (form == {DASHED}.0 || form == {FAINT}.0) {{
    float dash = 10.0 * scale;
    float shown = clamp((0.28 - abs(fract(along / dash) - 0.5)) * dash + 0.5, 0.0, 1.0);
    layer(result, vec3(0.0), 0.6 * within(1.75 * scale, distance));
    layer(result, tone.rgb, within(0.75 * scale, distance));
    result *= form == {FAINT}.0 ? 1.0 : shown;
  }}
  else {{ // a handle: a disc in a ring
    layer(result, vec3(0.0), 0.55 * within({HANDLE_RADIUS + 1.6} * scale, distance));
    layer(result, vec3(1.0), within({HANDLE_RADIUS + 0.6} * scale, distance));
    layer(result, tone.rgb, within({HANDLE_RADIUS - 0.6} * scale, distance));
  }}
  fragment = display(result * tone.a);
}}
"""


@cache
def _shader() -> gpu.types.GPUShader:
    info = gpu.types.GPUShaderCreateInfo()
    info.push_constant("VEC4", "frame")
    info.push_constant("VEC2", "region")
    info.push_constant("FLOAT", "scale")
    info.vertex_in(0, "VEC2", "corner")
    info.vertex_in(1, "VEC4", "ends")
    info.vertex_in(2, "VEC4", "shade")
    info.vertex_in(3, "FLOAT", "kind")
    passed = gpu.types.GPUStageInterfaceInfo("sam3d_guide")  # type: ignore[call-arg]  # the stubs lack what makes one
    passed.smooth("VEC2", "place")
    passed.flat("VEC2", "low")
    passed.flat("VEC2", "high")
    passed.flat("VEC4", "tone")
    passed.flat("FLOAT", "form")
    info.vertex_out(passed)
    info.fragment_out(0, "VEC4", "fragment")
    info.vertex_source(_VERTEX)
    info.fragment_source(color.DISPLAY + _FRAGMENT)
    return gpu.shader.create_from_info(info)


def draw_guides(seen: Perspective, place: ViewFrame, region: bpy.types.Region, scale: float) -> None:
    """Draw a photo's guides over its frame, and the horizon of its camera; `scale` is that of the interface."""
    theme = preferences_of(bpy.context).themes[0].user_interface
    batch = _batch(seen, (theme.axis_x[:], theme.axis_y[:]))
    if batch is None:
        return
    shader = _shader()
    shader.bind()
    shader.uniform_float("frame", place.edges)
    shader.uniform_float("region", (region.width, region.height))
    shader.uniform_float("scale", scale)
    batch.draw(shader)
    _write_pitch(seen, place, region, scale)


def _write_pitch(seen: Perspective, place: ViewFrame, region: bpy.types.Region, scale: float) -> None:
    """How far the camera looks down, above the middle of the horizon."""
    camera, ends = camera_of(seen), horizon(seen)
    if camera is None or ends is None:
        return
    x, y = (sum(values) / 2 / edge for values, edge in zip(zip(*ends, strict=True), seen.size, strict=True))
    left = place.left + x * (place.right - place.left)
    bottom = place.bottom + (1.0 - y) * (place.top - place.bottom) + TEXT_GAP * scale
    if bottom > region.height - HEADERS * scale:
        return
    degrees = math.degrees(camera.pitch)
    blf.size(FONT, FONT_SIZE * scale)
    blf.color(FONT, 1.0, 1.0, 1.0, 1.0)
    blf.enable(FONT, blf.SHADOW)
    blf.shadow(FONT, OUTLINE, 0.0, 0.0, 0.0, 0.9)
    blf.position(FONT, left, bottom, 0.0)
    blf.draw(FONT, f"{abs(degrees):.1f}° {'down' if degrees >= 0 else 'up'}")
    blf.disable(FONT, blf.SHADOW)


@lru_cache(maxsize=4)
def _batch(perspective: Perspective, colors: tuple[Color, Color]) -> gpu.types.GPUBatch | None:
    """A quad for each shape; None where there is nothing to draw."""
    found = shapes(perspective, colors)
    if not len(found):
        return None
    repeated = np.repeat(found, len(_CORNERS), 0)
    columns = {
        "corner": np.tile(_CORNERS, (len(found), 1)),
        "ends": np.ascontiguousarray(repeated[:, :4]),
        "shade": np.ascontiguousarray(repeated[:, 4:8]),
        "kind": np.ascontiguousarray(repeated[:, 8]),
    }
    return batch_for_shader(_shader(), "TRIS", columns)  # type: ignore[arg-type]  # arrays are buffers


def free() -> None:
    """Give shader and batches back."""
    _batch.cache_clear()
    _shader.cache_clear()
