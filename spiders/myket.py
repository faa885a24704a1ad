"""The rating of an app in Myket, which its page states; the reviews themselves are shown to its app only."""

from collections.abc import Iterator

from scrapy import Request
from scrapy.http import Response

from monitor.errors import ParseError
from spiders.reviews import ReviewSpider
from spiders.runs import Run, Value


class MyketSpider(ReviewSpider):
    """The source's address is the app's page: ``https://myket.ir/app/PACKAGE``."""

    name = "myket"
    most_pages = 1

    def parse_source(self, response: Response, run: Run) -> Iterator[Value | Request]:
        yield from super().parse_source(response, run)
        if not run.gave:
            raise ParseError("the page states no rating", response.url)
