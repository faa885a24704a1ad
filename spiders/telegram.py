"""The posts of a public Telegram channel, from the page that Telegram shows to everybody."""

from collections.abc import Iterator

from parsel import Selector
from scrapy import Request
from scrapy.http import Response, TextResponse
from scrapy.spidermiddlewares.httperror import HttpError

from monitor.errors import FetchError, ParseError
from monitor.types import Kind, MentionData, SourceState
from spiders.base import SourceSpider
from spiders.dates import parse_date
from spiders.failures import Trouble
from spiders.runs import Ask, Run, Value
from spiders.text import base_of, plain_text, readable, selector_of, web_link

# The words of the post itself: what it answers to stands in a block of its own, with a text of its own.
_TEXT = "div.js-message_text:not(.tgme_widget_message_reply *)"

_ATTACHED = ", ".join(
    f"[class*=message_{kind}]"
    for kind in ("photo", "video", "roundvideo", "voice", "document", "sticker", "poll", "location", "contact", "media")
)


class TelegramSpider(SourceSpider):
    """The source's address is ``https://t.me/s/CHANNEL``; pages go back in time."""

    name = "telegram"
    most_pages = 2

    def first_ask(self, run: Run) -> Ask:
        return Ask(run.url, redirects=False)

    def explain(self, error: BaseException, request: Request) -> Trouble:
        # A channel that has its preview switched off leads to the page that asks for the app.
        if isinstance(error, HttpError) and error.response.status in (301, 302):
            return Trouble(SourceState.NO_PREVIEW, str(FetchError("the channel shows no preview", request.url)))
        return super().explain(error, request)

    def parse_source(self, response: Response, run: Run) -> Iterator[Value | Request]:
        if not isinstance(response, TextResponse):
            raise ParseError("not a page of text", response.url)
        response = readable(response)
        page = selector_of(response)
        if not page.css(".tgme_channel_info, .tgme_widget_message"):
            raise ParseError("not the page of a Telegram channel", response.url)
        channel = plain_text(page.css(".tgme_channel_info_header_title").get(""))
        posts = page.css("div.tgme_widget_message[data-post]")
        wordless = [post for post in posts if not post.css(_TEXT)]
        odd = [post for post in wordless if not post.css(_ATTACHED)]
        # Where posts have neither, or their times stand and no posts, they are built in another way.
        if len(wordless) == len(posts) and (odd or (not posts and page.css("time[datetime]"))):
            raise ParseError("posts without the words that were expected", response.url)
        for post in odd:
            run.warn(f"post {post.attrib['data-post']} left out, it has neither words nor anything attached")
        for post in posts:
            mention = _post(post, channel, run)
            # A picture without words says nothing that could be read.
            if mention is not None:
                yield mention
        older = page.css("a.js-messages_more[href*=before], .js-messages_more_wrap a[href*=before]")
        for link in older[:1].css("::attr(href)").getall():
            if url := web_link(base_of(response), link):
                yield from self.follow_page(run, Ask(url, redirects=False))


def _post(post: Selector, channel: str, run: Run) -> MentionData | None:
    text = plain_text("".join(post.css(_TEXT)[-1:].getall()))
    if not text:
        return None
    identifier = post.attrib["data-post"]
    return MentionData(
        kind=Kind.SOCIAL,
        url=f"https://t.me/{identifier}",
        text=text,
        external_id=identifier,
        author=plain_text(post.css(".tgme_widget_message_owner_name").get("")) or channel,
        published_at=parse_date(post.css("a.tgme_widget_message_date time::attr(datetime)").get("")),
        source_id=run.source_id,
    )
