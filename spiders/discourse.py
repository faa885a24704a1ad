"""Posts of a Discourse forum that its search finds."""

from collections.abc import Iterator
from urllib.parse import urlencode

from scrapy import Request
from scrapy.http import Response
from w3lib.url import add_or_replace_parameter, url_query_parameter

from monitor.errors import ParseError
from monitor.types import Kind, MentionData
from spiders.answers import part, read_json, records, string, words
from spiders.base import SourceSpider
from spiders.dates import parse_date
from spiders.runs import Run, Value


class DiscourseSpider(SourceSpider):
    """The source's address is the forum's own search page: ``https://forum.example/search?q=NAME``."""

    name = "discourse"

    def first_ask(self, run: Run) -> str:
        query = url_query_parameter(run.url, "q") or ""
        if not query:
            raise ParseError("the address has no ?q=NAME", run.url)
        site = run.url.partition("?")[0].rstrip("/").removesuffix("/search")
        return f"{site}/search.json?{urlencode({'q': f'{query} order:latest', 'page': 1})}"

    def parse_source(self, response: Response, run: Run) -> Iterator[Value | Request]:
        answer = read_json(response)
        found = part(answer, "posts")
        topics = part(answer, "topics")
        if found is None and part(answer, "grouped_search_result") is not None:
            found = []
        titles = {string(topic, "id"): topic for topic in topics or () if isinstance(topic, dict)}
        site = response.url.partition("/search.json")[0]
        for post in records(response, found, run, "id", "topic_id", "blurb"):
            topic = titles.get(string(post, "topic_id"), {})
            text = words(post, "blurb")
            if not text:
                run.warn(f"post {string(post, 'id')} left out, it has no text")
                continue
            slug = string(topic, "slug") or "-"
            yield MentionData(
                kind=Kind.SOCIAL,
                url=f"{site}/t/{slug}/{string(post, 'topic_id')}/{string(post, 'post_number') or '1'}",
                text=text,
                title=words(topic, "title"),
                external_id=f"post {string(post, 'id')}",
                author=string(post, "username"),
                published_at=parse_date(string(post, "created_at")),
                source_id=run.source_id,
            )
        if part(answer, "grouped_search_result.more_full_page_results"):
            yield from self.follow_page(run, add_or_replace_parameter(response.url, "page", str(run.pages + 1)))
