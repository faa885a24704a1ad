"""First pages of Google's results, from SerpApi for those with a key."""

from urllib.parse import urlencode

from scrapy.http import Response
from w3lib.url import url_query_parameter

from monitor.errors import ParseError
from monitor.types import SourceState
from spiders.answers import part, read_json, records, string
from spiders.runs import Ask, Run
from spiders.search import Found, SearchSpider

_SEARCH = "https://serpapi.com/search.json"


class SerpApiSpider(SearchSpider):
    """The source's address is ``https://serpapi.com/search?q=NAME``; options ``api_key``, ``country``, ``language``."""

    name = "serpapi"
    engine = "google"
    needs = ("api_key",)

    def first_ask(self, run: Run) -> Ask:
        query = url_query_parameter(run.url, "q")
        if not query:
            raise ParseError("the address has no ?q=NAME", run.url)
        place = {"gl": run.options.get("country", "ir"), "hl": run.options.get("language", "fa")}
        asked = {"engine": "google", "q": query, **place, "num": 10, "start": 0, "api_key": run.option("api_key")}
        return Ask(f"{_SEARCH}?{urlencode(asked)}", redirects=False)

    def read_results(self, response: Response, run: Run) -> list[Found]:
        answer = read_json(response)
        results = part(answer, "organic_results")
        if results is None and (error := string(answer, "error")):
            state = SourceState.EMPTY if "any results" in error else SourceState.FAILING
            run.fail(state, str(ParseError(f"the engine says: {error[:200]}", run.url)))
            return []
        ranked = records(response, results, run)
        return [Found(string(each, "link"), string(each, "title"), string(each, "snippet")) for each in ranked]
