from __future__ import annotations

import subprocess
import sys

HEAVY = ("wfs_proxy.serve", "wfs_proxy.config", "wfs_proxy.cache", "pydantic", "lxml")


def test_it_starts_without_the_rest_of_the_program():
    program = f"import sys, wfs_proxy.gdal.writer; print([name for name in {HEAVY!r} if name in sys.modules])"
    done = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, check=True)

    assert done.stdout.strip() == "[]"
