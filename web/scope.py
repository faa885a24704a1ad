"""What one request works with: the settings, the clock, one database session and the brand looked at."""

from collections.abc import Callable
from contextlib import ExitStack
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from flask import abort, current_app, g, request, session
from sqlalchemy.orm import Session

from monitor.brands import find_brands
from monitor.config import Settings
from monitor.db import Database
from monitor.loss import LossScale
from monitor.models import Brand
from monitor.preferences import current_settings


@dataclass(frozen=True, slots=True)
class House:
    """What the application was made with; the settings without what is changed in the browser."""

    settings: Settings
    database: Database
    clock: Callable[[], datetime]
    sample: str = ""
    is_sample: bool = False
    home: str = ""
    is_local: bool = False


def house() -> House:
    found: House = current_app.extensions["didban"]
    return found


def settings() -> Settings:
    """The settings as they are at this request."""
    if "settings" not in g:
        # A session of its own: the page's must not begin to read before the page has written.
        g.settings = current_settings(house().settings, house().database)
    found: Settings = g.settings
    return found


def now() -> datetime:
    """The moment of this request; one for the whole page."""
    if "now" not in g:
        g.now = house().clock()
    moment: datetime = g.now
    return moment


def db() -> Session:
    """The request's session for reading; what is written goes through ``house().database.write()``."""
    if "session" not in g:
        g.stack = ExitStack()
        g.session = g.stack.enter_context(house().database.read())
    opened: Session = g.session
    return opened


def close_session(_error: BaseException | None) -> None:
    stack = g.pop("stack", None)
    g.pop("session", None)
    if stack is not None:
        stack.close()


def loss_scale() -> LossScale:
    return LossScale(settings().loss_table)


def own_brands() -> list[Brand]:
    """Every brand that is ours."""
    if "brands" not in g:
        g.brands = [brand for brand in find_brands(db()) if not brand.is_rival]
    brands: list[Brand] = g.brands
    return brands


def chosen_brand() -> Brand | None:
    """The brand named in the address or the form, else the one looked at last, else the first; None without any."""
    brands = {brand.id: brand for brand in own_brands()}
    asked = request.values.get("brand", type=int)
    if asked in brands:
        session["brand"] = asked
    elif "brand" in request.args:
        abort(404)
    remembered: int | None = session.get("brand")
    return brands.get(remembered or 0) or next(iter(brands.values()), None)


def the_brand() -> Brand:
    """The brand looked at; 404 when there is none yet, and for a form that does not say which of them it is about.

    The one that is remembered may be another by now than on the page of the form: nothing is written by it.
    """
    brand = chosen_brand()
    if brand is None or (request.method == "POST" and request.form.get("brand", type=int) != brand.id):
        abort(404)
    return brand


def page_context() -> dict[str, Any]:
    """What every template may use."""
    return {"own_brands": own_brands, "chosen_brand": chosen_brand, "house": house()}
