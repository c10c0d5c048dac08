"""Programs that a subject compares with and that pip cannot install."""

from __future__ import annotations

from pathlib import Path

from fixtures.fastcgi import find_program

__all__ = ["MissingProgram", "program"]


class MissingProgram(Exception):
    """The subject cannot be measured on this machine."""


def program(name: str, *, package: str) -> Path:
    """The path of a program, `package` being the Debian package that has it.

    Raises:
        MissingProgram: it is not installed; says what to install.
    """
    found = find_program(name)
    if found is None:
        raise MissingProgram(f"not measured, {name} is missing; install {package}")
    return found
