"""The error about parameters that a resource does not have."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Sequence

from wfs_proxy.config import nearest
from wfs_proxy.errors import BadRequest

__all__ = ["require_known_parameters", "unknown_parameters"]

_MOST_NAMED = 10
_LONGEST_NAME = 60


def require_known_parameters(names: Iterable[str], known: Collection[str]) -> None:
    """Refuse parameters that a resource does not have.

    Raises:
        BadRequest: at least one of `names` is not in `known`.
    """
    unknown = [name for name in names if name not in known]
    if unknown:
        raise unknown_parameters(unknown, known)


def unknown_parameters(names: Sequence[str], known: Collection[str]) -> BadRequest:
    """Return an error that names all unknown parameters, the nearest known ones, and which there are."""
    different = list(dict.fromkeys(names))
    named = ", ".join(repr(name[:_LONGEST_NAME]) for name in different[:_MOST_NAMED])
    more = ", ..." if len(different) > _MOST_NAMED else ""
    beginning = "There is no parameter" if len(different) == 1 else "There are no parameters"
    meant = dict.fromkeys(found for name in different[:_MOST_NAMED] if (found := nearest(name, known)))
    hint = f" Did you mean {', '.join(meant)}?" if meant else ""
    return BadRequest(f"{beginning} {named}{more} here.{hint} There are {', '.join(known)}.")
