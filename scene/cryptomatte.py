# SPDX-License-Identifier: GPL-3.0-or-later
"""Objects told apart in a render by Cryptomatte, which knows them by their names and how much of a pixel they cover."""

import struct
from collections.abc import Sequence
from typing import cast

import bpy

HIGHEST = 2**16 - 1
"""The highest number that 16 bits hold."""


def draw_numbers(
    tree: bpy.types.NodeTree,
    scene: bpy.types.Scene,
    layer: bpy.types.ViewLayer,
    groups: Sequence[Sequence[str]],
) -> None:
    """Make an empty compositor of `scene` draw the number, from 1, of the group of objects that covers each pixel.

    The gray value is the number divided by `HIGHEST`, and 0 where no group covers more than half of the pixel.
    """
    layer.use_pass_cryptomatte_object = True
    total: bpy.types.NodeSocket | None = None
    for number, names in enumerate(groups, 1):
        matte = tree.nodes.new("CompositorNodeCryptomatteV2")
        assert isinstance(matte, bpy.types.CompositorNodeCryptomatteV2)
        matte.source, matte.scene = "RENDER", scene
        matte.layer_name = f"{layer.name}.CryptoObject"  # type: ignore[assignment]  # the stubs know no view layer
        matte.matte_id = ",".join(f"<{object_hash(name):.9g}>" for name in names)
        covered = _math(tree, "GREATER_THAN", matte.outputs["Matte"], 0.5)
        total = _math(tree, "MULTIPLY_ADD", covered, number / HIGHEST, total)
    assert total is not None, "there is a group"
    tree.links.new(total, _output(tree))


def object_hash(name: str) -> float:
    """The number by which Cryptomatte 1.2 knows a name: its MurmurHash3 (32 bits, seed 0) as a 32-bit float, with one
    bit of the exponent flipped where that would be no ordinary number.
    """
    value = _murmur3(name.encode())
    if (value >> 23) & 0xFF in (0, 0xFF):
        value ^= 1 << 23
    return float(struct.unpack("<f", struct.pack("<I", value))[0])


def _murmur3(data: bytes) -> int:
    """MurmurHash3_x86_32 of Austin Appleby with the seed 0."""

    def mixed(block: int) -> int:
        return _rotated_left(block * 0xCC9E2D51 & 0xFFFFFFFF, 15) * 0x1B873593 & 0xFFFFFFFF

    whole = len(data) // 4 * 4
    value = 0
    for (block,) in struct.iter_unpack("<I", data[:whole]):
        value = (_rotated_left(value ^ mixed(block), 13) * 5 + 0xE6546B64) & 0xFFFFFFFF
    if data[whole:]:
        value ^= mixed(int.from_bytes(data[whole:], "little"))
    value ^= len(data)
    value = (value ^ value >> 16) * 0x85EBCA6B & 0xFFFFFFFF
    value = (value ^ value >> 13) * 0xC2B2AE35 & 0xFFFFFFFF
    return value ^ value >> 16


def _rotated_left(value: int, bits: int) -> int:
    """A 32-bit number rotated to the left."""
    return (value << bits | value >> 32 - bits) & 0xFFFFFFFF


def _math(
    tree: bpy.types.NodeTree,
    operation: str,
    first: bpy.types.NodeSocket,
    second: float,
    third: bpy.types.NodeSocket | None = None,
) -> bpy.types.NodeSocket:
    """The result of a math node."""
    shared = hasattr(bpy.types, "ShaderNodeMath") and not hasattr(bpy.types, "CompositorNodeMath")  # 5.0 on
    node = tree.nodes.new("ShaderNodeMath" if shared else "CompositorNodeMath")
    node.operation = operation  # type: ignore[attr-defined]  # both kinds of node have one
    inputs, outputs = list(node.inputs or ()), list(node.outputs or ())
    for socket, value in zip(inputs[1:], (second, 0.0), strict=True):
        cast("bpy.types.NodeSocketFloat", socket).default_value = value  # by what a math node is
    tree.links.new(first, inputs[0])
    if third is not None:
        tree.links.new(third, inputs[2])
    return outputs[0]


def _output(tree: bpy.types.NodeTree) -> bpy.types.NodeSocket:
    """Where the picture leaves an empty compositor."""
    if hasattr(bpy.types, "CompositorNodeComposite"):
        return tree.nodes.new("CompositorNodeComposite").inputs[0]
    assert tree.interface is not None
    tree.interface.new_socket("Image", in_out="OUTPUT", socket_type="NodeSocketColor")  # 5.0 on
    return tree.nodes.new("NodeGroupOutput").inputs[0]
