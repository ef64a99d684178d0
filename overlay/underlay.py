# SPDX-License-Identifier: GPL-3.0-or-later
"""The photo in the place of the mask that is being painted: the editor paints on what it shows, which is the mask."""

from functools import cache

import bpy
import gpu
from gpu_extras.batch import batch_for_shader

from .view import ViewFrame

_VERTEX = """
void main()
{
  on_photo = corner;
  gl_Position = vec4(mix(frame.xy, frame.zw, corner) / region * 2.0 - 1.0, 0.0, 1.0);
}
"""

_FRAGMENT = """
void main()
{
  vec2 size = vec2(textureSize(photo, 0));
  bool enlarged = frame.z - frame.x > size.x; // then the image editor shows whole pixels
  vec4 found = texture(photo, enlarged ? (floor(on_photo * size) + 0.5) / size : on_photo);
  fragment = vec4(mix(vec3(0.03), found.rgb, found.a), 1.0);
}
"""


def draw_photo(photo: bpy.types.Image, place: ViewFrame, region: bpy.types.Region) -> None:
    """Draw the photo over the image that the editor shows. It must have pixels."""
    shader = _shader()
    shader.bind()
    shader.uniform_sampler("photo", gpu.texture.from_image(photo))
    shader.uniform_float("frame", place.edges)
    shader.uniform_float("region", (region.width, region.height))
    _quad().draw(shader)


@cache
def _shader() -> gpu.types.GPUShader:
    info = gpu.types.GPUShaderCreateInfo()
    info.push_constant("VEC2", "region")
    info.push_constant("VEC4", "frame")
    info.sampler(0, "FLOAT_2D", "photo")
    info.vertex_in(0, "VEC2", "corner")
    passed = gpu.types.GPUStageInterfaceInfo("sam3d_photo")  # type: ignore[call-arg]  # the stubs lack what makes one
    passed.smooth("VEC2", "on_photo")
    info.vertex_out(passed)
    info.fragment_out(0, "VEC4", "fragment")
    info.vertex_source(_VERTEX)
    info.fragment_source(_FRAGMENT)
    return gpu.shader.create_from_info(info)


@cache
def _quad() -> gpu.types.GPUBatch:
    return batch_for_shader(_shader(), "TRI_STRIP", {"corner": ((0, 0), (1, 0), (0, 1), (1, 1))})


def free() -> None:
    """Give the shader back."""
    _quad.cache_clear()
    _shader.cache_clear()
