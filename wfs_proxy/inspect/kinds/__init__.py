"""The kinds of service that can be inspected, one module for each, behind one protocol."""

from wfs_proxy.inspect.kinds.data_file import path_of_file
from wfs_proxy.inspect.kinds.finding import KINDS, find_service
from wfs_proxy.inspect.kinds.kind import Inquiry

__all__ = ["KINDS", "Inquiry", "find_service", "path_of_file"]
