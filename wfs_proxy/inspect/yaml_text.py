"""Values of a vendor as YAML lists and comments. Pure."""

from __future__ import annotations

from collections.abc import Iterable

from wfs_proxy.config import scalar
from wfs_proxy.inspect.fields import printable

__all__ = ["comment", "flow_list"]


def flow_list(texts: Iterable[str]) -> str:
    """Return texts as a list on one line."""
    return f"[{', '.join(map(scalar, texts))}]"


def comment(text: str, indent: str = "", width: int = 110) -> str:
    """Return a text as comment lines, each of which ends with a line break."""
    lines, line = [], ""
    for word in printable(text.encode("utf-8", "replace").decode()).split():
        if line and len(line) + len(word) >= width - len(indent):
            lines.append(line)
            line = ""
        line = f"{line} {word}".strip()
    return "".join(f"{indent}# {each}\n" for each in [*lines, line] if each)
