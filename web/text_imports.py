"""A file of texts or of search results that no spider can collect: looked at first, then brought in."""

from collections.abc import Mapping
from pathlib import Path

from flask import Blueprint, abort, redirect, render_template, request, url_for
from flask_babel import LazyString, ngettext
from flask_babel import lazy_gettext as _
from werkzeug.wrappers import Response

from monitor.errors import ImportFileError
from monitor.jobs import read_date
from monitor.mention_files import (
    ImportResult,
    Preview,
    import_mentions,
    import_search_results,
    preview_mentions,
    preview_search_results,
)
from monitor.types import Kind, Role
from monitor.uploads import forget_upload, open_upload
from web.access import needs, seal
from web.errors import say_above
from web.files import keep_file, tell
from web.filters import number
from web.scope import house, now, settings, the_brand

blueprint = Blueprint("text_imports", __name__, url_prefix="/sources/import")

_RESULTS = "search-results"
# What a file may hold; of texts it is what they are where no column says it.
HOLDS: Mapping[str, LazyString] = {
    Kind.REVIEW: _("Reviews"),
    Kind.SOCIAL: _("Posts"),
    Kind.COMMENT: _("Comments"),
    Kind.ARTICLE: _("Articles"),
    _RESULTS: _("Page one of a search"),
}
# What each field of ours is called.
COLUMNS: Mapping[str, LazyString] = {
    "text": _("Text"),
    "title": _("Title"),
    "url": _("Address"),
    "author": _("Author"),
    "published_at": _("Day"),
    "rating": _("Stars"),
    "kind": _("Kind"),
    "external_id": _("Number at its site"),
    "platform": _("Site"),
    "position": _("Position"),
    "query": _("Words searched for"),
}


@blueprint.get("")
@needs(Role.ANALYST)
def ask() -> str:
    the_brand()
    return render_template("sources/import.html", holds=HOLDS)


@blueprint.post("")
def upload() -> Response:
    """Keep the file for a while and show how it would be read."""
    the_brand()
    what = _chosen(request.form)
    if not (token := keep_file()):
        return redirect(url_for("text_imports.ask"), code=303)
    return redirect(url_for("text_imports.look", token=token, what=what), code=303)


def _chosen(given: Mapping[str, str]) -> str:
    what = given.get("what", Kind.SOCIAL)
    if what not in HOLDS:
        abort(400)
    return what


@blueprint.get("/<token>")
@needs(Role.ANALYST)
def look(token: str) -> str | Response:
    """Which columns were recognised, and the first rows as they are understood; nothing is kept yet."""
    what = _chosen(request.args)
    try:
        with open_upload(settings().data_dir, seal(), token) as path:
            name, found = path.name, _preview(what, path)
    except ImportFileError as e:
        say_above(e)
        return redirect(url_for("text_imports.ask"), code=303)
    return render_template(
        "sources/import_look.html",
        token=token,
        name=name,
        found=found,
        what=what,
        title=HOLDS[what],
        labels=COLUMNS,
        brand=the_brand(),
    )


def _preview(what: str, path: Path) -> Preview:
    if what == _RESULTS:
        return preview_search_results(path, now(), read_date)
    return preview_mentions(path, now(), read_date, Kind(what))


@blueprint.post("/<token>")
def bring_in(token: str) -> Response:
    """Keep the good rows; the bad ones are named."""
    brand, what = the_brand(), _chosen(request.form)
    with open_upload(settings().data_dir, seal(), token) as path:
        result = _import(what, brand.id, path)
    forget_upload(settings().data_dir, token)
    tell(ngettext("%(count)s is new.", "%(count)s are new.", result.new, count=number(result.new)), result)
    return redirect(url_for("sources.listing"), code=303)


def _import(what: str, brand_id: int, path: Path) -> ImportResult:
    # Their stories are found by the next collect: that takes a library which pages do without.
    if what == _RESULTS:
        return import_search_results(house().database, brand_id, path, now(), read_date)
    return import_mentions(house().database, brand_id, path, now(), read_date, Kind(what))
