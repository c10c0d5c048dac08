"""The rows of a run, as a table to read and as JSON to compare."""

from __future__ import annotations

import dataclasses
import json
import operator
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from rich.console import Console
from rich.table import Table

__all__ = ["RESULTS", "Row", "show", "write"]

RESULTS = Path(__file__).parent / "results" / "latest.json"

_COMPARISONS = {">=": operator.ge, "<=": operator.le}


@dataclass(frozen=True, kw_only=True)
class Row:
    """One measurement with its reference and goal."""

    id: str
    what: str
    value: float
    unit: str
    reference: float | None = None
    """The value that it is compared with, in the same unit; `what` names it after "against"."""
    ratio: float | None = None
    """The figure to which the goal applies: `value`, or its ratio to `reference` or the inverse."""
    goal: str | None = None
    """A lower or an upper bound, such as ">= 5"."""

    @property
    def reached(self) -> bool | None:
        """Whether the goal was reached; None without a goal."""
        if self.goal is None or self.ratio is None:
            return None
        comparison, bound = self.goal.split()
        return _COMPARISONS[comparison](self.ratio, float(bound))


def write(rows: Sequence[Row], path: Path) -> None:
    """Write the rows as a JSON list."""
    path.parent.mkdir(parents=True, exist_ok=True)
    records = [dataclasses.asdict(row) | {"reached": row.reached} for row in rows]
    path.write_text(json.dumps(records, indent=2) + "\n")


def show(rows: Sequence[Row], console: Console) -> None:
    """Print the rows."""
    table = Table("id", "what", "value", "reference", "ratio", "goal", "reached")
    for row in rows:
        table.add_row(
            row.id,
            row.what,
            f"{row.value:.3g} {row.unit}",
            "" if row.reference is None else f"{row.reference:.3g} {row.unit}",
            "" if row.ratio is None else f"{row.ratio:.2f}",
            row.goal or "",
            {True: "yes", False: "NO", None: ""}[row.reached],
        )
    console.print(table)
