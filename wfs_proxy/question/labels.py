"""What a report form calls the objects of a layer, and which picture it shows: from the layer file, or defaults.

Municipalities title a layer with a Dutch plural, such as "Lichtmasten" or "Afvalcontainers Centrum". The singular
cannot be computed in general, so a table has the endings that public space knows, and other titles give "object".
"""

from __future__ import annotations

import re
from dataclasses import dataclass

from wfs_proxy.config import IconName, Layer

__all__ = ["FormLabels", "capitalised", "form_labels"]

_ENDINGS = {
    "afvalbakken": "afvalbak",
    "armaturen": "armatuur",
    "bakken": "bak",
    "banken": "bank",
    "bomen": "boom",
    "borden": "bord",
    "containers": "container",
    "drains": "drain",
    "gemalen": "gemaal",
    "kasten": "kast",
    "klokken": "klok",
    "kolken": "kolk",
    "lampen": "lamp",
    "lantaarns": "lantaarn",
    "leidingen": "leiding",
    "lichten": "licht",
    "masten": "mast",
    "objecten": "object",
    "paaltjes": "paaltje",
    "palen": "paal",
    "pompen": "pomp",
    "punten": "punt",
    "putten": "put",
    "riolen": "riool",
    "speeltoestellen": "speeltoestel",
}
"""The end of a Dutch plural -> that of its singular."""

_ICONS: tuple[tuple[IconName, str], ...] = (
    ("lamp", r"licht|lamp|lantaarn|armatu|verlichting|mast"),
    ("drain", r"put(ten)?\b|kolk"),
    ("sewer", r"riool|riolen|riolering|leiding|drain|gemaal|gemalen"),
    ("container", r"container|afval|kliko|bakken|\bbak\b"),
    ("tree", r"\bb(o|oo)m(en)?\b|\w+bomen\b|\w+boom\b|\beik"),
)
"""Picture -> what the title or the id of such a layer contains; the first match counts."""


@dataclass(frozen=True, kw_only=True)
class FormLabels:
    """The words and the picture of one layer in a report form."""

    singular: str
    """One object; lower case unless the layer file says otherwise."""

    plural: str
    icon: IconName
    key: str
    """The key of the question, under which Signalen stores the answer."""


def form_labels(layer: Layer) -> FormLabels:
    """Return the labels of a layer: those of its block `question`, and defaults for the rest."""
    plural, singular = _words(layer.title)
    return FormLabels(
        singular=layer.question.singular or singular,
        plural=layer.question.plural or plural,
        icon=layer.question.icon or _icon(layer),
        key=_key(layer),
    )


def capitalised(text: str) -> str:
    """Return text with a capital at its start; the rest is not changed, because it may be a name."""
    return text[:1].upper() + text[1:]


def _words(title: str) -> tuple[str, str]:
    """Return the plural in a title and its singular."""
    for word in re.findall(r"[^\W\d_]+(?:-[^\W\d_]+)*", title.lower()):
        ending = next((ending for ending in _ENDINGS if word.endswith(ending)), None)
        if ending is not None:
            return word, word.removesuffix(ending) + _ENDINGS[ending]
    return "objecten", "object"


def _icon(layer: Layer) -> IconName:
    for text in (layer.title, layer.id):
        for icon, pattern in _ICONS:
            if re.search(pattern, re.sub(r"[^\w]|_", " ", text), re.IGNORECASE):
                return icon
    return "object"


def _key(layer: Layer) -> str:
    """Return the first of the layer's question keys, or else one in the way of Signalen's own, such as extra_masten."""
    if layer.reports is not None and layer.reports.question_keys:
        return layer.reports.question_keys[0]
    return "extra_" + re.sub(r"\W+", "_", layer.id.lower()).strip("_")
