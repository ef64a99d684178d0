# SPDX-License-Identifier: GPL-3.0-or-later
"""Draws docs/pictures/packages.svg: the packages on their floors, and what imports what.

The floors are those of the layers in pyproject.toml, the arrows the imports that stand in the source. An arrow that
follows from others (a chain of arrows leads there, too) is left out.

    make diagram
"""

from __future__ import annotations

import tomllib
from collections.abc import Mapping
from pathlib import Path

import grimp

ROOT = Path(__file__).resolve().parent.parent
PICTURE = ROOT / "docs" / "pictures" / "packages.svg"
WIDTH, BOX_WIDTH, BOX_HEIGHT, FLOOR_HEIGHT, MARGIN = 720, 146, 46, 92, 24
BESIDE, HEAD = 16, 7
"""In units of the picture."""
Arrows = set[tuple[str, str]]


def floors() -> list[list[str]]:
    """The names of the packages, floor by floor from the top, as import-linter holds them."""
    contracts = tomllib.loads((ROOT / "pyproject.toml").read_text("utf-8"))["tool"]["importlinter"]["contracts"]
    layers: list[str] = next(contract["layers"] for contract in contracts if contract["type"] == "layers")
    return [[name.strip(" ()") for name in layer.split("|")] for layer in layers]


def direct_arrows(graph: grimp.ImportGraph, packages: list[str]) -> Arrows:
    """Which package imports which, each pair (importer, imported) once."""
    modules = {
        module: name for name in packages for module in {f"sam3d.{name}"} | graph.find_descendants(f"sam3d.{name}")
    }
    pairs = {
        (one, modules[imported])
        for module, one in modules.items()
        for imported in graph.find_modules_directly_imported_by(module)
        if imported in modules
    }
    return {(one, other) for one, other in pairs if one != other}


def without_shortcuts(arrows: Arrows) -> Arrows:
    """The arrows from which all others follow. They must have no circle."""

    def reachable(start: str) -> set[str]:
        following = {other for one, other in arrows if one == start}
        return following.union(*map(reachable, following))

    return {
        (one, other)
        for one, other in arrows
        if not any(other in reachable(between) for start, between in arrows if start == one and between != other)
    }


def way(corners: Mapping[str, tuple[float, float]], one: str, other: str) -> str:
    """The line from a box down to another one, past the boxes between; `corners` are the upper left ones."""
    (x, y), (goal_x, goal_y) = corners[one], corners[other]
    x, y, goal_x = x + BOX_WIDTH / 2, y + BOX_HEIGHT, goal_x + BOX_WIDTH / 2
    path = f"M{x:.0f} {y:.0f}"
    for top in sorted({top for _, top in corners.values() if y < top < goal_y}):
        straight = x + (goal_x - x) * (top - y) / (goal_y - y)
        sides = [
            side
            for left, height in corners.values()
            if height == top
            for side in (left - BESIDE, left + BOX_WIDTH + BESIDE)
        ]
        free = min(sides, key=lambda side: abs(side - straight))
        path += _curve(x, y, free, top) + f" V{top + BOX_HEIGHT:.0f}"
        x, y = free, top + BOX_HEIGHT
    return path + _curve(x, y, goal_x, goal_y - HEAD)


def _curve(x1: float, y1: float, x2: float, y2: float) -> str:
    middle = (y1 + y2) / 2
    return f" C{x1:.0f} {middle:.0f} {x2:.0f} {middle:.0f} {x2:.0f} {y2:.0f}"


def draw(rows: list[list[str]], arrows: Arrows, files: dict[str, int]) -> str:
    """The picture as SVG. `files` tells how many files each package has."""
    corners = {
        name: (WIDTH * (place + 1) / (len(row) + 1) - BOX_WIDTH / 2, MARGIN + number * FLOOR_HEIGHT)
        for number, row in enumerate(rows)
        for place, name in enumerate(row)
    }
    lines = [f'<path d="{way(corners, one, other)}"/>' for one, other in sorted(arrows)]
    boxes = []
    for name, (x, y) in corners.items():
        label = f"{files[name]} files" if files[name] > 1 else "1 file"
        title = f"{name}/" if files[name] > 1 else f"{name}.py"
        boxes.append(
            f'<rect x="{x:.0f}" y="{y:.0f}" width="{BOX_WIDTH}" height="{BOX_HEIGHT}" rx="6"/>\n'
            f'<text x="{x + BOX_WIDTH / 2:.0f}" y="{y + 20:.0f}">{title}</text>\n'
            f'<text class="small" x="{x + BOX_WIDTH / 2:.0f}" y="{y + 36:.0f}">{label}</text>'
        )
    height = 2 * MARGIN + (len(rows) - 1) * FLOOR_HEIGHT + BOX_HEIGHT
    return "\n".join(
        (
            f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {WIDTH} {height}" font-family="sans-serif">',
            "<style>",
            "path { fill: none; stroke: #777; stroke-width: 1.5; marker-end: url(#head) }",
            "rect { fill: #eef3fa; stroke: #4a6a95 }",
            "text { font-size: 15px; text-anchor: middle; fill: #222 } .small { font-size: 11px; fill: #666 }",
            "</style>",
            '<marker id="head" viewBox="0 0 8 8" refX="1" refY="4" markerWidth="6" markerHeight="6" orient="auto">',
            '<path d="M0 0 8 4 0 8z" style="fill: #777; stroke: none; marker-end: none"/></marker>',
            f'<rect width="{WIDTH}" height="{height}" style="fill: white; stroke: none"/>',
            *lines,
            *boxes,
            "</svg>\n",
        )
    )


def main() -> None:
    """Writes the picture."""
    graph = grimp.build_graph("sam3d", cache_dir=str(ROOT / "build" / "import-linter"))
    rows = floors()
    packages = [name for row in rows for name in row]
    files = {name: 1 + len(graph.find_descendants(f"sam3d.{name}")) for name in packages}
    PICTURE.write_text(draw(rows, without_shortcuts(direct_arrows(graph, packages)), files), "utf-8")
    print(PICTURE.relative_to(ROOT))


if __name__ == "__main__":
    main()
