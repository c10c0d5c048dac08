"""The model of a layer file, one YAML file in `layers/`.

Models are immutable, unknown keys are errors, and every block has defaults, so that a file contains only what is
specific to its vendor. `scalars.py` defines the allowed values of a single key, `layer_rules.py` the rules between
keys. `catalogue.py` reads files and reports problems with file and line.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Annotated, Literal

from pydantic import BeforeValidator, Field

from wfs_proxy.config.block import Block
from wfs_proxy.config.question_rules import QuestionLabels
from wfs_proxy.config.report_rules import Reports
from wfs_proxy.config.scalars import CellZoom, JsonScalar, LayerId, Name, Seconds, ValueMap
from wfs_proxy.config.source import Source
from wfs_proxy.config.wfs_names import WfsNames
from wfs_proxy.geo import PointPlacement
from wfs_proxy.values import FieldType

__all__ = ["Fetch", "FieldRule", "Layer", "PointRule", "Properties"]


class Fetch(Block):
    """How often and in which parts the layer is fetched."""

    mode: Literal["snapshot", "cells"] = "snapshot"
    """`snapshot`: the whole layer at once. `cells`: square cells of the map, each when a user looks at it, for layers
    that are too large to fetch whole. With `cells` the business key must be unique, because duplicates that are farther
    apart than a few metres are not detected."""
    cell_zoom: CellZoom = 15
    """The size of a cell as a zoom level of the WebMercatorQuad grid; 15 is about 740 m in the Netherlands."""
    fresh_for: Seconds = 3600.0
    """How long fetched data are served before they are fetched again."""
    stale_for: Seconds = 7 * 86400.0
    """How much longer old data are served, marked as stale, while the vendor is unavailable."""


class PointRule(Block):
    """How areas and lines are converted to points."""

    rule: PointPlacement = "inside"
    """`start` and `middle` apply to lines; areas then use `inside`."""
    footprint: bool = False
    """Whether to serve the area as a simplified GeoJSON geometry in the property `footprint`."""


def _rule_of(value: object) -> object:
    return {"type": value} if isinstance(value, str) else value


class FieldRule(Block):
    """One output property. The short form is just its type: `nummer: string`."""

    source: Annotated[Name | None, Field(alias="from")] = None
    """The attribute of the vendor; default: the name of the output property. A path such as `beheer.organisatie.naam`
    leads into a value that is an object; of a list of objects it takes each one's value."""
    type: FieldType = "string"
    """The type of the output. A value that cannot be converted becomes null and is counted. Dates are in
    Europe/Amsterdam."""
    map: ValueMap | None = None
    """Value of the vendor -> output value, before the conversion to `type`. Values are compared as trimmed text."""
    default: JsonScalar = None
    """The output if the value is absent, null, or not in `map`."""
    template: Name | None = None
    """Text that contains {other_output_field}, instead of an attribute of the vendor."""


_KEY_TYPES = frozenset({"string", "integer", "number"})
"""The types that can show a business key."""


class Properties(Block):
    """Which attributes are served, and under which names."""

    id: Name | None = None
    """The attribute of the vendor that is the business key; default: the feature id of the source. Objects with the
    same key within 5 m of each other are one object if they are of different types, or an area and a point. Other
    objects with the same key get a suffix, also in the text field that shows the key."""
    fields: Mapping[
        Name, Annotated[FieldRule, BeforeValidator(_rule_of, json_schema_input_type=FieldRule | FieldType)]
    ] = {}
    """Output name -> definition. No other attribute of the vendor is served."""

    @property
    def id_field(self) -> str | None:
        """The output field that shows the business key unchanged, for `idField` of a form; None if there is none.

        Text is preferred, because only text can be made unique where several objects have the same key.
        """
        plain = [name for name, rule in self.fields.items() if (rule.source or name) == self.id and _is_plain(rule)]
        return next((name for name in plain if self.fields[name].type == "string"), next(iter(plain), None))


def _is_plain(rule: FieldRule) -> bool:
    """Whether different values of the vendor give different values of the field."""
    return rule.template is None and rule.map is None and rule.type in _KEY_TYPES


class Layer(Block):
    """One layer file."""

    id: LayerId
    """The name in URLs: letters, digits, `-`, `_`, `.`. Default: the name of the file."""
    title: Name
    """The name that people see."""
    organisation: str = ""
    """The owner of the objects."""
    attribution: str = ""
    """The attribution that the map must show."""
    verified: bool = True
    """`false`: the file was written without an answer of the vendor's service, as the shipped examples are. The layer's
    page says so. `check --live` compares the file with the service; after that, remove the line."""
    source: Source
    """The service that the objects come from."""
    fetch: Fetch = Fetch()
    """How often and in which parts the layer is fetched."""
    point: PointRule = PointRule()
    """How areas and lines are converted to points."""
    properties: Properties = Properties()
    """Which attributes are served, and under which names."""
    reports: Reports | None = None
    """How objects that have already been reported are marked."""
    question: QuestionLabels = QuestionLabels()
    """What a report form calls the objects, and the picture that it shows."""
    wfs: WfsNames = WfsNames()
    """Under which addresses and names the layer is also asked for in WFS."""
