"""The numbers of rows as addresses and forms carry them: what no row can have is refused before a database is asked."""

from flask import Flask
from werkzeug.routing import IntegerConverter, Map

# A larger one fits no column of ours: PostgreSQL answers it with an error, and beyond 64 bits SQLite's driver too.
LARGEST_ID = 2**31 - 1


class _IdConverter(IntegerConverter):
    """``<int:…>`` of an address; 404 for a number that is too large."""

    def __init__(self, map: Map, min: int = 0) -> None:
        super().__init__(map, min=min, max=LARGEST_ID)


def init_app(app: Flask) -> None:
    app.url_map.converters["int"] = _IdConverter


def row_id(text: str) -> int:
    """For ``type=`` of an argument or a field. Raises ValueError for what is the number of no row."""
    number = int(text)
    if not 0 < number <= LARGEST_ID:
        raise ValueError(f"no row has this number: {text}")
    return number
