"""Run all subjects, or those that are named."""

from __future__ import annotations

import sys

from rich.console import Console

from bench import chart, cold, country, fill, marks, memory, refresh, report, restart, scale, serve
from bench.invalid import InvalidMeasurement
from bench.missing import MissingProgram

SUBJECTS = {
    "fill": fill.rows,
    "marks": marks.rows,
    "serve": serve.rows,
    "scale": scale.rows,
    "memory": memory.rows,
    "restart": restart.rows,
    "cold": cold.rows,
    "refresh": refresh.rows,
    "country": country.rows,
}


def main(names: list[str]) -> int:
    """Measure, print, write; 1 when a subject could not be measured, 2 for an unknown subject."""
    console = Console()
    unknown = [name for name in names if name not in SUBJECTS]
    if unknown:
        console.print(f"No such subject: {', '.join(unknown)}. There are: {', '.join(SUBJECTS)}.")
        return 2
    rows: list[report.Row] = []
    complete = True
    for name in names or SUBJECTS:
        try:
            rows += SUBJECTS[name](console)
        except (MissingProgram, InvalidMeasurement) as reason:
            complete = False
            console.print(f"{name}: {reason}")
    report.show(rows, console)
    report.write(rows, report.RESULTS)
    chart.draw(rows, report.RESULTS.with_suffix(".png"))
    console.print(f"written to {report.RESULTS} and the .png beside it", soft_wrap=True)
    return 0 if complete else 1


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
