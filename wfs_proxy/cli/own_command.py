"""The command with which a person can run this program again, for messages that name one."""

from __future__ import annotations

import shlex
import shutil
import sys
from pathlib import Path

__all__ = ["own_command"]

_NAME = "wfs-proxy"


def own_command(program: str) -> str:
    """Return the command, quoted for a shell: the name of the program if it is on PATH, else as it was typed.

    Args:
        program: `sys.argv[0]`.
    """
    path = Path(program)
    if path.name == "__main__.py" and path.parent.name == "wfs_proxy":
        return f"{shlex.quote(sys.executable)} -m wfs_proxy"
    if path.name != _NAME:
        return _NAME
    found = shutil.which(_NAME)
    on_path = found is not None and path.exists() and Path(found).samefile(path)
    return _NAME if on_path else shlex.quote(program)
