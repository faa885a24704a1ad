"""What the lists have in common: whose rows, which page of them, and what a page looks like."""

from collections.abc import Callable
from typing import Any, TypeVar

from flask import abort

from monitor.models import Brand
from monitor.overview import Cursor
from web.paging import cursor_from, cursor_text
from web.scope import db, own_brands

Row = TypeVar("Row")


def asked_brand(query: dict[str, Any]) -> Brand:
    """The brand that ``query`` names, taken out of it, or the only one of our own; 404 or 422 without."""
    number = query.pop("brand", None)
    if number is None:
        if len(own_brands()) != 1:
            abort(422, f"Say which brand: {len(own_brands())} of your own are watched.")
        return own_brands()[0]
    brand = db().get(Brand, number)
    if brand is None:
        abort(404, f"There is no brand {number}.")
    return brand


def asked_page(query: dict[str, Any]) -> tuple[Cursor | None, int]:
    """Where the page begins and how many rows it has, taken out of ``query``."""
    return cursor_from(query.pop("after", "")), query.pop("limit")


def the_page(found: tuple[list[Row], Cursor | None], record: Callable[[Row], Any]) -> dict[str, Any]:
    """The rows as they go out, and where the next page begins."""
    rows, following = found
    return {"items": [record(row) for row in rows], "next": cursor_text(following) or None}
