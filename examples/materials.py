# SPDX-License-Identifier: GPL-3.0-or-later
"""The procedural surfaces of the sample props; each varies a little, as real ones do.

Colors are sRGB in hexadecimal. Patterns lie in the object's own coordinates, in units of 10 cm.
"""

from collections.abc import Sequence

import bpy


def linear(color: str) -> tuple[float, float, float, float]:
    """`"d8c8a0"` as linear red, green, blue and an alpha of 1."""
    values = (int(color[place : place + 2], 16) / 255 for place in (0, 2, 4))
    red, green, blue = (v / 12.92 if v <= 0.04045 else ((v + 0.055) / 1.055) ** 2.4 for v in values)
    return red, green, blue, 1.0


class Surface:
    """A material's nodes: a principled shader, the object's coordinates, and what is hung between them."""

    def __init__(self, name: str, color: str, roughness: float, **inputs: float) -> None:
        self.material = bpy.data.materials.new(name)
        if self.material.node_tree is None:
            self.material.use_nodes = True
        self.nodes = self.material.node_tree.nodes
        self.shader = next(node for node in self.nodes if node.type == "BSDF_PRINCIPLED")
        self.shader.inputs["Base Color"].default_value = linear(color)
        self.shader.inputs["Roughness"].default_value = roughness
        for key, value in inputs.items():
            self.shader.inputs[key.replace("_", " ").title().replace("Ior", "IOR")].default_value = value
        self.place = self.nodes.new("ShaderNodeTexCoord").outputs["Object"]

    def link(self, output: bpy.types.NodeSocket, target: bpy.types.NodeSocket) -> None:
        """Join an output to an input."""
        self.material.node_tree.links.new(output, target)

    def stretched(self, scale: Sequence[float]) -> bpy.types.NodeSocket:
        """The object's coordinates, scaled along each axis."""
        mapping = self.nodes.new("ShaderNodeMapping")
        mapping.inputs["Scale"].default_value = scale
        self.link(self.place, mapping.inputs["Vector"])
        return mapping.outputs["Vector"]

    def noise(
        self, scale: float, detail: float = 3.0, where: bpy.types.NodeSocket | None = None
    ) -> bpy.types.NodeSocket:
        """Cloudy values around 0.5."""
        noise = self.nodes.new("ShaderNodeTexNoise")
        noise.inputs["Scale"].default_value = scale
        noise.inputs["Detail"].default_value = detail
        self.link(where or self.place, noise.inputs["Vector"])
        return noise.outputs[0]

    def cells(self, scale: float) -> bpy.types.NodeSocket:
        """The distance to the nearest of many scattered points."""
        voronoi = self.nodes.new("ShaderNodeTexVoronoi")
        voronoi.inputs["Scale"].default_value = scale
        self.link(self.place, voronoi.inputs["Vector"])
        return voronoi.outputs["Distance"]

    def arithmetic(
        self, operation: str, first: bpy.types.NodeSocket | float, second: bpy.types.NodeSocket | float
    ) -> bpy.types.NodeSocket:
        """Two values added, multiplied and so on."""
        node = self.nodes.new("ShaderNodeMath")
        node.operation = operation
        for socket, value in zip(node.inputs, (first, second), strict=False):
            if isinstance(value, float | int):
                socket.default_value = value
            else:
                self.link(value, socket)
        return node.outputs[0]

    def ramp(
        self, value: bpy.types.NodeSocket, stops: Sequence[tuple[float, str]], steps: bool = False
    ) -> bpy.types.NodeSocket:
        """Values from 0 to 1 as colors."""
        node = self.nodes.new("ShaderNodeValToRGB")
        ramp = node.color_ramp
        ramp.interpolation = "CONSTANT" if steps else "LINEAR"
        while len(ramp.elements) < len(stops):
            ramp.elements.new(0.5)
        for element, (position, color) in zip(ramp.elements, stops, strict=True):
            element.position, element.color = position, linear(color)
        self.link(value, node.inputs[0])
        return node.outputs[0]

    def mixed(
        self, amount: bpy.types.NodeSocket, first: bpy.types.NodeSocket | str, second: str
    ) -> bpy.types.NodeSocket:
        """The first color, giving way to the second."""
        node = self.nodes.new("ShaderNodeMix")
        node.data_type = "RGBA"
        colors = [socket for socket in node.inputs if socket.type == "RGBA"]
        self.link(amount, node.inputs[0])
        if isinstance(first, str):
            colors[0].default_value = linear(first)
        else:
            self.link(first, colors[0])
        colors[1].default_value = linear(second)
        return next(socket for socket in node.outputs if socket.type == "RGBA")

    def color(self, output: bpy.types.NodeSocket) -> None:
        """Use this as the base color."""
        self.link(output, self.shader.inputs["Base Color"])

    def relief(self, height: bpy.types.NodeSocket, strength: float, distance: float = 0.02) -> None:
        """Use this as a bump."""
        bump = self.nodes.new("ShaderNodeBump")
        bump.inputs["Strength"].default_value = strength
        bump.inputs["Distance"].default_value = distance
        self.link(height, bump.inputs["Height"])
        self.link(bump.outputs["Normal"], self.shader.inputs["Normal"])


