# SPDX-License-Identifier: GPL-3.0-or-later
"""What is remembered of the results that have come into the open file, while it is open."""

from dataclasses import dataclass, field


@dataclass
class Arrivals:
    """What is remembered of earlier arrivals, by names and numbers."""

    moved: dict[str, tuple[float, float, float]] = field(default_factory=dict)
    """How far the results that are laid out together were moved aside, by what they have in common."""
    colored: set[int] = field(default_factory=set)
    """The viewports whose shading was changed, by the number of their area."""
    leaves_colors: bool = False
    """Whether the artist has set one of them back."""
    framed: str | None = None
    """The first results since the file was opened, by what they have in common."""
    looks_at: tuple[float, float, float] | None = None
    """Where a view was moved to for them."""
    looked_at: float = 0.0
    """When that was, by the monotonic clock."""
    remarks: list[str] = field(default_factory=list)
    """What is still to be said about them."""

    def forget_file(self) -> None:
        """Another file is open."""
        self.moved.clear()
        self.colored.clear()
        self.framed = self.looks_at = None

    def take_remarks(self) -> list[str]:
        """What is to be said now, each once."""
        remarks = list(dict.fromkeys(self.remarks))
        self.remarks.clear()
        return remarks
