"""How a form can see that an object is reported: which of the layer's mark properties each way uses.

Way A, in both forms: an entry of `featureTypes` for objects whose mark property has the value of reported ones.
Way B, in the first form only: an entry of `featureStatusTypes`, for a value that is true in JavaScript.
"""

from __future__ import annotations

from wfs_proxy.config import Layer, MarkRule

__all__ = ["mark_of_status", "mark_of_type"]


def mark_of_type(layer: Layer) -> MarkRule | None:
    """Return the mark of way A: text, because the newer form declares texts; None if the layer has no marks."""
    rules = _rules(layer)
    return next((rule for rule in rules if isinstance(rule.reported, str)), next(iter(rules), None))


def mark_of_status(layer: Layer) -> MarkRule | None:
    """Return the mark of way B: if possible a number, as in Amsterdam's own questions; None if no value is suitable."""
    rules = [rule for rule in _rules(layer) if rule.reported]
    return next((rule for rule in rules if not isinstance(rule.reported, str)), next(iter(rules), None))


def _rules(layer: Layer) -> tuple[MarkRule, ...]:
    return layer.reports.mark if layer.reports is not None else ()
