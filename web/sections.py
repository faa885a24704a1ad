"""The settings: a frame around sections, each a page of its own.

A new section is one line in ``SECTIONS`` and a template that extends ``settings/section.html``.
"""

from collections.abc import Sequence
from typing import Any

from flask import Blueprint, Flask, abort, current_app, redirect, url_for
from flask_babel import LazyString
from flask_babel import lazy_gettext as _
from werkzeug.wrappers import Response

from web.access import may

blueprint = Blueprint("sections", __name__, url_prefix="/settings")

# The first that the reader may open is where the settings begin; a role that may not open one does not see it.
SECTIONS: Sequence[tuple[str, LazyString]] = (
    ("account.page", _("My account")),
    ("people.listing", _("People")),
    ("preferences.page", _("General")),
    ("brands.listing", _("Brands and rivals")),
    ("tokens.listing", _("Tokens of programs")),
    ("audit.listing", _("Audit log")),
)


def init_app(app: Flask) -> None:
    app.context_processor(lambda: {"sections": _sections})


def _sections() -> list[tuple[str, Any]]:
    """(endpoint, name) of those that the reader may open."""
    # Nobody has an account in the sample: what is not there is not shown.
    there = [section for section in SECTIONS if section[0] in current_app.view_functions]
    return [section for section in there if may(section[0], "GET")]


@blueprint.get("")
def front() -> Response:
    open_to_reader = _sections()
    if not open_to_reader:
        abort(404)
    return redirect(url_for(open_to_reader[0][0]))
