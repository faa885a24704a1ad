"""The day's or the week's digest as a page to read, to print and to take along as a PDF; and the rows behind it."""

from datetime import timedelta

from flask import Blueprint, Response, abort, render_template, request

from monitor.digest_pages import digest_document
from monitor.digests import Span, digest_facts, last_span
from monitor.documents import Document
from monitor.printing import as_pdf
from monitor.types import Period
from web.language import language
from web.scope import db, now, settings, the_brand

blueprint = Blueprint("reports", __name__, url_prefix="/reports")


@blueprint.get("")
def digest_page() -> str:
    period = _period()
    span = _span(period)
    return render_template(
        "reports.html",
        document=_digest(period),
        period=period,
        first=span.since.date().isoformat(),
        last=(span.until - timedelta(days=1)).date().isoformat(),
    )


@blueprint.get("/digest.pdf")
def digest_pdf() -> Response:
    period = _period()
    answer = Response(as_pdf(_digest(period), now()), mimetype="application/pdf")
    # The owner's day, as in the names of the other files.
    day = now().astimezone(settings().zone).date()
    answer.headers.set("Content-Disposition", "inline", filename=f"didban-{period}-{day}.pdf")
    return answer


def _period() -> Period:
    try:
        return Period(request.args.get("period", Period.WEEK))
    except ValueError:
        abort(404)


def _span(period: Period) -> Span:
    return last_span(period, now(), settings().zone, language())


def _digest(period: Period) -> Document:
    brand = the_brand()
    return digest_document(brand.name, digest_facts(db(), brand, _span(period), settings(), now()), language())