def glaze(bands: Sequence[tuple[float, str]], height: float, speckle: str = "4a3a2c") -> bpy.types.Material:
    """Speckled stoneware, dipped in colors: each band is (from this part of the height, color)."""
    surface = Surface("Glaze", bands[0][1], 0.25, coat_weight=0.6, coat_roughness=0.06)
    split = surface.nodes.new("ShaderNodeSeparateXYZ")
    surface.link(surface.place, split.inputs[0])
    wobble = surface.arithmetic("MULTIPLY", surface.noise(4.0, 1.0), 0.05)
    level = surface.arithmetic("ADD", surface.arithmetic("DIVIDE", split.outputs[2], height), wobble)
    # The wobble lifts the level by a half of its 0.05 on average.
    stops = [(place + 0.025 if place else 0.0, color) for place, color in bands]
    base = surface.ramp(level, stops, steps=True)
    cloud = surface.arithmetic("MULTIPLY", surface.noise(5.0, 5.0), 0.22)
    base = surface.mixed(cloud, base, "6f5a48")
    sizes = surface.arithmetic("MULTIPLY", surface.noise(9.0), 0.32)
    flecks = surface.arithmetic("LESS_THAN", surface.cells(26.0), sizes)
    surface.color(surface.mixed(surface.arithmetic("MULTIPLY", flecks, 0.6), base, speckle))
    surface.relief(surface.noise(7.0, 2.0), 0.12)
    return surface.material


def paint(color: str, gloss: float = 0.5) -> bpy.types.Material:
    """Lacquer with a slightly uneven coat."""
    surface = Surface("Paint", color, 0.45, coat_weight=gloss, coat_roughness=0.1)
    surface.relief(surface.noise(14.0, 2.0), 0.05)
    return surface.material


def plastic(color: str, roughness: float = 0.4) -> bpy.types.Material:
    """Moulded plastic with a fine grain."""
    surface = Surface("Plastic", color, roughness)
    surface.relief(surface.noise(160.0, 2.0), 0.08)
    return surface.material


def metal(color: str, roughness: float = 0.25) -> bpy.types.Material:
    """Bare metal."""
    return Surface("Metal", color, roughness, metallic=1.0).material


