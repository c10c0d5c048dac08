"""The base class of the blocks of a layer file.

The docstrings of blocks and of their attributes are the text of `docs/layer-reference.md` (`make reference`).
"""

from __future__ import annotations

from pydantic import BaseModel, ConfigDict

__all__ = ["Block"]


class Block(BaseModel):
    """One block of a file: immutable, and unknown keys are errors."""

    model_config = ConfigDict(frozen=True, extra="forbid", use_attribute_docstrings=True, hide_input_in_errors=True)
