"""The block `reports`: which objects of a layer are marked as reported."""

from __future__ import annotations

from typing import Annotated, Literal

from pydantic import BeforeValidator, Discriminator, Tag

from wfs_proxy.config.block import Block
from wfs_proxy.config.scalars import ComparableText, MarkValue, Metres, Name, StateCode, filled

__all__ = ["MarkRule", "Match", "OpenStates", "Reports", "VendorMarks", "VendorState", "type_of_mark"]


class Match(Block):
    """How a report is matched to an object."""

    fields: tuple[Name, ...] = ()
    """Output fields, or the attribute of `properties.id`, whose value a report may contain as the id of the object."""
    within: Metres = 0.5
    """The maximum distance between a report and an object that are matched by place."""
    id_within: Metres = 250.0
    """The maximum distance between a report and the object that it names, if the answer contains the id of the object
    but not its coordinates."""
    place_only: bool = False
    """Whether to match by place only, for objects without a permanent id."""


class VendorState(Block):
    """One status text of the vendor."""

    text: ComparableText
    """The text of the vendor."""
    state: StateCode
    """The code of the corresponding state in Signalen."""
    reported: bool | None = None
    """Whether the object counts as reported; default: if `state` is one of the open states."""
    word: Name | None = None
    """The public status word; default: that of `state`."""


class VendorMarks(Block):
    """The vendor's own mark (`values`) or status (`states`); at least one of the two is required."""

    field: Name
    """The attribute of the vendor."""
    values: tuple[ComparableText, ...] = ()
    """The object is reported if the attribute has one of these values."""
    states: tuple[VendorState, ...] = ()
    """The meaning of each status text."""

    @property
    def texts(self) -> tuple[str, ...]:
        """All values of the attribute that have a meaning, as `comparable_text`."""
        return (*self.values, *(state.text for state in self.states))


class MarkRule(Block):
    """One property that shows whether an object is reported. Frontends compare strictly, so `1` and `"1"` differ."""

    property: Name
    """The name of the property."""
    reported: MarkValue
    """The value for a reported object."""
    otherwise: MarkValue
    """The value for other objects."""


def type_of_mark(rule: MarkRule) -> Literal["string", "integer", "boolean"]:
    """Return the type of both values of a mark; values of different types are texts."""
    types = {type(value) for value in (rule.reported, rule.otherwise)}
    if types == {bool}:
        return "boolean"
    return "integer" if types == {int} else "string"


def _kind_of_states(value: object) -> str:
    return "word" if isinstance(value, str) else "list"


OpenStates = Annotated[
    Annotated[Literal["default"], Tag("word")] | Annotated[tuple[StateCode, ...], BeforeValidator(filled), Tag("list")],
    Discriminator(_kind_of_states),
]


class Reports(Block):
    """How objects that have already been reported are marked."""

    signalen: Name | None = None
    """The instance in `signalen.yaml` whose reports count; without it only the marks of the vendor count."""
    categories: tuple[Name, ...] = ()
    """The slugs of the sub categories whose reports count; empty: all."""
    question_keys: tuple[Name, ...] = ()
    """The keys of the questions whose answers contain objects; empty: all questions. Other answers are not kept."""
    open_states: OpenStates = "default"
    """The states in which a report is open; `default`: all except o, a, s and "done external"."""
    match: Match = Match()
    """How a report is matched to an object."""
    vendor: VendorMarks | None = None
    """The vendor's own mark or status, which also counts."""
    mark: tuple[MarkRule, ...] = (
        MarkRule(property="IS_GEMELD", reported="1", otherwise="0"),
        MarkRule(property="meldingstatus", reported=1, otherwise=0),
    )
    """The properties that show the mark; the default works with both frontends of Signalen."""
    word: Name | None = None
    """The name of an optional property with the public status word."""
    age: Name | None = None
    """The name of an optional property with the age of the report: vandaag, deze week, langer."""

    def has_category(self, slug: str) -> bool:
        """Whether reports in a sub category count."""
        return not self.categories or slug in self.categories

    def has_question(self, key: str) -> bool:
        """Whether answers to a question name objects."""
        return not self.question_keys or key in self.question_keys
