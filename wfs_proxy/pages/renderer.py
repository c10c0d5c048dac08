"""Renders the templates in `templates/` as pages in the reader's language.

A page is a template that extends `base.html`. Templates have, besides the values of their page:

    page              the `PageRequest`: language, root, links that keep the language
    t(key, **details) a text of `texts.py`
    asset(name)       the URL of a file in `static/` or of the library
    scripts(folder)   the names of the scripts in a folder of `static/`
    as_number(n), as_time(moment)   a whole number and a time, in the reader's language
    languages, version   of the switch in the header; of the proxy
"""

from __future__ import annotations

from functools import partial

import jinja2

from wfs_proxy import __version__
from wfs_proxy.config import Language
from wfs_proxy.pages.assets import Assets
from wfs_proxy.pages.formats import number, time_of
from wfs_proxy.pages.languages import LANGUAGE_NAMES, LANGUAGES
from wfs_proxy.pages.page_request import PageRequest
from wfs_proxy.pages.texts import text_of

__all__ = ["PageRenderer"]


class PageRenderer:
    """The templates, with the files that they refer to."""

    def __init__(self, assets: Assets) -> None:
        """Compile nothing yet; a template is compiled when it is first used."""
        self.assets = assets
        self._templates = jinja2.Environment(
            loader=jinja2.PackageLoader("wfs_proxy.pages"),
            autoescape=True,
            undefined=jinja2.StrictUndefined,
            trim_blocks=True,
            lstrip_blocks=True,
        )

    def render(self, template: str, page: PageRequest, **values: object) -> bytes:
        """Return a page in UTF-8.

        Args:
            template: the name of a file in `templates/`.
            page: what was requested.
            values: what the template shows.
        """
        language: Language = page.language
        rendered = self._templates.get_template(template).render(
            page=page,
            t=partial(text_of, language),
            asset=lambda name: page.root + self.assets.path(name),
            scripts=self.assets.names,
            as_number=partial(number, language=language),
            as_time=partial(time_of, language=language),
            languages=[(other, LANGUAGE_NAMES[other], page.in_language(other)) for other in LANGUAGES],
            version=__version__,
            **values,
        )
        return rendered.encode()
