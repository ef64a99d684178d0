# SPDX-License-Identifier: GPL-3.0-or-later
"""Points, strokes and boxes over the photo: small shapes of a fixed size on the screen, all in one draw call."""

from functools import cache, lru_cache

import bpy
import gpu
import numpy as np
from gpu_extras.batch import batch_for_shader
from numpy.typing import NDArray

from . import color
from .view import Frame

BOX, POINT, DAB = 0.0, 1.0, 2.0
NOT_THIS = (0.88, 0.13, 0.13)
"""The color of what is not the subject, whatever the mask's own is."""
SHAPE = 4 + 3 + 2
"""Numbers of a shape: its edges on the image from 0 to 1 (left, bottom, right, top), color, kind, inside (1 or 0)."""
NONE = np.empty((0, SHAPE), np.float32)
_CORNERS = np.array([(0, 0), (1, 0), (0, 1), (0, 1), (1, 0), (1, 1)], np.float32)

_VERTEX = """
void main()
{
  vec2 low = mix(frame.xy, frame.zw, edges.xy);
  vec2 high = mix(frame.xy, frame.zw, edges.zw);
  if (kind.x < 0.5) { // the lines of a box are crisp where they run along pixels
    low = floor(low) + 0.5;
    high = floor(high) + 0.5;
  }
  float margin = 8.0 * scale;
  vec2 place = mix(low - margin, high + margin, corner);
  from_middle = place - 0.5 * (low + high);
  half_size = 0.5 * (high - low);
  tone = shade;
  form = kind;
  gl_Position = vec4(place / region * 2.0 - 1.0, 0.0, 1.0);
}
"""

_FRAGMENT = """
float within(float radius, float distance)
{
  return clamp(radius - distance + 0.5, 0.0, 1.0);
}

void layer(inout vec4 result, vec3 shade, float amount)
{
  result = mix(result, vec4(shade, 1.0), amount);
}

void main()
{
  vec4 result = vec4(0.0);
  vec2 beyond = abs(from_middle) - half_size;
  if (form.x < 0.5) { // a box: distance to its edge
    float distance = abs(length(max(beyond, 0.0)) + min(max(beyond.x, beyond.y), 0.0));
    layer(result, vec3(0.0), 0.5 * within(1.75 * scale, distance));
    layer(result, tone, within(0.75 * scale, distance));
  }
  else if (form.x < 1.5) { // a point: a disc in a ring; what is not the subject has a minus in it
    float distance = length(from_middle);
    layer(result, vec3(0.0), 0.5 * within(7.2 * scale, distance));
    layer(result, vec3(1.0), within(6.2 * scale, distance));
    layer(result, tone, within(4.8 * scale, distance));
    vec2 bar = abs(from_middle) - vec2(2.6, 0.8) * scale;
    layer(result, vec3(1.0), (1.0 - form.y) * within(0.0, max(bar.x, bar.y)));
  }
  else { // a dab of a stroke: its middle
    float distance = length(from_middle);
    layer(result, vec3(0.0), 0.35 * within(2.4 * scale, distance));
    layer(result, tone, within(1.5 * scale, distance));
  }
  fragment = display(result);
}
"""


@cache
def _shader() -> gpu.types.GPUShader:
    info = gpu.types.GPUShaderCreateInfo()
    info.push_constant("VEC2", "region")
    info.push_constant("VEC4", "frame")
    info.push_constant("FLOAT", "scale")
    info.vertex_in(0, "VEC2", "corner")
    info.vertex_in(1, "VEC4", "edges")
    info.vertex_in(2, "VEC3", "shade")
    info.vertex_in(3, "VEC2", "kind")
    passed = gpu.types.GPUStageInterfaceInfo("sam3d_mark")
    passed.smooth("VEC2", "from_middle")
    passed.flat("VEC2", "half_size")
    passed.flat("VEC3", "tone")
    passed.flat("VEC2", "form")
    info.vertex_out(passed)
    info.fragment_out(0, "VEC4", "fragment")
    info.vertex_source(_VERTEX)
    info.fragment_source(color.DISPLAY + _FRAGMENT)
    return gpu.shader.create_from_info(info)


def shapes(place: bpy.types.PropertyGroup, size: tuple[int, int], shade: tuple[float, ...]) -> NDArray[np.float32]:
    """The shapes (N, SHAPE) of the box and the points of a mask, or of the settings, on a photo of `size`."""
    width, height = size
    found = np.empty((len(place.points) + place.use_box, SHAPE), np.float32)
    if place.use_box:
        left, top, right, bottom = place.box
        found[-1] = (left / width, 1.0 - bottom / height, right / width, 1.0 - top / height, *shade, BOX, 1.0)
    if len(place.points):
        _fill(found[: len(place.points)], place.points, size, shade)
        found = found[np.argsort(-found[:, 7], kind="stable")]  # points above dabs
    return found


def _fill(
    found: NDArray[np.float32],
    points: bpy.types.bpy_prop_collection,
    size: tuple[int, int],
    shade: tuple[float, ...],
) -> None:
    """Write the shapes of points."""
    x, y, radius = np.empty((3, len(found)), np.float32)
    inside = np.empty(len(found), bool)
    for name, values in (("x", x), ("y", y), ("radius", radius), ("inside", inside)):
        points.foreach_get(name, values)
    found[:, 0] = found[:, 2] = (x + 0.5) / size[0]  # the middle of the pixel
    found[:, 1] = found[:, 3] = 1.0 - (y + 0.5) / size[1]
    found[:, 4:7] = np.where(inside[:, None], shade, NOT_THIS)
    found[:, 7] = np.where(radius > 0.0, DAB, POINT)
    found[:, 8] = inside


def draw_shapes(found: NDArray[np.float32], place: Frame, region: bpy.types.Region, scale: float) -> None:
    """Draw shapes over the photo's frame; `scale` is that of the interface."""
    if not len(found):
        return
    shader = _shader()
    shader.bind()
    shader.uniform_float("frame", place.edges)
    shader.uniform_float("region", (region.width, region.height))
    shader.uniform_float("scale", scale)
    _batch(found.tobytes()).draw(shader)


@lru_cache(maxsize=4)
def _batch(content: bytes) -> gpu.types.GPUBatch:
    """A quad for each shape."""
    found = np.frombuffer(content, np.float32).reshape(-1, SHAPE)
    repeated = np.repeat(found, len(_CORNERS), 0)
    columns = {
        "corner": np.tile(_CORNERS, (len(found), 1)),
        "edges": np.ascontiguousarray(repeated[:, :4]),
        "shade": np.ascontiguousarray(repeated[:, 4:7]),
        "kind": np.ascontiguousarray(repeated[:, 7:9]),
    }
    return batch_for_shader(_shader(), "TRIS", columns)


def free() -> None:
    """Give shader and batches back."""
    _batch.cache_clear()
    _shader.cache_clear()
