"""Programs that a subject compares with and that pip cannot install."""

from __future__ import annotations

import shutil


class MissingProgram(Exception):
    """The subject cannot be measured on this machine."""


def program(name: str, *, package: str) -> str:
    """The path of a program, or a sentence that tells how to get it."""
    found = shutil.which(name) or shutil.which(name, path="/usr/lib/cgi-bin")
    if found is None:
        raise MissingProgram(f"not measured, {name} is missing; install {package}")
    return found
