"""The HTML pages: templates, style sheets, scripts and texts. It knows no web framework; `web` sends the pages."""

from wfs_proxy.pages.assets import Asset, Assets
from wfs_proxy.pages.content_policy import content_policy
from wfs_proxy.pages.failure_texts import message_in_dutch
from wfs_proxy.pages.layer_page import PUBLIC_URL, LayerPage, ShownQuestion, shown_question
from wfs_proxy.pages.map_page import (
    PARAMETERS,
    ROWS,
    MapPage,
    ObjectPage,
    ShownLayer,
    frequent_kinds_of,
    map_settings,
    object_page,
)
from wfs_proxy.pages.ogcapi_pages import OgcApiPages
from wfs_proxy.pages.page_request import PageRequest
from wfs_proxy.pages.renderer import PageRenderer
from wfs_proxy.pages.setup_texts import SETUP
from wfs_proxy.pages.texts import text_of
from wfs_proxy.pages.weights import weights

__all__ = [
    "PARAMETERS",
    "PUBLIC_URL",
    "ROWS",
    "SETUP",
    "Asset",
    "Assets",
    "LayerPage",
    "MapPage",
    "ObjectPage",
    "OgcApiPages",
    "PageRenderer",
    "PageRequest",
    "ShownLayer",
    "ShownQuestion",
    "content_policy",
    "frequent_kinds_of",
    "map_settings",
    "message_in_dutch",
    "object_page",
    "shown_question",
    "text_of",
    "weights",
]