def wood(light: str, dark: str, along: str, polish: float = 0.3, rings: float = 1.6) -> bpy.types.Material:
    """Oiled wood whose grain runs along the axis `X`, `Y` or `Z`; `rings` is how many to a unit."""
    surface = Surface("Wood", light, 0.45, coat_weight=polish, coat_roughness=0.25)
    slow = [0.12 if axis == along else 1.0 for axis in "XYZ"]
    # Year rings lie around a trunk's heart, which is rarely inside the piece.
    mapping = surface.nodes.new("ShaderNodeMapping")
    mapping.inputs["Scale"].default_value = slow
    mapping.inputs["Location"].default_value = [0.0 if axis == along else 1.9 for axis in "XYZ"]
    surface.link(surface.place, mapping.inputs["Vector"])
    wave = surface.nodes.new("ShaderNodeTexWave")
    wave.wave_type, wave.rings_direction, wave.wave_profile = "RINGS", along, "SAW"
    for key, value in (("Scale", rings), ("Distortion", 4.5), ("Detail", 3.0), ("Detail Scale", 0.9)):
        wave.inputs[key].default_value = value
    surface.link(mapping.outputs["Vector"], wave.inputs["Vector"])
    fibre = surface.noise(26.0, 5.0, surface.stretched([0.05 if axis == along else 1.0 for axis in "XYZ"]))
    grain = surface.arithmetic("MULTIPLY", wave.outputs[1], 0.42)
    both = surface.arithmetic("ADD", grain, surface.arithmetic("MULTIPLY", fibre, 0.58))
    surface.color(surface.ramp(both, [(0.22, light), (0.75, dark)]))
    surface.relief(fibre, 0.1)
    return surface.material


def leather(color: str) -> bpy.types.Material:
    """Soft leather with a fine pebble."""
    surface = Surface("Leather", color, 0.5, sheen_weight=0.1)
    surface.relief(surface.cells(100.0), 0.1)
    return surface.material


def cloth(color: str, weave: float = 60.0) -> bpy.types.Material:
    """Woven or felted cloth."""
    surface = Surface("Cloth", color, 0.95, sheen_weight=0.4)
    surface.relief(surface.noise(weave, 4.0), 0.6)
    return surface.material


def paper(color: str, stain: str = "8a7a60") -> bpy.types.Material:
    """Uncoated paper or board."""
    surface = Surface("Paper", color, 0.85)
    cloud = surface.arithmetic("MULTIPLY", surface.noise(6.0, 6.0), 0.16)
    surface.color(surface.mixed(cloud, color, stain))
    surface.relief(surface.noise(70.0, 3.0), 0.12)
    return surface.material


def dark_glass(color: str, rim: str) -> bpy.types.Material:
    """A full bottle of dark glass: nearly opaque, brighter where one looks along the wall."""
    surface = Surface("Glass", color, 0.06, coat_weight=1.0, coat_roughness=0.02)
    facing = surface.nodes.new("ShaderNodeLayerWeight")
    facing.inputs["Blend"].default_value = 0.5
    surface.color(surface.ramp(facing.outputs["Facing"], [(0.0, color), (0.55, color), (0.95, rim)]))
    return surface.material


def liquid(color: str) -> bpy.types.Material:
    """The still surface of a dark drink."""
    return Surface("Drink", color, 0.05).material


def apple_skin() -> bpy.types.Material:
    """Red with yellow streaks from top to bottom."""
    surface = Surface("Apple skin", "a8281f", 0.3, coat_weight=0.3, coat_roughness=0.15)
    streaks = surface.noise(3.0, 4.0, surface.stretched((5, 5, 0.7)))
    surface.color(surface.ramp(streaks, [(0.3, "7d1714"), (0.5, "a8281f"), (0.68, "c9772f")]))
    return surface.material


def plain(color: str) -> bpy.types.Material:
    """A matt, even color."""
    return Surface("Plain", color, 0.9).material


def glowing(color: str) -> bpy.types.Material:
    """The same color from everywhere, whatever the light."""
    surface = Surface("Glow", "000000", 1.0, emission_strength=1.0, specular_ior_level=0.0)
    surface.shader.inputs["Emission Color"].default_value = linear(color)
    return surface.material
