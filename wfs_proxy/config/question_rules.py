"""The block `question`: what a report form calls the objects of a layer, and the picture that it shows of them."""

from __future__ import annotations

from typing import Literal

from wfs_proxy.config.block import Block
from wfs_proxy.config.scalars import Name

__all__ = ["IconName", "QuestionLabels"]

IconName = Literal["lamp", "drain", "sewer", "container", "tree", "object"]
"""The pictures of objects that the proxy serves."""


class QuestionLabels(Block):
    """What a report form calls the objects, in Dutch, and the picture that it shows: for `wfs-proxy question`."""

    singular: Name | None = None
    """One object, such as lichtmast; default: from the title, or else `object`."""
    plural: Name | None = None
    """Several objects, such as lichtmasten; default: from the title, or else `objecten`."""
    icon: IconName | None = None
    """The picture; default: from the title and the id, or else `object`."""
