"""First pages of search results, from a SearXNG server's JSON."""

import json
from collections.abc import Iterable, Iterator
from datetime import UTC, datetime
from typing import Any
from urllib.parse import urlsplit

from scrapy.http import Response
from w3lib.url import url_query_parameter

from monitor.errors import ParseError
from monitor.folding import canonical_url
from monitor.search_results import PAGE_ONE
from monitor.types import SearchPageData, SearchResultData, SourceState
from spiders.addresses import is_allowed
from spiders.base import SourceSpider
from spiders.runs import Run, Value
from spiders.text import plain_text, web_link

ENGINE = "searxng"
_PORTS = {"http": 80, "https": 443}


class SearchSpider(SourceSpider):
    """The source's address is the whole question: ``…/search?q=NAME&format=json&language=fa&pageno=1``.

    Whatever goes wrong, a page is yielded whose ``error`` says so: silence is never "no negative results".
    """

    name = "search"
    matches_text = False

    def obeys_robots(self, url: str) -> bool:
        # SearXNG tells every robot to stay away from /search; on their own server the owner has asked us in.
        parts = urlsplit(url)
        port = parts.port or _PORTS.get(parts.scheme, 0)
        return not is_allowed(self.settings.getlist("ALLOWED_HOSTS"), parts.hostname or "", port)

    def parse_source(self, response: Response, run: Run) -> Iterator[SearchPageData]:
        answer = _read(response)
        silent = _silent_engines(answer)
        results = list(_organic(answer["results"], response.url, run))
        if not results:
            reason = f"no engine answered ({silent})" if silent else "the engine returned no results"
            run.fail(SourceState.FAILING if silent else SourceState.EMPTY, str(ParseError(reason, run.url)))
            return
        if silent:
            run.warn(f"engines that did not answer: {silent}")
        yield _page(run, tuple(results))

    def last_values(self, run: Run) -> Iterable[Value]:
        if not run.gave:
            yield _page(run, ())


def _page(run: Run, results: tuple[SearchResultData, ...]) -> SearchPageData:
    return SearchPageData(
        query=url_query_parameter(run.url, "q") or "",
        engine=ENGINE,
        taken_at=datetime.now(UTC),
        results=results,
        error="" if results else run.error or "no answer",
        source_id=run.source_id,
    )


def _read(response: Response) -> dict[str, Any]:
    try:
        answer = json.loads(response.body, strict=False)
    except (ValueError, RecursionError) as e:
        raise ParseError("not the JSON of a SearXNG server", response.url) from e
    if not isinstance(answer, dict) or not isinstance(answer.get("results"), list):
        raise ParseError("JSON without a list of results", response.url)
    return answer


def _silent_engines(answer: dict[str, Any]) -> str:
    """SearXNG names them as ``[["google", "CAPTCHA"], …]``."""
    engines = answer.get("unresponsive_engines")
    pairs = engines if isinstance(engines, list) else []
    return ", ".join(" ".join(map(str, pair)) if isinstance(pair, list) else str(pair) for pair in pairs)


def _organic(results: list[Any], base: str, run: Run) -> Iterator[SearchResultData]:
    """The first ten results, each page once, ranked from 1."""
    seen: set[str] = set()
    for number, result in enumerate(results, start=1):
        if len(seen) == PAGE_ONE:
            return
        url = web_link(base, str(result.get("url") or "")) if isinstance(result, dict) else ""
        if not url:
            run.warn(f"result {number} left out, it has no address")
        elif (page := canonical_url(url)) not in seen:
            seen.add(page)
            title = plain_text(str(result.get("title") or ""))
            snippet = plain_text(str(result.get("content") or ""))
            yield SearchResultData(position=len(seen), url=url, title=title or url, snippet=snippet)
