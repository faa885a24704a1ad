"""Reddit's search and subreddits, as the feeds that a user's own feed token opens."""

from urllib.parse import urlsplit

from scrapy import Request
from w3lib.url import add_or_replace_parameters

from monitor.errors import ParseError
from monitor.types import Kind, SourceState
from spiders.failures import Trouble
from spiders.feeds import FeedSpider
from spiders.runs import Ask, Run

# Whoever comes back sooner after a refusal is refused for longer.
_PAUSE = 3600.0


class RedditSpider(FeedSpider):
    """The source's address is a search or a subreddit as a browser shows it.

    Options ``feed_token`` and ``user``, both from https://www.reddit.com/prefs/feeds/.
    """

    name = "reddit"
    kind = Kind.SOCIAL
    needs = ("user", "feed_token")

    def first_ask(self, run: Run) -> Ask:
        parts = urlsplit(run.url)
        if not (parts.hostname or "").endswith("reddit.com"):
            raise ParseError("not an address at reddit.com", run.url)
        path = parts.path.rstrip("/").removesuffix(".rss")
        # A subreddit's own page as a feed is /r/NAME/new/.rss, a search is …/search.rss.
        path = f"{path}.rss" if path.endswith("/search") else f"{path.removesuffix('/new')}/new/.rss"
        wanted = {"feed": run.option("feed_token"), "user": run.option("user"), "sort": "new"}
        query = f"?{parts.query}" if parts.query else ""
        return Ask(add_or_replace_parameters(f"https://www.reddit.com{path}{query}", wanted), redirects=False)

    def explain(self, error: BaseException, request: Request) -> Trouble:
        trouble = super().explain(error, request)
        if trouble.state is not SourceState.BLOCKED:
            return trouble
        return Trouble(trouble.state, trouble.line, max(trouble.retry_after or 0.0, _PAUSE))
