"""What was told, to whom, and whether it arrived."""

from flask import Blueprint, render_template

from monitor.overview import find_alerts
from web.paging import cursor_from_request, cursor_text
from web.scope import db, the_brand

blueprint = Blueprint("alerts", __name__, url_prefix="/alerts")


@blueprint.get("")
def listing() -> str:
    alerts, following = find_alerts(db(), the_brand().id, cursor_from_request())
    return render_template("alerts.html", alerts=alerts, following=cursor_text(following))
