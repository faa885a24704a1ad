"""JSON answers of machines' interfaces, read without trusting their shape."""

import json
from collections.abc import Iterator
from typing import Any

from scrapy.http import Response

from monitor.errors import ParseError
from spiders.runs import Run
from spiders.text import plain_text

Record = dict[str, Any]


def read_json(response: Response) -> Any:
    """Raises ParseError for anything but JSON."""
    try:
        return json.loads(response.body, strict=False)
    except (ValueError, RecursionError) as e:
        raise ParseError("not JSON", response.url) from e


def part(value: Any, path: str) -> Any:
    """What lies at ``a.b.c`` within objects; None where the way ends."""
    for name in path.split("."):
        value = value.get(name) if isinstance(value, dict) else None
    return value


def records(response: Response, value: Any, run: Run) -> Iterator[Record]:
    """The objects of a list; others are warnings. Raises ParseError when ``value`` is no list."""
    if not isinstance(value, list):
        raise ParseError("JSON without the list that was expected", response.url)
    for number, record in enumerate(value, start=1):
        if isinstance(record, dict):
            yield record
        else:
            run.warn(f"entry {number} left out, it is no object")


def string(value: Any, path: str) -> str:
    """A text or a number at ``path``, as text; empty for anything else."""
    found = part(value, path)
    return str(found).strip() if isinstance(found, str | int | float) and not isinstance(found, bool) else ""


def words(value: Any, path: str) -> str:
    """The text at ``path`` as a reader sees it."""
    return plain_text(string(value, path))


def share(value: Any, path: str, best: float = 5.0) -> float | None:
    """A number at ``path`` as its share of ``best``; None for nothing, zero (nobody gave stars) or beyond the scale."""
    found = part(value, path)
    if isinstance(found, bool) or not isinstance(found, int | float | str):
        return None
    try:
        number = float(found)
    except ValueError:
        return None
    return round(number / best, 4) if 0 < number <= best else None
