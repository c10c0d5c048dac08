"""A chart of a run: how close each row comes to its goal."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

from matplotlib.figure import Figure
from matplotlib.ticker import FuncFormatter, LogLocator, NullFormatter

from bench.report import Row

__all__ = ["draw"]

_REACHED = "#2e7d32"
_MISSED = "#c62828"
_WIDTH = 10.0
"""Inches."""
_HEIGHT_OF_A_ROW = 0.5
_FRAME_HEIGHT = 1.4
"""Inches for the title and the axis."""
_MAX_QUOTIENT = 1000.0
"""Larger quotients, and those below its inverse, are drawn at the end of the axis."""
_MARGIN = 6.0
"""Factor by which the axis extends beyond the longest bars, to leave space for their labels."""


def draw(rows: Sequence[Row], path: Path) -> None:
    """Draw the rows that have a goal as a PNG file; without any, write no file.

    A bar to the right of the line is better than the goal, for goals of the form "at most" too.
    """
    judged = [row for row in rows if row.reached is not None]
    if not judged:
        return
    figure = Figure(figsize=(_WIDTH, _FRAME_HEIGHT + _HEIGHT_OF_A_ROW * len(judged)), layout="constrained", dpi=110)
    axes = figure.add_subplot()
    quotients = [_quotient(row) for row in judged]
    for place, (row, quotient) in enumerate(zip(judged, quotients, strict=True)):
        colour = _REACHED if row.reached else _MISSED
        axes.barh(place, quotient - 1, left=1, color=colour, height=0.6)
        axes.plot(quotient, place, marker="o", color=colour)
        axes.annotate(
            f"{row.ratio:.3g}  (goal {row.goal})",
            (quotient, place),
            xytext=(8 if quotient >= 1 else -8, 0),
            textcoords="offset points",
            va="center",
            ha="left" if quotient >= 1 else "right",
            fontsize=9,
        )
    axes.set_xscale("log", base=2)
    axes.set_xlim(min(*quotients, 1) / _MARGIN, max(*quotients, 1) * _MARGIN)
    axes.xaxis.set_major_locator(LogLocator(base=2, numticks=12))
    axes.xaxis.set_major_formatter(FuncFormatter(lambda value, _: f"{value:g}" if value >= 1 else f"1/{1 / value:g}"))
    axes.xaxis.set_minor_formatter(NullFormatter())
    axes.set_yticks(range(len(judged)), [row.id for row in judged])
    axes.invert_yaxis()
    axes.axvline(1, color="black", linewidth=1)
    axes.grid(axis="x", color="#dddddd")
    axes.set_axisbelow(True)
    axes.set_xlabel("times the goal: 1 is the goal, higher is better")
    axes.set_title(f"wfs_proxy: {sum(bool(row.reached) for row in judged)} of {len(judged)} goals reached", loc="left")
    figure.savefig(path)


def _quotient(row: Row) -> float:
    """Return how many times better than the goal the row is, clipped to the axis; below 1 the goal is missed."""
    assert row.goal is not None
    assert row.ratio is not None
    comparison, bound = row.goal.split()
    if comparison == "<=" and row.ratio <= 0:
        return _MAX_QUOTIENT
    quotient = row.ratio / float(bound) if comparison == ">=" else float(bound) / row.ratio
    return min(max(quotient, 1 / _MAX_QUOTIENT), _MAX_QUOTIENT)
