"""schema.org on a page: JSON-LD and microdata brought to one shape."""

import json
import re
from collections.abc import Iterator
from typing import Any

from scrapy.http import TextResponse

from monitor.folding import fold
from spiders.runs import Run
from spiders.text import clean, selector_of

Node = dict[str, Any]

_NUMBER = re.compile(r"-?\d+(?:[.,]\d+)?")
# Between Persian digits a slash is a decimal point; U+066B is the point meant for them.
_PERSIAN_POINT = re.compile(r"(?<=[۰-۹])/(?=[۰-۹])|\u066b")
_SEPARATORS = re.compile(r"(?<=\d)[.,\u066c\s](?=\d{3}(?!\d))")
# No rating and no number of things goes beyond it; JSON has NaN, and numbers that no column holds.
_LARGEST = 10**9
# Deeper than any page means it, shallower than Python's stack.
_DEEPEST = 60


def page_nodes(response: TextResponse, run: Run) -> list[Node]:
    """What a page states, as JSON-LD nodes; a block that cannot be read is a warning and the rest is kept."""
    root = selector_of(response).root
    nodes: list[Node] = []
    for block, script in enumerate(root.xpath('//script[@type="application/ld+json"]'), start=1):
        try:
            nodes.extend(node for node in _json_ld(script) if isinstance(node, dict))
        except (ValueError, RecursionError) as e:
            run.warn(f"JSON-LD block {block} cannot be read ({e})")
    if "itemscope" in response.text:
        nodes.extend(_as_json_ld(item) for item in _microdata(root, response.url))
    return nodes


# extruct takes long to load and long to read: it is asked for what plain JSON is not enough for.
def _json_ld(script: Any) -> list[Any]:
    try:
        said = json.loads(script.text or "", strict=False)
    except ValueError:
        from extruct.jsonld import JsonLdExtractor

        return list(JsonLdExtractor().extract_items(script))
    return said if isinstance(said, list) else [said]


def _microdata(root: Any, url: str) -> list[Any]:
    from extruct.w3cmicrodata import MicrodataExtractor

    try:
        return list(MicrodataExtractor().extract_items(root, url))
    except ValueError:
        # A link that is none cannot be made absolute: all stay as they stand on the page.
        return list(MicrodataExtractor().extract_items(root, ""))


def _as_json_ld(item: Any, depth: int = 0) -> Any:
    if isinstance(item, list):
        return [_as_json_ld(part, depth + 1) for part in item]
    if not isinstance(item, dict) or depth > _DEEPEST:
        return item
    properties = {name: _as_json_ld(value, depth + 1) for name, value in item.get("properties", {}).items()}
    return {"@type": item.get("type", ""), "@id": item.get("id", ""), **properties}


def find_nodes(value: Any, *types: str, depth: int = 0) -> Iterator[Node]:
    """Every node of one of ``types`` within ``value``, outer ones first, in the page's order."""
    if depth > _DEEPEST:
        return
    if isinstance(value, list):
        for part in value:
            yield from find_nodes(part, *types, depth=depth + 1)
    elif isinstance(value, dict):
        if types_of(value).intersection(types):
            yield value
        for part in value.values():
            if isinstance(part, dict | list):
                yield from find_nodes(part, *types, depth=depth + 1)


def types_of(node: Node) -> set[str]:
    """The names of a node's types, without schema.org's address."""
    stated = node.get("@type", "")
    names = stated if isinstance(stated, list) else [stated]
    return {re.split(r"[/#:]", str(name))[-1] for name in names}


def text_of(node: Node, name: str) -> str:
    """A property as text: the first of a list, the name of a thing, empty when missing."""
    value = node.get(name)
    if isinstance(value, list):
        value = value[0] if value else None
    if isinstance(value, dict):
        value = value.get("name") or value.get("@value")
        return clean(value) if isinstance(value, str) else ""
    return "" if value is None else clean(str(value))


def number(value: Any) -> float | None:
    """A rating's number as sites write it: in Persian digits, with a decimal comma, among words."""
    if isinstance(value, int | float):
        return float(value) if abs(value) <= _LARGEST else None
    if isinstance(value, list):
        return number(value[0]) if value else None
    if not isinstance(value, str):
        return None
    found = _NUMBER.search(fold(_PERSIAN_POINT.sub(".", value)))
    return number(float(found[0].replace(",", "."))) if found else None


def count(value: Any) -> int | None:
    """A number of things: a point or a comma before three digits only groups them."""
    if isinstance(value, str):
        found = re.search(r"\d+", _SEPARATORS.sub("", fold(value)))
        value = float(found[0]) if found else None
    whole = number(value)
    return None if whole is None else int(whole)
