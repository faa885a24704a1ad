"""Where a list goes on, as a part of an address: the moment and the id of the last row shown."""

from datetime import UTC, datetime, timedelta

from flask import abort, request

from monitor.overview import Cursor
from web.ids import row_id

# Counted in whole microseconds: a float of seconds would lose the last digits and with them rows.
_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
_MICROSECOND = timedelta(microseconds=1)


def cursor_from_request() -> Cursor | None:
    """The place ``?after=`` names; 404 for one we never gave out."""
    return cursor_from(request.args.get("after", ""))


def cursor_from(text: str) -> Cursor | None:
    """The place that :func:`cursor_text` wrote; 404 for one that it never did."""
    if not text:
        return None
    stamp, _, number = text.partition("-")
    try:
        return _EPOCH + int(stamp) * _MICROSECOND, row_id(number)
    except (ValueError, OverflowError):
        abort(404)


def cursor_text(cursor: Cursor | None) -> str:
    if cursor is None:
        return ""
    moment, number = cursor
    microseconds = (moment - _EPOCH) // _MICROSECOND
    return f"{microseconds}-{number}"
