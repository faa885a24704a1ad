"""What a page shows, as a file: the same rows and filters, streamed, so that a million of them weigh nothing."""

from collections.abc import Callable, Iterator, Mapping
from urllib.parse import urlencode

from flask import Blueprint, Response, abort, request, url_for

from monitor.exports import Export, export_cases, export_leavings, export_mentions, export_search_results
from monitor.listings import CaseFilter, LeavingFilter, PageFilter
from monitor.sealing import Seal
from monitor.sheets import MEDIA_TYPES, Format, write_sheet
from monitor.types import ReasonCode
from web.access import may
from web.cases import VIEWS
from web.language import language
from web.narrowing import looked_at, read_narrowing, read_span
from web.scope import House, house, now, settings, the_brand

blueprint = Blueprint("exports", __name__, url_prefix="/exports")


@blueprint.app_template_global()
def export_address(subject: str, ending: str, **more: str) -> str:
    """Where the rows of the page at hand are as a file: with its filters, but not where its list goes on."""
    filters = {name: value for name, value in request.args.items() if name not in ("after", "addresses")}
    filters.update(more)
    filters = {name: value for name, value in filters.items() if value}
    address = url_for("exports.download", subject=subject, ending=ending)
    return f"{address}?{urlencode(filters)}" if filters else address


def _mentions() -> Export:
    return export_mentions(looked_at().id, read_narrowing().wanted, settings().uncertain_below)


def _search_results() -> Export:
    return export_search_results(the_brand().id, PageFilter(), settings().uncertain_below)


def _unsubscribes() -> Export:
    reason = request.args.get("reason", "")
    since, until = read_span()
    wanted = LeavingFilter(since, until, reason=reason if reason in set(ReasonCode) else "")
    if request.args.get("addresses") != "1":
        return export_leavings(the_brand().id, wanted)
    # Only for those who may write to the people.
    if not may("unsubscribes.correct"):
        abort(403)
    return export_leavings(the_brand().id, wanted, Seal(settings().key()))


def _cases() -> Export:
    view = request.args.get("view", "waiting")
    if view not in VIEWS:
        abort(404)
    return export_cases(the_brand().id, CaseFilter(states=tuple(VIEWS[view][1])), now())


_EXPORTS: Mapping[str, Callable[[], Export]] = {
    "mentions": _mentions,
    "search-results": _search_results,
    "unsubscribes": _unsubscribes,
    "cases": _cases,
}


@blueprint.get("/<subject>.<ending>")
def download(subject: str, ending: str) -> Response:
    """All rows behind the page whose filters stand in the address."""
    if subject not in _EXPORTS or ending not in set(Format):
        abort(404)
    export, chosen = _EXPORTS[subject](), Format(ending)
    answer = Response(_pieces(house(), export, chosen, language() == "fa"), content_type=MEDIA_TYPES[chosen])
    day = now().astimezone(settings().zone).date()
    answer.headers["Content-Disposition"] = f'attachment; filename="didban-{subject}-{day}.{ending}"'
    return answer


def _pieces(found: House, export: Export, chosen: Format, right_to_left: bool) -> Iterator[bytes]:
    # A session of its own: that of the request ends before the answer does.
    with found.database.read() as session:
        yield from write_sheet(chosen, export.columns, export.rows(session), right_to_left=right_to_left)
