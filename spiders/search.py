"""First pages of search results, from a SearXNG server's JSON."""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from typing import Any, ClassVar
from urllib.parse import urlsplit

from scrapy import Request
from scrapy.http import Response
from scrapy.spidermiddlewares.httperror import HttpError
from w3lib.url import url_query_parameter

from monitor.addresses import Allowed
from monitor.errors import ParseError
from monitor.folding import canonical_url
from monitor.search_results import PAGE_ONE
from monitor.types import SearchPageData, SearchResultData, SourceState
from spiders.answers import part, read_json, records, string
from spiders.base import SourceSpider
from spiders.failures import Trouble
from spiders.runs import Run, Value
from spiders.text import clean, plain_text, web_link

_PORTS = {"http": 80, "https": 443}


@dataclass(frozen=True, slots=True)
class Found:
    """A result as an engine words it, still with markup."""

    url: str
    title: str
    snippet: str


class SearchSpider(SourceSpider):
    """The source's address is the whole question: ``…/search?q=NAME&format=json&language=fa&pageno=1``.

    Whatever goes wrong, a page is yielded whose ``error`` says so: silence is never "no negative results". Another
    engine's kind sets ``engine`` and reads its own answer in :meth:`read_results`.
    """

    name = "search"
    engine: ClassVar[str] = "searxng"
    matches_text = False

    def obeys_robots(self, url: str) -> bool:
        # SearXNG tells every robot to stay away from /search; on their own server the owner has asked us in.
        parts = urlsplit(url)
        port = parts.port or _PORTS.get(parts.scheme, 0)
        is_own = Allowed(self.settings.getlist("ALLOWED_HOSTS"))(parts.hostname or "", port)
        return not is_own and super().obeys_robots(url)

    def parse_source(self, response: Response, run: Run) -> Iterator[SearchPageData]:
        found = self.read_results(response, run)
        results = list(_organic(found, response.url, run))
        if not results:
            run.fail(SourceState.EMPTY, str(ParseError("the engine returned no results", run.url)))
        elif not run.error:
            yield self._page(run, tuple(results))

    def read_results(self, response: Response, run: Run) -> list[Found]:
        """What the engine lists, best first; ``run.fail`` when the list says nothing. Raises ParseError."""
        answer = read_json(response)
        results = list(records(response, part(answer, "results"), run))
        if silent := _silent_engines(answer):
            if any(string(each, "url") for each in results):
                run.warn(f"engines that did not answer: {silent}")
            else:
                run.fail(SourceState.FAILING, str(ParseError(f"no engine answered ({silent})", run.url)))
        return [Found(string(each, "url"), string(each, "title"), string(each, "content")) for each in results]

    def explain(self, error: BaseException, request: Request) -> Trouble:
        trouble = super().explain(error, request)
        if not self.needs and isinstance(error, HttpError) and error.response.status == 403:
            return replace(trouble, line=f"{trouble.line} (is json among search.formats in its settings.yml?)")
        return trouble

    def last_values(self, run: Run) -> Iterable[Value]:
        if not (run.gave or run.unchanged):
            yield self._page(run, ())

    def _page(self, run: Run, results: tuple[SearchResultData, ...]) -> SearchPageData:
        return SearchPageData(
            query=url_query_parameter(run.url, "q") or "",
            engine=self.engine,
            taken_at=datetime.now(UTC),
            results=results,
            error="" if results else run.error or "no answer",
            source_id=run.source_id,
        )


def _silent_engines(answer: Any) -> str:
    """SearXNG names them as ``[["google", "CAPTCHA"], …]``."""
    engines = part(answer, "unresponsive_engines")
    pairs = engines if isinstance(engines, list) else []
    return clean(", ".join(" ".join(map(str, pair)) if isinstance(pair, list) else str(pair) for pair in pairs))


def _organic(found: list[Found], base: str, run: Run) -> Iterator[SearchResultData]:
    """The first ten results, each page once, ranked from 1."""
    seen: set[str] = set()
    for number, result in enumerate(found, start=1):
        if len(seen) == PAGE_ONE:
            return
        url = web_link(base, result.url)
        if not url:
            run.warn(f"result {number} left out, it has no address")
        elif (page := canonical_url(url)) not in seen:
            seen.add(page)
            title = plain_text(result.title)
            yield SearchResultData(position=len(seen), url=url, title=title or url, snippet=plain_text(result.snippet))
