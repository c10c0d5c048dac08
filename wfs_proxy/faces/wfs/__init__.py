"""The WFS face: versions 1.0.0, 1.1.0 and 2.0.0 of the Web Feature Service over the layers."""

from wfs_proxy.faces.wfs.call_and_answer import ErrorLanguage, WfsAnswer, WfsCall
from wfs_proxy.faces.wfs.exceptions import EXCEPTION_MEDIA_TYPES, exception_report
from wfs_proxy.faces.wfs.face import WfsFace
from wfs_proxy.faces.wfs.offered_types import Offer
from wfs_proxy.faces.wfs.output_formats import JSON_MEDIA_TYPE
from wfs_proxy.faces.wfs.xml_request import LARGEST_BODY

__all__ = [
    "EXCEPTION_MEDIA_TYPES",
    "JSON_MEDIA_TYPE",
    "LARGEST_BODY",
    "ErrorLanguage",
    "Offer",
    "WfsAnswer",
    "WfsCall",
    "WfsFace",
    "exception_report",
]
