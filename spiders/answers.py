"""JSON answers of machines' interfaces, read without trusting their shape."""

import json
from collections.abc import Iterator, Sequence
from typing import Any

from scrapy.http import Response

from monitor.errors import ParseError
from spiders.runs import Run
from spiders.text import clean, plain_text

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


def records(response: Response, value: Any, run: Run, *fields: str) -> Iterator[Record]:
    """The objects of a list that have all ``fields``, with something in them or not; others are warnings.

    Raises ParseError when ``value`` is no list, or has entries and none of them is such an object: fields that were
    renamed are not the same as nothing to read.
    """
    if not isinstance(value, list):
        raise ParseError("JSON without the list that was expected", response.url)
    faults = [_fault(record, fields) for record in value]
    if faults and all(faults):
        raise ParseError(f"JSON with a list whose every entry {faults[0]}", response.url)
    for number, (record, fault) in enumerate(zip(value, faults, strict=True), start=1):
        if fault:
            run.warn(f"entry {number} left out, it {fault}")
        else:
            yield record


def _fault(record: Any, fields: Sequence[str]) -> str:
    """What keeps ``record`` from being read; empty when nothing does."""
    if not isinstance(record, dict):
        return "is no object"
    return next((f"has no {field}" for field in fields if not _has(record, field)), "")


def _has(record: Record, path: str) -> bool:
    way, _, name = path.rpartition(".")
    holder = part(record, way) if way else record
    return isinstance(holder, dict) and name in holder


def string(value: Any, path: str) -> str:
    """A text or a number at ``path``, as text; empty for anything else."""
    found = part(value, path)
    return clean(str(found)) if isinstance(found, str | int | float) and not isinstance(found, bool) else ""


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
    except (ValueError, OverflowError):
        return None
    return round(number / best, 4) if 0 < number <= best else None
