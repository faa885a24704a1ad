"""The health of every source, and whether it is visited."""

from collections.abc import Sequence

from flask import Blueprint, abort, flash, render_template, request
from flask_babel import gettext as _
from werkzeug.wrappers import Response
from wtforms import Form, StringField

from monitor.errors import SourceError
from monitor.models import AlertRule, Source
from monitor.sources import find_sources, get_source, is_in_trouble, remove_source, set_interval, set_paused
from monitor.types import PULL_SPIDERS, SEARCH_SPIDERS
from monitor.watch import SourcePlan, add_plans, search_url
from web import words
from web.access import may
from web.errors import back, beside_field
from web.forms import strip
from web.scope import db, house, now, settings, the_brand

blueprint = Blueprint("sources", __name__, url_prefix="/sources")

# Seconds between two visits that the page offers.
INTERVALS = (900, 1800, 3600, 10800, 21600, 86400)

blueprint.add_app_template_test(is_in_trouble, "in_trouble")


class SearchForm(Form):
    """Where the brand is searched for; what is no address, :mod:`monitor.watch` knows."""

    search_engine = StringField(filters=[strip])


@blueprint.get("")
def listing() -> str:
    return _show(SearchForm())


def _show(form: SearchForm) -> str:
    sources = find_sources(db(), the_brand().id)
    # Trouble first: it is what this page is opened for.
    sources.sort(key=lambda source: (source.paused, not is_in_trouble(source), source.id))
    has_search = any(source.spider in SEARCH_SPIDERS for source in sources)
    return render_template(
        "sources.html",
        sources=sources,
        has_search=has_search,
        form=form,
        intervals=INTERVALS,
        may_remove=may_remove,
    )


@blueprint.post("/search")
def add_search() -> Response | tuple[str, int]:
    """Search for the brand at the reader's own search engine, from now on."""
    brand, form = the_brand(), SearchForm(request.form)
    try:
        address = search_url(form.search_engine.data or "", brand.name)
        with house().database.write() as writing:
            add_plans(writing, settings(), brand, [SourcePlan("search", address, matches_text=False)], now())
    except SourceError as e:
        form.search_engine.errors = beside_field(e)
        return _show(form), 422
    return back()


@blueprint.post("/<int:source_id>/pause")
def pause(source_id: int) -> Response:
    _set_paused(source_id, True)
    return back(f"#source-{source_id}")


@blueprint.post("/<int:source_id>/resume")
def resume(source_id: int) -> Response:
    _set_paused(source_id, False)
    return back(f"#source-{source_id}")


@blueprint.post("/<int:source_id>/interval")
def change_interval(source_id: int) -> Response:
    seconds = request.form.get("interval", type=int)
    if seconds not in INTERVALS:
        abort(400)
    with house().database.write() as writing:
        set_interval(writing, source_id, seconds, now())
    return back(f"#source-{source_id}")


@blueprint.post("/<int:source_id>/remove")
def remove(source_id: int) -> Response:
    """Visit it no more; what it gave stays."""
    with house().database.write() as writing:
        if not may_remove(get_source(writing, source_id)):
            abort(403)
        silenced = remove_source(writing, source_id)
    flash(said_of_removal(silenced), "done")
    return back()


def may_remove(source: Source) -> bool:
    """What only some may connect, only they may take away."""
    return may("connections.unpull" if source.spider in PULL_SPIDERS else "sources.remove")


def said_of_removal(silenced: Sequence[AlertRule]) -> str:
    """What is said when a source is no longer watched, with the rules that are off for it."""
    lines = [_("It is no longer visited; what it gave stays.")]
    lines += [
        _("The alert “%(rule)s” was for it alone and is off now.", rule=words.word(words.RULES, rule.kind))
        for rule in silenced
    ]
    return " ".join(lines)


def _set_paused(source_id: int, paused: bool) -> None:
    with house().database.write() as writing:
        set_paused(writing, source_id, paused, now())
