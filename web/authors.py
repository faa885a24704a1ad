"""Who complains often, and what they wrote."""

from datetime import datetime, time, timedelta

from flask import Blueprint, render_template, request

from monitor.authors import find_authors
from web.narrowing import label_name
from web.scope import db, now, settings, the_brand

blueprint = Blueprint("authors", __name__, url_prefix="/authors")

# Days looked back; the first is the one to open.
SPANS = (30, 90, 365)


@blueprint.get("")
def listing() -> str:
    asked = request.args.get("days", type=int)
    days = asked if asked in SPANS else SPANS[0]
    # From midnight, as the lists behind the figures begin.
    first = now().astimezone(settings().zone).date() - timedelta(days=days)
    since = datetime.combine(first, time.min, tzinfo=settings().zone)
    return render_template(
        "authors.html",
        authors=find_authors(db(), the_brand().id, settings().uncertain_below, since),
        days=days,
        spans=SPANS,
        label_name=label_name,
        since=first,
    )
