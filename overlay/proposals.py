# SPDX-License-Identifier: GPL-3.0-or-later
"""Things that may be meant, in colors over the photo: all of them from one picture of numbers, in one draw call."""

from dataclasses import dataclass, field
from functools import cache

import bpy
import gpu
import numpy as np
from gpu_extras.batch import batch_for_shader
from numpy.typing import NDArray

from ..properties import settings_of
from ..scene.data import image_editor_of, interface_scale, region_of
from . import color
from .view import view_frame

TINT, UNDER_MOUSE, DIMMED = 0.36, 0.64, 0.35
"""Opacity of a thing's color, of that under the mouse, and of the dark over what is none."""
HIDDEN = 255
"""In the place of the number of a thing that is not drawn, and not dimmed either."""
LINE = 2.0
"""Width of the outlines in pixels at scale 1."""

_VERTEX = """
void main()
{
  on_photo = corner;
  gl_Position = vec4(mix(frame.xy, frame.zw, corner) / region * 2.0 - 1.0, 0.0, 1.0);
}
"""

_FRAGMENT = """
int number_at(vec2 place)
{
  if (any(lessThan(place, vec2(0.0))) || any(greaterThanEqual(place, vec2(1.0)))) {
    return 0;
  }
  return int(texelFetch(numbers, ivec2(place * vec2(textureSize(numbers, 0))), 0).r * 255.0 + 0.5);
}

/* Colors far apart for numbers that follow each other, the first one orange: hues by the golden ratio. */
vec3 shade_of(int number)
{
  float hue = fract(0.09 + 0.6180340 * float(number - 1));
  vec3 wave = abs(fract(vec3(hue) + vec3(1.0, 2.0 / 3.0, 1.0 / 3.0)) * 6.0 - 3.0);
  return mix(vec3(1.0), clamp(wave - 1.0, 0.0, 1.0), 0.8);
}

void main()
{
  vec2 pixel = line / (frame.zw - frame.xy);
  int here = number_at(on_photo);
  int beside = here;
  for (int i = 0; i < 8; i++) {
    float angle = 0.7853982 * float(i);
    int found = number_at(on_photo + pixel * vec2(cos(angle), sin(angle)));
    beside = found == here ? beside : found;
  }
  vec4 result = vec4(0.0, 0.0, 0.0, dimmed);
  if (here == HIDDEN) {
    result = vec4(0.0);
  }
  else if (here > 0) {
    float tint = here == under_mouse ? TINT_UNDER_MOUSE : TINT;
    result = vec4(shade_of(here), 1.0) * (beside != here ? 1.0 : tint);
  }
  fragment = display(result);
}
"""


@dataclass
class ShownProposals:
    """What is drawn over a photo: `numbers` (h, w) uint8, top row first, 0 where there is nothing.

    Numbers go up to 254; `hidden` ones are not drawn. `photo` is the image's `session_uid`. `while_no_mask`: as long as
    there is none.
    """

    photo: int
    numbers: NDArray[np.uint8]
    under_mouse: int = 0
    hidden: frozenset[int] = frozenset()
    while_no_mask: bool = False
    texture: gpu.types.GPUTexture | None = field(default=None, repr=False)
    drawn: frozenset[int] = frozenset()
    """What `texture` hides."""

    def at(self, x: float, y: float) -> int:
        """The number at a place of the photo, from 0 to 1 from its bottom left; 0 for a hidden one and outside."""
        height, width = self.numbers.shape
        if not (0.0 <= x < 1.0 and 0.0 < y <= 1.0):
            return 0
        number = int(self.numbers[int((1.0 - y) * height), int(x * width)])
        return 0 if number in self.hidden else number


def draw_proposals(shown: ShownProposals) -> None:
    """Draw them in an image editor that shows their photo (a draw handler of all image editors)."""
    context = bpy.context
    space, settings = image_editor_of(context), settings_of(context)
    if space.image is None or space.image.session_uid != shown.photo or space.mode != "VIEW":
        return
    if space.image != settings.image or (shown.while_no_mask and settings.masks):
        return
    region = region_of(context)
    place = view_frame(region)
    if not place.is_seen(region):
        return
    shader = _shader()
    gpu.state.blend_set("ALPHA_PREMULT")
    shader.bind()
    shader.uniform_float("frame", place.edges)
    shader.uniform_float("region", (region.width, region.height))
    shader.uniform_float("line", LINE * interface_scale(context))
    shader.uniform_float("dimmed", DIMMED)
    shader.uniform_int("under_mouse", [shown.under_mouse])
    shader.uniform_sampler("numbers", _texture(shown))
    _batch().draw(shader)
    gpu.state.blend_set("NONE")


def free() -> None:
    """Give shader and batch back."""
    _batch.cache_clear()
    _shader.cache_clear()


def _texture(shown: ShownProposals) -> gpu.types.GPUTexture:
    """The numbers, made anew where other ones are hidden."""
    if shown.texture is None or shown.drawn != shown.hidden:
        height, width = shown.numbers.shape
        seen = np.where(np.isin(shown.numbers, list(shown.hidden)), HIDDEN, shown.numbers)[::-1]
        values = np.ascontiguousarray(seen, np.float32) / np.float32(255)
        # the stubs lack what makes them
        buffer = gpu.types.Buffer("FLOAT", width * height, values.ravel())  # type: ignore[call-arg]
        shown.texture = gpu.types.GPUTexture((width, height), format="R8", data=buffer)  # type: ignore[call-arg]
        shown.drawn = shown.hidden
    return shown.texture


@cache
def _shader() -> gpu.types.GPUShader:
    info = gpu.types.GPUShaderCreateInfo()
    info.define("TINT", str(TINT))
    info.define("HIDDEN", str(HIDDEN))
    info.define("TINT_UNDER_MOUSE", str(UNDER_MOUSE))
    info.push_constant("VEC4", "frame")
    info.push_constant("VEC2", "region")
    info.push_constant("FLOAT", "line")
    info.push_constant("FLOAT", "dimmed")
    info.push_constant("INT", "under_mouse")
    info.sampler(0, "FLOAT_2D", "numbers")
    info.vertex_in(0, "VEC2", "corner")
    passed = gpu.types.GPUStageInterfaceInfo("sam3d_proposal")  # type: ignore[call-arg]  # the stubs lack what makes one
    passed.smooth("VEC2", "on_photo")
    info.vertex_out(passed)
    info.fragment_out(0, "VEC4", "fragment")
    info.vertex_source(_VERTEX)
    info.fragment_source(color.DISPLAY + _FRAGMENT)
    return gpu.shader.create_from_info(info)


@cache
def _batch() -> gpu.types.GPUBatch:
    corners = [(0.0, 0.0), (1.0, 0.0), (0.0, 1.0), (0.0, 1.0), (1.0, 0.0), (1.0, 1.0)]
    return batch_for_shader(_shader(), "TRIS", {"corner": corners})
