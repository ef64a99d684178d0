# SPDX-License-Identifier: GPL-3.0-or-later
"""Points, strokes and boxes over the photo: small shapes of a fixed size on the screen, all in one draw call."""

from functools import cache, lru_cache
from typing import NamedTuple

import bpy
import gpu
import numpy as np
from gpu_extras.batch import batch_for_shader
from numpy.typing import NDArray

from ..mask_properties import SAM3D_PG_mask
from ..properties import SAM3D_PG_settings
from . import color
from .view import ViewFrame

BOX, POINT, DAB = 0.0, 1.0, 2.0
NOT_THIS = (0.88, 0.13, 0.13)
"""The color of what is not the subject, whatever the mask's own is."""
SHAPE = 4 + 3 + 2
"""Numbers of a shape: its edges on the image from 0 to 1 (left, bottom, right, top), color, kind, inside (1 or 0)."""
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
    passed = gpu.types.GPUStageInterfaceInfo("sam3d_mark")  # type: ignore[call-arg]  # the stubs lack what makes one
    passed.smooth("VEC2", "from_middle")
    passed.flat("VEC2", "half_size")
    passed.flat("VEC3", "tone")
    passed.flat("VEC2", "form")
    info.vertex_out(passed)
    info.fragment_out(0, "VEC4", "fragment")
    info.vertex_source(_VERTEX)
    info.fragment_source(color.DISPLAY + _FRAGMENT)
    return gpu.shader.create_from_info(info)


class DrawnPrompts(NamedTuple):
    """The box and points of a mask, or of the settings, as they are drawn on a photo of `size`.

    `box` is left, top, right, bottom in pixels from the photo's top left. `numbers` holds x, y and radius of all
    points, float32 (3, N), `inside` bool (N).
    """

    size: tuple[int, int]
    shade: tuple[float, float, float]
    box: tuple[int, int, int, int] | None
    numbers: bytes
    inside: bytes


def drawn_prompts(
    place: SAM3D_PG_mask | SAM3D_PG_settings, size: tuple[int, int], shade: tuple[float, float, float]
) -> DrawnPrompts:
    """What a mask, or the settings, have now: read for each draw, for Blender does not tell of every change."""
    box = place.box[:] if place.use_box else None
    points = place.points
    count = len(points)
    if not count:
        return DrawnPrompts(size, shade, box, b"", b"")
    numbers, inside = np.empty((3, count), np.float32), np.empty(count, bool)
    for name, values in zip(("x", "y", "radius", "inside"), (*numbers, inside), strict=True):
        points.foreach_get(name, values)
    return DrawnPrompts(size, shade, box, numbers.tobytes(), inside.tobytes())


def draw_prompts(prompts: tuple[DrawnPrompts, ...], place: ViewFrame, region: bpy.types.Region, scale: float) -> None:
    """Draw prompts over the photo's frame; `scale` is that of the interface."""
    batch = _batch(prompts)
    if batch is None:
        return
    shader = _shader()
    shader.bind()
    shader.uniform_float("frame", place.edges)
    shader.uniform_float("region", (region.width, region.height))
    shader.uniform_float("scale", scale)
    batch.draw(shader)


@lru_cache(maxsize=4)
def _batch(prompts: tuple[DrawnPrompts, ...]) -> gpu.types.GPUBatch | None:
    """A quad for each shape; None where there is nothing to draw."""
    found = np.concatenate([_shapes(one) for one in prompts] or [np.empty((0, SHAPE), np.float32)])
    if not len(found):
        return None
    repeated = np.repeat(found, len(_CORNERS), 0)
    columns = {
        "corner": np.tile(_CORNERS, (len(found), 1)),
        "edges": np.ascontiguousarray(repeated[:, :4]),
        "shade": np.ascontiguousarray(repeated[:, 4:7]),
        "kind": np.ascontiguousarray(repeated[:, 7:9]),
    }
    return batch_for_shader(_shader(), "TRIS", columns)  # type: ignore[arg-type]  # arrays are buffers


def _shapes(prompts: DrawnPrompts) -> NDArray[np.float32]:
    """The shapes (N, SHAPE): dabs, points above them, and the box on top."""
    width, height = prompts.size
    x, y, radius = np.frombuffer(prompts.numbers, np.float32).reshape(3, -1)
    inside = np.frombuffer(prompts.inside, bool)
    found = np.empty((len(inside), SHAPE), np.float32)
    found[:, 0] = found[:, 2] = (x + 0.5) / width  # the middle of the pixel
    found[:, 1] = found[:, 3] = 1.0 - (y + 0.5) / height
    found[:, 4:7] = np.where(inside[:, None], prompts.shade, NOT_THIS)
    found[:, 7] = np.where(radius > 0.0, DAB, POINT)
    found[:, 8] = inside
    found = found[np.argsort(-found[:, 7], kind="stable")]
    if prompts.box is None:
        return found
    left, top, right, bottom = prompts.box
    box = left / width, 1.0 - bottom / height, right / width, 1.0 - top / height, *prompts.shade, BOX, 1.0
    return np.vstack([found, np.array(box, np.float32)])


def free() -> None:
    """Give shader and batches back."""
    _batch.cache_clear()
    _shader.cache_clear()
