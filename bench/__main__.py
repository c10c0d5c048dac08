"""Measure all subjects, or those that are named.

Exit codes: 0 everything was measured, also if a goal was missed; 1 a subject could not be measured; 2 wrong usage.
"""

from __future__ import annotations

import sys

from rich.console import Console

from bench import (
    arcgis,
    chart,
    cold,
    country,
    files,
    filters,
    marks,
    memory,
    nginx_cache,
    ogcapi,
    ogcapi_source,
    page,
    refresh,
    report,
    restart,
    scale,
    serve,
    snapshot,
    tiles,
    wfs,
)
from bench.invalid import InvalidMeasurement
from bench.missing import MissingProgram

SUBJECTS = {
    "snapshot": snapshot.rows,
    "files": files.rows,
    "marks": marks.rows,
    "filters": filters.rows,
    "serve": serve.rows,
    "wfs": wfs.rows,
    "ogcapi": ogcapi.rows,
    "ogcapi-source": ogcapi_source.rows,
    "tiles": tiles.rows,
    "nginx": nginx_cache.rows,
    "scale": scale.rows,
    "memory": memory.rows,
    "restart": restart.rows,
    "cold": cold.rows,
    "refresh": refresh.rows,
    "arcgis": arcgis.rows,
    "page": page.rows,
    "country": country.rows,
}


def main(names: list[str]) -> int:
    """Measure, print and write the results; return the exit code."""
    console = Console()
    unknown = [name for name in names if name not in SUBJECTS]
    if unknown:
        console.print(f"Unknown subject: {', '.join(unknown)}. Choose from: {', '.join(SUBJECTS)}.")
        return 2
    rows: list[report.Row] = []
    not_measured: dict[str, str] = {}
    for name in names or SUBJECTS:
        try:
            rows += SUBJECTS[name](console)
        except (MissingProgram, InvalidMeasurement) as error:
            not_measured[name] = str(error)
            console.print(f"{name}: {error}")
    report.show(rows, console)
    report.write(rows, report.RESULTS)
    chart_path = report.RESULTS.with_suffix(".png")
    chart.draw(rows, chart_path)
    console.print(f"results: {report.RESULTS} and {chart_path.name}", soft_wrap=True)
    # again, below the long table: this is why the exit code is 1
    for name, reason in not_measured.items():
        console.print(f"not measured: {name}: {reason}", soft_wrap=True)
    return 1 if not_measured else 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
