"""Reference programs that pip cannot install."""

from __future__ import annotations

from pathlib import Path

from fixtures.fastcgi import find_program

__all__ = ["MissingProgram", "program"]


class MissingProgram(Exception):
    """The subject cannot be measured on this machine."""


def program(name: str, *, package: str) -> Path:
    """Return the path of a program; `package` is the Debian package that contains it.

    Raises:
        MissingProgram: it is not installed; the message names the package.
    """
    found = find_program(name)
    if found is None:
        raise MissingProgram(f"{name} is not installed; install the package {package}")
    return found
