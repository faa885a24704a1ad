"""First pages of search results, from Brave's interface for those with a key."""

from urllib.parse import urlencode

from scrapy.http import Response
from w3lib.url import url_query_parameter

from monitor.errors import ParseError
from spiders.answers import part, read_json, records, string
from spiders.runs import Ask, Run
from spiders.search import Found, SearchSpider

_SEARCH = "https://api.search.brave.com/res/v1/web/search"


class BraveSpider(SearchSpider):
    """The source's address is ``https://search.brave.com/search?q=NAME``; options ``api_key`` and ``language``."""

    name = "brave"
    engine = "brave"
    needs = ("api_key",)

    def first_ask(self, run: Run) -> Ask:
        query = url_query_parameter(run.url, "q")
        if not query:
            raise ParseError("the address has no ?q=NAME", run.url)
        asked: dict[str, str | int] = {"q": query, "count": 20}
        # It refuses a question in a language that it does not list, and Persian is not on its list.
        if language := run.options.get("language", ""):
            asked["search_lang"] = language
        return Ask(
            f"{_SEARCH}?{urlencode(asked)}", headers={"X-Subscription-Token": run.option("api_key")}, redirects=False
        )

    def read_results(self, response: Response, run: Run) -> list[Found]:
        answer = read_json(response)
        # Without a single result the whole part is left out.
        if part(answer, "query") is not None and part(answer, "web") is None:
            return []
        results = records(response, part(answer, "web.results"), run)
        return [Found(string(each, "url"), string(each, "title"), string(each, "description")) for each in results]
