"""The calendar of former customers to greet again, for any calendar program; its address is the key."""

from flask import Blueprint, Flask, Response, abort, current_app, url_for
from flask_babel import force_locale
from flask_babel import gettext as _

from monitor.brands import find_brands
from monitor.calendars import CalendarDay, write_calendar
from monitor.errors import TokenError
from monitor.followups import find_greetings
from monitor.models import Brand
from monitor.sealing import Seal
from monitor.wording import words
from web.scope import db, now, settings

blueprint = Blueprint("greetings", __name__, url_prefix="/calendar")

_TOKEN = "calendar"


def init_app(app: Flask) -> None:
    app.jinja_env.globals["calendar_address"] = calendar_address


def _seal() -> Seal:
    seal: Seal = current_app.extensions["didban_seal"]
    return seal


def calendar_address(brand: Brand) -> str:
    """The address to give to a calendar program; it tells of one brand and never changes."""
    token = _seal().make_token(str(brand.id), _TOKEN)
    return f"{settings().public_url.rstrip('/')}{url_for('greetings.feed', token=token)}"


@blueprint.get("/<token>.ics")
def feed(token: str) -> Response:
    """A day for each former customer, three months after they left; it names nobody."""
    try:
        brand_id = int(_seal().read_token(token, _TOKEN))
    except TokenError:
        abort(404)
    brand = next((brand for brand in find_brands(db()) if brand.id == brand_id), None)
    if brand is None:
        abort(404)
    # A calendar program has no session that would tell the digits.
    digits = words(settings().language).digits
    with force_locale(settings().language):
        days = [
            CalendarDay(
                uid=f"greeting-{greeting.event.id}@didban",
                day=greeting.begins_at.astimezone(settings().zone).date(),
                title=_("%(brand)s: greet a former customer", brand=brand.name),
                text=_("Number %(number)s on the list of people who left.", number=digits(str(greeting.event.id))),
            )
            for greeting in find_greetings(db(), brand.id, now())
        ]
    return Response(write_calendar(brand.name, days, now()), mimetype="text/calendar")
